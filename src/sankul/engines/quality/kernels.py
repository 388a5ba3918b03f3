"""Compiled loops of the tests: each writes the flags of one series, times in microseconds of UTC.

Every loop takes one pass over the series. A value that is not finite is missing.
"""

from __future__ import annotations

from typing import Any

from numpy import empty, float64, int64, isfinite, isnan, median, nan, sqrt
from numpy.typing import NDArray

from ..compiling import compiled
from .periods import part_of_time

Floats = NDArray[Any]
Times = NDArray[Any]
Flags = NDArray[Any]
Row = Any
Whole = Any  # of 64 bits

SECOND = 1_000_000
PASS, NOT_EVALUATED, SUSPECT, FAIL, MISSING = 1, 2, 3, 4, 9
GAP_INTERVALS = 3  # a run of equal values ends where nothing came for longer than this


@compiled
def gross_range(row: Row, values: Floats, out: Flags) -> None:
    """Outside what the sensor can measure, or what the operator expects."""
    for i in range(len(values)):
        x = values[i]
        if x < row.fail_low or x > row.fail_high:
            out[i] = FAIL
        elif x < row.suspect_low or x > row.suspect_high:
            out[i] = SUSPECT
        else:
            out[i] = PASS


@compiled
def climatology(row: Row, seasons: Any, time: Times, values: Floats, out: Flags) -> None:
    """Outside the limits of the season. Not evaluated where no season holds the time."""
    for i in range(len(values)):
        out[i] = NOT_EVALUATED
        x = values[i]
        for k in range(row.season_from, row.season_to):
            season = seasons[k]
            at = part_of_time(season.period, time[i])
            if at < season.low or at > season.high:
                continue
            if x < season.fail_low or x > season.fail_high:
                out[i] = FAIL
            elif x < season.suspect_low or x > season.suspect_high:
                out[i] = SUSPECT
            else:
                out[i] = PASS


@compiled
def _departure(method: int, before: float, x: float, after: float) -> float:
    """How far a value stands out from its neighbours; NaN beside a missing one."""
    if method == 1:
        return abs(x - (before + after) / 2)
    one, other = x - before, after - x
    if isnan(one) or isnan(other):
        return nan
    return min(abs(one), abs(other)) if one * other < 0 else 0.0


@compiled
def spike(row: Row, values: Floats, out: Flags) -> None:
    """Not evaluated for the first and the last value, and beside a missing one."""
    n = len(values)
    for i in range(n):
        out[i] = NOT_EVALUATED
        if 0 < i < n - 1:
            far = _departure(row.spike, values[i - 1], values[i], values[i + 1])
            if far > row.spike_fail:
                out[i] = FAIL
            elif far > row.spike_suspect:
                out[i] = SUSPECT
            elif isfinite(far):
                out[i] = PASS


@compiled
def rate_of_change(row: Row, time: Times, values: Floats, out: Flags) -> None:
    """The change since the value before. Passed where there is none or it is missing."""
    for i in range(len(values)):
        out[i] = PASS
        if i > 0:
            rate = abs(values[i] - values[i - 1]) / ((time[i] - time[i - 1]) / SECOND)
            if rate > row.rate_fail:
                out[i] = FAIL
            elif rate > row.rate_suspect:
                out[i] = SUSPECT


@compiled
def interval_of(row: Row, time: Times) -> Whole:
    """The seconds from one observation to the next: as declared, or the median, at least 1."""
    if row.interval > 0:
        return int64(row.interval)
    if len(time) < 2:
        return 1
    steps = empty(len(time) - 1, float64)
    for i in range(len(steps)):
        steps[i] = time[i + 1] - time[i]
    return max(1, int64(median(steps) / SECOND))


@compiled
def flat_line(row: Row, time: Times, values: Floats, out: Flags) -> None:
    """Values within less than the tolerance of each other for as long as the limits say.

    A run passes over missing values, but ends where nothing came for three intervals: that nothing
    changed in between is not known. It must reach back over the whole limit to be flagged.
    """
    for i in range(len(values)):
        out[i] = PASS
    if len(values) < 3:
        return
    interval = interval_of(row, time)
    _flat(row.flat_suspect // interval * interval, row, interval, time, values, out, SUSPECT)
    _flat(row.flat_fail // interval * interval, row, interval, time, values, out, FAIL)


@compiled
def _flat(
    limit: int, row: Row, interval: int, time: Times, values: Floats, out: Flags, flag: int
) -> None:
    """Flag where all values of the last ``limit`` seconds lie within the tolerance.

    ``low`` and ``high`` are the places of rising minima and falling maxima of the window (Lemire,
    Streaming maximum-minimum filter, Nordic Journal of Computing 13, 2006); ``present`` of all of it.
    """
    n = len(values)
    low, high, present = empty(n, int64), empty(n, int64), empty(n, int64)
    low_from = low_to = high_from = high_to = first = last = 0
    for i in range(n):
        x = values[i]
        if not isfinite(x):
            continue
        if last > first and time[i] - time[present[last - 1]] > GAP_INTERVALS * interval * SECOND:
            first, low_from, high_from = last, low_to, high_to
        present[last] = i
        last += 1
        while low_to > low_from and values[low[low_to - 1]] >= x:
            low_to -= 1
        low[low_to] = i
        low_to += 1
        while high_to > high_from and values[high[high_to - 1]] <= x:
            high_to -= 1
        high[high_to] = i
        high_to += 1
        since = time[i] - limit * SECOND
        while last - first > 1 and time[present[first + 1]] <= since:
            first += 1
        while low[low_from] < present[first]:
            low_from += 1
        while high[high_from] < present[first]:
            high_from += 1
        covers = time[present[first]] <= since
        if covers and values[high[high_from]] - values[low[low_from]] < row.flat_tolerance:
            out[i] = flag


@compiled
def attenuated(row: Row, time: Times, values: Floats, out: Flags) -> None:
    """The spread of the values in the last period, its beginning not included."""
    spread = _deviations(row, time, values) if row.spread == 1 else _ranges(row, time, values)
    for i in range(len(values)):
        if spread[i] < row.spread_fail:
            out[i] = FAIL
        elif spread[i] < row.spread_suspect:
            out[i] = SUSPECT
        elif isnan(spread[i]):
            out[i] = NOT_EVALUATED
        else:
            out[i] = PASS


@compiled
def _deviations(row: Row, time: Times, values: Floats) -> Floats:
    """Standard deviation of each window, by Welford's update and downdate."""
    n, first, count = len(values), 0, 0
    mean = squares = 0.0
    found = empty(n, float64)
    for i in range(n):
        while time[first] <= time[i] - row.spread_period * SECOND:
            if isfinite(values[first]):
                count -= 1
                before = mean
                mean = mean - (values[first] - mean) / count if count else 0.0
                squares -= (values[first] - mean) * (values[first] - before)
            first += 1
        if isfinite(values[i]):
            count += 1
            before = mean
            mean += (values[i] - mean) / count
            squares += (values[i] - mean) * (values[i] - before)
        if count <= 1:
            squares = 0.0
        enough = count >= max(1, row.spread_minimum)
        found[i] = sqrt(max(squares, 0.0) / count) if enough else nan
    return found


@compiled
def _ranges(row: Row, time: Times, values: Floats) -> Floats:
    """Maximum minus minimum of each window; NaN where one of its values is missing."""
    n, first, missing = len(values), 0, 0
    low, high, found = empty(n, int64), empty(n, int64), empty(n, float64)
    low_from = low_to = high_from = high_to = 0
    for i in range(n):
        while time[first] <= time[i] - row.spread_period * SECOND:
            missing -= not isfinite(values[first])
            first += 1
        while low_to > low_from and low[low_from] < first:
            low_from += 1
        while high_to > high_from and high[high_from] < first:
            high_from += 1
        missing += not isfinite(values[i])
        if isfinite(values[i]):
            while low_to > low_from and values[low[low_to - 1]] >= values[i]:
                low_to -= 1
            while high_to > high_from and values[high[high_to - 1]] <= values[i]:
                high_to -= 1
            low[low_to], high[high_to] = i, i
            low_to, high_to = low_to + 1, high_to + 1
        enough = not missing and i - first + 1 >= row.spread_minimum
        found[i] = values[high[high_from]] - values[low[low_from]] if enough else nan
    return found


@compiled
def gap(row: Row, time: Times, out: Flags) -> None:
    """Too long after the observation before; the first is judged as the second is."""
    n = len(time)
    for i in range(1, n):
        out[i] = FAIL if time[i] - time[i - 1] > row.gap * SECOND else PASS
    if n:
        out[0] = out[1] if n > 1 else NOT_EVALUATED


@compiled
def run(code: int, row: Row, seasons: Any, time: Times, values: Floats, out: Flags) -> bool:
    """Make one test, known by its number, where the rules ask for it; whether they do."""
    if code == 1:
        gross_range(row, values, out)
        return not isnan(row.fail_low)
    if code == 2 and row.season_to > row.season_from:
        climatology(row, seasons, time, values, out)
    elif code == 3 and row.spike > 0:
        spike(row, values, out)
    elif code == 4 and not isnan(row.rate_suspect):
        rate_of_change(row, time, values, out)
    elif code == 5 and row.flat_suspect > 0:
        flat_line(row, time, values, out)
    elif code == 6 and row.spread > 0:
        attenuated(row, time, values, out)
    elif code == 7 and row.gap > 0:
        gap(row, time, out)
    else:
        return False
    return True


@compiled
def mark_missing(values: Floats, out: Flags) -> None:
    """Write the flag of missing values over whatever a test wrote."""
    for i in range(len(values)):
        if not isfinite(values[i]):
            out[i] = MISSING


@compiled
def check_all(
    rows: Any,
    seasons: Any,
    rule_of: Any,
    starts: Any,
    time: Times,
    values: Floats,
    flag: Flags,
    test: Flags,
) -> Whole:
    """The worst flag of every value and the first test that gave it; series after series.

    Returns -1, or the place of the first time that is not after the one before it in its series.
    """
    longest = 0
    for g in range(len(starts) - 1):
        longest = max(longest, starts[g + 1] - starts[g])
    scratch = empty(longest, flag.dtype)
    for g in range(len(starts) - 1):
        since, until = starts[g], starts[g + 1]
        for i in range(since + 1, until):
            if time[i] <= time[i - 1]:
                return int64(i)
        row = rows[rule_of[g]]
        t, x = time[since:until], values[since:until]
        worst, by, out = flag[since:until], test[since:until], scratch[: until - since]
        for i in range(until - since):
            worst[i], by[i] = NOT_EVALUATED, 0
        for code in range(1, 8):
            if run(code, row, seasons, t, x, out):
                _merge(code, out, worst, by)
        mark_missing(x, worst)
        for i in range(until - since):
            if worst[i] == MISSING:
                by[i] = 0
    return -1


@compiled
def _merge(code: int, out: Flags, worst: Flags, by: Flags) -> None:
    """Keep the worse flag: fail, suspect, pass, not evaluated, in this order."""
    for i in range(len(out)):
        f = out[i]
        if f == NOT_EVALUATED:
            continue
        if worst[i] == NOT_EVALUATED or f > worst[i]:
            worst[i] = f
            if f >= SUSPECT:
                by[i] = code
