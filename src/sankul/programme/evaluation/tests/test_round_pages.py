"""The pages of a round: what blocks it and who must act, the own part before publication, decisions and appeals."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sankul.core.models import User
from sankul.core.rules.roles import Role
from sankul.programme.evaluation.models import FundingDecision, FundingRule, Objection, Round
from sankul.programme.evaluation.rules import Phase
from sankul.programme.registry.tests import makers

from .rounds import DUE, Played, at_phase, later, opened, season

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the clock of the door to so many days after the moment of the tests."""

    def set_to(days: int) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: later(days))

    return set_to


def _as(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _url(name: str, played: Played, *rest: str) -> str:
    return reverse(name, args=[played.season.programme.slug, played.season.period.label, *rest])


def test_the_page_of_a_round_says_what_blocks_it_who_must_act_and_where(at: Any) -> None:
    played = at_phase(Phase.FEEDBACK)
    at(15)
    page = _as(played.season.officer).get(_url("round", played)).content.decode()
    assert "No preliminary evaluation" in page
    assert "waits for: Evaluator" in page
    assert reverse("desk", args=[played.season.programme.slug]) in page
    assert "Set the last day to 14 Dec 2026 or later" in page
    assert _url("round-deadlines", played) in page
    assert "360-degree feedback: 5 days late (Evaluator)" in page
    assert _url("round-move", played) not in page


def test_before_there_is_a_verification_the_office_finds_the_way_to_plan_it(at: Any) -> None:
    played = opened()
    played.move()
    at(1)
    assert (
        _url("verification-plan", played)
        in _as(played.season.officer).get(_url("round", played)).content.decode()
    )
    page = _as(played.ceos[0]).get(_url("round", played)).content.decode()
    assert "The claims are not closed" in page
    assert "/verification/" + played.season.programme.slug not in page


def test_the_owner_of_a_phase_that_is_done_finds_the_way_on(at: Any) -> None:
    played = at_phase(Phase.FEEDBACK)
    played.compute(9)
    at(10)
    evaluator = _as(played.season.verifiers[0])
    page = evaluator.get(_url("round", played)).content.decode()
    assert "Go on to: Right of reply" in page
    assert "Go on to" not in _as(played.apex).get(_url("round", played)).content.decode()
    assert "A round never goes back" in evaluator.get(_url("round-move", played)).content.decode()
    assert evaluator.post(_url("round-move", played)).status_code == 302
    assert played.now.phase == Phase.REPLY
    assert _as(played.apex).post(_url("round-move", played)).status_code == 403


def test_a_refusal_to_move_on_is_told_in_words(at: Any) -> None:
    played = at_phase(Phase.REPLY)
    at(12)
    answer = _as(played.season.officer).post(_url("round-move", played))
    assert answer.status_code == 409
    assert "The window is open until the end of 12 Dec 2026" in answer.content.decode()
    assert played.now.phase == Phase.REPLY


def test_the_office_opens_a_round_and_moves_a_deadline(at: Any) -> None:
    made = season()
    at(0)
    client = _as(made.officer)
    address = reverse("round-new", args=[made.programme.slug])
    given = {"period": made.period.label} | {phase: f"{on:%Y-%m-%d}" for phase, on in DUE.items()}
    wrong = client.post(address, given | {Phase.APPEALS: "2026-12-01"})
    assert wrong.status_code == 422
    assert "ends before" in wrong.content.decode()
    assert client.post(address, given).status_code == 302
    found = Round.objects.get()
    deadlines = reverse("round-deadlines", args=[made.programme.slug, made.period.label])
    moved = {"phase": "moderation", "due_on": "2026-12-15", "reason": "A holiday"}
    assert client.post(deadlines, moved).status_code == 302
    assert str(found.deadlines.get(phase="moderation").due_on) == "2026-12-15"
    assert client.post(deadlines, moved | {"reason": " "}).status_code == 422


def test_a_cluster_reads_its_own_part_of_the_preliminary_run_and_nothing_of_others(at: Any) -> None:
    played = at_phase(Phase.REPLY)
    at(12)
    own, other = played.clusters
    run = played.now.preliminary_id
    client = _as(played.ceos[0])
    page = client.get(_url("round", played)).content.decode()
    address = f"{_url('standing', played, own.slug)}?run={run}"
    assert address in page
    part = client.get(address)
    assert part.status_code == 200
    told = part.content.decode()
    assert other.name not in told
    assert "Beside the other clusters" not in told
    value = client.get(f"{_url('value', played, own.slug, 'items')}?run={run}")
    assert value.status_code == 200
    assert other.name not in value.content.decode()
    lineage = client.get(f"{_url('value-lineage', played, own.slug, 'items')}?run={run}")
    assert lineage.status_code == 200
    csv = client.get(f"{_url('value', played, own.slug, 'items')}?run={run}&as=csv")
    assert csv.status_code == 200
    for closed in (
        f"{_url('standing', played, other.slug)}?run={run}",
        f"{_url('value', played, other.slug, 'items')}?run={run}",
        f"{_url('value-lineage', played, other.slug, 'items')}?run={run}",
        f"{_url('ranking', played)}?run={run}",
        f"{_url('certainty', played)}?run={run}",
        _url("round-decisions", played),
        f"/api/evaluations/{played.season.programme.slug}/{played.season.period.label}",
    ):
        assert client.get(closed).status_code == 404, closed
    package = reverse("document", args=[played.now.preliminary.package_id])
    assert client.get(package).status_code == 404
    assert Client().get(address).status_code == 404


def test_after_moderation_the_final_run_is_not_the_clusters_to_read(at: Any) -> None:
    played = at_phase(Phase.SEALING)
    second = played.compute(22)
    at(22)
    client = _as(played.ceos[0])
    address = _url("standing", played, played.clusters[0].slug)
    assert client.get(f"{address}?run={second.pk}").status_code == 404
    assert client.get(f"{address}?run={played.now.preliminary_id}").status_code == 200


def test_a_cluster_contests_on_the_page_and_the_evaluator_rules_on_it(at: Any) -> None:
    played = at_phase(Phase.REPLY)
    at(12)
    own = played.clusters[0]
    client = _as(played.ceos[0])
    address = _url("objection-new", played, own.slug)
    assert "Items" in client.get(address).content.decode()
    given = {
        "indicator": "items",
        "claim": played.season.claims[0].reference,
        "reason": "Three films were left out of the list.",
    }
    assert client.post(address, given | {"claim": "nothing"}).status_code == 422
    paper = SimpleUploadedFile("list.txt", b"Eight films\n")
    assert client.post(address, given | {"file": paper}).status_code == 302
    one = Objection.objects.get()
    kept = one.documents.get()
    assert client.get(reverse("document", args=[kept.pk])).getvalue() == b"Eight films\n"
    assert _as(played.ceos[1]).get(reverse("document", args=[kept.pk])).status_code == 404
    page = reverse("objection", args=[one.pk])
    assert _as(played.ceos[1]).get(page).status_code == 404
    assert "Rule on it" not in client.get(page).content.decode()
    ruling = reverse("objection-rule", args=[one.pk])
    assert client.post(ruling, {"ruling": "upheld", "reasons": "x"}).status_code == 403
    evaluator = _as(played.season.verifiers[0])
    assert "Rule on it" in evaluator.get(page).content.decode()
    wrong = evaluator.post(ruling, {"ruling": "upheld", "reasons": "It does.", "quantity": "11"})
    assert (wrong.status_code, "from 0 to 8" in wrong.content.decode()) == (422, True)
    right = {"ruling": "upheld", "reasons": "It does.", "quantity": "7"}
    assert evaluator.post(ruling, right).status_code == 302
    assert "It does." in client.get(page).content.decode()
    listed = client.get(_url("objections", played)).content.decode()
    assert "Upheld" in listed


def test_another_cluster_cannot_contest_for_one(at: Any) -> None:
    played = at_phase(Phase.REPLY)
    at(12)
    address = _url("objection-new", played, played.clusters[0].slug)
    assert _as(played.ceos[1]).get(address).status_code == 403
    assert _as(played.season.officer).post(address, {}).status_code == 403


def test_the_committee_finds_all_that_it_decides_on_and_decides(at: Any) -> None:
    played = at_phase(Phase.DECISION)
    at(24)
    strong, weak = played.clusters
    client = _as(played.apex)
    page = client.get(_url("round-decisions", played)).content.decode()
    for words in (
        "Ranking, proposals and decisions", "Continue with an improvement plan", "Who may learn from whom",
        "The smallest changes that would turn a decision", strong.name, weak.name,
    ):  # fmt: skip
        assert words in page
    address = _url("round-decide", played, weak.slug)
    assert address in page
    assert (
        "The rule proposes: Continue with an improvement plan"
        in client.get(address).content.decode()
    )
    given = {"outcome": "plan", "meeting": played.meeting.pk, "reference": "F1"}
    assert client.post(address, given).status_code == 422
    half = client.post(address, given | {"indicator_1": "items"})
    assert "A target has a value and a day" in half.content.decode()
    full = given | {"indicator_1": "items", "value_1": "6", "due_1": "2027-09-30"}
    assert client.post(address, full).status_code == 302
    assert FundingDecision.objects.get().targets.get().value == 6
    page = client.get(_url("round-decisions", played)).content.decode()
    assert "agreed in this round" in page
    assert address not in page


def test_who_reads_the_result_before_it_is_published(at: Any) -> None:
    played = at_phase(Phase.DECISION)
    at(24)
    address = _url("round-decisions", played)
    for user, status in (
        (played.season.officer, 200),
        (played.season.verifiers[0], 200),
        (played.ceos[0], 404),
        (makers.user(), 404),
    ):
        assert _as(user).get(address).status_code == status
    for user in (played.season.officer, played.season.verifiers[0]):
        decide = _url("round-decide", played, played.clusters[0].slug)
        assert _as(user).get(decide).status_code == 403


def test_once_published_everybody_reads_decisions_and_decided_appeals(at: Any) -> None:
    played = at_phase(Phase.APPEALS)
    at(26)
    assert Client().get(_url("round", played)).status_code == 200
    assert Client().get(_url("round-decisions", played)).status_code == 200
    page = _as(played.ceos[0]).get(_url("round", played)).content.decode()
    assert "Appeal" in page
    assert _url("standing", played, played.clusters[0].slug) in page
    assert Client().get(reverse("rounds")).content.decode().count("Appeals") == 1


def test_a_successful_appeal_is_carried_out_and_corrected_on_the_pages(at: Any) -> None:
    played = at_phase(Phase.APPEALS)
    at(26)
    given = {
        "indicator": "items",
        "claim": played.season.claims[0].reference,
        "reason": "Two films were counted twice.",
    }
    new = _url("objection-new", played, played.clusters[0].slug)
    assert _as(played.ceos[0]).post(new, given).status_code == 302
    one = Objection.objects.get()
    page = reverse("objection", args=[one.pk])
    ruling = {"ruling": "upheld", "reasons": "So it is.", "quantity": "6"}
    address = reverse("objection-rule", args=[one.pk])
    assert _as(played.apex).post(address, ruling).status_code == 302
    evaluator = _as(played.season.verifiers[0])
    assert "Carry out the ruling" in evaluator.get(page).content.decode()
    carry = reverse("objection-carry-out", args=[one.pk])
    assert _as(played.apex).post(carry).status_code == 403
    assert evaluator.post(carry).status_code == 302
    correct = _url("round-correct", played)
    assert _as(played.apex).post(correct).status_code == 409
    second = played.compute(27)
    assert (
        "corrected evaluation" in _as(played.apex).get(_url("objections", played)).content.decode()
    )
    assert evaluator.post(correct).status_code == 403
    assert _as(played.apex).post(correct).status_code == 302
    assert played.now.run_id == second.pk
    assert "So it is." in Client().get(page).content.decode()


def test_the_committee_approves_a_funding_rule_on_its_page() -> None:
    played = opened()
    address = reverse("funding-rules", args=[played.season.programme.slug])
    decision = makers.decision(played.meeting)
    given = {
        "version": "2", "plan_probability": "0.4", "stop_probability": "0.3", "stop_years": "3",
        "unranked": "plan", "decision": decision.pk,
    }  # fmt: skip
    client = _as(played.apex)
    new = reverse("funding-rule-new", args=[played.season.programme.slug])
    assert client.post(new, given).status_code == 422
    assert client.post(new, given | {"stop_probability": "0.8"}).status_code == 302
    assert FundingRule.objects.filter(version="2").exists()
    assert "Approve a rule" not in _as(played.season.officer).get(address).content.decode()
    assert _as(played.season.officer).post(new, given).status_code == 403
    assert _as(played.ceos[0]).get(address).status_code == 403


def test_strangers_find_no_round_before_it_is_published() -> None:
    played = at_phase(Phase.CLAIMS)
    for user in (makers.user(), makers.user_with(Role.EVALUATOR, makers.programme().scopes[0])):
        assert _as(user).get(_url("round", played)).status_code == 404
    assert played.season.programme.name not in Client().get(reverse("rounds")).content.decode()


def test_the_api_tells_of_a_round_and_keeps_its_result_until_it_is_open(at: Any) -> None:
    played = at_phase(Phase.DECISION)
    played.decide(played.clusters[1])
    at(24)
    address = f"/api/rounds/{played.season.programme.slug}/{played.season.period.label}"
    own = _as(played.ceos[0]).get(address).json()
    assert (own["phase"], own["decisions"], own["pairings"], own["input_sha256"]) == (
        "decision", [], [], "",
    )  # fmt: skip
    assert Client().get(address).status_code == 404
    assert Client().get("/api/rounds").json() == []
    seen = _as(played.apex).get(address).json()
    assert [(one["cluster"], one["outcome"]) for one in seen["decisions"]] == [
        (played.clusters[1].slug, "plan")
    ]
    assert seen["decisions"][0]["targets"][0]["value"] == 6
    assert seen["phases"][0] == {
        "phase": "framework", "due_on": "2026-11-24", "left_at": "2026-11-22T06:30:00Z",
    }  # fmt: skip
    played.decide(played.clusters[0])
    played.move()
    played.move()
    public = Client().get(address).json()
    assert len(public["decisions"]) == 2
    assert public["pairings"][0]["mentor"] == played.clusters[0].slug
    assert len(Client().get("/api/rounds").json()) == 1


def test_the_home_tells_the_owner_of_a_phase_and_the_clusters_what_to_do(at: Any) -> None:
    played = at_phase(Phase.REPLY)
    at(12)
    home = reverse("dashboard")
    officer = _as(played.season.officer).get(home).content.decode()
    assert "Evaluation round 2025-26: Right of reply" in officer
    own = _as(played.ceos[0]).get(home).content.decode()
    assert "Read your part of the evaluation 2025-26, and reply" in own
    assert "until 12 Dec 2026" in own
    assert _url("round", played) not in _as(played.apex).get(home).content.decode()
    at(22)
    assert "ready to go on" in _as(played.season.officer).get(home).content.decode()
    assert _url("round", played) not in _as(played.ceos[0]).get(home).content.decode()


def test_lists_of_rounds_and_objections_ask_as_often_for_three_rows_as_for_one(at: Any) -> None:
    played = at_phase(Phase.APPEALS)
    at(26)
    lists = [reverse("rounds"), _url("objections", played), _url("round-decisions", played)]

    def contest(indicator: str) -> None:
        Objection.objects.create(
            round=played.round, cluster=played.clusters[0], kind="appeal", indicator=indicator,
            reason="Three films were shown twice.", filed_at=later(26),
        )  # fmt: skip

    def asked(address: str) -> int:
        client = _as(played.season.officer)
        client.get(address)
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    contest("items")
    before = [asked(address) for address in lists]
    for number in (1, 2):
        contest(f"more_{number}")
        period = makers.period(played.season.programme, 2026 + number)
        Round.objects.create(programme=played.season.programme, period=period, opened_at=later(0))
    assert [asked(address) for address in lists] == before
