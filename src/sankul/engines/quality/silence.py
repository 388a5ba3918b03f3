"""Sensors that fall silent, and batteries that run down."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .checking import series_of
from .problems import QualityError

SECOND: Final = 1_000_000
DAY_S: Final = 86_400


class Silence(NamedTuple):
    """A time without observations, in microseconds of UTC; ``until_us`` is None while it lasts."""

    since_us: int
    until_us: int | None


def silences(time_us: ArrayLike, now_us: int, longest_s: int) -> list[Silence]:
    """Every time between observations, or since the last one until now, longer than ``longest_s``.

    A silence begins at the last observation before it. Times rise; there is none without any.
    """
    time = np.asarray(time_us, np.int64)
    if longest_s < 1:
        raise QualityError("longest_s", str(longest_s), "a whole number of 1 or more")
    gaps = np.flatnonzero(np.diff(time) > longest_s * SECOND)
    found = [Silence(int(time[at]), int(time[at + 1])) for at in gaps]
    if len(time) and now_us - int(time[-1]) > longest_s * SECOND:
        found.append(Silence(int(time[-1]), None))
    return found


class Battery(NamedTuple):
    """``low``: the lowest level of the last day is below the limit.

    ``empty_in_days`` until the lowest level of a day reaches the limit at the fall of the last days, None
    where it does not fall; 0 where it is there.
    """

    low: bool
    empty_in_days: float | None


def battery(time_us: ArrayLike, level: ArrayLike, limit: float, days: int = 14) -> Battery:
    """The state of a battery from its voltage or charge, in the unit of ``limit``.

    Lowest levels of whole days, so that charging by the sun does not hide a fall; their slope is the
    median of the slopes of all pairs (Sen, Journal of the American Statistical Association 63, 1968),
    which one bad day does not move. Missing levels are passed over.
    """
    time, known = series_of(time_us, level)
    present = np.isfinite(known)
    time, known = time[present], known[present]
    if not len(known):
        return Battery(low=False, empty_in_days=None)
    ago = (time[-1] - time) // (DAY_S * SECOND)  # whole days before the last level
    last = np.unique(ago[ago < days])[::-1]
    lowest = np.array([known[ago == day].min() for day in last])
    if lowest[-1] <= limit:
        return Battery(low=True, empty_in_days=0.0)
    one, other = np.triu_indices(len(last), 1)
    if not len(one):
        return Battery(low=False, empty_in_days=None)
    slope = float(np.median((lowest[other] - lowest[one]) / (last[one] - last[other])))
    falls = slope < 0
    return Battery(low=False, empty_in_days=float((lowest[-1] - limit) / -slope) if falls else None)
