"""Tokens at the doors: the API takes them beside the session, pages never do, and one's own page makes them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sankul.core.actions import accounts, tokens
from sankul.core.models import ApiToken, Event, User
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import Role
from sankul.core.tests import makers as core
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.tests import makers as outcomes
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def cluster() -> Cluster:
    return makers.cluster(makers.programme(starts_on=date(2020, 4, 1)))


@pytest.fixture
def staff(cluster: Cluster) -> User:
    return makers.user_with(Role.CLUSTER_STAFF, cluster.scopes[0])


def _token(user: User, **given: Any) -> dict[str, str]:
    at = timezone.now()
    until = timezone.localdate(at) + timezone.timedelta(30)
    made = tokens.create(
        actor=actor_of(user, at), at=at, **{"name": "Export", "expires_on": until} | given
    )
    return {"Authorization": f"Bearer {made.secret}"}


def _sent(cluster: Cluster) -> dict[str, Any]:
    member = makers.membership(cluster, makers.organisation(), from_on=date(2020, 4, 1))
    return {
        "programme": cluster.programme.slug,
        "cluster": cluster.slug,
        "kind": "outreach_item",
        "reference": "T-1",
        "title": "Film",
        "on": "2025-05-10",
        "quantity": "1",
        "credits": [
            {
                "cluster": cluster.slug,
                "organisation": member.organisation.slug,
                "role": "led",
            }
        ],
    }


def _post(headers: dict[str, str], sent: dict[str, Any]) -> Any:
    client = Client(enforce_csrf_checks=True, headers=headers)
    return client.post("/api/claims", sent, content_type="application/json")


def test_a_token_reads_what_its_owner_may_see(cluster: Cluster, staff: User) -> None:
    draft = outcomes.draft(cluster)
    headers = _token(staff)
    assert Client().get(f"/api/claims/{draft.pk}").status_code == 404
    assert Client(headers=headers).get(f"/api/claims/{draft.pk}").status_code == 200
    assert ApiToken.objects.get().last_used_on == timezone.localdate()


def test_a_token_writes_without_a_csrf_token_and_the_log_names_it(
    cluster: Cluster, staff: User
) -> None:
    answer = _post(_token(staff, reads_only=False), _sent(cluster))
    assert answer.status_code == 201, answer.content
    event = Event.objects.get(verb="claim.drafted")
    assert event.actor == staff
    assert f'"token":{ApiToken.objects.get().pk}' in event.body


def test_a_session_still_needs_its_csrf_token(cluster: Cluster, staff: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    answer = client.post("/api/claims", _sent(cluster), content_type="application/json")
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"


def test_a_token_that_only_reads_writes_nothing(cluster: Cluster, staff: User) -> None:
    answer = _post(_token(staff), _sent(cluster))
    assert answer.status_code == 403
    assert answer.json()["detail"].startswith("This token only reads.")
    assert not Claim.objects.exists()


def test_a_token_does_not_reach_beyond_its_cluster(cluster: Cluster, staff: User) -> None:
    beside = makers.cluster(cluster.programme)
    core.grant(staff, Role.CLUSTER_STAFF, beside.scopes[0])
    headers = _token(staff, scope=cluster.scopes[0], reads_only=False)
    ours, theirs = outcomes.draft(cluster), outcomes.draft(beside)
    client = Client(headers=headers)
    assert client.get(f"/api/claims/{ours.pk}").status_code == 200
    assert client.get(f"/api/claims/{theirs.pk}").status_code == 404
    assert _post(headers, _sent(beside)).status_code == 403


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_token_that_is_not_valid_is_told_why_even_where_none_is_needed(
    method: str, staff: User
) -> None:
    headers = _token(staff)
    accounts.close(actor=None, user=staff, at=timezone.now())
    answer = getattr(Client(headers=headers), method)("/api/claims")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json()["detail"] == "The account of this token is closed."
    answer = Client(headers={"Authorization": "Bearer sankul_x"}).get("/api/clusters")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_the_token_of_somebody_whose_role_ended_sees_what_the_public_sees(
    cluster: Cluster, staff: User
) -> None:
    draft = outcomes.draft(cluster)
    headers = _token(staff)
    staff.grants.update(until_on=date(2020, 1, 2))
    assert Client(headers=headers).get(f"/api/claims/{draft.pk}").status_code == 404


def test_a_page_takes_no_token(cluster: Cluster, staff: User) -> None:
    draft = outcomes.draft(cluster)
    client = Client(headers=_token(staff))
    assert client.get(f"/claims/{draft.pk}/").status_code == 404
    assert client.get("/dashboard/").status_code == 302
    assert client.get("/metrics").status_code == 404


def test_the_description_names_both_ways_to_sign_in(client: Client) -> None:
    described = client.get("/api/openapi.json").json()
    schemes = described["components"]["securitySchemes"]
    assert schemes["Bearer"] == {"type": "http", "scheme": "bearer"}
    assert described["paths"]["/api/claims"]["get"]["security"] == [{"Bearer": []}, {}]
    assert described["paths"]["/api/claims"]["post"]["security"] == [
        {"Bearer": []}, {"Session": []}
    ]  # fmt: skip


def _form(**given: str) -> dict[str, str]:
    until = timezone.localdate() + timezone.timedelta(30)
    defaults = {"name": "Export", "may": "read", "on": "all", "expires_on": f"{until}"}
    return defaults | given


def test_the_page_shows_a_new_token_once_and_nobody_stores_the_page(
    client: Client, cluster: Cluster, staff: User
) -> None:
    client.force_login(staff)
    assert "You have no token." in client.get("/account/tokens/").content.decode()
    answer = client.post("/account/tokens/", _form(on=f"cluster-{cluster.pk}", may="write"))
    assert answer["Cache-Control"] == "no-store"
    secret = re.search(r"sankul_[\w-]{43}", answer.content.decode())
    assert secret
    token = ApiToken.objects.get()
    assert (token.scope, token.reads_only, token.owner) == (cluster.scopes[0], False, staff)
    page = client.get("/account/tokens/").content.decode()
    assert secret[0] not in page
    assert token.prefix in page
    assert cluster.name in page


def test_the_page_says_what_is_wrong(client: Client, staff: User) -> None:
    client.force_login(staff)
    answer = client.post("/account/tokens/", _form(expires_on="2020-01-01"))
    assert answer.status_code == 422
    assert "Choose a last day after today." in answer.content.decode()
    assert client.post("/account/tokens/", _form(on="cluster-0")).status_code == 422
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_after_asking(client: Client, staff: User) -> None:
    _token(staff)
    token = ApiToken.objects.get()
    address = f"/account/tokens/{token.pk}/revoke/"
    assert client.get(address).status_code == 302
    client.force_login(makers.user())
    assert client.get(address).status_code == 404
    client.force_login(staff)
    assert "Revoke the token “Export”?" in client.get(address).content.decode()
    token.refresh_from_db()
    assert token.revoked_at is None
    assert client.post(address).status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_somebody_without_a_role_is_told_that_a_token_would_do_nothing(client: Client) -> None:
    client.force_login(makers.user())
    page = client.get("/account/tokens/").content.decode()
    assert "a token could do nothing" in page
    assert client.post("/account/tokens/", _form()).status_code == 403


def test_the_list_of_tokens_takes_no_more_queries_for_more_of_them(
    client: Client, staff: User, django_assert_max_num_queries: Any
) -> None:
    client.force_login(staff)
    _token(staff)
    client.get("/account/tokens/")
    for number in range(3):
        _token(staff, name=f"Export {number}")
    with django_assert_max_num_queries(6):
        client.get("/account/tokens/")


def test_a_body_too_large_for_memory_is_refused_with_a_problem_document(staff: User) -> None:
    answer = _post(_token(staff, reads_only=False), {"detail": "a" * (6 * 2**20)})
    assert answer.status_code == 413
    assert answer["Content-Type"] == "application/problem+json"
