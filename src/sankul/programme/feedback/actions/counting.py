"""Counting: all ballots opened at once in memory, tabulated, protected, and destroyed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

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
    (ADR 12). One ballot that does not open, or one more or less than people who have answered, refuses the whole count, and
    nothing is changed.
    """
    survey = held(actor, survey)
    why_not_count(survey.status).enforce()
    key = sealing.unlocked(key_file, passphrase, bytes(survey.public_key or b""))
    asked = questionnaire(survey)
    sheets = _sheets(survey, key, asked)
    turnout = rates(survey)
    if sum(rate.answered for rate in turnout) != len(sheets):
        raise Refused(
            _("%(ballots)d ballots are there, but %(people)d people have answered.")
            % {"ballots": len(sheets), "people": sum(rate.answered for rate in turnout)}
        )
    Turnout.objects.bulk_create(
        Turnout(survey=survey, group=it.group, invited=it.invited, answered=it.answered)
        for it in turnout
    )
    Receipt.objects.bulk_create(_receipts(survey, sheets))
    table = tabulation.tabulate(survey, asked, sheets)
    Cell.objects.bulk_create(table.cells)
    Comment.objects.bulk_create(texts(survey, asked, sheets, table.cells))
    mix(leave_out=survey)  # destroys its ballots
    survey.status, survey.counted_at, survey.severity = SurveyStatus.COUNTED, at, table.severity
    survey.save(update_fields=["status", "counted_at", "severity"])
    record(actor, "survey.counted", survey, at, ballots=len(sheets))
    return len(sheets)


def _sheets(survey: Survey, key: bytes, asked: Questionnaire) -> list[Sheet]:
    """The ballots opened, in random order."""
    boxes = survey.ballots.values_list("box", flat=True)
    sheets = [opened(sealing.unsealed(bytes(box), key, survey.pk), asked) for box in boxes]
    secrets.SystemRandom().shuffle(sheets)
    return sheets


def _receipts(survey: Survey, sheets: Sequence[Sheet]) -> list[Receipt]:
    digests = sorted(sealing.receipt_digest(sheet.receipt) for sheet in sheets)
    return [Receipt(survey=survey, digest=digest) for digest in digests]
