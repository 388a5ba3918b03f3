"""Who may learn from whom: strengths matched to weaknesses by assignment.

A mentor is worth to a learner what lies between them where the mentor stands above the middle and the learner below it: for each
indicator the weight times the difference on the common scale, added up. The assignment that is worth most in all is the linear
sum assignment (Kuhn 1955; solved by the shortest augmenting paths of Crouse 2016, as in SciPy): each teaches one at most, and
each learns from one at most.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

Floats = npt.NDArray[np.float64]
LEAST: Final = 1e-9
"""Pairs that are worth no more than this are no pairs."""


class Pair(NamedTuple):
    """Row of the mentor, row of the learner, and what it is worth, in all and by column."""

    mentor: int
    learner: int
    worth: float
    parts: tuple[float, ...]


def gains(levels: Floats, weights: Floats) -> Floats:
    """What each could gain from each other [mentor × learner × column], from levels [unit × column] and weights [column].

    Only where the mentor stands above the median of all and the learner below it; nothing where a level is not known (NaN), and
    nothing from oneself. Raises ValueError where the shapes do not fit or a weight is negative.
    """
    levels, weights = np.asarray(levels, dtype=float), np.asarray(weights, dtype=float)
    if levels.ndim != 2 or weights.shape != (levels.shape[1],):
        raise ValueError("levels are [unit × column], weights [column]")
    if (weights < 0).any() or np.isnan(weights).any():
        raise ValueError("weights are known and not negative")
    known = np.where(np.isnan(levels).all(axis=0), 0.0, levels)
    middle = np.nanmedian(known, axis=0) if len(known) else np.zeros(levels.shape[1])
    above, below = levels > middle, levels < middle
    between = np.nan_to_num(levels[:, None, :] - levels[None, :, :])
    return np.where(above[:, None, :] & below[None, :, :], between * weights, 0.0)


def pairs(levels: Floats, weights: Floats) -> list[Pair]:
    """The pairs that are worth most in all, the best first; units that nobody can teach anything are left out."""
    parts = gains(levels, weights)
    worth = parts.sum(axis=2)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    found = [
        Pair(int(i), int(j), float(worth[i, j]), tuple(parts[i, j].tolist()))
        for i, j in zip(rows, columns, strict=True)
        if i != j and worth[i, j] > LEAST
    ]
    return sorted(found, key=lambda pair: (-pair.worth, pair.mentor))
