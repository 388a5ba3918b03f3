"""Verification as JSON."""

from __future__ import annotations

import pytest
from django.test import Client

from sankul.programme.evidence.models import Check
from sankul.programme.evidence.rules import VerificationStage
from sankul.programme.registry.models import Period
from sankul.programme.registry.tests import makers as registry

from . import makers

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("sankul.programme.evidence.tests.urls"),
]
JSON = "application/json"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doors' clock: six days on, when verifiers are at work."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: makers.later(6))


def test_the_public_reads_what_was_announced_and_later_what_was_found(client: Client) -> None:
    made = makers.at_stage(VerificationStage.ESTIMATED)
    address = f"/api/verifications/{made.programme.slug}/{made.period.label}"
    before = client.get(address).json()
    assert (before["stage"], before["number"], before["clusters"]) == (
        "estimated",
        makers.NUMBER,
        [],
    )
    assert client.get(f"{address}/sample").json() == []
    assert client.get(f"{address}/estimates").json() == []
    Period.objects.filter(pk=made.period.pk).update(opened_at=makers.AT)
    after = client.get(address).json()
    assert [(it["sampled"], it["verified"]) for it in after["clusters"]] == [(6, 6), (6, 6)]
    assert len(client.get(f"{address}/sample?limit=5").json()) == 5
    assert {it["of"] for it in client.get(f"{address}/estimates").json()} == {
        "quantity", "records", "points",
    }  # fmt: skip
    assert [it["period"] for it in client.get("/api/verifications").json()] == [made.period.label]
    assert client.get("/api/verifications/no/2025-26").status_code == 404


def test_a_verifier_works_through_his_queue(client: Client) -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    user = made.verifiers[0]
    client.force_login(user)
    queue = client.get("/api/checks").json()
    assert len(queue) == 4
    assert {it["turn"] for it in queue} == {"verify"}
    number = queue[0]["id"]
    refused = client.post(
        f"/api/checks/{number}/finding", {"finding": "rejected"}, content_type=JSON
    )
    assert refused.status_code == 409
    found = client.post(
        f"/api/checks/{number}/finding",
        {"finding": "rejected", "reason": "No list"},
        content_type=JSON,
    ).json()
    assert (found["finding"], found["quantity"]) == ("rejected", "0.0000")
    assert len(client.get("/api/checks").json()) == 3
    client.post(f"/api/checks/{number}/undo", content_type=JSON)
    assert Check.objects.get(pk=number).finding == ""


def test_others_have_no_queue_and_see_no_look(client: Client) -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    look = makers.looks(made)[0]
    other = next(it for it in made.verifiers if it.pk != look.verifier_id)
    assert client.get("/api/checks").status_code == 403
    client.force_login(made.officer)
    assert client.get("/api/checks").status_code == 403
    client.force_login(other)
    assert client.get(f"/api/checks/{look.pk}").status_code == 404
    given = {"finding": "verified"}
    path = f"/api/checks/{look.pk}/finding"
    assert client.post(path, given, content_type=JSON).status_code == 404
    taken = client.post(f"/api/checks/{look.pk}/take", content_type=JSON)
    assert taken.status_code == 409


def test_a_claim_one_is_tied_to_opens_to_no_request(client: Client) -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    look = next(it for it in makers.looks(made) if it.sampled.cluster == made.clusters[0])
    assert look.verifier is not None
    registry.post(registry.person(user=look.verifier), organisation=made.organisations[0])
    client.force_login(look.verifier)
    assert look.pk not in {it["id"] for it in client.get("/api/checks").json()}
    path = f"/api/checks/{look.pk}"
    given = {"finding": "verified"}
    answers = [
        client.get(path),
        *(client.post(f"{path}/{name}", content_type=JSON) for name in ("take", "undo")),
        client.post(f"{path}/finding", given, content_type=JSON),
    ]
    assert [it.status_code for it in answers] == [403, 403, 403, 403]
