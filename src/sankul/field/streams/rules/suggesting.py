"""Rules that a stream's own past suggests: a draft to be looked at, never put in force by itself."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SUGGESTED_FROM_DAYS: Final = 90
LEAST_VALUES: Final = 200
"""Below, the thousandth parts are single values."""
SECOND_US: Final = 1_000_000


def suggested(time_us: NDArray[np.int64], values: NDArray[np.float64]) -> dict[str, Any] | None:
    """Limits from quantiles of good values in order of time, or None of fewer than 200.

    Range: suspect beyond the middle 99.8 %, fail beyond as much again on both sides. Spike and rate of change: suspect beyond
    twice the 99.9 % quantile, fail beyond four times. Flat line: suspect after four times, fail after eight times the length that
    99 % of runs of one value stay below, three hours at least. Gap: four usual intervals.
    """
    present = np.isfinite(values)
    time, known = time_us[present], values[present]
    if len(known) < LEAST_VALUES:
        return None
    every_s = max(1, int(np.median(np.diff(time)) // SECOND_US))
    made: dict[str, Any] = {
        "gross_range": _range(known),
        "flat_line": _flat(known, every_s),
        "gap": {"fail_s": 4 * every_s},
        "interval_s": every_s,
    }
    if spike := _twice(np.abs(known[1:-1] - (known[:-2] + known[2:]) / 2)):
        made["spike"] = {"suspect": spike, "fail": 2 * spike}
    steps_s = np.diff(time) / SECOND_US
    if rate := _twice(np.abs(np.diff(known)) / steps_s):
        made["rate_of_change"] = {"suspect_per_s": rate, "fail_per_s": 2 * rate}
    return made


def _range(known: NDArray[np.float64]) -> dict[str, list[float]]:
    low, high = np.quantile(known, [0.001, 0.999])
    room = (high - low) or abs(high) or 1.0
    return {
        "fail": [_rounded(low - room), _rounded(high + room)],
        "suspect": [_rounded(low), _rounded(high)],
    }


def _twice(sizes: NDArray[np.float64]) -> float:
    return _rounded(2 * float(np.quantile(sizes, 0.999)))


def _flat(known: NDArray[np.float64], every_s: int) -> dict[str, Any]:
    steps = np.abs(np.diff(known))
    moved = steps[steps > 0]
    edges = np.concatenate([[0], np.flatnonzero(steps) + 1, [len(known)]])
    usual = float(np.quantile(np.diff(edges), 0.99)) * every_s
    longest = max(10_800, int(4 * usual))
    tolerance = _rounded(float(moved.min()) / 2) if len(moved) else 1e-6
    return {"suspect_s": longest, "fail_s": 2 * longest, "tolerance": tolerance or 1e-9}


def _rounded(value: float) -> float:
    """A number to three figures, which is as exact as a quantile."""
    return float(f"{value:.3g}")
