"""The pages, door by door."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sankul.core.models import User
from sankul.core.rules.roles import Role
from sankul.core.tests import makers as core
from sankul.programme.evidence.models import Check, Verification
from sankul.programme.evidence.rules import Design, Finding, VerificationStage
from sankul.programme.outcomes.tests import makers as outcomes
from sankul.programme.registry.models import Period
from sankul.programme.registry.tests import makers as registry

from . import makers

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("sankul.programme.evidence.tests.urls"),
]
TWICE = Design(precision=Decimal("0.005"), second_share=Decimal(1))


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doors' clock: six days on, when verifiers are at work."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: makers.later(6))


def _at(made: makers.Season, page: str = "") -> str:
    return f"/verification/{made.programme.slug}/{made.period.label}/{page}"


def _as(client: Client, user: User | None) -> Client:
    client.logout()
    if user:
        client.force_login(user)
    return client


def _text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()[-3000:]
    return answer.content.decode()


def _opened(made: makers.Season) -> makers.Season:
    Period.objects.filter(pk=made.period.pk).update(opened_at=makers.AT)
    return made


def test_a_plan_is_seen_by_its_programme_and_an_announcement_by_everybody(client: Client) -> None:
    made = makers.at_stage(VerificationStage.PLANNED)
    _text(client, _at(made), 404)
    assert "Announce the number" in _text(_as(client, made.officer), _at(made))
    makers.announce(made)
    text = _text(_as(client, None), _at(made))
    assert "state lottery" in text
    assert "Close the claims" not in text
    assert made.period.label in _text(client, "/verification/")


def test_a_design_says_what_it_takes_before_it_is_kept(client: Client) -> None:
    made = makers.season(claims=40)
    _as(client, made.officer)
    assert "80 claims" in _text(client, _at(made, "plan/"))
    given = {
        "precision": "10", "confidence": "90", "expected_overstatement": "10", "least_per_stratum": "2",
        "certainty_points": "", "second_share": "10", "minutes_per_claim": "30", "return_days": "14",
    }  # fmt: skip
    shown = client.get(_at(made, "plan/"), given).content.decode()
    assert "hours of work" in shown
    assert "of what is claimed does not stand" in shown
    assert not Verification.objects.exists()
    answer = client.post(_at(made, "plan/"), given | {"confidence": "100"})
    assert answer.status_code == 422
    assert "from 50 % to 99 %" in answer.content.decode()
    assert client.post(_at(made, "plan/"), given).status_code == 302
    kept = Verification.objects.get()
    assert (kept.precision, kept.minutes_per_claim) == (Decimal("0.1"), 30)


def test_the_steps_from_announcement_to_lock_are_taken_on_pages(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = makers.at_stage(VerificationStage.PLANNED)
    _as(client, made.officer)

    def on(days: int) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: makers.later(days))

    on(0)
    given = {"source": "A lottery", "closes_on": "2026-11-25", "draws_on": "2026-11-25"}
    refused = client.post(_at(made, "announce/"), given)
    assert "after the claims have closed" in refused.content.decode()
    client.post(_at(made, "announce/"), given | {"draws_on": "2026-11-27"})
    assert "The claims close on 25 Nov 2026" in _text(client, _at(made, "close/"))
    on(3)
    client.post(_at(made, "close/"))
    on(5)
    wrong = client.post(_at(made, "draw/"), {"number": "12 34"})
    assert "digits alone" in wrong.content.decode()
    client.post(_at(made, "draw/"), {"number": makers.NUMBER})
    client.post(_at(made, "begin/"))
    _as(client, made.verifiers[0])
    assert "12 claims have no finding yet" in _text(client, _at(made, "estimate/"))
    for look in makers.looks(made):
        makers.find(made, look)
    on(8)
    client.post(_at(made, "estimate/"))
    client.post(_at(made, "lock/"))
    assert made.under.stage == VerificationStage.LOCKED


@pytest.mark.parametrize("page", ["plan", "announce", "close", "draw", "begin", "estimate", "lock"])
def test_no_step_opens_to_those_who_may_not_take_it(client: Client, page: str) -> None:
    made = makers.at_stage(VerificationStage.ANNOUNCED)
    scope = made.programme.scopes[0]
    others = [registry.user_with(Role.APEX_MEMBER, scope), registry.user_with(Role.REVIEWER, scope)]
    others.append(registry.user_with(Role.CLUSTER_CEO, made.clusters[0].scopes[0]))
    for user in [None, *others]:
        assert _as(client, user).get(_at(made, f"{page}/")).status_code == 403
        assert client.post(_at(made, f"{page}/")).status_code == 403


def test_results_are_public_once_estimated_and_the_period_is_open(client: Client) -> None:
    made = makers.at_stage(VerificationStage.ESTIMATED)
    assert "Does not stand" not in _text(client, _at(made))
    for page in ("sample/", "findings/", "totals/"):
        assert made.claims[0].title not in _text(client, _at(made, page))
    assert made.under.population_id is not None
    assert client.get(f"/documents/{made.under.population_id}/").status_code == 404
    _opened(made)
    text = _text(client, _at(made))
    assert "Does not stand" in text
    assert "hashlib.sha256" in text
    assert makers.NUMBER in text
    for page in ("sample/", "findings/"):
        assert made.claims[0].title in _text(client, _at(made, page))
    assert made.clusters[0].name in _text(client, _at(made, "totals/"))
    answer = client.get(f"/documents/{made.under.population_id}/")
    assert b"id,stratum,size,claimed" in b"".join(answer)
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_the_sample_and_the_totals_are_files_too(client: Client) -> None:
    made = _opened(makers.at_stage(VerificationStage.ESTIMATED))
    lines = b"".join(client.get(_at(made, "sample/") + "?as=csv")).decode().splitlines()
    assert lines[0].startswith("\ufeffclaim,reference,cluster")
    assert len(lines) == 13
    lines = b"".join(client.get(_at(made, "totals/") + "?as=csv")).decode().splitlines()
    assert len(lines) == 1 + 3 * 2
    picture = client.get(_at(made) + "?picture=standing&as=csv")
    assert picture.status_code == 200


def test_cluster_staff_see_the_findings_on_their_own_claims_with_the_reason(client: Client) -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    looks = makers.looks(made)
    own = next(it for it in looks if it.sampled.cluster == made.clusters[0])
    makers.find(made, own, Finding.REJECTED, reason="The list is of another year")
    staff = registry.user_with(Role.CLUSTER_STAFF, made.clusters[0].scopes[0])
    stranger = registry.user_with(Role.CLUSTER_STAFF, made.clusters[1].scopes[0])
    assert "another year" not in _text(_as(client, staff), _at(made, "findings/"))
    makers.finish(made)
    assert "another year" in _text(_as(client, staff), _at(made, "findings/"))
    assert "another year" not in _text(_as(client, stranger), _at(made, "findings/"))
    assert "another year" not in _text(_as(client, None), _at(made, "findings/"))


def test_a_verifier_goes_from_claim_to_claim(client: Client) -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    user = made.verifiers[0]
    own = [it for it in makers.looks(made) if it.verifier_id == user.pk]
    _as(client, user)
    assert "4 claims wait for you" in _text(client, "/verification/queue/")
    text = _text(client, f"/verification/checks/{own[0].pk}/")
    assert own[0].sampled.claim.title in text
    assert "iframe" in text
    answer = client.post(
        f"/verification/checks/{own[0].pk}/",
        {"finding": "rejected", "reason": "The list is empty", "confirmed": ["result", "on"]},
    )
    assert answer["Location"] == f"/verification/checks/{own[1].pk}/"
    kept = Check.objects.get(pk=own[0].pk)
    assert (kept.finding, kept.confirmed) == ("rejected", ["result", "on"])
    assert "The list is empty" in _text(client, f"/verification/checks/{own[0].pk}/")
    client.post(f"/verification/checks/{own[0].pk}/undo/")
    assert Check.objects.get(pk=own[0].pk).finding == ""


def test_a_refused_finding_is_an_error_of_the_form(client: Client) -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    look = makers.looks(made)[0]
    assert look.verifier is not None
    answer = _as(client, look.verifier).post(
        f"/verification/checks/{look.pk}/", {"finding": "rejected"}
    )
    assert answer.status_code == 422
    assert "Give the reason" in answer.content.decode()


def test_notes_are_kept_with_their_documents(client: Client) -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    look = makers.looks(made)[0]
    sha256 = look.sampled.claim.attachments.get().document_id
    assert sha256 is not None
    assert look.verifier is not None
    _as(client, look.verifier).post(
        f"/verification/checks/{look.pk}/",
        {"finding": "verified", f"note-{sha256[:16]}": "Signed on page 3"},
    )
    assert Check.objects.get(pk=look.pk).notes == {sha256: "Signed on page 3"}


def test_the_first_finding_shows_on_no_page_to_anybody_else_until_both_have_found(
    client: Client,
) -> None:
    made = makers.at_stage(VerificationStage.VERIFYING, design=TWICE)
    first, second = [it for it in makers.looks(made) if it.sampled.position == 1]
    makers.find(made, first, Finding.REJECTED, reason="Hidden word")
    assert second.verifier is not None
    others = [second.verifier, made.officer, made.verifiers[2]]
    others.append(registry.user_with(Role.APEX_MEMBER, made.programme.scopes[0]))
    others.append(registry.user_with(Role.CLUSTER_CEO, made.clusters[0].scopes[0]))
    pages = ["/verification/", _at(made), _at(made, "findings/"), _at(made, "sample/"),
             "/verification/queue/", f"/verification/checks/{first.pk}/",
             f"/verification/checks/{second.pk}/", "/api/checks", f"/api/checks/{first.pk}",
             f"/api/checks/{second.pk}", _at(made, "totals/?as=csv")]  # fmt: skip
    for user in others:
        for page in pages:
            answer = _as(client, user).get(page)
            shown = b"".join(answer) if answer.streaming else answer.content
            assert b"Hidden word" not in shown, (user, page)
            assert b'"rejected"' not in shown or b'value="rejected"' in shown, (user, page)


def test_nothing_tells_a_verifier_that_another_looks_too(client: Client) -> None:
    made = makers.at_stage(VerificationStage.VERIFYING, design=TWICE)
    first, second = [it for it in makers.looks(made) if it.sampled.position == 1]
    for look in (first, second):
        assert look.verifier is not None
        text = _text(_as(client, look.verifier), f"/verification/checks/{look.pk}/")
        assert "blind" not in text
        assert "first look" not in text


def test_the_third_verifier_sees_what_both_have_found(client: Client) -> None:
    made = makers.at_stage(VerificationStage.VERIFYING, design=TWICE)
    first, second = [it for it in makers.looks(made) if it.sampled.position == 1]
    makers.find(made, first, Finding.REJECTED, reason="No list")
    makers.find(made, second)
    third = Check.objects.get(sampled=first.sampled, turn="third")
    free = next(it for it in made.verifiers if it.pk not in {first.verifier_id, second.verifier_id})
    text = _text(_as(client, free), "/verification/queue/")
    assert "Take it" in text
    client.post(f"/verification/checks/{third.pk}/take/")
    assert "No list" in _text(client, f"/verification/checks/{third.pk}/")
    assert first.verifier is not None
    _as(client, first.verifier)
    assert client.post(f"/verification/checks/{third.pk}/take/").status_code == 409


def test_somebody_elses_claim_is_not_found(client: Client) -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    look = makers.looks(made)[0]
    other = next(it for it in made.verifiers if it.pk != look.verifier_id)
    for user in (other, made.officer, None):
        _as(client, user)
        assert client.get(f"/verification/checks/{look.pk}/").status_code == 404
        assert client.post(f"/verification/checks/{look.pk}/undo/").status_code == 404


def _employ(made: makers.Season, user: User) -> None:
    registry.post(registry.person(user=user), organisation=made.organisations[0])


def _make_staff(made: makers.Season, user: User) -> None:
    core.grant(user, Role.CLUSTER_STAFF, made.clusters[0].scopes[0])


@pytest.mark.parametrize("tie_to", [_employ, _make_staff])
def test_a_claim_one_is_tied_to_is_in_no_queue_and_opens_on_no_door(
    client: Client, tie_to: Callable[[makers.Season, User], None]
) -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    look = next(it for it in makers.looks(made) if it.sampled.cluster == made.clusters[0])
    assert look.verifier is not None
    tie_to(made, look.verifier)
    _as(client, look.verifier)
    assert look.sampled.claim.title not in _text(client, "/verification/queue/")
    page = f"/verification/checks/{look.pk}/"
    for answer in (client.get(page), client.post(page, {"finding": "verified"}),
                   client.post(f"{page}undo/"), client.post(f"{page}take/")):  # fmt: skip
        assert answer.status_code == 403
        assert "You cannot verify this claim" in answer.content.decode()


def test_conflicts_are_declared_and_taken_back_on_a_page(client: Client) -> None:
    made = makers.season()
    user = made.verifiers[0]
    page = f"/verification/{made.programme.slug}/conflicts/"
    _as(client, user)
    given = {"verifier": user.pk, "cluster": made.clusters[0].pk, "reason": "My brother leads it"}
    assert client.post(page, given).status_code == 302
    assert "My brother leads it" in _text(client, page)
    assert client.post(page, given).status_code == 422
    assert "My brother" not in _text(_as(client, made.verifiers[1]), page)
    assert client.post(page, given).status_code == 422
    text = _text(_as(client, made.officer), page)
    assert "Take back" in text
    number = user.conflicts.get().pk
    client.post(f"/verification/conflicts/{number}/retract/")
    assert "My brother" not in _text(client, page)
    assert _as(client, None).get(page).status_code == 403


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as found:
        answer = client.get(address)
        if answer.streaming:
            b"".join(answer)
    assert answer.status_code == 200
    return len(found)


@pytest.mark.parametrize(
    ("page", "most"),
    [("", 18), ("sample/", 9), ("findings/", 10), ("totals/", 9), ("sample/?as=csv", 7)],
)
def test_queries_do_not_grow_with_claims(client: Client, page: str, most: int) -> None:
    counts = []
    for claims in (1, 4):
        made = _opened(makers.at_stage(VerificationStage.ESTIMATED, makers.season(claims=claims)))
        counts.append(_queries(_as(client, None), _at(made, page)))
    assert counts[0] == counts[1] <= most


def test_a_queue_takes_as_many_queries_for_one_claim_as_for_three(client: Client) -> None:
    counts = []
    for claims in (1, 3):
        made = makers.at_stage(
            VerificationStage.VERIFYING, makers.season(claims=claims, verifiers=1, clusters=1)
        )
        counts.append(_queries(_as(client, made.verifiers[0]), "/verification/queue/"))
    assert counts[0] == counts[1] <= 22


def test_a_claim_beside_its_documents_takes_as_many_queries_for_one_as_for_three(
    client: Client,
) -> None:
    made = makers.season(claims=3, verifiers=1, clusters=1)
    for _ in range(2):
        outcomes.attachment(made.claims[0])
    makers.at_stage(VerificationStage.VERIFYING, made)
    looks: dict[Any, Check] = {it.sampled.claim_id: it for it in makers.looks(made)}
    _as(client, made.verifiers[0])
    counts = [
        _queries(client, f"/verification/checks/{looks[made.claims[at].pk].pk}/") for at in (0, 1)
    ]
    assert counts[0] == counts[1] <= 24
