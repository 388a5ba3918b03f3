"""Scores of units from the answers of stakeholder groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .problems import FeedbackError, Floats, Ints
from .responses import Responses
from .shrinkage import shrink_all


@dataclass(frozen=True, eq=False)
class Scores:
    """What the groups say of every unit.

    ``count``, ``mean`` and ``shrunk`` are [units × groups], NaN where nobody answered; ``factor``
    is how far a mean was drawn to its group's mean over units (0 not at all, 1 wholly).
    ``response`` is answers over invitations, NaN where none are known. ``score[units]`` is the mean
    of the shrunk means by the groups' declared weights; a group without an answer drops out, and
    ``covered[units]`` is the share of the weights that is left. ``low`` and ``high`` are bootstrap
    limits of the score.
    """

    units: tuple[str, ...]
    groups: tuple[str, ...]
    count: Ints
    mean: Floats
    shrunk: Floats
    factor: Floats
    response: Floats
    score: Floats
    covered: Floats
    low: Floats
    high: Floats
    confidence: float
    draws: int


def score(
    responses: Responses,
    weights: Mapping[str, float],
    *,
    rng: np.random.Generator,
    invited: Mapping[tuple[str, str], int] | None = None,
    draws: int = 2000,
    confidence: float = 0.95,
) -> Scores:
    """Shrunk means by group, weighed as declared, with intervals.

    In each group a unit's mean is shrunk towards the group's mean over all units (see
    ``shrinkage``); its sampling variance is the group's pooled variance within units over the
    number of answers. Shrinking protects from making much of few answers; groups that answer alike
    everywhere say little about differences. The interval draws answers anew within every unit and
    group and repeats all steps (percentile bootstrap, Efron and Tibshirani 1993). A cell with one
    answer cannot vary in it.

    ``invited`` are invitations by (unit, group). Raises FeedbackError for weights that miss a group,
    are negative or all zero, and for fewer invitations than answers.
    """
    declared = _weights(responses, weights)
    mean, shrunk, factor, total, covered = _scores(
        responses.count[None], responses.mean[None], _within(responses)[None], declared
    )
    drawn = np.concatenate(
        [
            _scores(*_redrawn(responses, rng, size), declared)[3]
            for size in _batches(draws, responses)
        ]
    )
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    return Scores(
        units=responses.units,
        groups=responses.groups,
        count=responses.count,
        mean=mean[0],
        shrunk=shrunk[0],
        factor=factor[0],
        response=_response(responses, invited),
        score=total[0],
        covered=covered[0],
        low=np.minimum(low, total[0]),
        high=np.maximum(high, total[0]),
        confidence=confidence,
        draws=draws,
    )


def _weights(responses: Responses, weights: Mapping[str, float]) -> Floats:
    missing = [group for group in responses.groups if group not in weights]
    if missing:
        raise FeedbackError(f'group "{missing[0]}" has no declared weight')
    given = np.array([weights[group] for group in responses.groups], dtype=np.float64)
    if not (np.isfinite(given) & (given >= 0)).all() or given.sum() <= 0:
        raise FeedbackError("weights of groups are numbers of zero or more, one of them above zero")
    total = float(sum(weights.values()))
    return given / total


def _response(responses: Responses, invited: Mapping[tuple[str, str], int] | None) -> Floats:
    asked = np.array(
        [[(invited or {}).get((u, g), 0) for g in responses.groups] for u in responses.units],
        dtype=np.float64,
    )
    count = responses.count
    if invited is not None and (count > asked).any():
        unit, group = np.argwhere(count > asked)[0]
        place = f'"{responses.units[unit]}", "{responses.groups[group]}"'
        raise FeedbackError(f"{place}: more answers than invitations ({count[unit, group]})")
    return np.asarray(np.divide(count, asked, out=np.full(asked.shape, np.nan), where=asked > 0))


def _within(responses: Responses) -> Floats:
    """Sums of squares about the cell's mean, [units × groups]."""
    off = responses.value - responses.mean[responses.unit, responses.group]
    return responses._sums(off**2)


def _scores(
    count: Floats | Ints, mean: Floats, within: Floats, weights: Floats
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """All steps for many sets, [sets × units × groups]."""
    degrees = np.sum(np.maximum(count - 1, 0), axis=1)
    pooled = within.sum(axis=1) / np.maximum(degrees, 1)
    shrunk, factor = np.empty(mean.shape), np.empty(mean.shape)
    for g in range(mean.shape[2]):
        variance = pooled[:, None, g] / np.maximum(count[:, :, g], 1)
        values, factors, _, _ = shrink_all(mean[:, :, g], variance)
        known = (degrees[:, g] > 0)[:, None]
        shrunk[:, :, g] = np.where(known, values, mean[:, :, g])
        factor[:, :, g] = np.where(known, factors, np.where(np.isnan(values), np.nan, 0.0))
    there = ~np.isnan(shrunk)
    covered = there @ weights
    total = np.nansum(np.where(there, shrunk * weights, 0.0), axis=2)
    score = np.divide(total, covered, out=np.full(total.shape, np.nan), where=covered > 0)
    return mean, shrunk, factor, np.asarray(score), np.asarray(covered)


def _batches(draws: int, responses: Responses) -> list[int]:
    most = max(1, 4_000_000 // max(1, responses.value.size))
    return [min(most, draws - start) for start in range(0, draws, most)]


def _redrawn(
    responses: Responses, rng: np.random.Generator, draws: int
) -> tuple[Floats, Floats, Floats]:
    """Counts, means and sums of squares of answers drawn anew within every cell."""
    shape = (draws, len(responses.units), len(responses.groups))
    count = np.broadcast_to(responses.count.astype(np.float64), shape)
    mean, within = np.full(shape, np.nan), np.zeros(shape)
    for unit, group in np.argwhere(responses.count > 0):
        answers = responses.value[(responses.unit == unit) & (responses.group == group)]
        drawn = answers[rng.integers(answers.size, size=(draws, answers.size))]
        mean[:, unit, group] = drawn.mean(axis=1)
        within[:, unit, group] = drawn.var(axis=1) * answers.size
    return count, mean, within
