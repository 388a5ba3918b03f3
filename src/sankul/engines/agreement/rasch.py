"""The many-facet Rasch model: how severe raters are, on the scale on which units and items are measured.

Linacre, Many-Facet Rasch Measurement (1989), in the rating scale form of Andrich, Psychometrika 43 (1978).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .problems import AgreementError, Floats

PRIOR: Final = 5.0
"""Spread in logits of the weak normal prior that keeps whoever got the best (or worst) of all ratings finite."""


@dataclass(frozen=True, slots=True)
class Facets:
    """What the model finds, in logits, in alphabetical order of names.

    ``severity`` and ``difficulty`` are around 0; positive is severe, difficult. ``infit`` is each rater's information-weighted
    mean square: 1 is as expected, above 1.5 erratic, below 0.5 too regular (Linacre 2002).
    """

    raters: tuple[str, ...]
    severity: Floats
    error: Floats
    infit: Floats
    units: tuple[str, ...]
    measure: Floats
    items: tuple[str, ...]
    difficulty: Floats
    thresholds: Floats


@dataclass(frozen=True, slots=True)
class _Data:
    """Ratings from 0 up, with the place of rater, unit and item of each; ``sizes`` counts raters, units, items, steps."""

    rater: NDArray[np.intp]
    unit: NDArray[np.intp]
    item: NDArray[np.intp]
    level: NDArray[np.intp]
    sizes: tuple[int, int, int, int]

    def split(self, values: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Severities, measures, difficulties and thresholds; all but the measures around 0."""
        cuts = [int(cut) for cut in np.cumsum(self.sizes)[:-1]]
        severity, measure, difficulty, steps = np.split(values, cuts)
        return (
            severity - severity.mean(),
            measure,
            difficulty - difficulty.mean(),
            steps - steps.mean(),
        )

    def chances(self, values: Floats) -> Floats:
        """The probability of each level ``[ratings × levels]``."""
        severity, measure, difficulty, steps = self.split(values)
        place = measure[self.unit] - difficulty[self.item] - severity[self.rater]
        reached = np.concatenate([[0.0], np.cumsum(steps)])
        logits = place[:, None] * np.arange(len(reached)) - reached
        found: Floats = np.exp(logits - logits.max(axis=1, keepdims=True))
        found /= found.sum(axis=1, keepdims=True)
        return found

    @staticmethod
    def sums(places: NDArray[np.intp], values: Floats, size: int) -> Floats:
        """The sum of the values at each place."""
        return np.bincount(places, values, size).astype(np.float64)

    def loss(self, values: Floats) -> tuple[float, Floats]:
        """The negative log posterior, and its gradient."""
        chances = self.chances(values)
        levels = np.arange(chances.shape[1])
        rest: Floats = self.level - chances @ levels
        raters, units, items, steps = self.sizes
        beyond = (self.level[:, None] > np.arange(steps)).sum(axis=0)
        expected = chances[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:].sum(axis=0)
        slopes = [
            -_around(self.sums(self.rater, rest, raters)),
            self.sums(self.unit, rest, units),
            -_around(self.sums(self.item, rest, items)),
            _around(expected - beyond),
        ]
        told = float(np.log(chances[np.arange(len(self.level)), self.level]).sum())
        penalty = float(values @ values) / (2 * PRIOR**2)
        return penalty - told, values / PRIOR**2 - np.concatenate(slopes)


def many_facet(
    raters: Sequence[str],
    units: Sequence[str],
    items: Sequence[str],
    levels: Sequence[int],
    *,
    least: int,
    most: int,
) -> Facets:
    """Fit ratings, one in each place of the four sequences, on a scale from ``least`` to ``most``, by joint maximum likelihood.

    With few ratings a unit joint maximum likelihood spreads everything too far, by about n/(n − 1) for n ratings
    a unit (Wright and Douglas 1977); the order is not touched by that.

    Raises AgreementError for a level off the scale, for less than two raters, units or levels, and where raters are not
    connected by units that they rated in common.
    """
    names, data = _data(raters, units, items, levels, least, most)
    found = minimize(
        data.loss, np.zeros(sum(data.sizes)), jac=True, method="L-BFGS-B", options={"maxiter": 2000}
    )
    severity, measure, difficulty, steps = data.split(found.x)
    chances, scale = data.chances(found.x), np.arange(most - least + 1)
    expected = chances @ scale
    spread = chances @ scale**2 - expected**2
    known = np.bincount(data.rater, spread, data.sizes[0])
    squares = np.bincount(data.rater, (data.level - expected) ** 2, data.sizes[0])
    return Facets(
        names[0], severity, 1 / np.sqrt(known), squares / known,
        names[1], measure, names[2], difficulty, steps,
    )  # fmt: skip


def _around(slopes: Floats) -> Floats:
    """The gradient of values that count by their distance from their mean."""
    return slopes - float(slopes.mean())


def _data(
    raters: Sequence[str],
    units: Sequence[str],
    items: Sequence[str],
    levels: Sequence[int],
    least: int,
    most: int,
) -> tuple[list[tuple[str, ...]], _Data]:
    if not len(raters) == len(units) == len(items) == len(levels):
        raise AgreementError("each rating has a rater, a unit, an item and a level")
    off = [level for level in levels if not least <= level <= most]
    if off:
        raise AgreementError(f"a level is {off[0]}; expected {least} to {most}")
    columns = [np.unique(list(column), return_inverse=True) for column in (raters, units, items)]
    names = [tuple(str(name) for name in found) for found, _ in columns]
    if len(names[0]) < 2 or len(names[1]) < 2 or len(set(levels)) < 2:
        raise AgreementError("expected two raters, two units and two levels that were given")
    rater, unit, item = (places for _, places in columns)
    sizes = (len(names[0]), len(names[1]), len(names[2]), most - least)
    data = _Data(rater, unit, item, np.asarray(levels, dtype=np.intp) - least, sizes)
    links = coo_array(
        (np.ones(len(rater)), (rater, len(names[0]) + unit)), shape=[sum(sizes[:2])] * 2
    )
    parts, _ = connected_components(links, directed=False)
    if parts > 1:
        raise AgreementError(f"raters fall into {parts} parts without a unit in common")
    return names, data
