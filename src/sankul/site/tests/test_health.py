"""Health and metrics."""

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client

from sankul.core.rules.roles import PLATFORM, Role
from sankul.programme.registry.tests import makers

pytestmark = pytest.mark.django_db


def test_health_tells_that_the_database_answers(client: Client) -> None:
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json()["status"] == "ok"


def test_health_is_503_when_the_database_does_not_answer(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(connection, "cursor", gone)
    assert client.get("/healthz").status_code == 503


def test_metrics_are_hidden_from_the_public(client: Client) -> None:
    assert client.get("/metrics").status_code == 404
    wrong = client.get("/metrics", headers={"Authorization": "Bearer "})
    assert wrong.status_code == 404


def test_metrics_open_to_the_bearer_of_the_token(client: Client, settings: object) -> None:
    settings.METRICS_TOKEN = "a-long-token"  # type: ignore[attr-defined]
    refused = client.get("/metrics", headers={"Authorization": "Bearer a-long-tokem"})
    assert refused.status_code == 404
    response = client.get("/metrics", headers={"Authorization": "Bearer a-long-token"})
    assert response.status_code == 200
    assert b"sankul_requests_total" in response.content


def test_metrics_open_to_a_platform_officer_and_to_no_other(client: Client) -> None:
    client.force_login(makers.user_with(Role.PROGRAMME_OFFICER, makers.programme().scopes[0]))
    assert client.get("/metrics").status_code == 404
    client.force_login(makers.user_with(Role.PROGRAMME_OFFICER, PLATFORM))
    assert client.get("/metrics").status_code == 200
