"""Bookings as pages: what people see, send and are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sankul.core.rules.roles import Role
from sankul.programme.bookings.models import Booking, Order, Waiting
from sankul.programme.bookings.rules import OrderState, State
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.tests import makers as facilities
from sankul.programme.registry.tests.makers import cluster, membership, organisation, user_with

from . import makers
from .makers import HOUR

pytestmark = pytest.mark.django_db


@pytest.fixture
def instrument() -> Instrument:
    return makers.instrument(horizon_days=300)


@pytest.fixture
def asha(client: Client) -> Any:
    body = organisation()
    user = user_with(Role.MEMBER, body.scopes[0])
    client.force_login(user)
    return user, body


def soon(days: int = 2, hour: int = 10) -> datetime:
    """So many days from now, at an hour of India."""
    day = timezone.localtime(timezone.now()) + timedelta(days=days)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0).astimezone(UTC)


def _given(start: datetime, payer: int, **more: Any) -> dict[str, Any]:
    local = timezone.localtime(start)
    return {
        "starts_at": local.strftime("%Y-%m-%dT%H:%M"),
        "minutes": "60",
        "organisation": payer,
        "purpose": "",
        "to": "book",
    } | more


def test_a_slot_is_chosen_in_the_calendar_and_booked(
    client: Client, instrument: Instrument, asha: Any
) -> None:
    start = soon()
    monday = f"/calendar/{instrument.pk}/?on={timezone.localtime(start).date()}"
    page = client.get(monday).content.decode()
    day = timezone.localtime(start).date()
    assert f"/book/{instrument.pk}/?start={day}T06:00" in page
    answer = client.post(f"/book/{instrument.pk}/", _given(start, asha[1].pk), follow=True)
    booking = Booking.objects.get()
    assert (booking.user, booking.starts_at, booking.state) == (asha[0], start, State.CONFIRMED)
    assert "Booked. A letter is on its way." in answer.content.decode()
    page = client.get(monday).content.decode()
    assert f'href="/bookings/{booking.pk}/">yours, confirmed' in page


def test_a_taken_slot_is_answered_with_the_next_free_one_and_a_way_to_wait(
    client: Client, instrument: Instrument, asha: Any
) -> None:
    makers.booking(instrument, soon())
    given = _given(soon(), asha[1].pk)
    answer = client.post(f"/book/{instrument.pk}/", given)
    assert answer.status_code == 422
    assert "The slot is taken. The next free slot as long begins on" in answer.content.decode()
    assert 'value="wait"' in answer.content.decode()
    client.post(f"/book/{instrument.pk}/", given | {"to": "wait"})
    row = Waiting.objects.get()
    assert row.user == asha[0]
    assert "You wait for" in client.get("/bookings/").content.decode()
    client.post(f"/waiting/{row.pk}/leave/")
    assert "You wait for" not in client.get("/bookings/").content.decode()


def test_the_price_is_told_before_anything_is_booked(
    client: Client, instrument: Instrument, asha: Any
) -> None:
    facilities.tariff(instrument, rate_inr=400)
    given = _given(soon(), asha[1].pk, to="price")
    page = client.post(f"/book/{instrument.pk}/", given).content.decode()
    assert "<strong>400.00</strong>" in page
    assert not Booking.objects.exists()


def test_a_series_is_booked_in_one_go(client: Client, instrument: Instrument, asha: Any) -> None:
    given = _given(soon(), asha[1].pk, repeats="FREQ=WEEKLY", times=3)
    page = client.post(f"/book/{instrument.pk}/", given, follow=True).content.decode()
    assert "3 slots are booked." in page
    first = Booking.objects.earliest("starts_at")
    assert "Cancel all 3 that are left" in client.get(f"/bookings/{first.pk}/").content.decode()
    client.post(f"/series/{first.series_id}/cancel/")
    assert set(Booking.objects.values_list("state", flat=True)) == {State.CANCELLED}


def test_what_is_no_time_is_named(client: Client, instrument: Instrument, asha: Any) -> None:
    given = _given(soon(), asha[1].pk, starts_at="tomorrow")
    page = client.post(f"/book/{instrument.pk}/", given).content.decode()
    assert "Give the day and the time, as in 2026-11-24T10:00." in page


def test_a_hold_is_confirmed_on_its_page(client: Client, instrument: Instrument, asha: Any) -> None:
    client.post(f"/book/{instrument.pk}/", _given(soon(), asha[1].pk, to="hold"))
    booking = Booking.objects.get()
    assert booking.state == State.HELD
    assert "Confirm it" in client.get(f"/bookings/{booking.pk}/").content.decode()
    client.post(f"/bookings/{booking.pk}/confirm/")
    booking.refresh_from_db()
    assert booking.state == State.CONFIRMED


def test_a_booking_is_moved_handed_over_and_cancelled(
    client: Client, instrument: Instrument, asha: Any
) -> None:
    booking = makers.booking(instrument, soon(), user=asha[0], organisation=asha[1])
    base, later = f"/bookings/{booking.pk}/", timezone.localtime(soon(3))
    assert client.get(f"{base}move/").status_code == 200
    client.post(f"{base}move/", {"starts_at": later.strftime("%Y-%m-%dT%H:%M"), "minutes": "90"})
    booking.refresh_from_db()
    assert booking.starts_at == soon(3)
    page = client.post(f"{base}hand-over/", {"to": "nobody@example.org"}).content.decode()
    assert "Nobody who books for your organisation has this address." in page
    client.post(f"{base}cancel/", {"note": "ill"})
    booking.refresh_from_db()
    assert (booking.state, booking.end_note) == (State.CANCELLED, "ill")


def test_the_lab_answers_on_its_desk(client: Client) -> None:
    instrument = makers.instrument(needs_approval=True, horizon_days=300)
    body = instrument.facility.organisation
    clock = {"requested_at": timezone.now(), "answer_by_at": soon(1)}
    one, two = (
        makers.booking(instrument, soon() + step * HOUR, state=State.REQUESTED, **clock)
        for step in range(2)
    )
    client.force_login(user_with(Role.LAB_MANAGER, body.scopes[0]))
    page = client.get("/requests/").content.decode()
    assert page.count("desk__item") == 2
    client.post(f"/requests/{one.pk}/approve/", {"note": "Welcome"})
    missing = client.post(f"/requests/{two.pk}/refuse/", {"note": "no"})
    assert missing.status_code == 422
    client.post(f"/requests/{two.pk}/refuse/", {"reason": "unsafe"})
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.state, two.state) == (State.CONFIRMED, State.REFUSED)
    assert "Nobody waits" in client.get("/requests/").content.decode()


def test_a_cluster_answers_for_a_silent_institution_and_is_led_to_no_page_it_may_not_see(
    client: Client,
) -> None:
    instrument = makers.instrument(needs_approval=True, horizon_days=300)
    held = membership(cluster(), instrument.facility.organisation)
    clock = {"requested_at": timezone.now(), "answer_by_at": soon(1), "cluster_at": timezone.now()}
    row = makers.booking(instrument, soon(), state=State.REQUESTED, **clock)
    client.force_login(user_with(Role.CLUSTER_CEO, held.cluster.scopes[0]))
    page = client.get("/requests/").content.decode()
    assert instrument.name in page
    assert f'action="/requests/{row.pk}/approve/"' in page
    assert f'href="/bookings/{row.pk}/"' not in page


def test_the_code_on_the_instrument_begins_and_ends_a_use(
    client: Client, instrument: Instrument, asha: Any
) -> None:
    now = timezone.now()
    booking = makers.booking(instrument, now - HOUR / 4, user=asha[0], organisation=asha[1])
    gas = facilities.consumable(instrument.facility)
    page = client.get(f"/use/{instrument.pk}/").content.decode()
    assert "Begin" in page
    client.post(f"/bookings/{booking.pk}/start/", {"via": "code"})
    page = client.get(f"/use/{instrument.pk}/").content.decode()
    assert f"/bookings/{booking.pk}/stop/?via=code" in page
    given = {"condition": "good", "note": "", f"used-{gas.pk}": "2.5"}
    client.post(f"/bookings/{booking.pk}/stop/?via=code", given)
    booking.refresh_from_db()
    assert booking.state == State.COMPLETED
    assert booking.use.started_via == "code"
    assert "2.5" in client.get(f"/bookings/{booking.pk}/").content.decode()
    client.post(f"/bookings/{booking.pk}/rate/", {"score": "5", "note": ""})
    booking.refresh_from_db()
    assert booking.score == 5


def test_everybody_sees_free_and_busy_and_nobody_else_who(
    client: Client, instrument: Instrument
) -> None:
    booking = makers.booking(instrument, soon(), purpose="A secret alloy")
    address = f"/calendar/{instrument.pk}/?on={timezone.localtime(soon()).date()}"
    page = client.get(address).content.decode()
    assert "taken" in page
    assert f"/book/{instrument.pk}/?start" not in page
    for name in (booking.user.name, booking.organisation.name, "secret"):
        assert name not in page
    assert client.get(f"/bookings/{booking.pk}/").status_code == 404
    client.force_login(user_with(Role.LAB_MANAGER, instrument.facility.organisation.scopes[0]))
    assert booking.user.name in client.get(address).content.decode()


def test_one_day_of_a_facility_side_by_side(client: Client, instrument: Instrument) -> None:
    other = facilities.instrument(instrument.facility, name="Second")
    makers.booking(other, soon())
    day = timezone.localtime(soon()).date()
    page = client.get(f"/calendar/day/{instrument.facility_id}/?on={day}").content.decode()
    assert page.count('class="resource"') == 2
    assert 'class="bar bar--taken"' in page
    assert "06:00–10:00, 11:00–22:00" in page


@pytest.mark.parametrize("on", ["", "2026-02-30", "9999-12-31", "x"])
def test_any_day_asked_for_is_answered(client: Client, instrument: Instrument, on: str) -> None:
    assert client.get(f"/calendar/{instrument.pk}/?on={on}").status_code == 200


def test_calendars_ask_as_many_queries_for_many_bookings(
    client: Client, instrument: Instrument, asha: Any, django_assert_max_num_queries: Any
) -> None:
    for step in range(8):
        makers.booking(instrument, soon(2, 8) + step * HOUR, user=asha[0], organisation=asha[1])
    for _ in range(5):
        facilities.instrument(instrument.facility)
    day = timezone.localtime(soon()).date()
    for address in (
        f"/calendar/{instrument.pk}/?on={day}",
        f"/calendar/day/{instrument.facility_id}/?on={day}",
        "/bookings/",
        f"/use/{instrument.pk}/",
        f"/book/{instrument.pk}/",
    ):
        client.get(address)
        with django_assert_max_num_queries(14):
            assert client.get(address).status_code == 200


def test_a_service_is_ordered_and_delivered(client: Client, asha: Any) -> None:
    service = facilities.service(facilities.facility(), name="Lead in soil")
    client.post(
        f"/services/{service.pk}/order/",
        {"samples": 3, "note": "Soil", "organisation": asha[1].pk},
    )
    order = Order.objects.get()
    page = client.get("/orders/").content.decode()
    assert "Lead in soil" in page
    client.force_login(user_with(Role.LAB_MANAGER, service.scopes[0]))
    for step in ("accept", "receive", "deliver"):
        client.post(f"/orders/{order.pk}/{step}/")
    order.refresh_from_db()
    assert order.state == OrderState.DONE


def test_the_screen_of_a_lab_begins_and_ends_for_those_without_a_phone(
    client: Client, instrument: Instrument
) -> None:
    now = timezone.now()
    row = makers.booking(instrument, now - timedelta(minutes=5), now + HOUR, state=State.CONFIRMED)
    gone = makers.booking(instrument, now - 3 * HOUR, now - 2 * HOUR, state=State.CONFIRMED)
    lab = user_with(Role.LAB_MANAGER, instrument.facility.organisation.scopes[0])
    client.force_login(lab)
    screen = f"/kiosk/{instrument.facility_id}/"

    page = client.get(screen).content.decode()
    assert f"/bookings/{row.pk}/start/" in page
    assert f"/bookings/{gone.pk}/" not in page
    answer = client.post(f"/bookings/{row.pk}/start/", {"via": "staff"})
    assert answer["Location"] == screen
    assert "in use" in client.get(screen).content.decode()
    answer = client.post(f"/bookings/{row.pk}/stop/?via=staff", {"condition": "good"})
    assert answer["Location"] == screen
    row.refresh_from_db()
    assert (row.state, row.use.started_via, row.use.started_by) == (State.COMPLETED, "staff", lab)


def test_the_screen_of_a_lab_is_its_staffs_alone(
    client: Client, instrument: Instrument, asha: Any
) -> None:
    assert client.get(f"/kiosk/{instrument.facility_id}/").status_code == 403
    assert Client().get(f"/kiosk/{instrument.facility_id}/").status_code == 302
