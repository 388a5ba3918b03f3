"""A ballot that was opened: what one unknown person answered, in memory only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from sankul.core.rules.verdicts import Refused

from .answers import ONCE, Place, most
from .questionnaire import Question, Questionnaire
from .words import DONT_KNOW


@dataclass(frozen=True)
class Sheet:
    """Group, clusters rated, values and texts by place, and the receipt."""

    group_id: int
    cluster_ids: frozenset[int]
    values: Mapping[Place, int]
    texts: Mapping[Place, str]
    receipt: str

    def rating(self, question_id: int, about: int = ONCE) -> int | None:
        """1 to 5, or None for "don't know" and for no answer."""
        return self.values.get((question_id, about)) or None


def opened(content: dict[str, Any], asked: Questionnaire) -> Sheet:
    """The sheet in a ballot. Raises Refused when it does not fit the questionnaire: then it was not written by this survey."""
    questions = {item.id: item for item in asked.questions}
    try:
        sheet = Sheet(
            group_id=int(content["group"]),
            cluster_ids=frozenset(int(one) for one in content["clusters"]),
            values={(item, about): int(value) for item, about, value in content["values"]},
            texts={(item, about): str(text) for item, about, text in content["texts"]},
            receipt=str(content["receipt"]),
        )
    except (KeyError, TypeError, ValueError):
        raise Refused(_("A ballot is not of the form of this survey.")) from None
    if not _fits(sheet, asked, questions):
        raise Refused(_("A ballot does not fit the questions of this survey."))
    return sheet


def _fits(sheet: Sheet, asked: Questionnaire, questions: dict[int, Question]) -> bool:
    about = sheet.cluster_ids | {ONCE}
    places = [*sheet.values, *sheet.texts]
    return (
        sheet.group_id in {group.id for group in asked.groups}
        and all(item in questions and one in about for item, one in places)
        and all(
            DONT_KNOW <= value <= most(questions[item])
            for (item, _o), value in sheet.values.items()
        )
    )
