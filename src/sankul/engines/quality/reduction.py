"""Fewer points that draw the same line."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .problems import QualityError


def reduced(values: ArrayLike, most: int) -> NDArray[np.int64]:
    """The places of at most ``most`` values (4 or more) that keep every minimum and maximum in view.

    The series is cut into equal parts; of each the lowest and the highest value stay, in order of
    place, and the first and the last value of all. A line through them covers the same pixels as
    the whole line where a part is no wider than a pixel (Jugel and others, M4: a visualization-oriented time
    series data aggregation, VLDB 2014, keeps the ends of each part too). A part without finite
    values keeps its first, so that a gap stays one.
    """
    known = np.asarray(values, np.float64)
    if known.ndim != 1:
        raise QualityError("values", f"{known.ndim} dimensions", "one series")
    if most < 4:
        raise QualityError("most", str(most), "4 or more")
    if len(known) <= most:
        return np.arange(len(known))
    parts = (most - 2) // 2
    edges = np.linspace(0, len(known), parts + 1).astype(np.int64)[:-1]
    part = np.searchsorted(edges, np.arange(len(known)), side="right") - 1
    missing = ~np.isfinite(known)
    low = _extreme(np.where(missing, np.inf, known), edges, part)
    high = _extreme(np.where(missing, np.inf, -known), edges, part)
    return np.unique(np.concatenate([[0], low, high, [len(known) - 1]]))


def _extreme(
    known: NDArray[np.float64], edges: NDArray[np.int64], part: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The first place of the lowest value in each part."""
    lowest = np.minimum.reduceat(known, edges)
    at = np.flatnonzero(known == lowest[part])
    first: NDArray[np.int64] = at[np.unique(part[at], return_index=True)[1]]
    return first
