"""Counting: all ballots opened at once in memory, tabulated, protected, and destroyed."""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused
from sankul.programme.feedback.models import Cell, Comment, Receipt, Survey, Turnout
from sankul.programme.feedback.queries.invitations import rates
from sankul.programme.feedback.queries.surveys import questionnaire
from sankul.programme.feedback.rules import (
    Questionnaire,
    SurveyStatus,
    sealing,
    why_not_count,
)
from sankul.programme.feedback.rules.sheets import Sheet, opened

from . import tabulation
from .answering import mix
from .building import record
from .running import held
from .texts import texts


@transaction.atomic
def count(
    *, actor: Actor | None, survey: Survey, key_file: bytes, passphrase: str, at: datetime
) -> int:
    """Open every ballot of a closed survey, keep the protected table, and destroy the ballots; returns how many there were.

    Single answers are in memory only, in random order: what is written afterwards says no more than what will be published
    (ADR 14). One ballot that does not open, or one more or less than people who have answered, refuses the whole count, and
    nothing is changed.
    """
    survey = held(actor, survey)
    why_not_count(survey.status).enforce()
    key = sealing.unlocked(key_file, passphrase, bytes(survey.public_key or b""))
    asked = questionnaire(survey)
    sheets = _sheets(survey, key, asked)
    people = sum(rate.answered for rate in rates(survey))
    if people != len(sheets):
        raise Refused(
            _("%(ballots)d ballots are there, but %(people)d people have answered.")
            % {"ballots": len(sheets), "people": people}
        )
    severity = keep(survey=survey, asked=asked, sheets=sheets)
    mix(leave_out=survey)  # destroys its ballots
    survey.status, survey.counted_at, survey.severity = SurveyStatus.COUNTED, at, severity
    survey.save(update_fields=["status", "counted_at", "severity"])
    record(actor, "survey.counted", survey, at, ballots=len(sheets))
    return len(sheets)


def keep(
    *,
    survey: Survey,
    asked: Questionnaire,
    sheets: Sequence[Sheet],
    order: random.Random | None = None,
    chance: np.random.Generator | None = None,
) -> dict[str, Any]:
    """Write down what may be kept of opened sheets; returns what was found of raters' severity.

    Order and chance are those of the machine's strong generator, unless records are to come out the same each time.
    """
    Turnout.objects.bulk_create(
        Turnout(survey=survey, group=it.group, invited=it.invited, answered=it.answered)
        for it in rates(survey)
    )
    Receipt.objects.bulk_create(_receipts(survey, sheets))
    chance = chance or np.random.default_rng(secrets.randbits(128))
    table = tabulation.tabulate(survey, asked, sheets, chance)
    Cell.objects.bulk_create(table.cells)
    order = order or secrets.SystemRandom()
    Comment.objects.bulk_create(texts(survey, asked, sheets, table.cells, order))
    return table.severity


def _sheets(survey: Survey, key: bytes, asked: Questionnaire) -> list[Sheet]:
    """The ballots opened, in random order."""
    boxes = survey.ballots.values_list("box", flat=True)
    sheets = [opened(sealing.unsealed(bytes(box), key, survey.pk), asked) for box in boxes]
    secrets.SystemRandom().shuffle(sheets)
    return sheets


def _receipts(survey: Survey, sheets: Sequence[Sheet]) -> list[Receipt]:
    digests = sorted(sealing.receipt_digest(sheet.receipt) for sheet in sheets)
    return [Receipt(survey=survey, digest=digest) for digest in digests]
