"""Open texts as they are kept: apart from everything else that their writers answered."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence

from sankul.programme.feedback.models import Cell, Comment, Survey
from sankul.programme.feedback.rules import CellState, Questionnaire, places
from sankul.programme.feedback.rules.answers import Place
from sankul.programme.feedback.rules.sheets import Sheet


def texts(
    survey: Survey,
    asked: Questionnaire,
    sheets: Sequence[Sheet],
    cells: Sequence[Cell],
    order: random.Random,
) -> list[Comment]:
    """The texts of all sheets in an order of their own; those that few can have written are left out.

    A text is kept where as many were asked this question about this cluster as the threshold wants. Its group is told only where
    the scores of all groups that were asked are shown: else a text without a group would be of one of the small ones.
    """
    crowd = _crowd(asked, sheets)
    shown = {
        (cell.cluster_id, cell.group_id)
        for cell in cells
        if cell.question_id is None and cell.state == CellState.SHOWN
    }
    found = []
    for sheet in sheets:
        for (question, about), text in sheet.texts.items():
            groups = crowd[question, about]
            if groups.total() < survey.threshold:
                continue
            is_told = all((about, group) in shown for group in groups)
            found.append(
                Comment(
                    survey=survey,
                    question_id=question,
                    cluster_id=about or None,
                    group_id=sheet.group_id if is_told else None,
                    text=text,
                )
            )
    order.shuffle(found)
    return found


def _crowd(asked: Questionnaire, sheets: Sequence[Sheet]) -> dict[Place, Counter[int]]:
    """How many of each group answered the survey and were asked a question about a cluster."""
    crowd: dict[Place, Counter[int]] = {}
    for sheet in sheets:
        for place in _asked(asked, sheet):
            crowd.setdefault(place, Counter())[sheet.group_id] += 1
    return crowd


def _asked(asked: Questionnaire, sheet: Sheet) -> Iterator[Place]:
    sections = asked.asked_of(sheet.group_id)
    return ((item.id, about) for item, about in places(sections, sorted(sheet.cluster_ids)))
