"""Letters to the invited: asked for at once, sent one by one in the background, none of them twice."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from sankul.core.formats import day
from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused
from sankul.programme.feedback.models import Invitation, Letter, Survey, Ticket
from sankul.programme.feedback.queries.invitations import (
    last_round,
    queued,
    to_invite,
    to_remind,
)
from sankul.programme.feedback.rules import LetterState, Words, sealing, why_not_write

from .building import record
from .inviting import held

PAUSE_SECONDS = 0.5
"""Between two letters: mail servers slow down or shut out who sends faster."""
MAX_REMINDERS = 3


class Sent(NamedTuple):
    """How many letters went out, and how many the mail server refused."""

    sent: int
    failed: int


@transaction.atomic
def ask(*, actor: Actor | None, survey: Survey, reminders: bool, at: datetime) -> int:
    """Put letters into the queue: invitations for who has none yet, or reminders for who has not answered; returns how many.

    Raises Refused when the survey is not open, when nobody is left to write to, while letters still wait, and after three
    reminders.
    """
    survey = held(actor, survey)
    why_not_write(survey.status).enforce()
    if queued(survey).exists():
        raise Refused(_("Letters are waiting to be sent still."))
    number = 1 + (last_round(survey) or 0) if reminders else 0
    if number > MAX_REMINDERS:
        raise Refused(_("Three reminders were sent. More would be a nuisance."))
    people = to_remind(survey) if reminders else to_invite(survey)
    written = Letter.objects.bulk_create(Letter(invitation=one, round=number) for one in people)
    if not written:
        raise Refused(_("There is nobody to write to."))
    record(actor, "survey.letters_asked", survey, at, round=number, letters=len(written))
    return len(written)


def send(
    *,
    survey: Survey,
    address: str,
    advance: Callable[[int], None],
    pause_seconds: float = PAUSE_SECONDS,
) -> Sent:
    """Send the letters that wait, each with a link of its own below ``address``.

    A letter is noted as given away before it is given away: one that a crash cuts off may have arrived, is not sent again by
    itself, and shows as such. Raises Refused when no mail server answers; the letters wait then.
    """
    sent = failed = 0
    post = mail.get_connection()
    _opened(post)
    while letter := _taken(survey):
        fault = _posted(post, letter, address)
        letter.state = LetterState.FAILED if fault else LetterState.SENT
        letter.fault = fault[:300]
        letter.save(update_fields=["state", "fault"])
        sent, failed = sent + (not fault), failed + bool(fault)
        advance(1)
        time.sleep(pause_seconds)
    post.close()
    return Sent(sent, failed)


@transaction.atomic
def send_again(*, actor: Actor | None, survey: Survey, at: datetime) -> int:
    """Put letters that failed, or of which nobody knows whether they arrived, into the queue again, because somebody says so."""
    survey = held(actor, survey)
    why_not_write(survey.status).enforce()
    rows = Letter.objects.filter(
        invitation__survey=survey,
        invitation__is_answered=False,
        state__in=(LetterState.FAILED, LetterState.SENDING),
    )
    if not (found := rows.update(state=LetterState.QUEUED, fault="")):
        raise Refused(_("There is no such letter."))
    record(actor, "survey.letters_again", survey, at, letters=found)
    return found


def _opened(post: BaseEmailBackend) -> None:
    try:
        post.open()
    except (OSError, smtplib.SMTPException) as error:
        raise Refused(_("The mail server does not answer: %s") % error) from error


@transaction.atomic
def _taken(survey: Survey) -> Letter | None:
    """The next letter, noted as given away."""
    waiting = queued(survey).select_related("invitation__survey", "invitation__group")
    letter = waiting.select_for_update(of=("self",), skip_locked=True).first()
    if letter is None:
        return None
    letter.state = LetterState.SENDING
    letter.save(update_fields=["state"])
    return letter


def _posted(post: BaseEmailBackend, letter: Letter, address: str) -> str:
    """Nothing, or what the mail server said against it."""
    message = _message(letter, address)
    message.connection = post
    try:
        message.send()
    except (smtplib.SMTPException, ValueError) as error:
        return str(error) or type(error).__name__
    return ""


def _message(letter: Letter, address: str) -> mail.EmailMessage:
    invitation = letter.invitation
    survey = invitation.survey
    with translation.override(invitation.language):
        title = Words(survey.title_en, survey.title_hi).in_language(invitation.language)
        intro = Words(survey.intro_en, survey.intro_hi).in_language(invitation.language)
        context = {
            "name": invitation.name,
            "title": title,
            "intro": intro,
            "link": f"{address}?t={_link(invitation)}&lang={invitation.language}",
            "until": day(survey.closes_on),
            "contact": survey.contact,
            "threshold": survey.threshold,
            "is_reminder": bool(letter.round),
        }
        body = render_to_string("feedback/letter.txt", context)
    return mail.EmailMessage(title, body, to=[invitation.email], reply_to=[survey.contact])


def _link(invitation: Invitation) -> str:
    token, digest = sealing.new_token()
    Ticket.objects.create(digest=digest, invitation=invitation)
    return token
