"""Series with fewer points that look the same: the least and the greatest of every stretch stay."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST_POINTS = 2000
"""Points that a picture shows: more than a screen is wide."""


def kept(values: NDArray[np.float64], most: int = MOST_POINTS) -> NDArray[np.int64]:
    """The places of at most ``most`` values (four or more) that draw the same line.

    Values are split into stretches of equal length. Of each the first, last, least and greatest stay, in their order: M4 of
    Jugel et al., "M4: a visualization-oriented time series data aggregation" (PVLDB 7(10), 2014), which draws without error where
    a stretch is no wider than a pixel. A NaN is a break in the line: one stays in each stretch that has any.
    """
    if len(values) <= most:
        return np.arange(len(values))
    edges = np.linspace(0, len(values), max(1, most // 5) + 1).astype(np.int64)
    first, last = edges[:-1], edges[1:] - 1
    is_gap = np.isnan(values)
    low = _place_of(np.where(is_gap, np.inf, values), edges)
    high = _place_of(np.where(is_gap, np.inf, -values), edges)
    gap = _place_of(np.where(is_gap, 0.0, 1.0), edges)
    chosen = np.concatenate((first, last, low, high, gap[is_gap[gap]]))
    return np.unique(chosen)


def _place_of(values: NDArray[np.float64], edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of the least value of each stretch, the first of equals."""
    least = np.minimum.reduceat(values, edges[:-1])
    of_each = np.repeat(least, np.diff(edges))
    places = np.flatnonzero(values == of_each)
    stretch = np.searchsorted(edges, places, side="right") - 1
    _, where = np.unique(stretch, return_index=True)
    found: NDArray[np.int64] = places[where]
    return found
