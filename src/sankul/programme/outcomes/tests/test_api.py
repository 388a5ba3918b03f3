"""Claims as JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from sankul.core.rules.roles import Role
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.tests import makers as made
from sankul.programme.registry.models import Cluster, Organisation
from sankul.programme.registry.tests import makers

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("sankul.programme.outcomes.tests.urls"),
]


@pytest.fixture
def cluster() -> Cluster:
    made_cluster = makers.cluster()
    makers.period(made_cluster.programme, opened_at=makers.AT)
    return made_cluster


@pytest.fixture
def member(cluster: Cluster) -> Organisation:
    return makers.membership(cluster, makers.organisation()).organisation


@pytest.fixture
def staff(cluster: Cluster, client: Client) -> Client:
    client.force_login(makers.user_with(Role.CLUSTER_STAFF, cluster.scopes[0]))
    return client


def given(of: Cluster, member: Organisation, **changes: Any) -> dict[str, Any]:
    return {
        "programme": of.programme.slug,
        "cluster": of.slug,
        "kind": "training_event",
        "reference": "T-1",
        "title": "Workshop on water",
        "on": "2025-05-10",
        "quantity": "1",
        "facts": made.facts("training_event"),
        "credits": [{"cluster": of.slug, "organisation": member.slug, "role": "led"}],
    } | changes


def posted(client: Client, body: dict[str, Any]) -> Any:
    return client.post("/api/claims", body, content_type="application/json")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(
    cluster: Cluster, rows: int, client: Client, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        made.claim(cluster)
    with django_assert_num_queries(1):
        answer = client.get("/api/claims").json()
    assert len(answer["items"]) == rows
    assert answer["next"] is None


def test_the_list_is_read_on_by_number(cluster: Cluster, client: Client) -> None:
    numbers = [made.claim(cluster).pk for _ in range(3)]
    first = client.get("/api/claims?limit=2").json()
    assert ([item["id"] for item in first["items"]], first["next"]) == (numbers[:2], numbers[1])
    rest = client.get(f"/api/claims?limit=2&after={first['next']}").json()
    assert ([item["id"] for item in rest["items"]], rest["next"]) == (numbers[2:], None)


def test_the_list_is_filtered(cluster: Cluster, client: Client) -> None:
    wanted = made.claim(cluster, kind="rd_fdi")
    made.claim(cluster)
    asked = f"/api/claims?kind=rd_fdi&cluster={cluster.slug}&status=submitted&from_on=2025-05-10"
    assert [item["id"] for item in client.get(asked).json()["items"]] == [wanted.pk]
    assert client.get("/api/claims?until_on=2025-05-09").json()["items"] == []


def test_one_claim_with_credits_and_documents(
    cluster: Cluster, member: Organisation, client: Client
) -> None:
    claim = made.claim(cluster, member)
    document = made.attachment(claim).document
    answer = client.get(f"/api/claims/{claim.pk}").json()
    assert answer["credits"] == [
        {
            "cluster": cluster.slug,
            "organisation": member.slug,
            "role": "led",
            "share": "1.000000",
            "quantity": "1.0000000000",
        }
    ]
    assert [item["sha256"] for item in answer["documents"]] == [document.sha256]
    assert (answer["unit"], answer["outcome"], answer["is_evidenced"]) == ("count", 8, True)


def test_what_one_may_not_see_is_not_there(cluster: Cluster, client: Client) -> None:
    assert client.get(f"/api/claims/{made.draft(cluster).pk}").status_code == 404
    assert client.get("/api/claims").json()["items"] == []


def test_a_draft_is_recorded_once(cluster: Cluster, member: Organisation, staff: Client) -> None:
    first = posted(staff, given(cluster, member))
    again = posted(staff, given(cluster, member))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Claim.objects.get().credits.get().share == Decimal(1)


def test_a_draft_is_submitted(cluster: Cluster, member: Organisation, staff: Client) -> None:
    number = posted(staff, given(cluster, member)).json()["id"]
    assert staff.post(f"/api/claims/{number}/submit").json()["status"] == "submitted"
    assert staff.post(f"/api/claims/{number}/submit").status_code == 409


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"kind": "magic"}, 409, "no kind of claim"),
        ({"cluster": "nowhere"}, 409, "has no cluster “nowhere”"),
        ({"quantity": "0"}, 409, "lies above 0"),
        ({"on": "tomorrow"}, 422, "date"),
        ({"quantity": "much"}, 422, "decimal"),
        ({"quantity": "1e400"}, 409, "14 digits"),
        ({"quantity": "NaN"}, 422, "finite"),
        ({"title": "a\x00b"}, 422, "pattern"),
    ],
)
def test_a_wrong_claim_is_refused_with_the_reason(
    cluster: Cluster,
    member: Organisation,
    staff: Client,
    changes: dict[str, Any],
    status: int,
    reason: str,
) -> None:
    answer = posted(staff, given(cluster, member, **changes))
    assert answer.status_code == status
    assert reason in answer.content.decode()
    assert not Claim.objects.exists()


def test_an_unknown_organisation_is_named(
    cluster: Cluster, member: Organisation, staff: Client
) -> None:
    body = given(cluster, member)
    body["credits"][0]["organisation"] = "nobody"
    assert posted(staff, body).content.decode() == "There is no organisation “nobody”."


def test_the_public_records_nothing(cluster: Cluster, member: Organisation, client: Client) -> None:
    assert posted(client, given(cluster, member)).status_code == 401
    assert client.post(f"/api/claims/{made.draft(cluster).pk}/submit").status_code == 401


def test_staff_of_another_cluster_record_nothing(
    cluster: Cluster, member: Organisation, client: Client
) -> None:
    other = makers.cluster(cluster.programme)
    client.force_login(makers.user_with(Role.CLUSTER_STAFF, other.scopes[0]))
    assert posted(client, given(cluster, member)).status_code == 403


def test_writing_needs_the_token_of_the_session(cluster: Cluster, member: Organisation) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(makers.user_with(Role.CLUSTER_STAFF, cluster.scopes[0]))
    assert posted(strict, given(cluster, member)).status_code == 403
    assert not Claim.objects.exists()
