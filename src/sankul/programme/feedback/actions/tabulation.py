"""From opened sheets to the protected table: what it says is all that is ever written down of the answers.

Which figures are withheld is decided by ``engines.feedback``. Whatever is computed beyond means (shrinking, intervals, scores
over questions, weighted means over groups) is computed from the answers behind shown figures alone, so that it tells nothing
that these do not tell (ADR 12).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from sankul.core.rules.verdicts import Refused
from sankul.engines import feedback as engine
from sankul.programme.feedback.models import Cell, Survey
from sankul.programme.feedback.rules import (
    DONT_KNOW,
    SCORE_KINDS,
    CellState,
    Question,
    QuestionKind,
    Questionnaire,
)
from sankul.programme.feedback.rules.sheets import Sheet

from . import severities

PLACES = Decimal("0.0001")
CONFIDENCE = 0.9
DRAWS = 1000
POOLED = "everybody"
WEIGHTED = "weighted"
POOLED_COST = 0.5
"""Withholding the figure of everybody is cheaper than that of any group, because the evaluation rests on groups."""


class Place(NamedTuple):
    """Whose figure about what: cluster, group (or ``POOLED`` or ``WEIGHTED``), question (None: the score)."""

    cluster: int
    group: int | str
    question: int | None


@dataclass(frozen=True)
class Figure:
    """A figure that may be shown."""

    raters: int
    mean: float | None = None
    shrunken: float | None = None
    low: float | None = None
    high: float | None = None
    dont_know: float | None = None
    no_answer: float | None = None
    shares: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Tabulated:
    """Cells to store, and what was found of raters' severity."""

    cells: list[Cell]
    severity: dict[str, Any]


def tabulate(survey: Survey, asked: Questionnaire, sheets: Sequence[Sheet]) -> Tabulated:
    """Figures by cluster, group and question, their scores, and those of all groups; protected.

    Raises Refused where what would be shown still gave somebody away: nothing is counted then.
    """
    figures: dict[Place, Figure | CellState] = {}
    for item in _questions(asked):
        figures |= _of_question(survey, asked, item, sheets)
    figures |= _scores(asked, figures)
    return Tabulated(
        [_cell(survey, place, found) for place, found in figures.items()],
        severities.found(survey, asked, sheets, _pooled_shown(figures)),
    )


def _of_question(
    survey: Survey, asked: Questionnaire, item: Question, sheets: Sequence[Sheet]
) -> dict[Place, Figure | CellState]:
    raters = _raters(asked, item, sheets)
    states: dict[Place, CellState] = {}
    for cluster in sorted({place.cluster for place in raters}):
        own = {place: who for place, who in raters.items() if place.cluster == cluster}
        states |= _protected(item, own, survey.threshold)
    shown = {place: raters[place] for place, state in states.items() if state == CellState.SHOWN}
    found: dict[Place, Figure | CellState] = dict(states)
    if item.kind not in SCORE_KINDS:
        return found | {place: _choices(item, place, who) for place, who in shown.items()}
    return found | _means(item, shown) | _weighted(asked, item, states, shown)


def _raters(
    asked: Questionnaire, item: Question, sheets: Sequence[Sheet]
) -> dict[Place, list[Sheet]]:
    """Who was asked a question about a cluster, by group and everybody together; groups of which nobody came are there too."""
    groups = [group.id for group in asked.groups if item.is_asked_of(group.id)]
    clusters = sorted({cluster for sheet in sheets for cluster in sheet.cluster_ids})
    whose: list[int | str] = [*groups, POOLED]
    found: dict[Place, list[Sheet]] = {
        Place(cluster, group, item.id): [] for cluster in clusters for group in whose
    }
    for sheet in sheets:
        if sheet.group_id in groups:
            for cluster in sheet.cluster_ids:
                found[Place(cluster, sheet.group_id, item.id)].append(sheet)
                found[Place(cluster, POOLED, item.id)].append(sheet)
    return found


def _protected(
    item: Question, raters: Mapping[Place, Sequence[Sheet]], threshold: int
) -> dict[Place, CellState]:
    """What may be shown of the answers to one question about one cluster."""
    sets: dict[tuple[str, ...], list[str]] = {
        (str(place.group),): [str(id(one)) for one in who if one.rating(item.id, place.cluster)]
        for place, who in raters.items()
    }
    sums = engine.sets(sets)
    cost = np.where(
        [name == (POOLED,) for name in sums.names], POOLED_COST, sums.counts.astype(float) + 1
    )
    pattern = engine.withhold(sums, threshold=threshold, cost=cost)
    if engine.exposures(sums, pattern.shown, threshold=threshold):
        raise Refused("The table would give single answers away.")
    states = {}
    for place, who in raters.items():
        name = (str(place.group),)
        if not sets[name]:
            states[place] = CellState.SMALL if who else CellState.NONE
        elif name in pattern.shown:
            states[place] = CellState.SHOWN
        else:
            is_small = name in pattern.primary
            states[place] = CellState.SMALL if is_small else CellState.COMPLEMENTARY
    return states


def _means(item: Question, shown: Mapping[Place, Sequence[Sheet]]) -> dict[Place, Figure]:
    """Means, and what they are when shrunk towards the mean of the shown clusters of the same group."""
    found = {}
    for group in sorted({place.group for place in shown}, key=str):
        own = {place: who for place, who in shown.items() if place.group == group}
        scores = _estimated(item, own, {str(group): 1})
        for place, who in own.items():
            found[place] = _figure(item, place, who, scores, scores.units.index(str(place.cluster)))
    return found


def _figure(
    item: Question, place: Place, who: Sequence[Sheet], scores: engine.Scores, unit: int
) -> Figure:
    return Figure(
        raters=int(scores.count[unit, 0]),
        mean=float(scores.mean[unit, 0]),
        shrunken=float(scores.shrunk[unit, 0]),
        low=float(scores.low[unit]),
        high=float(scores.high[unit]),
        dont_know=_silent(item, place, who, DONT_KNOW),
        no_answer=_silent(item, place, who, None),
    )


def _silent(item: Question, place: Place, who: Sequence[Sheet], what: int | None) -> float | None:
    """The share of "don't know" or of no answer: of groups alone, or everybody's would tell that of a group without a rating."""
    if place.group == POOLED:
        return None
    values = [sheet.values.get((item.id, place.cluster)) for sheet in who]
    return values.count(what) / len(values)


def _weighted(
    asked: Questionnaire,
    item: Question,
    states: Mapping[Place, CellState],
    shown: Mapping[Place, Sequence[Sheet]],
) -> dict[Place, Figure | CellState]:
    """All groups by their weights, made of those that are shown."""
    weights = {str(group.id): float(group.weight) for group in asked.groups}
    clusters = {place.cluster for place in states}
    own = {
        place: who
        for place, who in shown.items()
        if place.group != POOLED and weights[str(place.group)]
    }
    found: dict[Place, Figure | CellState] = {
        Place(cluster, WEIGHTED, item.id): CellState.SMALL for cluster in clusters
    }
    if not own:
        return found
    scores = _estimated(item, own, weights)
    for unit, name in enumerate(scores.units):
        found[Place(int(name), WEIGHTED, item.id)] = _combined(scores, weights, unit)
    return found


def _combined(scores: engine.Scores, weights: Mapping[str, float], unit: int) -> Figure:
    there = scores.count[unit] > 0
    given = np.array([weights[group] for group in scores.groups])[there]
    return Figure(
        raters=int(scores.count[unit].sum()),
        mean=float(np.average(scores.mean[unit][there], weights=given)),
        shrunken=float(scores.score[unit]),
        low=float(scores.low[unit]),
        high=float(scores.high[unit]),
    )


def _estimated(
    item: Question, answered: Mapping[Place, Sequence[Sheet]], weights: Mapping[str, float]
) -> engine.Scores:
    rows = [
        (str(place.cluster), str(place.group), float(rating))
        for place, who in answered.items()
        for sheet in who
        if (rating := sheet.rating(item.id, place.cluster))
    ]
    units, groups, values = zip(*rows, strict=True)
    chance = np.random.default_rng(secrets.randbits(128))
    responses = engine.Responses.of(units, groups, values)
    return engine.score(responses, weights, rng=chance, draws=DRAWS, confidence=CONFIDENCE)


def _choices(item: Question, place: Place, who: Sequence[Sheet]) -> Figure:
    chosen = [value for sheet in who if (value := sheet.rating(item.id, place.cluster))]
    return Figure(
        raters=len(chosen),
        dont_know=_silent(item, place, who, DONT_KNOW),
        no_answer=_silent(item, place, who, None),
        shares=tuple(
            round(chosen.count(choice) / len(chosen), 4)
            for choice in range(1, len(item.labels) + 1)
        ),
    )


def _scores(
    asked: Questionnaire, figures: Mapping[Place, Figure | CellState]
) -> dict[Place, Figure | CellState]:
    """The score of a cluster and group: the mean of the shown questions' figures.

    Its interval is the mean of their intervals: as wide as if a person's answers went up and down together, so never too narrow.
    """
    scored = {item.id for item in asked.scored}
    parts: dict[Place, list[Figure | CellState]] = {}
    for place, found in figures.items():
        if place.question in scored:
            parts.setdefault(place._replace(question=None), []).append(found)
    return {place: _score(found) for place, found in parts.items()}


def _score(parts: Iterable[Figure | CellState]) -> Figure | CellState:
    found = list(parts)
    shown = [one for one in found if isinstance(one, Figure)]
    if not shown:
        first: CellState = next(one for one in found if isinstance(one, CellState))
        return first
    return Figure(
        raters=min(one.raters for one in shown),
        mean=_mean(one.mean for one in shown),
        shrunken=_mean(one.shrunken for one in shown),
        low=_mean(one.low for one in shown),
        high=_mean(one.high for one in shown),
    )


def _mean(values: Iterable[float | None]) -> float:
    return float(np.mean([value for value in values if value is not None]))


def _questions(asked: Questionnaire) -> list[Question]:
    return [
        item
        for section in asked.sections
        if section.per_cluster
        for item in section.questions
        if item.kind != QuestionKind.TEXT
    ]


def _pooled_shown(figures: Mapping[Place, Figure | CellState]) -> set[int]:
    """Clusters of which the figure of everybody is shown, for every question that counts."""
    pooled = [place for place in figures if place.group == POOLED and place.question is not None]
    hidden = {place.cluster for place in pooled if not isinstance(figures[place], Figure)}
    return {place.cluster for place in pooled} - hidden


def _cell(survey: Survey, place: Place, found: Figure | CellState) -> Cell:
    cell = Cell(
        survey=survey,
        cluster_id=place.cluster,
        group_id=None if place.group in (POOLED, WEIGHTED) else int(place.group),
        is_pooled=place.group == POOLED,
        question_id=place.question,
    )
    if isinstance(found, CellState):
        cell.state = found
        return cell
    cell.state, cell.raters = CellState.SHOWN, found.raters
    for name in ("mean", "shrunken", "low", "high", "dont_know", "no_answer"):
        value = getattr(found, name)
        setattr(cell, name, None if value is None else Decimal(repr(value)).quantize(PLACES))
    cell.shares = list(found.shares) if found.shares else None
    return cell
