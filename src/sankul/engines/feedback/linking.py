"""Whether raters can be compared, and how severe each is if they can.

Raters who rated different units can be compared only along a chain of units rated in common:
otherwise a severe rater of good units looks like a mild rater of bad ones, whatever the model
(Linacre, Many-Facet Rasch Measurement, 2nd ed. 1994, ch. 3; Weeks and Williams, Technometrics 6, 1964, on
connectedness of two-way designs).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from .problems import FeedbackError, Floats, Ints


class NotLinkedError(FeedbackError):
    """Severity cannot be told from quality. ``parts`` lists the units of each separate part."""

    def __init__(self, parts: tuple[tuple[str, ...], ...]) -> None:
        self.parts = parts
        listed = "; ".join(", ".join(part) for part in parts)
        super().__init__(
            f"raters fall into {len(parts)} parts without a common rater or vignette, so that "
            f"a severe rater cannot be told from a weak unit: {listed}. Let some raters rate units of "
            "several parts, or let all rate the same vignettes"
        )


@dataclass(frozen=True, eq=False)
class Ratings:
    """One rating a row; make them by ``Ratings.of``. Raters and units in alphabetical order.

    ``anchors`` are the units that are vignettes: described cases that raters of all parts rated.
    """

    raters: tuple[str, ...]
    units: tuple[str, ...]
    rater: Ints
    unit: Ints
    value: Floats
    anchors: frozenset[str]

    @classmethod
    def of(
        cls,
        raters: Sequence[str],
        units: Sequence[str],
        values: Sequence[float],
        anchors: Collection[str] = (),
    ) -> Ratings:
        """Checked ratings. Raises FeedbackError for unequal columns or a value that is no number."""
        value = np.array(values, dtype=np.float64)
        if not len(raters) == len(units) == value.size or not value.size:
            wrong = f"{len(raters)} raters, {len(units)} units, {value.size} values"
            raise FeedbackError(f"ratings have {wrong}; expected one of each for every rating")
        if not np.isfinite(value).all():
            raise FeedbackError("a rating is no finite number")
        who, what = tuple(sorted(set(raters))), tuple(sorted(set(units)))
        at = {name: k for k, name in enumerate(who)}
        of = {name: k for k, name in enumerate(what)}
        return cls(
            who,
            what,
            np.array([at[name] for name in raters], dtype=np.int64),
            np.array([of[name] for name in units], dtype=np.int64),
            value,
            frozenset(anchors),
        )


@dataclass(frozen=True, slots=True)
class Links:
    """``parts`` of units that are compared among themselves, ``bridges`` that hold parts together.

    A bridge is a rater without whom the parts would be more: a comparison that rests on one person.
    """

    parts: tuple[tuple[str, ...], ...]
    bridges: tuple[str, ...]

    @property
    def linked(self) -> bool:
        """Whether all raters can be compared."""
        return len(self.parts) == 1


def links(ratings: Ratings) -> Links:
    """The connected parts of the graph of raters and units, vignettes included."""
    parts = _parts(ratings, np.ones(ratings.value.size, dtype=np.bool_))
    bridges = []
    for k, name in enumerate(ratings.raters):
        kept = ratings.rater != k
        alone = len(set(ratings.unit.tolist())) - len(set(ratings.unit[kept].tolist()))
        if kept.any() and len(_parts(ratings, kept)) + alone > len(parts):
            bridges.append(name)
    return Links(parts, tuple(bridges))


def _parts(ratings: Ratings, kept: Floats) -> tuple[tuple[str, ...], ...]:
    raters, units = len(ratings.raters), len(ratings.units)
    edges = (np.ones(int(kept.sum())), (ratings.rater[kept], raters + ratings.unit[kept]))
    graph = csr_array(edges, shape=(raters + units, raters + units))
    _, label = connected_components(graph, directed=False)
    rated = sorted(set(ratings.unit[kept].tolist()))
    by_label: dict[int, list[str]] = {}
    for unit in rated:
        by_label.setdefault(int(label[raters + unit]), []).append(ratings.units[unit])
    return tuple(sorted(tuple(names) for names in by_label.values()))


@dataclass(frozen=True, eq=False)
class Severity:
    """``severity[raters]`` and ``level[units]`` adjusted for it, with standard errors.

    A severity above zero is a rater who rates lower than the mean rater. ``raw[units]`` are plain
    means for comparison, ``spread`` is the standard deviation of what the model leaves, ``bridges``
    are as in ``Links``.
    """

    raters: tuple[str, ...]
    severity: Floats
    severity_error: Floats
    units: tuple[str, ...]
    level: Floats
    level_error: Floats
    raw: Floats
    spread: float
    bridges: tuple[str, ...]


def severity(ratings: Ratings) -> Severity:
    """The additive model rating = level of the unit − severity of the rater, by least squares.

    The mean severity of raters is zero (each counts once). Vignettes take part like units and are
    left out of the result. It is the linear model of a two-way layout without interaction
    (Searle, Linear Models, 1971, ch. 7), on the scale of the ratings; at the middle of the scale it agrees with the many-facet
    Rasch model in order, and near its ends it does not know that ratings cannot go further.

    Raises NotLinkedError where raters cannot be compared, and FeedbackError without more ratings than
    raters and units need.
    """
    found = links(ratings)
    if not found.linked:
        raise NotLinkedError(found.parts)
    raters, units = len(ratings.raters), len(ratings.units)
    free = ratings.value.size - (raters + units - 1)
    if free < 1:
        raise FeedbackError(
            f"{ratings.value.size} ratings are too few for {raters} raters and {units} units; "
            f"expected {raters + units} or more"
        )
    design = np.zeros((ratings.value.size, units + raters))
    rows = np.arange(ratings.value.size)
    design[rows, ratings.unit] = 1.0
    design[rows, units + ratings.rater] = -1.0
    inverse = np.linalg.pinv(design.T @ design)
    effects = inverse @ design.T @ ratings.value
    left = ratings.value - design @ effects
    spread = float(np.sqrt(left @ left / free))
    centre = np.eye(units + raters)
    centre[:, units:] -= 1 / raters
    adjusted = centre @ effects
    error = spread * np.sqrt(np.maximum(np.diag(centre @ inverse @ centre.T), 0.0))
    kept = np.array([name not in ratings.anchors for name in ratings.units])
    count = np.bincount(ratings.unit, minlength=units)
    raw = np.bincount(ratings.unit, ratings.value, units) / count
    return Severity(
        ratings.raters,
        adjusted[units:],
        error[units:],
        tuple(name for name in ratings.units if name not in ratings.anchors),
        adjusted[:units][kept],
        error[:units][kept],
        raw[kept],
        spread,
        found.bridges,
    )
