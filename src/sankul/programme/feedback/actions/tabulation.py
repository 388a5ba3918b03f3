"""From opened sheets to the protected table: what it says is all that is ever written down of the answers.

Every figure over questions or groups is made of shown figures alone (the score of the questions' means, the overall figure of the
groups'), so that no difference of published figures tells anything that they do not say each by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from sankul.programme.feedback.models import Cell, Survey
from sankul.programme.feedback.rules import (
    DONT_KNOW,
    SCORE_KINDS,
    CellState,
    Group,
    Question,
    QuestionKind,
    Questionnaire,
)
from sankul.programme.feedback.rules.sheets import Sheet

PLACES = Decimal("0.0001")


@dataclass
class Tabulated:
    """Cells to store, and what was found of raters' severity."""

    cells: list[Cell]
    severity: dict[str, Any] = field(default_factory=dict)


def tabulate(survey: Survey, asked: Questionnaire, sheets: Sequence[Sheet]) -> Tabulated:
    """Figures by cluster, group and question, their scores and the overall figures, protected."""
    clusters = sorted({cluster for sheet in sheets for cluster in sheet.cluster_ids})
    cells: list[Cell] = []
    for cluster in clusters:
        for group in asked.groups:
            raters = [it for it in sheets if it.group_id == group.id and cluster in it.cluster_ids]
            cells += _of_group(survey, asked, cluster, group, raters)
        cells += _overall(survey, asked, cluster, cells)
    return Tabulated(cells)


def _of_group(
    survey: Survey,
    asked: Questionnaire,
    cluster: int,
    group: Group,
    raters: Sequence[Sheet],
) -> list[Cell]:
    """One cell a question, and the score over those that are shown."""
    made = []
    for item in _questions(asked):
        if item.is_asked_of(group.id):
            cell = Cell(survey=survey, cluster_id=cluster, group_id=group.id, question_id=item.id)
            made.append(_filled(cell, item, raters, survey.threshold))
    scored = {item.id for item in asked.scored}
    shown = [it for it in made if it.question_id in scored and it.state == CellState.SHOWN]
    score = Cell(survey=survey, cluster_id=cluster, group_id=group.id)
    return [*made, _score(score, shown, answered=len(raters))]


def _filled(cell: Cell, item: Question, raters: Sequence[Sheet], threshold: int) -> Cell:
    values = [sheet.values.get((item.id, cell.cluster_id)) for sheet in raters]
    rated = [value for value in values if value]
    if len(rated) < threshold:
        cell.state = CellState.SMALL if raters else CellState.NONE
        return cell
    cell.state, cell.raters = CellState.SHOWN, len(rated)
    cell.dont_know = _share(values.count(DONT_KNOW), len(values))
    cell.no_answer = _share(values.count(None), len(values))
    if item.kind in SCORE_KINDS:
        cell.mean = _decimal(float(np.mean(rated)))
    else:
        cell.shares = [
            float(_share(rated.count(choice), len(rated)))
            for choice in range(1, len(item.labels) + 1)
        ]
    return cell


def _score(score: Cell, shown: Sequence[Cell], *, answered: int) -> Cell:
    """The mean of the shown means; as many raters as the question with fewest has."""
    if not shown:
        score.state = CellState.SMALL if answered else CellState.NONE
        return score
    score.state = CellState.SHOWN
    score.raters = min(cell.raters or 0 for cell in shown)
    score.mean = _mean((cell.mean, Decimal(1)) for cell in shown)
    return score


def _overall(
    survey: Survey, asked: Questionnaire, cluster: int, cells: Iterable[Cell]
) -> list[Cell]:
    """All groups together, by their weights, made of the groups that are shown."""
    weights = {group.id: group.weight for group in asked.groups}
    own = [cell for cell in cells if cell.cluster_id == cluster]
    made = []
    for question in [None, *(item.id for item in _questions(asked) if item.kind in SCORE_KINDS)]:
        of_groups = [cell for cell in own if cell.question_id == question]
        shown = [
            it for it in of_groups if it.state == CellState.SHOWN and weights[it.group_id or 0]
        ]
        overall = Cell(survey=survey, cluster_id=cluster, question_id=question)
        overall.state = CellState.SHOWN if shown else CellState.SMALL
        if shown:
            overall.raters = sum(cell.raters or 0 for cell in shown)
            overall.mean = _mean((cell.mean, weights[cell.group_id or 0]) for cell in shown)
        made.append(overall)
    return made


def _questions(asked: Questionnaire) -> list[Question]:
    return [
        item
        for section in asked.sections
        if section.per_cluster
        for item in section.questions
        if item.kind != QuestionKind.TEXT
    ]


def _mean(weighted: Iterable[tuple[Decimal | None, Decimal]]) -> Decimal:
    pairs = [(value, weight) for value, weight in weighted if value is not None]
    total = sum(value * weight for value, weight in pairs)
    return Decimal(total / sum(weight for _value, weight in pairs)).quantize(PLACES)


def _share(count: int, of: int) -> Decimal:
    return _decimal(count / of)


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(PLACES)
