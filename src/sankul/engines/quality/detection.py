"""What stands out in a series by itself: no limits are set by hand, nothing is learnt from labels.

For sensors whose rules nobody has written yet, and to find what rules miss. Every threshold is a
multiple of a scale that the series itself gives, so that one method serves all sensors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .problems import QualityError
from .rolling import rolling_quantile
from .words import Flag, Test

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]
SHORTEST: Final = 48  # values; below, a series tells no scale


@dataclass(frozen=True, slots=True)
class Method:
    """The one configuration, for every sensor. Lengths are in observations.

    The scale of a place is the ``scale_share`` quantile of the steps from value to value within
    ``scale_window`` on both sides, at least the median step of the series, plus its resolution.
    """

    scale_window: int = 96
    scale_share: float = 0.75
    far_below: float = 10  # of the wider half of the middle nine tenths
    far_above: float = 50  # floods reach far above, nothing real far below
    flat_least: int = 30
    flat_usual: float = 3  # of the 99 % quantile of runs of one value
    spike: float = 12  # scales
    spike_usual: float = 4  # of the 99.9 % quantile of what returns at once
    spike_longest: int = 6
    returned: float = 0.4  # of the height: back again
    leap: float = 15  # scales
    quiet: float = 0.25  # of the leap: what the steps around it stay below
    beyond: float = 1  # of the range of 99 % of the rest
    near: int = 24
    dense: float = 0.3  # of the values around: those among them are found too


class Found(NamedTuple):
    """``flag`` of every value (pass, suspect, fail or missing) and ``test``, the reason (see Test). Both int8."""

    flag: NDArray[np.int8]
    test: NDArray[np.int8]


def detect(values: ArrayLike, method: Method | None = None) -> Found:
    """Flags of a whole series in order of time, of which NaN and infinities are missing.

    Fail: far from everything else, stuck at one value, or beyond the range between two leaps.
    Suspect: spikes of a few values, levels that are entered and left by leaps of the same height,
    the first value after a leap, and what lies among values found. Not evaluated: fewer than 48.

    Raises QualityError for values that are not one-dimensional.
    """
    x = np.array(values, np.float64)
    if x.ndim != 1:
        raise QualityError("values", f"{x.ndim} dimensions", "one series")
    x[~np.isfinite(x)] = np.nan
    present = np.isfinite(x)
    test = np.zeros(len(x), np.int8)
    enough = present.sum() >= SHORTEST
    if enough:
        test[present] = _found(x[present], method or Method())
        _mark_among(test, present, method or Method())
    flag = np.full(len(x), Flag.PASS if enough else Flag.NOT_EVALUATED, np.int8)
    flag[test > 0] = Flag.SUSPECT
    flag[np.isin(test, (Test.FAR, Test.FLAT_LINE, Test.OUTAGE))] = Flag.FAIL
    flag[~present] = Flag.MISSING
    return Found(flag, test)


def _found(x: Floats, method: Method) -> NDArray[np.int8]:
    """The reason for each of the present values; 0 for none."""
    test = np.zeros(len(x), np.int8)
    test[_stuck(x, method)] = Test.FLAT_LINE
    test[_far(x, method)] = Test.FAR
    scale = _scale(np.where(test > 0, np.nan, x), method)
    rest = np.flatnonzero(test == 0)
    spikes, least = _spikes(x[rest], scale[rest], method)
    test[rest[spikes]] = Test.SPIKE
    test[_outages(x, scale, test, least, method) & (test == 0)] = Test.OUTAGE
    rest = np.flatnonzero(test == 0)
    left, leaps = _levels(x[rest], scale[rest], method)
    test[rest[leaps]] = Test.LEVEL_SHIFT
    for first, last in left:
        between = slice(rest[first], rest[last - 1] + 1)
        test[between] = np.where(test[between] == 0, Test.LEVEL_SHIFT, test[between])
    return test


def runs_of(marks: Marks) -> NDArray[np.int64]:
    """First place and place after the last of every run of marks: an array of two columns."""
    steps = np.diff(np.concatenate([[0], marks.astype(np.int8), [0]]))
    return np.column_stack([np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)])


def _far(x: Floats, method: Method) -> Marks:
    low, middle, high = np.quantile(x, [0.05, 0.5, 0.95])
    half = max(middle - low, high - middle)
    far: Marks = (x < middle - method.far_below * half) | (x > middle + method.far_above * half)
    return far


def _stuck(x: Floats, method: Method) -> Marks:
    """Runs of one value, longer than is usual in this series."""
    edges = np.concatenate([[0], np.flatnonzero(np.diff(x)) + 1, [len(x)]])
    lengths = np.diff(edges)
    others = np.sort(lengths)[:-1]
    usual = np.quantile(others, 0.99) if len(others) else 0
    long = lengths >= max(method.flat_least, method.flat_usual * usual)
    stuck: Marks = np.repeat(long, lengths)
    return stuck


def _scale(x: Floats, method: Method) -> Floats:
    """How far one value usually lies from the one before, around each place; above 0."""
    steps = np.abs(np.diff(x, prepend=np.nan))
    moved = steps[steps > 0]
    if not len(moved):
        return np.full(len(x), np.finfo(float).tiny)
    around = rolling_quantile(steps, method.scale_share, method.scale_window, 20)
    known = np.flatnonzero(np.isfinite(around))
    if len(known):
        around = np.interp(np.arange(len(x)), known, around[known])
    scale: Floats = np.fmax(around, np.median(moved)) + moved.min()
    return scale


def _spikes(x: Floats, scale: Floats, method: Method) -> tuple[Marks, float]:
    """Values that leap away and back within a few observations; and the least height in scales.

    The height is the smaller of both leaps; what remains of it afterwards counts against it.
    """
    found, least = np.zeros(len(x), bool), method.spike
    for length in range(1, method.spike_longest + 1):
        last = len(x) - length
        if last < 2:
            break
        up, down = x[1:last] - x[: last - 1], x[length:-1] - x[length + 1 :]
        height = np.where(up * down > 0, np.minimum(np.abs(up), np.abs(down)), 0.0)
        remains = np.abs(x[length + 1 :] - x[: last - 1])
        height[remains >= method.returned * height] = 0
        score = height / (scale[1:last] + remains)
        if length == 1:
            least = max(method.spike, method.spike_usual * float(np.quantile(score, 0.999)))
        for place in np.flatnonzero(score > least) + 1:
            found[place : place + length] = True
    return found, least


def _outages(
    x: Floats, scale: Floats, test: NDArray[np.int8], least: float, method: Method
) -> Marks:
    """Runs far beyond the range of the rest, entered and left by a leap."""
    found = np.zeros(len(x), bool)
    rest = x[test == 0]
    if not len(rest):
        return found
    low, high = np.quantile(rest, [0.005, 0.995])
    margin = method.beyond * (high - low)
    steps = np.abs(np.diff(x, prepend=x[0], append=x[-1]))
    before, after = np.append(scale[0], scale), np.append(scale, scale[-1])
    leap = steps > least * np.maximum(before, after)
    leap[[0, -1]] = True
    for first, last in runs_of((x < low - margin) | (x > high + margin)):
        found[first:last] = leap[first] and leap[last]
    return found


def _levels(x: Floats, scale: Floats, method: Method) -> tuple[list[tuple[int, int]], list[int]]:
    """Stretches on a level that is left again, and the places of all leaps to another level.

    A leap stands alone among quiet steps, as no flood does. Heights of leaps add up to the level of each
    stretch; the level of most of the time is the true one, if it is that of more than half.
    """
    side = 6
    if len(x) < 2 * side + 2:
        return [], []
    steps = np.abs(np.diff(x))
    large = np.flatnonzero(steps > method.leap * np.maximum(scale[1:], scale[:-1])) + 1
    leaps = [int(at) for at in large if _alone(steps, int(at), side, method.quiet)]
    if not leaps:
        return [], []
    heights = np.array(
        [np.median(x[at : at + side]) - np.median(x[at - side : at]) for at in leaps]
    )
    edges, level = np.array([0, *leaps, len(x)]), np.concatenate([[0], np.cumsum(heights)])
    alike = np.abs(level[:, None] - level) <= method.returned * np.median(np.abs(heights))
    time = alike @ np.diff(edges)
    true, again = alike[np.argmax(time)], alike.sum(axis=1) > 1
    if true.sum() < 2 or time.max() <= len(x) / 2:
        return [], leaps
    inside = np.logical_or.accumulate(true) & np.logical_or.accumulate(true[::-1])[::-1]
    left = np.flatnonzero(~true & (inside | again))
    return [(int(edges[at]), int(edges[at + 1])) for at in left], leaps


def _alone(steps: Floats, at: int, side: int, quiet: float) -> bool:
    """Whether the step to a place is the only large one around it."""
    if not side <= at < len(steps) + 1 - side:
        return False
    around = np.concatenate([steps[at - 1 - side + 1 : at - 1], steps[at : at + side]])
    return bool(around.max(initial=0) < quiet * steps[at - 1])


def _mark_among(test: NDArray[np.int8], present: Marks, method: Method) -> None:
    """Values close between two found ones, where many around are found or missing."""
    found = (test > 0) | ~present
    total = np.concatenate([[0], np.cumsum(found)])
    place = np.arange(len(test))
    first = np.maximum(place - method.near, 0)
    last = np.minimum(place + method.near + 1, len(test))
    dense = (total[last] - total[first]) / (last - first) > method.dense
    for one, other in runs_of(~found):
        ends = one > 0 and other < len(test) and other - one < method.near
        if ends and dense[one - 1] and dense[other]:
            test[one:other] = Test.AMONG
