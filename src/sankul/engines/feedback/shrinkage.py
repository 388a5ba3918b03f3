"""Means that borrow strength: empirical Bayes for means of unequal precision.

y_i ~ N(θ_i, V_i), θ_i ~ N(μ, A): θ̂_i = μ + (1 − B_i)(y_i − μ) with B_i = V_i / (V_i + A), the best
linear unbiased prediction (Robinson, Statistical Science 6, 1991). A solves Paule and Mandel's
equation Σ (y_i − μ)² / (V_i + A) = k − 1 (J. Research of the National Bureau of Standards 87, 1982),
and B is multiplied by (k − 3)/(k − 1), because A is estimated (Morris, J. American Statistical
Association 78, 1983). With equal variances that is the James–Stein estimator towards the mean, with
B no larger than (k − 3)/(k − 1). Three means or fewer are not shrunk.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .problems import FeedbackError, Floats


@dataclass(frozen=True, slots=True, eq=False)
class Shrunk:
    """``values[means]``, ``towards`` the mean μ, by ``factors[means]`` B: 0 leaves a mean alone.

    ``between`` is A, the variance of the true means.
    """

    values: Floats
    towards: float
    factors: Floats
    between: float


def shrink(means: Floats, variances: Floats) -> Shrunk:
    """Shrink means with known sampling variances towards their common mean.

    A NaN mean stays NaN and does not count. Raises FeedbackError for a variance below zero, or
    none at all where a mean is.
    """
    there = ~np.isnan(means)
    if not (variances[there] >= 0).all():
        raise FeedbackError("a mean has no sampling variance of zero or more")
    values, factors, towards, between = shrink_all(means[None, :], variances[None, :])
    return Shrunk(values[0], float(towards[0]), factors[0], float(between[0]))


def shrink_all(means: Floats, variances: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Values, factors B, common means and variances A for many sets, ``[sets × means]``."""
    there = ~np.isnan(means)
    k = there.sum(axis=1)
    y, v = np.where(there, means, 0.0), np.where(there, variances, 1.0)
    between = _between(y, v, there, k)
    weight = _weights(v, between, there)
    towards = _ratio(np.sum(weight * y, axis=1), weight.sum(axis=1))
    spread = v + between[:, None]
    share = np.divide(v, spread, out=np.zeros(v.shape), where=spread > 0)
    correction = np.where(k > 3, (k - 3) / np.maximum(k - 1, 1), 0.0)
    factors = np.where(there, share * correction[:, None], np.nan)
    values = towards[:, None] + (1 - factors) * (means - towards[:, None])
    return np.asarray(values), np.asarray(factors), towards, between


def _weights(v: Floats, between: Floats, there: Floats) -> Floats:
    """1 / (V + A); means of no variance at all, with A zero, share the weight alone."""
    spread = v + between[:, None]
    least = np.maximum(np.max(np.where(there, spread, 0.0), axis=1, keepdims=True) * 1e-12, 1e-300)
    return np.asarray(np.where(there, 1 / np.maximum(spread, least), 0.0))


def _between(y: Floats, v: Floats, there: Floats, k: Floats) -> Floats:
    """Paule and Mandel's A by halving: the sum of squares falls as A grows."""
    low = np.zeros(len(y))
    centre = _ratio(y.sum(axis=1), k.astype(np.float64))
    high = np.sum(np.where(there, (y - centre[:, None]) ** 2, 0.0), axis=1) + 1e-300

    def excess(a: Floats) -> Floats:
        weight = _weights(v, a, there)
        mean = _ratio(np.sum(weight * y, axis=1), weight.sum(axis=1))
        squares = np.sum(weight * np.where(there, (y - mean[:, None]) ** 2, 0.0), axis=1)
        return np.asarray(squares - (k - 1))

    none = excess(low) <= 0
    for _ in range(60):
        middle = (low + high) / 2
        above = excess(middle) > 0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.asarray(np.where(none, 0.0, (low + high) / 2))


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.asarray(np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=bottom > 0))
