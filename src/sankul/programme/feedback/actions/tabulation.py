"""From opened sheets to the protected table: what it says is all that is ever written down of the answers.

Which figures are withheld is decided by ``engines.feedback``. Whatever is computed beyond means (shrinking, intervals, scores
over questions, weighted means over groups) is computed from the answers behind shown figures alone. No figure overlaps another:
that of everybody together is told only where that of no group is. Means stop short of the ends of the scale, where they would
tell that all answered alike (ADR 14).
"""

from __future__ import annotations

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
LOWEST, HIGHEST = 1.2, 4.8
"""Means beyond are told as these: a mean of 5 would tell what each single person said (top and bottom coding)."""


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


def tabulate(
    survey: Survey, asked: Questionnaire, sheets: Sequence[Sheet], chance: np.random.Generator
) -> Tabulated:
    """Figures by cluster, group and question, their scores, and those of all groups; protected.

    Raises Refused where what would be shown still gave somebody away: nothing is counted then.
    """
    figures: dict[Place, Figure | CellState] = {}
    for item in _questions(asked):
        figures |= _of_question(survey, asked, item, sheets, chance)
    figures |= _scores(asked, figures)
    return Tabulated(
        [_cell(survey, place, found) for place, found in figures.items()],
        severities.found(survey, asked, sheets, _told(figures)),
    )


def _of_question(
    survey: Survey,
    asked: Questionnaire,
    item: Question,
    sheets: Sequence[Sheet],
    chance: np.random.Generator,
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
    means = _means(item, shown, chance)
    return (
        found | means | _weighted(asked, item, shown, means, {it.cluster for it in states}, chance)
    )


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
    rated = {
        place.group: [str(id(one)) for one in who if one.rating(item.id, place.cluster)]
        for place, who in raters.items()
    }
    groups: dict[tuple[str, ...], list[str]] = {
        (str(name),): who for name, who in rated.items() if name != POOLED
    }
    is_any_shown = any(len(who) >= threshold for who in groups.values())
    offered = groups if is_any_shown else groups | {(POOLED,): rated[POOLED]}
    sums = engine.sets(offered)
    pattern = engine.withhold(sums, threshold=threshold)
    if engine.exposures(sums, pattern.shown, threshold=threshold):
        raise Refused("The table would give single answers away.")
    states = {}
    for place, who in raters.items():
        name = (str(place.group),)
        if not rated[place.group]:
            states[place] = CellState.SMALL if who else CellState.NONE
        elif name in offered and name in pattern.shown:
            states[place] = CellState.SHOWN
        else:
            is_small = len(rated[place.group]) < threshold
            states[place] = CellState.SMALL if is_small else CellState.COMPLEMENTARY
    return states


def _means(
    item: Question, shown: Mapping[Place, Sequence[Sheet]], chance: np.random.Generator
) -> dict[Place, Figure]:
    """Means, and what they are when shrunk towards the mean of the shown clusters of the same group."""
    found = {}
    for group in sorted({place.group for place in shown}, key=_name):
        own = {place: who for place, who in shown.items() if place.group == group}
        scores = _estimated(item, own, {_name(group): 1}, chance)
        for place, who in own.items():
            found[place] = _figure(
                item, place, who, scores, scores.units.index(_name(place.cluster))
            )
    return found


def _figure(
    item: Question, place: Place, who: Sequence[Sheet], scores: engine.Scores, unit: int
) -> Figure:
    return Figure(
        raters=int(scores.count[unit, 0]),
        mean=_coded(scores.mean[unit, 0]),
        shrunken=_coded(scores.shrunk[unit, 0]),
        low=_coded(scores.low[unit]),
        high=_coded(scores.high[unit]),
        dont_know=_silent(item, place, who, DONT_KNOW),
        no_answer=_silent(item, place, who, None),
    )


def _coded(mean: float) -> float:
    return float(np.clip(mean, LOWEST, HIGHEST))


def _silent(item: Question, place: Place, who: Sequence[Sheet], what: int | None) -> float | None:
    """The share of "don't know" or of no answer: of groups alone, or everybody's would tell that of a group without a rating."""
    if place.group == POOLED:
        return None
    values = [sheet.values.get((item.id, place.cluster)) for sheet in who]
    return values.count(what) / len(values)


def _weighted(
    asked: Questionnaire,
    item: Question,
    shown: Mapping[Place, Sequence[Sheet]],
    means: Mapping[Place, Figure],
    clusters: set[int],
    chance: np.random.Generator,
) -> dict[Place, Figure | CellState]:
    """All groups by their weights, made of those that are shown."""
    weights = {_name(group.id): float(group.weight) for group in asked.groups} | {POOLED: 0}
    own = {place: who for place, who in shown.items() if weights[_name(place.group)]}
    found: dict[Place, Figure | CellState] = {
        Place(cluster, WEIGHTED, item.id): CellState.SMALL for cluster in clusters
    }
    if not own:
        return found
    scores = _estimated(item, own, weights, chance)
    for unit, name in enumerate(scores.units):
        parts = [place for place in own if place.cluster == int(name)]
        found[Place(int(name), WEIGHTED, item.id)] = _combined(
            [means[place] for place in parts],
            [weights[_name(place.group)] for place in parts],
            (float(scores.low[unit]), float(scores.high[unit])),
        )
    return found


def _combined(
    figures: Sequence[Figure], weights: Sequence[float], interval: tuple[float, float]
) -> Figure:
    low, high = interval
    return Figure(
        raters=sum(one.raters for one in figures),
        mean=float(np.average([one.mean or 0 for one in figures], weights=weights)),
        shrunken=float(np.average([one.shrunken or 0 for one in figures], weights=weights)),
        low=_coded(low),
        high=_coded(high),
    )


def _name(number: int | str) -> str:
    """A number as the engine names it: in the order of numbers, so that the same chance falls to the same cluster."""
    return f"{number:012d}" if isinstance(number, int) else number


def _estimated(
    item: Question,
    answered: Mapping[Place, Sequence[Sheet]],
    weights: Mapping[str, float],
    chance: np.random.Generator,
) -> engine.Scores:
    rows = [
        (_name(place.cluster), _name(place.group), float(rating))
        for place, who in answered.items()
        for sheet in who
        if (rating := sheet.rating(item.id, place.cluster))
    ]
    units, groups, values = zip(*rows, strict=True)
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


def _told(figures: Mapping[Place, Figure | CellState]) -> set[tuple[int, int | str]]:
    """Clusters and groups of which every figure that counts is shown."""
    score = {(it.cluster, it.group) for it in figures if it.question is None}
    hidden = {
        (place.cluster, place.group)
        for place, found in figures.items()
        if not isinstance(found, Figure)
    }
    return score - hidden


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
