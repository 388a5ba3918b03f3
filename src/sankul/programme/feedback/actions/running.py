"""Opening and closing a survey, and the key that only the evaluator holds."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.feedback.models import Survey
from sankul.programme.feedback.queries.surveys import questionnaire
from sankul.programme.feedback.rules import (
    CONDUCT,
    SurveyStatus,
    problems,
    sealing,
    why_not_change,
    why_not_close,
    why_not_open,
)

from .answering import mix
from .building import record

DAYS_MORE = 90


@transaction.atomic
def make_key(*, actor: Actor | None, survey: Survey, passphrase: str, at: datetime) -> str:
    """Make the key of a draft and return the key file; here only its public half is kept. Made again, the one before is void.

    Raises Refused for a weak passphrase and once the survey is open.
    """
    survey = held(actor, survey)
    why_not_change(survey.status).enforce()
    try:
        validate_password(passphrase)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from None
    survey.public_key, file = sealing.new_key(str(survey), passphrase)
    survey.save(update_fields=["public_key"])
    record(actor, "survey.key_made", survey, at, fingerprint=sealing.fingerprint(survey.public_key))
    return file


@transaction.atomic
def open_(
    *, actor: Actor | None, survey: Survey, key_file: bytes, passphrase: str, at: datetime
) -> Survey:
    """Open a complete survey; from then on its questions are frozen and its links take answers.

    The evaluator shows the key file, so that no survey is opened whose ballots nobody could count. Raises Refused with everything
    that is missing, or when the key file does not open.
    """
    survey = held(actor, survey)
    why_not_open(
        status=survey.status,
        problems=problems(questionnaire(survey)),
        invited=survey.invitations.count(),
        has_key=survey.public_key is not None,
        closes_on=survey.closes_on,
        today=timezone.localdate(at),
    ).enforce()
    sealing.unlocked(key_file, passphrase, bytes(survey.public_key or b""))
    survey.status, survey.opened_at = SurveyStatus.OPEN, at
    survey.save(update_fields=["status", "opened_at"])
    record(actor, "survey.opened", survey, at)
    return survey


@transaction.atomic
def extend(*, actor: Actor | None, survey: Survey, closes_on: date, at: datetime) -> Survey:
    """Move the last day to answer of an open survey. Raises Refused for a day that has passed or lies too far ahead."""
    survey = held(actor, survey)
    why_not_close(survey.status).enforce()
    days = (closes_on - timezone.localdate(at)).days
    if not 0 <= days <= DAYS_MORE:
        raise Refused(_("The last day lies from today to %d days ahead.") % DAYS_MORE)
    survey.closes_on = closes_on
    survey.save(update_fields=["closes_on"])
    record(actor, "survey.extended", survey, at, until=closes_on)
    return survey


@transaction.atomic
def close(*, actor: Actor | None, survey: Survey, at: datetime) -> Survey:
    """Close an open survey: no answer is taken any more, and the ballots are mixed. Raises Refused if it is not open."""
    survey = held(actor, survey)
    why_not_close(survey.status).enforce()
    mix()
    survey.status, survey.closed_at = SurveyStatus.CLOSED, at
    survey.save(update_fields=["status", "closed_at"])
    record(actor, "survey.closed", survey, at, ballots=survey.ballots.count())
    return survey


@transaction.atomic
def note_key_destroyed(*, actor: Actor | None, survey: Survey, at: datetime) -> Survey:
    """Note that the evaluator has destroyed the key file and its copies. Raises Refused before counting, and the second time."""
    survey = held(actor, survey)
    if survey.counted_at is None:
        raise Refused(_("The key is still needed: the ballots are not counted."))
    if survey.key_destroyed_at is not None:
        raise Refused(_("That is noted already."))
    survey.key_destroyed_at = at
    survey.save(update_fields=["key_destroyed_at"])
    record(actor, "survey.key_destroyed", survey, at)
    return survey


def held(actor: Actor | None, survey: Survey) -> Survey:
    """The survey as it is now, held until the commit (answers wait), once the actor may conduct it; None is the clock."""
    if actor is not None:
        require(actor, CONDUCT, *survey.scopes)
    rows = Survey.objects.select_related("programme", "period")
    return rows.select_for_update(of=("self",)).get(pk=survey.pk)
