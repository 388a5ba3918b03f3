"""Answers are taken once, whole, and by nobody who has no link."""

from datetime import timedelta

import pytest

from sankul.core.models import Event
from sankul.core.rules.verdicts import Refused
from sankul.programme.feedback.actions import answering, running
from sankul.programme.feedback.models import Ballot, Invitation, Ticket
from sankul.programme.feedback.rules import Answers, sealing

from . import makers

pytestmark = pytest.mark.django_db
AT = makers.AT
SOMETHING = Answers(values={(1, 1): 3})
SAID = "This link takes no answer"


def test_an_answer_is_one_sealed_ballot_and_a_mark() -> None:
    survey, _file = makers.opened()
    person, receipt = makers.answered(survey)
    ballot = Ballot.objects.get()
    assert len(ballot.box) == sealing.SEALED_BYTES
    assert Invitation.objects.get(pk=person.pk).is_answered
    assert len(receipt) == 29


def test_nothing_of_an_answer_is_in_the_event_log() -> None:
    survey, _file = makers.opened()
    before = Event.objects.count()
    makers.answered(survey)
    assert Event.objects.count() == before


def test_only_the_digest_of_a_token_is_kept() -> None:
    survey, _file = makers.opened()
    token = makers.ticket(makers.invitation(survey))
    assert Ticket.objects.get().digest == sealing.digest(token)


@pytest.mark.parametrize("token", ["", "guessed", "x" * 43, "é", "\x00"])
def test_a_guessed_token_is_refused(token: str) -> None:
    makers.opened()
    with pytest.raises(answering.LinkRefused, match=SAID):
        answering.answer(token=token, answers=SOMETHING, cluster_ids=[1], at=AT)


def test_a_used_token_is_refused_in_the_same_words() -> None:
    survey, _file = makers.opened()
    token = makers.ticket(makers.invitation(survey))
    answering.answer(token=token, answers=SOMETHING, cluster_ids=[1], at=AT)
    with pytest.raises(answering.LinkRefused, match=SAID):
        answering.answer(token=token, answers=SOMETHING, cluster_ids=[1], at=AT)
    assert Ballot.objects.count() == 1


def test_every_link_of_a_person_ends_with_one_answer() -> None:
    survey, _file = makers.opened()
    person = makers.invitation(survey)
    first, second = makers.ticket(person), makers.ticket(person)
    answering.answer(token=first, answers=SOMETHING, cluster_ids=[1], at=AT)
    with pytest.raises(answering.LinkRefused, match=SAID):
        answering.answer(token=second, answers=SOMETHING, cluster_ids=[1], at=AT)


def test_after_the_last_day_nothing_is_taken() -> None:
    survey, _file = makers.opened()
    token = makers.ticket(makers.invitation(survey))
    late = AT + timedelta(days=11)
    with pytest.raises(answering.LinkRefused, match=SAID):
        answering.answer(token=token, answers=SOMETHING, cluster_ids=[1], at=late)


def test_before_opening_nothing_is_taken() -> None:
    token = makers.ticket(makers.invitation(makers.draft()))
    with pytest.raises(answering.LinkRefused, match=SAID):
        answering.answer(token=token, answers=SOMETHING, cluster_ids=[1], at=AT)


def test_after_closing_nothing_is_taken() -> None:
    survey, _file = makers.opened()
    token = makers.ticket(makers.invitation(survey))
    running.close(actor=None, survey=survey, at=AT)
    with pytest.raises(answering.LinkRefused, match=SAID):
        answering.answer(token=token, answers=SOMETHING, cluster_ids=[1], at=AT)


def test_texts_too_long_leave_the_link_as_it_is() -> None:
    import secrets  # noqa: PLC0415

    survey, _file = makers.opened()
    person = makers.invitation(survey)
    token = makers.ticket(person)
    long = Answers(texts={(1, 0): secrets.token_hex(20_000)})
    with pytest.raises(Refused, match="too long together"):
        answering.answer(token=token, answers=long, cluster_ids=[1], at=AT)
    assert not Invitation.objects.get(pk=person.pk).is_answered
    assert not Ballot.objects.exists()


def test_the_database_takes_no_ballot_of_a_survey_that_is_not_open() -> None:
    from django.db import IntegrityError, transaction  # noqa: PLC0415

    survey = makers.draft()
    with pytest.raises(IntegrityError, match="takes no ballots"), transaction.atomic():
        Ballot.objects.create(survey=survey, box=b"x")


def test_mixing_keeps_every_ballot_and_forgets_where_it_stood() -> None:
    survey, _file = makers.opened()
    for value in (1, 2, 3, 4, 5):
        makers.answered(survey, value=value)
    before = dict(Ballot.objects.values_list("pk", "box"))
    assert answering.mix() == 5
    after = dict(Ballot.objects.values_list("pk", "box"))
    assert sorted(map(bytes, before.values())) == sorted(map(bytes, after.values()))
    assert not before.keys() & after.keys()
