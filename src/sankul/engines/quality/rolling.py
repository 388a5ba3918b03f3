"""Quantiles of moving windows."""

from __future__ import annotations

from typing import Any

from numpy import empty, float64, isfinite, nan, searchsorted
from numpy.typing import NDArray

from ..compiling import compiled

Floats = NDArray[Any]


@compiled
def rolling_quantile(values: Floats, share: float, half: int, least: int) -> Floats:
    """The quantile of the finite values within ``half`` places on both sides of each place.

    Linear between order statistics (Hyndman and Fan's type 7); NaN with fewer than ``least``.
    """
    n, size = len(values), 0
    found, window = empty(n, float64), empty(2 * half + 2, float64)
    for i in range(-half, n):
        come, gone = i + half, i - half - 1
        if come < n and isfinite(values[come]):
            at = searchsorted(window[:size], values[come])
            for k in range(size, at, -1):
                window[k] = window[k - 1]
            window[at] = values[come]
            size += 1
        if gone >= 0 and isfinite(values[gone]):
            at = searchsorted(window[:size], values[gone])
            size -= 1
            for k in range(at, size):
                window[k] = window[k + 1]
        if i >= 0:
            found[i] = nan
            if size >= max(1, least):
                place = share * (size - 1)
                low = int(place)
                high = min(low + 1, size - 1)
                found[i] = window[low] + (place - low) * (window[high] - window[low])
    return found
