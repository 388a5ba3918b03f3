"""Flags of series by their rules: one series, many at once, or test by test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import kernels
from .problems import QualityError
from .rules import Rules
from .table import table
from .words import Test

Flags = NDArray[np.int8]
Series = tuple[NDArray[np.int64], NDArray[np.float64]]
TESTS = tuple(Test(code) for code in range(1, 8))  # those of one series by itself


class Checked(NamedTuple):
    """``flag`` of every value (see Flag) and ``test``, the first that gave it, 0 unless suspect or failed.

    Both int8. The worst flag counts: fail, suspect, pass, not evaluated; a missing value is missing.
    """

    flag: Flags
    test: Flags


def check(
    rules: Rules, time_us: ArrayLike, values: ArrayLike, before: Series | None = None
) -> Checked:
    """Flags of one series: times in microseconds of UTC, strictly rising, and values as float64.

    ``before`` is the end of what is already known of the series, at least ``rules.memory_s`` long
    and two values: tests look back on it, flags are those of the new values alone. A spike is known only when
    the next value has come: check the last known value again with it, by handing it in as new.

    Raises QualityError for arrays of different length and times that do not rise.
    """
    time, known = series_of(time_us, values)
    kept = 0
    if before is not None:
        earlier, old = series_of(*before)
        time, known, kept = np.append(earlier, time), np.append(old, known), len(earlier)
    made = check_many([rules], [0], [0, len(time)], time, known)
    return Checked(made.flag[kept:], made.test[kept:])


def check_many(
    rules: Sequence[Rules],
    rule_of: ArrayLike,
    starts: ArrayLike,
    time_us: ArrayLike,
    values: ArrayLike,
) -> Checked:
    """Flags of many series that lie one after the other in the same arrays.

    Series g is ``starts[g]:starts[g + 1]`` and goes by ``rules[rule_of[g]]``; there is one start
    more than there are series, the last one the length. To look back, a series begins with the
    end of what is known of it (see ``check``): flags come for those rows too.

    Raises QualityError for arrays that do not fit each other and times that do not rise.
    """
    time, known = series_of(time_us, values)
    first, which = np.asarray(starts, np.int64), np.asarray(rule_of, np.int64)
    _refuse_misfit(len(rules), which, first, len(time))
    flag, test = np.empty(len(time), np.int8), np.empty(len(time), np.int8)
    wrong = kernels.check_all(*table(rules), which, first, time, known, flag, test)
    if wrong >= 0:
        told = f"{_told(time[wrong])} after {_told(time[wrong - 1])}"
        raise QualityError(f"time at place {wrong}", told, "times that rise within a series")
    return Checked(flag, test)


def check_each(rules: Rules, time_us: ArrayLike, values: ArrayLike) -> dict[Test, Flags]:
    """The flags that each test of the rules gives by itself, to explain a flag."""
    time, known = series_of(time_us, values)
    rows, seasons = table([rules])
    found: dict[Test, Flags] = {}
    for test in TESTS:
        out = np.empty(len(time), np.int8)
        if kernels.run(int(test), rows[0], seasons, time, known, out):
            if test != Test.GAP:  # of times alone
                kernels.mark_missing(known, out)
            found[test] = out
    return found


def worst(flags: Sequence[Flags]) -> Flags:
    """The worst flag of each place: fail, suspect, pass, not evaluated, missing, in this order."""
    order = np.array([0, 3, 2, 4, 5, 0, 0, 0, 0, 1])
    ranks = np.max([order[each] for each in flags], axis=0)
    made: Flags = np.array([0, 9, 2, 1, 3, 4], np.int8)[ranks]
    return made


def series_of(time_us: ArrayLike, values: ArrayLike) -> Series:
    """Times as microseconds and values as float64, in arrays of equal length, or QualityError."""
    time, known = np.asarray(time_us), np.asarray(values, np.float64)
    if np.issubdtype(time.dtype, np.datetime64):
        time = time.astype("datetime64[us]")
    time = np.ascontiguousarray(time).astype(np.int64, copy=False)
    if time.shape != known.shape or time.ndim != 1:
        raise QualityError("series", f"times {time.shape}, values {known.shape}", "equal lengths")
    return time, np.ascontiguousarray(known)


def _refuse_misfit(rules: int, which: NDArray[Any], first: NDArray[Any], size: int) -> None:
    if len(first) != len(which) + 1 or first[0] != 0 or first[-1] != size:
        expected = f"{len(which) + 1} places from 0 to {size}"
        raise QualityError("starts", f"{len(first)} places", expected)
    if (np.diff(first) < 0).any():
        raise QualityError("starts", "places that fall", "places that rise")
    if len(which) and not (which.min() >= 0 and which.max() < rules):
        raise QualityError("rule_of", f"{which.min()} to {which.max()}", f"0 to {rules - 1}")


def _told(time: Any) -> str:
    return str(np.datetime64(int(time), "us"))
