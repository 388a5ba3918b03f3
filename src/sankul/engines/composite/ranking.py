"""Ranks. Scores that differ by rounding alone tie, on every machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .frame import Floats

# Two scores tie when they differ by no more than this share of the largest: sums of the same
# figures in another order differ by about 1e-15, a real difference is far larger.
TIE = 1e-12


def ascending_ranks(values: Floats) -> NDArray[np.int64]:
    """Ranks of data along the last axis, 1 for the smallest; equal values share the smaller. No NaN."""
    order = np.argsort(values, axis=-1)
    ordered = np.take_along_axis(values, order, axis=-1)
    fresh = np.ones(values.shape, dtype=np.bool_)
    fresh[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    place = np.where(fresh, np.arange(1, values.shape[-1] + 1), 0)
    ranks = np.empty_like(place)
    np.put_along_axis(ranks, order, np.maximum.accumulate(place, axis=-1), axis=-1)
    return ranks


def descending_ranks(scores: Floats) -> NDArray[np.int64]:
    """Ranks along the last axis, 1 for the largest; ties share the smaller; 0 where NaN."""
    order = np.argsort(-scores, axis=-1, kind="stable")
    ordered = np.take_along_axis(scores, order, axis=-1)
    size = np.abs(np.nan_to_num(scores)).max(axis=-1, keepdims=True, initial=0.0)
    fresh = np.ones(scores.shape, dtype=np.bool_)
    with np.errstate(invalid="ignore"):
        fresh[..., 1:] = ~(ordered[..., :-1] - ordered[..., 1:] <= TIE * size)
    place = np.where(fresh, np.arange(1, scores.shape[-1] + 1), 0)
    place = np.maximum.accumulate(place, axis=-1)
    place[np.isnan(ordered)] = 0
    ranks = np.empty_like(place)
    np.put_along_axis(ranks, order, place, axis=-1)
    return ranks
