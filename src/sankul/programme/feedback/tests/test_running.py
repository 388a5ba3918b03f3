"""Opening shows the key, closing ends answers, and the evaluator alone does either."""

from datetime import timedelta

import pytest

from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.feedback.actions import purging, running
from sankul.programme.feedback.models import Invitation, Survey
from sankul.programme.feedback.tasks import close_and_mix

from . import makers

pytestmark = pytest.mark.django_db
AT = makers.AT


def _keyed(survey: Survey) -> bytes:
    actor = makers.evaluator(survey)
    file = running.make_key(actor=actor, survey=survey, passphrase=makers.PASSPHRASE, at=AT)
    return file.encode()


def _open(survey: Survey, file: bytes, **more: object) -> Survey:
    given = {"actor": makers.evaluator(survey), "passphrase": makers.PASSPHRASE, "at": AT}
    return running.open_(survey=survey, key_file=file, **given | more)  # type: ignore[arg-type]


def test_a_complete_survey_is_opened_with_its_key() -> None:
    survey = makers.draft()
    makers.invitation(survey)
    assert _open(survey, _keyed(survey)).status == "open"


def test_the_private_key_is_nowhere_in_the_database() -> None:
    from django.db import connection  # noqa: PLC0415

    from sankul.programme.feedback.rules import sealing  # noqa: PLC0415

    survey = makers.draft()
    file = _keyed(survey)
    survey.refresh_from_db()
    private = sealing.unlocked(file, makers.PASSPHRASE, bytes(survey.public_key or b""))
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(s::text, '') FROM feedback_survey s")
        (row,) = cursor.fetchone()
        cursor.execute("SELECT coalesce(string_agg(body, ''), '') FROM core_event")
        (log,) = cursor.fetchone()
    assert private.hex() not in row + log
    assert makers.PASSPHRASE not in row + log


def test_everything_missing_is_said_at_once() -> None:
    survey = makers.empty(closes_on=AT.date() - timedelta(days=1))
    with pytest.raises(Refused) as refusal:
        _open(survey, b"")
    assert str(refusal.value) == (
        "There is no stakeholder group. There is no section. Nobody is invited. "
        "The evaluator has not made the key yet. The last day to answer has passed."
    )


def test_without_the_key_at_hand_nothing_is_opened() -> None:
    survey = makers.draft()
    makers.invitation(survey)
    file = _keyed(survey)
    with pytest.raises(Refused, match="passphrase does not open"):
        _open(survey, file, passphrase="another passphrase")
    with pytest.raises(Refused, match="no key file"):
        _open(survey, b"nothing")


def test_a_key_made_again_makes_the_one_before_void() -> None:
    survey = makers.draft()
    makers.invitation(survey)
    before = _keyed(survey)
    _keyed(survey)
    with pytest.raises(Refused, match="another key"):
        _open(survey, before)


def test_a_weak_passphrase_is_refused() -> None:
    survey = makers.draft()
    with pytest.raises(Refused, match="too short"):
        running.make_key(actor=makers.evaluator(survey), survey=survey, passphrase="short", at=AT)


def test_a_survey_is_opened_once() -> None:
    survey, file = makers.opened()
    with pytest.raises(Refused, match="opened already"):
        _open(survey, file)


def test_the_office_neither_makes_the_key_nor_opens_nor_closes() -> None:
    survey = makers.draft()
    office = makers.officer(survey)
    with pytest.raises(Forbidden, match="Evaluator"):
        running.make_key(actor=office, survey=survey, passphrase=makers.PASSPHRASE, at=AT)
    with pytest.raises(Forbidden, match="Evaluator"):
        _open(survey, b"", actor=office)
    with pytest.raises(Forbidden, match="Evaluator"):
        running.close(actor=office, survey=survey, at=AT)


def test_only_an_open_survey_is_closed() -> None:
    survey = makers.draft()
    with pytest.raises(Refused, match="Only an open survey"):
        running.close(actor=makers.evaluator(survey), survey=survey, at=AT)


def test_the_last_day_is_moved_while_it_is_open() -> None:
    survey, _file = makers.opened()
    day = makers.last_day() + timedelta(days=20)
    actor = makers.evaluator(survey)
    assert running.extend(actor=actor, survey=survey, closes_on=day, at=AT).closes_on == day
    for wrong in (AT.date() - timedelta(days=1), AT.date() + timedelta(days=91)):
        with pytest.raises(Refused, match="from today to 90 days"):
            running.extend(actor=actor, survey=survey, closes_on=wrong, at=AT)


def test_the_clock_closes_what_is_over() -> None:
    survey, _file = makers.opened()
    Survey.objects.filter(pk=survey.pk).update(closes_on="2020-01-01")
    makers.opened()
    close_and_mix(timestamp=0)
    survey.refresh_from_db()
    assert survey.status == "closed"
    assert Survey.objects.filter(status="open").count() == 1


def test_the_key_is_needed_until_the_count() -> None:
    survey, _file = makers.opened()
    with pytest.raises(Refused, match="still needed"):
        running.note_key_destroyed(actor=makers.evaluator(survey), survey=survey, at=AT)


def test_names_are_removed_when_their_time_is_over_and_not_before_counting() -> None:
    survey, _file = makers.opened()
    makers.invitation(survey)
    assert purging.purge(survey=survey, at=AT) == 0
    assert Invitation.objects.count() == 1
