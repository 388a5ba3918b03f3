"""Calendars: who sees what of whom, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from icalendar import Calendar

from sankul.core.models import Event, Grant
from sankul.core.queries.actors import actor
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.bookings.actions import calendars as actions
from sankul.programme.bookings.models import CalendarToken
from sankul.programme.bookings.queries import feeds
from sankul.programme.bookings.rules import State
from sankul.programme.bookings.rules.calendars import written
from sankul.programme.registry.tests import makers as registry

from .makers import AT, HOUR, TEN, booking, instrument, lab, member

pytestmark = pytest.mark.django_db


def link(number: int) -> str:
    """Where a booking's page would be."""
    return f"https://sankul.example/bookings/{number}/"


def opened(secret: str, at=AT) -> list[tuple[str, str, str]]:
    """Summary, status and address of every entry of the calendar that a secret opens, read strictly."""
    token = feeds.shown(secret)
    assert token is not None
    calendar = Calendar.from_ical(written(feeds.of_token(token, at, link)))
    return [(str(e["SUMMARY"]), str(e["STATUS"]), str(e.get("URL", ""))) for e in calendar.events]


def test_a_person_reads_all_of_ones_own_and_nothing_of_others():
    who, body = member()
    place = instrument(name="Microscope")
    mine = booking(place, user=who.user, organisation=body, state=State.REQUESTED,
                   requested_at=AT, answer_by_at=AT)  # fmt: skip
    gone = booking(place, TEN + 2 * HOUR, user=who.user, state=State.CANCELLED, sequence=1)
    booking(place, TEN + 4 * HOUR)

    made = actions.open_(actor=who, instrument=None, at=AT)

    assert opened(made.secret) == [
        ("Microscope", "TENTATIVE", link(mine.pk)),
        ("Microscope", "CANCELLED", link(gone.pk)),
    ]


def test_an_outsider_reads_of_an_instrument_only_when_it_is_busy():
    who, _body = member()
    place = instrument(name="Microscope")
    booking(place, user=registry.user(name="Asha Rao"), purpose="secret alloy")
    booking(place, TEN + 2 * HOUR, state=State.CANCELLED)

    made = actions.open_(actor=who, instrument=place, at=AT)

    assert opened(made.secret) == [("Microscope: busy", "CONFIRMED", "")]
    token = feeds.shown(made.secret)
    assert token is not None
    text = written(feeds.of_token(token, AT, link))
    assert "Asha" not in text
    assert "alloy" not in text


def test_the_host_reads_who_comes_for_what():
    place = instrument(name="Microscope")
    other = instrument(name="Furnace")
    body = registry.organisation(name="College of the West")
    booked = booking(place, user=registry.user(name="Asha Rao"), organisation=body, purpose="alloy")
    booking(other)

    made = actions.open_(actor=lab(place), instrument=place, at=AT)

    assert opened(made.secret) == [
        ("Microscope: Asha Rao, College of the West", "CONFIRMED", link(booked.pk))
    ]


def test_a_revoked_calendar_is_empty():
    who, _body = member()
    booking(instrument(), user=who.user)
    made = actions.open_(actor=who, instrument=None, at=AT)

    actions.revoke(actor=who, token=made.token, at=AT)

    assert opened(made.secret) == []
    assert list(feeds.own(who)) == []


def test_the_calendar_of_a_person_who_left_is_empty():
    who, _body = member()
    booking(instrument(), user=who.user)
    made = actions.open_(actor=who, instrument=None, at=AT)
    assert len(opened(made.secret)) == 1

    Grant.objects.filter(user=who.user).update(until_on=AT.date())

    assert len(opened(made.secret)) == 1
    assert opened(made.secret, AT + timedelta(days=1)) == []


def test_the_calendar_of_a_closed_account_is_empty():
    who, _body = member()
    booking(instrument(), user=who.user)
    made = actions.open_(actor=who, instrument=None, at=AT)

    type(who.user).objects.filter(pk=who.user_id).update(is_active=False)

    assert opened(made.secret) == []


def test_only_the_hash_of_the_secret_is_kept():
    who, _body = member()

    made = actions.open_(actor=who, instrument=None, at=AT)

    assert made.secret not in str(CalendarToken.objects.values().get())
    assert feeds.shown(made.secret + "x") is None
    assert Event.objects.filter(verb="calendar.made").count() == 1


def test_nobody_revokes_the_calendar_of_somebody_else():
    who, _body = member()
    made = actions.open_(actor=who, instrument=None, at=AT)

    with pytest.raises(Forbidden):
        actions.revoke(actor=member()[0], token=made.token, at=AT)


def test_who_has_no_role_makes_no_calendar():
    with pytest.raises(Forbidden):
        actions.open_(actor=actor(registry.user(), AT), instrument=None, at=AT)


def test_an_instrument_that_is_not_offered_has_no_calendar_for_outsiders():
    place = instrument()
    place.facility.is_active = False
    place.facility.save()

    with pytest.raises(Forbidden):
        actions.open_(actor=member()[0], instrument=place, at=AT)


def test_there_are_at_most_twenty_calendars_a_person():
    who, _body = member()
    CalendarToken.objects.bulk_create(
        CalendarToken(user=who.user, sha256=f"{k}", made_at=AT) for k in range(20)
    )

    with pytest.raises(Refused, match="20 calendars"):
        actions.open_(actor=who, instrument=None, at=AT)


def test_the_use_is_noted_once_a_day():
    who, _body = member()
    token = actions.open_(actor=who, instrument=None, at=AT).token

    for hours in (0, 1, 25):
        token.refresh_from_db()
        actions.note_use(token=token, at=AT + hours * HOUR)

    token.refresh_from_db()
    assert token.used_at == AT + 25 * HOUR


@pytest.mark.parametrize("rows", [1, 3])
def test_a_calendar_asks_as_often_for_many_bookings_as_for_one(rows, django_assert_num_queries):
    who, _body = member()
    for hour in range(rows):
        booking(instrument(), TEN + hour * HOUR, user=who.user)
    secret = actions.open_(actor=who, instrument=None, at=AT).secret

    with django_assert_num_queries(3):
        assert len(opened(secret)) == rows
