"""The catalogue as JSON."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from sankul.core.rules.roles import Role
from sankul.core.tests.makers import user_with
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.tests import makers
from sankul.programme.registry.tests.makers import organisation

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("sankul.programme.facilities.tests.urls"),
]


@pytest.fixture
def sem() -> Instrument:
    place = makers.facility(organisation(slug="host"), slug="caf", place="Udayanagar")
    made = makers.instrument(
        place, slug="sem", name="Electron microscope", sample_kinds=["powder"], units=2
    )
    made.techniques.add(makers.technique(code="sem"))
    return made


@pytest.fixture
def lab(sem: Instrument, client: Client) -> Client:
    client.force_login(user_with(Role.LAB_MANAGER, sem.organisation.scopes[0]))
    return client


def sent(client: Client, address: str, body: dict[str, Any]) -> Any:
    return client.post(f"/api{address}", body, content_type="application/json")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(
    rows: int, client: Client, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        makers.instrument().techniques.add(makers.technique())
    with django_assert_num_queries(2):
        page = client.get("/api/instruments").json()
    assert len(page["items"]) == rows


def test_instruments_are_found_narrowed_and_paged(sem: Instrument, client: Client) -> None:
    beside = makers.instrument(name="Centrifuge")
    makers.tariff(sem, rate_inr=Decimal(640))
    for query, found in (
        ("q=microscope", [sem]),
        ("technique=sem", [sem]),
        ("place=Udayanagar", [sem]),
        ("sample=powder", [sem]),
        ("organisation=host", [sem]),
        ("limit=1", [sem]),
        (f"after={sem.pk}", [beside]),
        ("q=nothing", []),
    ):
        items = client.get(f"/api/instruments?{query}").json()["items"]
        assert [one["id"] for one in items] == [one.pk for one in found], query
    first = client.get("/api/instruments?limit=1").json()
    assert first["next"] == sem.pk
    assert first["items"][0]["price_inr"] == "640.00"
    assert first["items"][0]["techniques"] == ["sem"]
    other = client.get("/api/instruments?user_class=msme").json()
    assert other["items"][0]["price_inr"] is None
    assert [one["code"] for one in client.get("/api/techniques").json()] == ["sem"]


def test_one_instrument_tells_its_rules_and_hours(sem: Instrument, client: Client) -> None:
    makers.opening(sem.facility)
    makers.specification(sem, name="Resolution", value="1.2", unit="nm")
    found = client.get("/api/instruments/host/sem").json()
    assert found["openings"] == [{"weekday": 0, "opens": "09:00:00", "closes": "17:00:00"}]
    assert found["specifications"] == [{"name": "Resolution", "value": "1.2", "unit": "nm"}]
    assert [unit["label"] for unit in found["units"]] == ["Unit 1", "Unit 2"]
    assert (found["slot_minutes"], found["timezone"]) == (30, "Asia/Kolkata")
    assert client.get("/api/instruments/host/nmr").status_code == 404


def test_tariffs_begin_through_the_api(sem: Instrument, lab: Client) -> None:
    makers.tariff(sem, until_on=date(2021, 3, 31))
    body = {
        "user_classes": ["startup", "msme"],
        "relations": ["outside"],
        "from_on": "2099-04-01",
        "rate_inr": "900.00",
    }
    response = sent(lab, "/instruments/host/sem/tariffs", body)
    assert response.status_code == 201
    told = lab.get("/api/instruments/host/sem/tariffs").json()
    assert [(one["user_class"], one["rate_inr"]) for one in told] == [
        ("msme", "900.00"),
        ("startup", "900.00"),
    ]
    assert sent(lab, "/instruments/host/sem/tariffs", body).status_code == 409
    bad = body | {"rate_inr": "-1"}
    assert sent(lab, "/instruments/host/sem/tariffs", bad).status_code == 422
    lab.force_login(user_with(Role.LAB_MANAGER, organisation().scopes[0]))
    assert sent(lab, "/instruments/host/sem/tariffs", body).status_code == 403
    assert sent(Client(), "/instruments/host/sem/tariffs", body).status_code == 401


def test_faults_are_reported_and_resolved_through_the_api(sem: Instrument, lab: Client) -> None:
    member = Client()
    member.force_login(user_with(Role.MEMBER, organisation().scopes[0]))
    address = "/instruments/host/sem/tickets"
    made = sent(member, address, {"title": "The pump hums", "severity": "degraded"})
    assert made.status_code == 201
    number = made.json()["id"]
    blocking = {"title": "X", "blocks_from": "2099-01-01T09:00:00+05:30"}
    assert sent(member, address, blocking).status_code == 409
    assert sent(lab, address, blocking).json()["blocks_from"] == "2099-01-01T03:30:00Z"
    naive = {"title": "X", "blocks_from": "2099-01-01T09:00:00"}
    assert "carry their zone" in sent(lab, address, naive).content.decode()
    ancient = {"title": "X", "blocks_from": "0001-01-01T00:00:00+05:30"}
    assert "outside the calendar" in sent(lab, address, ancient).content.decode()
    assert "no unit" in sent(lab, address, {"title": "X", "unit": 0}).content.decode()
    unit = sem.units.all()[0].pk
    assert sent(lab, address, {"title": "Y", "unit": unit}).json()["unit"] == unit
    assert len(lab.get("/api/tickets?organisation=host").json()["items"]) == 3
    assert lab.get("/api/tickets?organisation=other").json() == {"items": [], "next": None}
    assert lab.get("/api/tickets?limit=1").json()["next"] == number
    body = {"resolution": "New bearing"}
    assert sent(member, f"/tickets/{number}/resolve", body).status_code == 403
    done = sent(lab, f"/tickets/{number}/resolve", body)
    assert done.json()["resolution"] == "New bearing"
    assert sent(lab, f"/tickets/{number}/resolve", body).status_code == 409
    assert len(lab.get(f"/api{address}").json()) == 3
    assert lab.get(f"/api/tickets/{number}").json()["title"] == "The pump hums"
