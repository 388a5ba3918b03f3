"""Letters go out once each, whatever happens on the way, and never to who has answered."""

import re
import smtplib
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.feedback.actions import answering, letters
from sankul.programme.feedback.models import Letter, Survey, Ticket
from sankul.programme.feedback.queries.invitations import letters as counted
from sankul.programme.feedback.rules import Answers

from . import makers

pytestmark = pytest.mark.django_db
AT = makers.AT
ADDRESS = "https://sankul.example.org/answer/"
FAILING = "sankul.programme.feedback.tests.test_letters.Failing"
DYING = "sankul.programme.feedback.tests.test_letters.Dying"


class Failing(EmailBackend):
    """A mail server that knows nobody called bounce."""

    def send_messages(self, messages: Any) -> int:
        """Refuse some."""
        if any("bounce" in message.to[0] for message in messages):
            raise smtplib.SMTPRecipientsRefused({"bounce@example.org": (550, b"no such user")})
        return super().send_messages(messages)


class Dying(EmailBackend):
    """A worker that is killed while it hands over the second letter."""

    def send_messages(self, messages: Any) -> int:
        """Die at the second."""
        if mail.outbox:
            raise KeyboardInterrupt
        return super().send_messages(messages)


def _ask(survey: Survey, *, reminders: bool = False) -> int:
    return letters.ask(actor=makers.officer(survey), survey=survey, reminders=reminders, at=AT)


def _send(survey: Survey) -> letters.Sent:
    return letters.send(survey=survey, address=ADDRESS, advance=lambda _more: None, pause_seconds=0)


def test_a_letter_carries_a_link_that_takes_one_answer() -> None:
    survey, _file = makers.opened()
    person = makers.invitation(survey)
    assert _ask(survey) == 1
    assert _send(survey) == (1, 0)
    (letter,) = mail.outbox
    assert letter.to == [person.email]
    assert letter.reply_to == ["survey@example.org"]
    found = re.search(r"\?t=([\w-]{43})&lang=en", letter.body)
    assert found
    answering.answer(token=found[1], answers=Answers(values={(1, 1): 3}), cluster_ids=[1], at=AT)


def test_a_letter_speaks_the_language_of_its_reader() -> None:
    survey, _file = makers.opened()
    makers.invitation(survey, language="hi")
    _ask(survey)
    _send(survey)
    assert mail.outbox[0].subject == "विज्ञान करने में सुगमता"
    assert "&lang=hi" in mail.outbox[0].body


def test_nobody_gets_the_invitation_twice() -> None:
    survey, _file = makers.opened()
    makers.invitation(survey)
    _ask(survey)
    _send(survey)
    with pytest.raises(Refused, match="nobody to write to"):
        _ask(survey)
    makers.invitation(survey)
    assert _ask(survey) == 1
    _send(survey)
    assert len(mail.outbox) == len({one.to[0] for one in mail.outbox}) == 2


def test_only_who_has_not_answered_is_reminded() -> None:
    survey, _file = makers.opened()
    silent, quick = makers.invitation(survey), makers.invitation(survey)
    _ask(survey)
    _send(survey)
    answering.answer(
        token=makers.ticket(quick), answers=Answers(values={(1, 1): 3}), cluster_ids=[1], at=AT
    )
    mail.outbox.clear()
    assert _ask(survey, reminders=True) == 1
    _send(survey)
    assert [one.to for one in mail.outbox] == [[silent.email]]


def test_who_answers_while_letters_wait_gets_none() -> None:
    survey, _file = makers.opened()
    person = makers.invitation(survey)
    _ask(survey)
    answering.answer(
        token=makers.ticket(person), answers=Answers(values={(1, 1): 3}), cluster_ids=[1], at=AT
    )
    assert _send(survey) == (0, 0)


def test_the_link_of_the_first_letter_still_works_after_a_reminder() -> None:
    survey, _file = makers.opened()
    makers.invitation(survey)
    _ask(survey)
    _send(survey)
    _ask(survey, reminders=True)
    _send(survey)
    assert Ticket.objects.count() == 2


def test_three_reminders_are_enough() -> None:
    survey, _file = makers.opened()
    makers.invitation(survey)
    _ask(survey)
    _send(survey)
    for _number in range(3):
        _ask(survey, reminders=True)
        _send(survey)
    with pytest.raises(Refused, match="Three reminders were sent"):
        _ask(survey, reminders=True)


def test_letters_wait_while_others_wait() -> None:
    survey, _file = makers.opened()
    makers.invitation(survey)
    _ask(survey)
    with pytest.raises(Refused, match="waiting to be sent still"):
        _ask(survey, reminders=True)


def test_letters_are_for_open_surveys() -> None:
    survey = makers.draft()
    makers.invitation(survey)
    with pytest.raises(Refused, match="while the survey is open"):
        _ask(survey)


def test_the_evaluator_writes_to_nobody() -> None:
    survey, _file = makers.opened()
    with pytest.raises(Forbidden, match="Programme officer"):
        letters.ask(actor=makers.evaluator(survey), survey=survey, reminders=False, at=AT)


def test_what_the_mail_server_refuses_is_told_and_sent_again_when_asked(settings: Any) -> None:
    survey, _file = makers.opened()
    makers.invitation(survey, email="bounce@example.org")
    makers.invitation(survey)
    _ask(survey)
    settings.EMAIL_BACKEND = FAILING
    assert _send(survey) == (1, 1)
    assert "no such user" in Letter.objects.get(state="failed").fault
    actor = makers.officer(survey)
    assert letters.send_again(actor=actor, survey=survey, at=AT) == 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert _send(survey) == (1, 0)
    with pytest.raises(Refused, match="no such letter"):
        letters.send_again(actor=actor, survey=survey, at=AT)


def test_a_letter_cut_off_is_not_sent_again_by_itself(settings: Any) -> None:
    survey, _file = makers.opened()
    for _number in range(3):
        makers.invitation(survey)
    _ask(survey)
    settings.EMAIL_BACKEND = DYING
    with pytest.raises(KeyboardInterrupt):
        _send(survey)
    assert counted(survey) == [(0, "queued", 1), (0, "sending", 1), (0, "sent", 1)]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert _send(survey) == (1, 0)
    assert len({one.to[0] for one in mail.outbox}) == len(mail.outbox) == 2
    assert counted(survey) == [(0, "sending", 1), (0, "sent", 2)]


def test_letters_wait_where_no_mail_server_answers(settings: Any) -> None:
    survey, _file = makers.opened()
    makers.invitation(survey)
    _ask(survey)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with pytest.raises(Refused, match="mail server does not answer"):
        _send(survey)
    assert counted(survey) == [(0, "queued", 1)]
    assert not Ticket.objects.exists()
