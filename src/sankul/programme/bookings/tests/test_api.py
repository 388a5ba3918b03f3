"""Bookings as JSON."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sankul.core.rules.roles import Role
from sankul.programme.bookings.models import Booking, Waiting
from sankul.programme.bookings.rules import State
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.tests import makers as facilities
from sankul.programme.registry.tests.makers import organisation, user_with

from . import makers
from .makers import HOUR
from .test_pages import soon

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


def _post(client: Client, address: str, **given: Any) -> Any:
    return client.post(f"/api/{address}", given, content_type="application/json")


def _slot(instrument: Instrument, hour: int = 10, **more: Any) -> dict[str, Any]:
    start = timezone.localtime(soon(2, hour))
    slot = {"starts_at": start.isoformat(), "ends_at": (start + HOUR).isoformat()}
    return {"instrument": instrument.pk} | slot | more


def test_a_slot_is_booked_read_moved_and_cancelled(
    client: Client, instrument: Instrument, asha: Any
) -> None:
    made = _post(client, "bookings", **_slot(instrument, purpose="Films"))
    assert made.status_code == 201
    body = made.json()
    assert (body["state"], body["organisation"], body["sequence"]) == ("confirmed", asha[1].slug, 0)
    number = body["id"]
    assert client.get(f"/api/bookings/{number}").json() == body
    slot = _slot(instrument, 12)
    moved = _post(client, f"bookings/{number}/move", **slot).json()
    assert (moved["uid"], moved["sequence"]) == (body["uid"], 1)
    assert _post(client, f"bookings/{number}/cancel", note="ill").json()["state"] == "cancelled"


def test_a_taken_slot_is_409_and_one_can_wait_for_it(
    client: Client, instrument: Instrument, asha: Any
) -> None:
    makers.booking(instrument, soon())
    answer = _post(client, "bookings", **_slot(instrument))
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert answer.json()["detail"].startswith("The slot is taken.")
    assert _post(client, "waiting", **_slot(instrument)).status_code == 201
    assert Waiting.objects.get().user == asha[0]


def test_moments_without_an_offset_are_refused_by_place(
    client: Client, instrument: Instrument, asha: Any
) -> None:
    slot = _slot(instrument) | {"starts_at": "2026-11-24T10:00:00"}
    answer = _post(client, "bookings", **slot)
    assert answer.status_code == 422
    assert answer.json()["places"][0]["place"] == "body.given.starts_at"


def test_a_series_is_booked_with_what_it_leaves_out(
    client: Client, instrument: Instrument, asha: Any
) -> None:
    makers.booking(instrument, soon(3))
    given = _slot(instrument, rule="FREQ=DAILY;COUNT=3")
    assert _post(client, "series", **given).status_code == 409
    made = _post(client, "series", **given, skips=True).json()
    assert (len(made["bookings"]), len(made["left_out"])) == (2, 1)
    assert (
        _post(client, "series", **given | {"rule": "FREQ=DAILY"})
        .json()["detail"]
        .startswith("A rule needs an end")
    )


def test_a_hold_is_confirmed(client: Client, instrument: Instrument, asha: Any) -> None:
    hold = _post(client, "bookings", **_slot(instrument, hold=True)).json()
    assert hold["state"] == "held"
    assert _post(client, f"bookings/{hold['id']}/confirm").json()["state"] == "confirmed"


def test_a_use_is_begun_and_ended(client: Client, instrument: Instrument, asha: Any) -> None:
    row = makers.booking(instrument, timezone.now(), user=asha[0], organisation=asha[1])
    gas = facilities.consumable(instrument.facility)
    assert _post(client, f"bookings/{row.pk}/stop", condition="good").status_code == 409
    assert _post(client, f"bookings/{row.pk}/start").json()["state"] == "in_use"
    used = [{"consumable": gas.pk, "quantity": "1.5"}]
    ended = _post(client, f"bookings/{row.pk}/stop", condition="good", used=used)
    assert ended.json()["state"] == "completed"


def test_the_lab_answers(client: Client) -> None:
    instrument = makers.instrument(needs_approval=True)
    clock = {"requested_at": timezone.now(), "answer_by_at": soon(1)}
    one, two = (
        makers.booking(instrument, soon() + step * HOUR, state=State.REQUESTED, **clock)
        for step in range(2)
    )
    client.force_login(user_with(Role.LAB_MANAGER, instrument.scopes[0]))
    assert [row["id"] for row in client.get("/api/requests").json()] == [one.pk, two.pk]
    assert _post(client, f"requests/{one.pk}/approve").json()["state"] == "confirmed"
    assert _post(client, f"requests/{two.pk}/refuse", reason="unkind").status_code == 422
    refused = _post(client, f"requests/{two.pk}/refuse", reason="unsafe", note="Fumes").json()
    assert (refused["state"], refused["reason"], refused["note"]) == ("refused", "unsafe", "Fumes")


def test_everybody_reads_what_is_free_and_nobody_who_booked(
    client: Client, instrument: Instrument
) -> None:
    row = makers.booking(instrument, soon())
    day = timezone.localtime(soon()).date()
    base = f"/api/instruments/{instrument.organisation.slug}/{instrument.slug}"
    pieces = client.get(f"{base}/free?since={day}&days=1").json()
    assert [piece["kind"] for piece in pieces] == ["closed", "free", "taken", "free", "closed"]
    first = client.get(f"{base}/earliest?minutes=60").json()
    assert first["starts_at"] > timezone.now().isoformat()[:13]
    assert client.get(f"/api/bookings/{row.pk}").status_code == 404
    assert client.get("/api/bookings").json() == {"items": [], "next": None}


def test_lists_go_on_after_a_number(client: Client, instrument: Instrument, asha: Any) -> None:
    rows = [
        makers.booking(instrument, soon(2, 8) + step * HOUR, user=asha[0], organisation=asha[1])
        for step in range(3)
    ]
    page = client.get("/api/bookings?limit=2").json()
    assert ([one["id"] for one in page["items"]], page["next"]) == (
        [rows[0].pk, rows[1].pk],
        rows[1].pk,
    )
    rest = client.get(f"/api/bookings?after={page['next']}&state=confirmed").json()
    assert ([one["id"] for one in rest["items"]], rest["next"]) == ([rows[2].pk], None)


def test_a_list_asks_as_many_queries_for_three_as_for_one(
    client: Client, instrument: Instrument, asha: Any, django_assert_max_num_queries: Any
) -> None:
    for step in range(3):
        makers.booking(instrument, soon(2, 8) + step * HOUR, user=asha[0], organisation=asha[1])
    client.get("/api/bookings")
    with django_assert_max_num_queries(5):
        assert len(client.get("/api/bookings").json()["items"]) == 3
    assert Booking.objects.count() == 3
