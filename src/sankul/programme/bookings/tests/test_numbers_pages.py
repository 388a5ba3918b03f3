"""Figures as pages: what they say, what they keep back, and how often they ask."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from sankul.core.queries.actors import actor
from sankul.core.rules.roles import Role
from sankul.programme.bookings.models import Booking
from sankul.programme.bookings.rules import State
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.rules import Relation
from sankul.programme.registry.models import Programme
from sankul.programme.registry.tests import makers as registry

from .makers import booking
from .test_numbers import at, host, instrument, used

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 2, 10, tzinfo=ZoneInfo("Asia/Kolkata"))
USE, ACCESS = "/use-of-facilities/?until=2026-11", "/access-to-facilities/?until=2026-11"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def busy() -> Instrument:
    """An instrument that six people of another institution used, and one whose use two people asked for in vain."""
    programme = registry.programme()
    made = instrument(host(programme, name="Institute of Light"), name="Microscope")
    for day in (2, 3, 4, 5, 6, 9):
        used(booking(made, at(day, 10), at(day, 12), state=State.COMPLETED), 2)
    return made


def few(busy: Instrument) -> Instrument:
    """An instrument of another institution of the programme, used by two people."""
    programme = Programme.objects.get()
    made = instrument(host(programme, name="College of Stone"), name="Rock saw")
    for day in (2, 3):
        booking(made, at(day, 10), at(day, 13), state=State.COMPLETED)
    return made


def text(path: str, client: Client | None = None) -> str:
    answer = (client or Client()).get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_page_of_use_tells_hours_by_institution_and_month(busy):
    page = text(USE)

    assert "Institute of Light" in page
    assert "Nov 2026" in page
    assert "use-of-hours" in page
    assert "suppressed (fewer than 5)" not in page


def test_an_institution_with_few_users_is_suppressed_and_the_next_with_it(busy):
    few(busy)

    page = text(USE)

    assert page.count("suppressed (fewer than 5)") >= 2


def test_its_own_staff_see_small_instruments(busy):
    made = few(busy)
    body = made.facility.organisation
    user = registry.user_with(Role.LAB_MANAGER, body.scopes[0])
    client = Client()
    client.force_login(user)
    path = f"{USE}&institution={body.slug}"

    assert "suppressed (fewer than 5)" in text(path)
    assert text(path, client).count("suppressed (fewer than 5)") < text(path).count("suppressed (fewer than 5)")  # fmt: skip


def test_the_page_of_access_tells_waits_with_silence_counted(busy):
    asked = {"requested_at": at(10, 10), "answer_by_at": at(12, 10), "relation": Relation.OUTSIDE}
    booking(busy, at(16, 10), decided_at=at(11, 10), **asked)
    booking(busy, at(17, 10), state=State.EXPIRED, **asked)
    booking(busy, at(18, 10), state=State.REFUSED, reason="down", decided_at=at(20, 10), **asked)

    page = text(ACCESS).replace("\xa0", " ")

    assert "Within 48 hours 33 % are answered; 1 of 3 requests have no answer so far." in page
    assert "the instrument is down or in maintenance" in page
    assert "not reached" in page
    assert "suppressed (fewer than 5)" in page


def test_without_a_request_the_page_of_access_says_so(busy):
    assert "No institution asked another in these months." in text(ACCESS)


def test_without_a_programme_there_is_nothing_to_count():
    assert "There is no programme yet" in text(USE)
    assert "There is no programme yet" in text(ACCESS)


def test_an_unknown_programme_is_not_found(busy):
    assert Client().get("/use-of-facilities/?programme=none").status_code == 404


def test_pictures_are_taken_away_with_their_numbers(busy):
    answer = Client().get(f"{USE}&picture=use-of-hours&as=csv")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert b"Institute of Light,12" in answer.content


def test_a_counted_use_is_open_to_all_without_its_person(busy):
    row = Booking.objects.first()
    assert row is not None

    page = text(f"/use-of-facilities/{row.pk}/")

    assert "Microscope" in page
    assert row.user.name not in page
    assert row.organisation.name not in page
    assert "The booking itself" not in page


def test_its_user_finds_the_way_to_the_booking(busy):
    row = Booking.objects.select_related("user").first()
    assert row is not None
    client = Client()
    client.force_login(row.user)

    assert f"/bookings/{row.pk}/" in text(f"/use-of-facilities/{row.pk}/", client)


def test_own_use_is_no_counted_record(busy):
    row = booking(busy, at(20, 10), relation=Relation.OWN, state=State.COMPLETED)

    assert Client().get(f"/use-of-facilities/{row.pk}/").status_code == 404


@pytest.mark.parametrize("path", [USE, ACCESS])
@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_at_most_twelve_times(busy, count, path, django_assert_max_num_queries):
    for _number in range(count):
        few(busy)
    user = registry.user_with(Role.LAB_MANAGER, busy.facility.organisation.scopes[0])
    client = Client()
    client.force_login(user)
    assert actor(user, NOW).held

    with django_assert_max_num_queries(12):
        text(path, client)
