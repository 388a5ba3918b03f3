"""The means that aggregate children into a node, and how each child contributes to them.

All work on the last axis, the children. ``x`` holds their values, ``w`` their weights, already
rescaled to sum to 1 over the children that are there; an absent child has weight 0 and value 0.

A contribution is the child's value times the slope of the mean by it (its derivative). These
means are homogeneous of degree one, so by Euler's theorem the contributions sum to the mean. Under
the arithmetic mean a contribution is weight × value; under the geometric mean weight × mean;
under the harmonic weight × mean² / value; under the mean of power p weight × valueᵖ × mean¹⁻ᵖ.
The median is all due to the one or two children that it is read from. A slope that is infinite (a
child of 0 under a power below 1) counts as 0: such a child contributes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .frame import Floats
from .methods import Parameter

Mean = Callable[..., Floats]


@dataclass(frozen=True, slots=True)
class Aggregator:
    """A mean and its slopes by each child; ``positive`` says that it refuses values below zero.

    ``pairwise`` that it compares units instead, by Copeland's rule (see ``copeland``).
    """

    mean: Mean
    slopes: Mean
    parameters: dict[str, Parameter] = field(default_factory=dict)
    positive: bool = False
    pairwise: bool = False


def _arithmetic(x: Floats, w: Floats) -> Floats:
    return np.asarray((x * w).sum(axis=-1))


def _arithmetic_slopes(x: Floats, w: Floats) -> Floats:
    return np.broadcast_to(w, x.shape)


def _power(x: Floats, w: Floats, *, power: float) -> Floats:
    """The mean of that power; 0 where a weighted child is 0 and the power is 0 or less.

    Values are divided by their largest first, so that no power of them overflows.
    """
    if power == 1:
        return _arithmetic(x, w)
    largest = np.where(w > 0, x, 0).max(axis=-1, keepdims=True)
    share = np.divide(x, largest, out=np.ones_like(x * w), where=(largest > 0) & (w > 0) & (x > 0))
    if power == 0:
        mean = np.exp((w * np.log(share)).sum(axis=-1))
    else:
        zero_free = np.where((w > 0) & (x == 0), 0.0, share**power)
        total = (w * zero_free).sum(axis=-1)
        mean = np.power(total, 1 / power, out=np.zeros(total.shape), where=total > 0)
    if power <= 0:
        mean = np.where(((w > 0) & (x == 0)).any(axis=-1), 0.0, mean)
    return np.asarray(mean * largest[..., 0])


def _power_slopes(x: Floats, w: Floats, *, power: float) -> Floats:
    mean = _power(x, w, power=power)[..., None]
    usable = (mean > 0) & (x > 0)
    share = np.divide(x, mean, out=np.ones_like(x * w), where=usable)
    return np.where(usable | (power == 1), w * share ** (power - 1), 0.0)


def _geometric(x: Floats, w: Floats) -> Floats:
    return _power(x, w, power=0)


def _geometric_slopes(x: Floats, w: Floats) -> Floats:
    return _power_slopes(x, w, power=0)


def _harmonic(x: Floats, w: Floats) -> Floats:
    return _power(x, w, power=-1)


def _harmonic_slopes(x: Floats, w: Floats) -> Floats:
    return _power_slopes(x, w, power=-1)


def _median_weights(x: Floats, w: Floats) -> Floats:
    """1 on the child at half of the weight, or ½ on each of the two that meet there."""
    x, w = np.broadcast_arrays(x, w)
    order = np.argsort(np.where(w > 0, x, np.inf), axis=-1, kind="stable")
    ordered = np.take_along_axis(w, order, axis=-1)
    total = np.cumsum(ordered, axis=-1)
    half = 0.5 - 1e-12
    lower = ((total >= half).cumsum(axis=-1) == 1) & (ordered > 0)
    upper = ((total > 1 - half).cumsum(axis=-1) == 1) & (ordered > 0)
    share = (lower.astype(np.float64) + upper) / 2
    weights: Floats = np.zeros(share.shape)
    np.put_along_axis(weights, order, share, axis=-1)
    return weights


def _median(x: Floats, w: Floats) -> Floats:
    return _arithmetic(x, _median_weights(x, w))


AGGREGATORS: dict[str, Aggregator] = {
    "arithmetic": Aggregator(_arithmetic, _arithmetic_slopes),
    "geometric": Aggregator(_geometric, _geometric_slopes, positive=True),
    "harmonic": Aggregator(_harmonic, _harmonic_slopes, positive=True),
    "generalised_mean": Aggregator(
        _power, _power_slopes, {"power": Parameter("number")}, positive=True
    ),
    "median": Aggregator(_median, _median_weights),
    "copeland": Aggregator(_arithmetic, _arithmetic_slopes, pairwise=True),
}


def rescaled(weights: Floats, there: Any) -> tuple[Floats, Floats]:
    """Weights rescaled to sum to 1 over the children that are there, and the sum before.

    The sum is 0, and all weights too, where no weighted child is there.
    """
    kept = weights * there
    total = kept.sum(axis=-1, keepdims=True)
    return np.divide(kept, total, out=np.zeros_like(kept), where=total > 0), total[..., 0]
