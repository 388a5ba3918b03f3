"""A sensor beside others that measure the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .checking import series_of
from .problems import QualityError
from .words import Flag

Times = NDArray[np.int64]
Floats = NDArray[np.float64]


def check_beside(
    time_us: ArrayLike,
    values: ArrayLike,
    others: Sequence[tuple[ArrayLike, ArrayLike]],
    *,
    within_s: int,
    suspect: float,
) -> NDArray[np.int8]:
    """Flags of a series beside its neighbours: QARTOD's neighbour test, which never fails a value.

    Suspect: the change since the value before differs by more than ``suspect`` (in the series' unit) from
    the median change of the neighbours over the same time. Pass: it does not. Not evaluated: the first
    value, or no neighbour with values at most ``within_s`` before both times. Changes are compared,
    not levels, since two good places may differ always. Missing stays missing.
    """
    time, known = series_of(time_us, values)
    if suspect <= 0:
        raise QualityError("suspect", f"{suspect:g}", "a number above 0")
    if within_s < 1:
        raise QualityError("within_s", str(within_s), "a whole number of 1 or more")
    flags = np.full(len(time), Flag.NOT_EVALUATED, np.int8)
    flags[~np.isfinite(known)] = Flag.MISSING
    if len(time) > 1 and others:
        beside = _middle([np.diff(_at(time, *series_of(*each), within_s)) for each in others])
        apart = np.abs(np.diff(known) - beside)
        judged = flags[1:]
        judged[apart > suspect] = Flag.SUSPECT
        judged[apart <= suspect] = Flag.PASS
    return flags


def _at(wanted: Times, time: Times, known: Floats, within_s: int) -> Floats:
    """The last value at or before each wanted time; NaN where older than ``within_s``."""
    if not len(time):
        return np.full(len(wanted), np.nan)
    place = np.searchsorted(time, wanted, side="right") - 1
    old = (place < 0) | (wanted - time[place] > within_s * 1_000_000)
    return np.where(old, np.nan, known[place])


def _middle(changes: Sequence[Floats]) -> Floats:
    """The median of those that are there; NaN where none is."""
    table = np.sort(np.array(changes), axis=0)  # NaN last
    count = np.isfinite(table).sum(axis=0)
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    column = np.arange(table.shape[1])
    high = np.minimum(high, len(changes) - 1)
    middle: Floats = np.where(count > 0, (table[low, column] + table[high, column]) / 2, np.nan)
    return middle
