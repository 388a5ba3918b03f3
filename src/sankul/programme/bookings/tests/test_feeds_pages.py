"""The doors of calendars: files for programs, and the page where they are made and revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from sankul.programme.bookings.actions import calendars as actions
from sankul.programme.bookings.models import CalendarToken
from sankul.programme.registry.tests import makers as registry

from .makers import HOUR, booking, instrument, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> Any:
    """Somebody who books, as of now."""
    return member(at=timezone.now())[0]


@pytest.fixture
def client(who: Any) -> Client:
    made = Client()
    made.force_login(who.user)
    return made


def opened(who: Any, place: Any = None) -> str:
    """The address of a new calendar."""
    return f"/calendars/{actions.open_(actor=who, instrument=place, at=timezone.now()).secret}.ics"


def soon(hours: int = 24) -> Any:
    return timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)


def test_a_program_reads_a_calendar_without_signing_in(who):
    booking(instrument(name="Microscope"), soon(), user=who.user)

    answer = Client().get(opened(who))

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-cache"
    (event,) = Calendar.from_ical(answer.content).events
    assert event["SUMMARY"] == "Microscope"
    assert str(event["URL"]).startswith("http://testserver/bookings/")
    assert CalendarToken.objects.get().used_at is not None


def test_what_is_unchanged_is_not_sent_again(who):
    row = booking(instrument(), soon(), user=who.user)
    path = opened(who)
    first = Client().get(path)

    same = Client().get(path, headers={"if-none-match": first["ETag"]})
    since = Client().get(path, headers={"if-modified-since": first["Last-Modified"]})
    row.sequence, row.changed_at = 1, row.changed_at + HOUR
    row.save()
    changed = Client().get(path, headers={"if-none-match": first["ETag"]})

    assert (same.status_code, same.content) == (304, b"")
    assert since.status_code == 304
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_an_unknown_address_has_no_calendar():
    assert Client().get("/calendars/nothing.ics").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_a_feed_asks_as_often_for_many_bookings_as_for_one(
    who, rows, django_assert_max_num_queries
):
    for number in range(rows):
        booking(instrument(), soon(24 + number), user=who.user)
    path = opened(who)

    with django_assert_max_num_queries(4):
        assert len(Calendar.from_ical(Client().get(path).content).events) == rows


def test_a_week_of_all_instruments_is_one_file_that_tells_outsiders_only_what_is_busy(client):
    places = [instrument(name=f"Instrument {k}") for k in (1, 2)]
    for place in places:
        booking(place, soon(), user=registry.user(name="Asha Rao"))

    answer = client.get("/calendars/bookings.ics")
    one = client.get("/calendars/bookings.ics", {"instrument": places[0].pk})

    assert [e["SUMMARY"] for e in Calendar.from_ical(answer.content).events] == [
        "Instrument 1: busy", "Instrument 2: busy",
    ]  # fmt: skip
    assert b"Asha" not in answer.content
    assert len(Calendar.from_ical(one.content).events) == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_file_of_all_asks_as_often_for_many(client, rows, django_assert_max_num_queries):
    for _number in range(rows):
        booking(instrument(), soon())

    with django_assert_max_num_queries(5):
        client.get("/calendars/bookings.ics")


@pytest.mark.parametrize(
    ("asks", "says"),
    [
        ("from=yesterday", "Give days as in"),
        ("from=2026-02-30", "Give days as in"),
        ("from=2026-11-23&until=soon", "Give days as in"),
        ("from=2026-11-23&until=2026-11-23", "at most 62 days later"),
        ("from=2026-11-23&until=2027-11-23", "at most 62 days later"),
    ],
)
def test_days_that_are_none_are_refused_with_what_was_expected(client, asks, says):
    answer = client.get(f"/calendars/bookings.ics?{asks}")

    assert answer.status_code == 400
    assert says in answer.content.decode()


@pytest.mark.parametrize("number", ["x", "999999", "9" * 30])
def test_an_instrument_that_is_none_has_nothing(client, number):
    answer = client.get("/calendars/bookings.ics", {"instrument": number})

    assert Calendar.from_ical(answer.content).events == []


def test_a_calendar_is_made_shown_once_and_revoked(client, who):
    made = client.post("/calendars/")

    address = "http://testserver/calendars/"
    assert address in made.content.decode()
    assert made["Cache-Control"] == "no-store"
    assert ".ics" not in client.get("/calendars/").content.decode()

    token = CalendarToken.objects.get()
    assert "cannot be undone" in client.get(f"/calendars/{token.pk}/revoke/").content.decode()
    assert client.post(f"/calendars/{token.pk}/revoke/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_nobody_comes_to_the_calendar_of_somebody_else(client):
    other = actions.open_(actor=member(at=timezone.now())[0], instrument=None, at=timezone.now())

    assert client.post(f"/calendars/{other.token.pk}/revoke/").status_code == 404


def test_the_public_signs_in_first():
    for path in ("/calendars/", "/calendars/bookings.ics", "/calendars/1/revoke/"):
        assert Client().get(path).status_code == 302
