"""Alerts as JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sankul.core.rules.roles import Role
from sankul.field.alerts.models import Alert
from sankul.programme.registry.tests.makers import user_with

from . import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert(client: Client) -> Alert:
    made = makers.alert()
    assert made.cluster is not None
    client.force_login(user_with(Role.OPERATOR, made.cluster.scopes[0]))
    return made


def _post(client: Client, address: str, **given: Any) -> Any:
    return client.post(f"/api/{address}", given, content_type="application/json")


def test_an_alert_is_read_acknowledged_acted_upon_and_closed(client: Client, alert: Alert) -> None:
    [listed] = client.get("/api/alerts?state=open").json()["items"]
    assert (listed["id"], listed["unit"], listed["worst"], listed["kind"]) == (
        alert.pk,
        "NTU",
        7.5,
        "above",
    )
    taken = _post(client, f"alerts/{alert.pk}/acknowledge")
    assert taken.json()["state"] == "acknowledged"
    due = (timezone.now() + timedelta(hours=2)).isoformat()
    acted = _post(
        client, f"alerts/{alert.pk}/act", what="Flush it", owner_post="Engineer", due_at=due
    )
    assert acted.status_code == 201
    assert acted.json()["actions"][0]["what"] == "Flush it"
    early = _post(client, f"alerts/{alert.pk}/close", cause="real")
    assert (early.status_code, early.headers["Content-Type"]) == (409, "application/problem+json")
    alert.actions.update(done_at=timezone.now())
    closed = _post(client, f"alerts/{alert.pk}/close", cause="sensor", note="Lamp burnt out.")
    assert (closed.json()["state"], closed.json()["cause"]) == ("closed", "sensor")


def test_what_is_asked_for_wrongly_is_told_place_by_place(client: Client, alert: Alert) -> None:
    answer = _post(
        client, f"alerts/{alert.pk}/act", what="", owner_post="Engineer", due_at="tomorrow"
    )
    assert answer.status_code == 422
    assert {one["place"] for one in answer.json()["places"]} == {
        "body.given.what", "body.given.due_at",
    }  # fmt: skip


def test_pages_go_on_after_a_number(client: Client, alert: Alert) -> None:
    makers.alert(makers.detector(alert.stream))
    first = client.get("/api/alerts?limit=1").json()
    assert [one["id"] for one in first["items"]] == [alert.pk]
    after = client.get(f"/api/alerts?limit=1&after={first['next']}").json()
    assert (len(after["items"]), after["next"]) == (1, None)


def test_the_public_reads_nothing_and_an_operator_elsewhere_finds_nothing(alert: Alert) -> None:
    assert Client().get("/api/alerts").status_code == 403
    other = Client()
    other.force_login(user_with(Role.OPERATOR, makers.alert().cluster.scopes[0]))  # type: ignore[union-attr]
    assert other.get(f"/api/alerts/{alert.pk}").status_code == 404
    assert _post(other, f"alerts/{alert.pk}/acknowledge").status_code == 404
