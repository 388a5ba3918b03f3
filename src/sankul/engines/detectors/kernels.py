"""Compiled loops: each moves the states of many detectors on over their rows, times in microseconds of UTC.

A state of one that reads values begins with: where it stands (0 normal, 1 beyond but not for long enough, 2 raised), since when,
the worst value, its time, and how far out that was.
"""

from __future__ import annotations

from typing import Any, Final

from numpy import isfinite, nan

from ..compiling import compiled

Floats = Any
Times = Any
Places = Any
NORMAL, BEYOND, RAISED = 0, 1, 2
BEGAN, ENDED = 1, 2
FAIL, MISSING = 4, 9
HOUR_US: Final = 3_600_000_000
DAY_US: Final = 24 * HOUR_US
HOURS = 24
MACHINE = 5
TUKEY, CONSISTENT = 2.0, 2.52
"""Where residuals stop to count, and the factor that makes the scale that of a normal distribution (Gelper, Fried and Croux)."""
MEAN_TO_SCALE = 1.2533141373155  # of a normal distribution, from the mean of absolute values


@compiled
def moved(state: Floats, far: float, value: float, at: int, limits: Floats) -> int:
    """Move a detector on by a value that lies ``far`` out; what happened. ``limits``: raise at, clear at, for how long (µs)."""
    if state[0] == RAISED:
        if far > state[4]:
            state[2], state[3], state[4] = value, at, far
        if far > limits[1]:
            return 0
        state[0] = NORMAL
        return ENDED
    if far <= limits[0]:
        state[0] = NORMAL
        return 0
    if state[0] == NORMAL:
        state[0], state[1] = BEYOND, at
        state[2], state[3], state[4] = value, at, far
    elif far > state[4]:
        state[2], state[3], state[4] = value, at, far
    if at - state[1] < limits[2]:
        return 0
    state[0] = RAISED
    return BEGAN


@compiled
def noted(out: Any, n: int, happened: int, detector: int, row: int, at: int, state: Floats) -> int:
    """Write what happened; the number of what is written."""
    if happened == 0:
        return n
    out[n].what, out[n].detector, out[n].row, out[n].at_us = happened, detector, row, at
    out[n].began_us, out[n].worst, out[n].worst_us = int(state[1]), state[2], int(state[3])
    return n + 1


@compiled
def levels(
    specs: Floats, states: Floats, first: Places, last: Places,
    time: Times, values: Floats, flags: Places, out: Any,
) -> int:  # fmt: skip
    """``specs``: raise at, clear at, for how long, and the sign (−1 below)."""
    n = 0
    for d in range(len(specs)):
        for i in range(first[d], last[d]):
            x = values[i]
            if flags[i] == FAIL or flags[i] == MISSING or not isfinite(x):
                continue
            happened = moved(states[d], x * specs[d, 3], x, time[i], specs[d])
            n = noted(out, n, happened, d, i, time[i], states[d])
    return n


@compiled
def rates(
    specs: Floats, states: Floats, first: Places, last: Places,
    time: Times, values: Floats, flags: Places, out: Any,
) -> int:  # fmt: skip
    """``specs``: raise at, clear at, 0, direction, over how long (µs). A state ends with the value that the rate is from."""
    n = 0
    for d in range(len(specs)):
        state = states[d]
        for i in range(first[d], last[d]):
            x = values[i]
            if flags[i] == FAIL or flags[i] == MISSING or not isfinite(x):
                continue
            since = time[i] - state[5]
            if isfinite(state[6]) and since < specs[d, 4]:
                continue
            if isfinite(state[6]):
                rate = (x - state[6]) / since * HOUR_US
                far = abs(rate) if specs[d, 3] == 0 else rate * specs[d, 3]
                happened = moved(state, far, rate, time[i], specs[d])
                n = noted(out, n, happened, d, i, time[i], state)
            state[5], state[6] = time[i], x
    return n


@compiled
def forecast_error(spec: Floats, state: Floats, x: float, at: int) -> float:
    """How many scales a value is from its forecast, which then learns from it; NaN while it only learns.

    ``spec`` from its third number on: weight of the level, weight of the hour, values to learn from, least scale. A state goes on
    with: values so far, level, scale, then what is usual in each hour and how often that was seen.
    """
    hour = int((at % DAY_US) // HOUR_US)
    usual, seen = MACHINE + 3 + hour, MACHINE + 3 + HOURS + hour
    so_far = state[5]
    error = 0.0 if so_far == 0 else x - state[6] - state[usual]
    state[5] = so_far + 1
    state[seen] += 1
    if so_far < spec[5]:
        if so_far == 0:
            state[6] = x
        _learned(state, usual, error, max(spec[3], 1 / (so_far + 1)), max(spec[4], 1 / state[seen]))
        state[7] += (abs(error) * MEAN_TO_SCALE - state[7]) / (so_far + 1)
        return nan
    scale = max(state[7], spec[6])
    far = error / scale
    clean = max(-TUKEY, min(TUKEY, far)) * scale
    _learned(state, usual, clean, spec[3], max(spec[4], 1 / state[seen]))
    rest = min(abs(far) / TUKEY, 1.0)
    share = CONSISTENT * (1 - (1 - rest * rest) ** 3)
    state[7] = scale * (1 + spec[3] * (share - 1)) ** 0.5
    return float(far)


@compiled
def _learned(state: Floats, usual: int, error: float, level: float, season: float) -> None:
    state[6] += level * error
    state[usual] += season * (1 - level) * error


@compiled
def residuals(
    specs: Floats, states: Floats, first: Places, last: Places,
    time: Times, values: Floats, flags: Places, out: Any,
) -> int:  # fmt: skip
    """``specs``: raise at, clear at, for how long (µs), and what ``forecast_error`` asks for."""
    n = 0
    for d in range(len(specs)):
        for i in range(first[d], last[d]):
            x = values[i]
            if flags[i] == FAIL or flags[i] == MISSING or not isfinite(x):
                continue
            far = forecast_error(specs[d], states[d], x, time[i])
            if not isfinite(far):
                continue
            happened = moved(states[d], abs(far), x, time[i], specs[d])
            n = noted(out, n, happened, d, i, time[i], states[d])
    return n


@compiled
def absences(
    after: Floats, states: Floats, first: Places, last: Places,
    time: Times, flags: Places, now: int, out: Any,
) -> int:  # fmt: skip
    """``after`` in microseconds. A state: whether it is raised, and the last time something came (NaN: never)."""
    n = 0
    for d in range(len(after)):
        state = states[d]
        for i in range(first[d], last[d] + 1):
            is_clock = i == last[d]
            if not is_clock and flags[i] == MISSING:
                continue
            at = now if is_clock else time[i]
            silent = at - state[1]
            if state[0] == NORMAL and silent > after[d]:
                state[0] = RAISED
                n = silence(out, n, BEGAN, d, state, after[d], int(state[1] + after[d]))
            if is_clock or silent <= 0:
                continue
            if state[0] == RAISED:
                state[0] = NORMAL
                n = silence(out, n, ENDED, d, state, silent, time[i])
            state[1] = time[i]
    return n


@compiled
def silence(out: Any, n: int, what: int, d: int, state: Floats, silent: float, at: int) -> int:
    """Write that a silence began or ended; the worst of it is its length in seconds."""
    out[n].what, out[n].detector, out[n].row, out[n].at_us = what, d, -1, at
    out[n].began_us, out[n].worst, out[n].worst_us = int(state[1]), silent / 1e6, at
    return n + 1
