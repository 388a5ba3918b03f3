"""The right of reply and appeals: who may contest what and when, how it is ruled on, and what follows from it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db.utils import ProgrammingError

from sankul.core.models import Event
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.evaluation.actions import replies, runs
from sankul.programme.evaluation.models import FundingDecision, Objection
from sankul.programme.evaluation.queries import rounds as queries
from sankul.programme.evaluation.rules import Outcome, Phase, Ruling
from sankul.programme.evidence.models import Conflict, Estimate, Sampled
from sankul.programme.registry.tests import makers

from .rounds import Played, at_phase, later

pytestmark = pytest.mark.django_db
REASON = "The list counts eight films, of which three were shown twice."


def _contest(played: Played, days: int = 12, cluster: int = 0, **given: Any) -> Objection:
    fields: dict[str, Any] = {
        "cluster": played.clusters[cluster],
        "indicator": "items",
        "reason": REASON,
        "at": later(days),
    }
    actor = played.by(Role.CLUSTER_CEO, days, cluster)
    return replies.contest(actor=actor, of=played.round, **fields | given)


def _rule(played: Played, one: Objection, days: int = 21, **given: Any) -> Objection:
    fields: dict[str, Any] = {
        "ruling": Ruling.UPHELD,
        "reasons": "The second list shows it.",
        "at": later(days),
    }
    role = Role.APEX_MEMBER if one.kind == "appeal" else Role.EVALUATOR
    return replies.rule(actor=played.by(role, days), objection=one, **fields | given)


def test_a_cluster_contests_a_figure_of_its_own_with_evidence() -> None:
    played = at_phase(Phase.REPLY)
    paper = makers.document()
    made = _contest(played, documents=[paper])
    assert (made.kind, made.ruling, list(made.documents.all())) == ("reply", "open", [paper])
    assert queries.known(played.now, later(12)).open_objections == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"indicator": "tea"}, "no such figure"),
        ({"reason": "Wrong."}, "Say what is wrong"),
        ({"days": 21}, "open until 12 Dec 2026"),
    ],
)
def test_what_cannot_be_contested_is_refused(given: dict[str, Any], words: str) -> None:
    played = at_phase(Phase.REPLY)
    with pytest.raises(Refused, match=words):
        _contest(played, **given)
    assert not Objection.objects.exists()


def test_figures_are_contested_in_the_windows_alone() -> None:
    played = at_phase(Phase.MODERATION)
    with pytest.raises(Refused, match="windows for replies and appeals"):
        _contest(played)


def test_a_claim_of_another_cluster_is_not_contested() -> None:
    played = at_phase(Phase.REPLY)
    with pytest.raises(Refused, match="no claim of your cluster"):
        _contest(played, claim=played.season.claims[3])


def test_only_the_ceo_of_the_cluster_contests() -> None:
    played = at_phase(Phase.REPLY)
    for actor in (
        played.by(Role.CLUSTER_CEO, 12, 1),
        played.by(Role.EVALUATOR, 12),
        makers.actor_with(Role.CLUSTER_STAFF, played.clusters[0].scopes[0], later(12)),
    ):
        with pytest.raises(Forbidden):
            _contest(played) if actor is None else replies.contest(
                actor=actor, of=played.round, cluster=played.clusters[0], indicator="items",
                reason=REASON, at=later(12),
            )  # fmt: skip


def test_a_figure_is_contested_once() -> None:
    played = at_phase(Phase.REPLY)
    _contest(played)
    with pytest.raises(Refused, match="contested already"):
        _contest(played)


def test_nothing_stays_open_when_moderation_ends() -> None:
    played = at_phase(Phase.REPLY)
    one = _contest(played)
    played.move()
    with pytest.raises(Refused, match="1 objection is not ruled on"):
        played.move()
    _rule(played, one, ruling=Ruling.DISMISSED)
    assert played.move().phase == Phase.SEALING


def test_an_upheld_reply_judges_the_claim_anew_and_asks_for_a_new_run() -> None:
    played = at_phase(Phase.REPLY)
    claim = played.season.claims[0]
    one = _contest(played, claim=claim)
    played.move()
    preliminary = played.now.preliminary
    assert preliminary is not None
    ruled = _rule(played, one, quantity=Decimal(5))
    claim.refresh_from_db()
    assert (claim.status, claim.verified_quantity) == ("partly_verified", Decimal(5))
    assert ruled.carried_out_at == later(21)
    sampled = Sampled.objects.get(claim=claim)
    assert (sampled.finding, sampled.verified_quantity) == ("partly_verified", Decimal(5))
    items = Estimate.objects.get(cluster=played.clusters[0], measure="outreach_item", of="quantity")
    assert items.known == 5
    with pytest.raises(Refused, match="since the last ruling"):
        played.move()
    final = played.compute(22)
    assert played.move().run == final
    standing = final.standings.get(cluster=played.clusters[0])
    assert standing.score == pytest.approx((50 + 60) / 2)
    one.refresh_from_db()
    assert one.run == final


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"reasons": " "}, "Give the reasons"),
        ({"ruling": "maybe"}, "upheld or dismissed"),
        ({"quantity": Decimal(9)}, "from 0 to 8"),
        ({"quantity": None}, "from 0 to 8"),
        ({"ruling": Ruling.DISMISSED, "quantity": Decimal(1)}, "where a claim is contested"),
    ],
)
def test_a_ruling_without_what_it_needs_is_refused(given: dict[str, Any], words: str) -> None:
    played = at_phase(Phase.REPLY)
    one = _contest(played, claim=played.season.claims[0])
    with pytest.raises(Refused, match=words):
        _rule(played, one, 15, **{"quantity": Decimal(5)} | given)
    one.refresh_from_db()
    assert one.ruling == Ruling.OPEN


def test_an_objection_is_ruled_on_once_and_the_ruling_stands() -> None:
    played = at_phase(Phase.REPLY)
    one = _contest(played)
    _rule(played, one, ruling=Ruling.DISMISSED)
    with pytest.raises(Refused, match="ruled on already"):
        _rule(played, one)
    with pytest.raises(ProgrammingError, match="Cannot update"):
        Objection.objects.filter(pk=one.pk).update(reasons="Something else")


def test_an_evaluator_who_is_tied_to_the_cluster_rules_on_nothing_of_it() -> None:
    played = at_phase(Phase.REPLY)
    one = _contest(played)
    Conflict.objects.create(
        programme=played.season.programme, verifier=played.season.verifiers[0],
        cluster=played.clusters[0], reason="Sister", declared_at=later(1),
    )  # fmt: skip
    with pytest.raises(Refused, match="you are tied to the cluster"):
        _rule(played, one, 15)


def test_replies_are_ruled_on_by_the_evaluator_and_appeals_by_the_committee() -> None:
    played = at_phase(Phase.REPLY)
    one = _contest(played)
    for role in (Role.PROGRAMME_OFFICER, Role.APEX_MEMBER, Role.CLUSTER_CEO):
        with pytest.raises(Forbidden):
            replies.rule(
                actor=played.by(role, 15), objection=one, ruling=Ruling.DISMISSED, reasons="No",
                at=later(15),
            )  # fmt: skip
    appealing = at_phase(Phase.APPEALS)
    appeal = _contest(appealing, 26)
    with pytest.raises(Forbidden):
        replies.rule(
            actor=appealing.by(Role.EVALUATOR, 27), objection=appeal, ruling=Ruling.DISMISSED,
            reasons="No", at=later(27),
        )  # fmt: skip


def test_a_cluster_sees_its_own_objections_and_no_other() -> None:
    played = at_phase(Phase.REPLY)
    one = _contest(played)
    assert Objection.objects.visible_to(played.by(Role.CLUSTER_CEO, 12)).get() == one
    assert not Objection.objects.visible_to(played.by(Role.CLUSTER_CEO, 12, 1)).exists()
    assert not Objection.objects.visible_to(makers.public(later(12))).exists()


def _appealed(played: Played, quantity: int) -> Objection:
    """The strong cluster's own items are fewer: an appeal that everybody may wonder about, but simple figures."""
    appeal = _contest(played, 26, claim=played.season.claims[0])
    return _rule(played, appeal, 27, quantity=Decimal(quantity))


def test_a_successful_appeal_replaces_the_published_run_and_keeps_both() -> None:
    played = at_phase(Phase.APPEALS)
    first = played.now.run
    appeal = _appealed(played, 4)
    assert appeal.kind == "appeal"
    apex = played.by(Role.APEX_MEMBER, 28)
    with pytest.raises(Refused, match="not carried out yet"):
        replies.correct(actor=apex, of=played.round, at=later(28))
    evaluator = played.by(Role.EVALUATOR, 28)
    replies.carry_out(actor=evaluator, objection=appeal, at=later(28))
    with pytest.raises(Refused, match="Compute the evaluation again"):
        replies.correct(actor=apex, of=played.round, at=later(28))
    second = played.compute(29)
    found = replies.correct(actor=apex, of=played.round, at=later(29))
    assert found.run == second
    second.refresh_from_db()
    assert first is not None
    first.refresh_from_db()
    assert (first.status, second.status) == ("retired", "published")
    assert second.standings.get(cluster=played.clusters[0]).score == pytest.approx((40 + 60) / 2)
    appeal.refresh_from_db()
    assert appeal.run == second
    assert Event.objects.filter(verb="round.corrected").count() == 1
    with pytest.raises(Refused, match="No successful appeal waits"):
        replies.correct(actor=apex, of=played.round, at=later(30))


def test_a_round_is_not_closed_over_an_appeal_that_is_open_or_not_followed() -> None:
    played = at_phase(Phase.APPEALS)
    appeal = _contest(played, 26)
    with pytest.raises(Refused, match="1 objection is not ruled on"):
        played.move()
    with pytest.raises(Refused, match="Decide the open appeals first"):
        replies.correct(actor=None, of=played.round, at=later(27))
    _rule(played, appeal, 27)
    with pytest.raises(Refused, match="corrected evaluation is not published") as refusal:
        played.move()
    assert "not carried out" in refusal.value.reason


def test_a_correction_before_the_appeals_is_refused() -> None:
    played = at_phase(Phase.DECISION)
    with pytest.raises(Refused, match="after a successful appeal alone"):
        replies.correct(actor=None, of=played.round, at=later(24))


def test_a_decision_that_an_appeal_changed_is_taken_again_before_the_close() -> None:
    played = at_phase(Phase.APPEALS)
    strong = played.clusters[0]
    assert FundingDecision.objects.get(cluster=strong).outcome == Outcome.CONTINUE
    income = played.season.claims[1]
    appeal = _contest(played, 26, claim=played.season.claims[0])
    other = _contest(played, 26, claim=income, indicator="own_share")
    for one in (appeal, other):
        _rule(played, one, 27, quantity=Decimal(0))
        replies.carry_out(actor=played.by(Role.EVALUATOR, 28), objection=one, at=later(28))
    played.compute(29)
    replies.correct(actor=played.by(Role.APEX_MEMBER, 29), of=played.round, at=later(29))
    with pytest.raises(Refused, match=f"Decide again on: {strong.name}"):
        played.move()
    played.decide(strong, 30)
    outcomes = FundingDecision.objects.filter(cluster=strong).order_by("decided_at")
    assert [(one.outcome, one.replaced_at) for one in outcomes] == [
        (Outcome.CONTINUE, later(30)),
        (Outcome.PLAN, None),
    ]
    with pytest.raises(Refused, match="where an appeal changed"):
        played.decide(played.clusters[1], 30)
    with pytest.raises(Refused, match="corrected evaluation is not sealed"):
        played.move()
    played.seal()
    assert played.move().phase == Phase.CLOSED


def test_what_was_not_upheld_is_not_carried_out_and_nothing_twice() -> None:
    played = at_phase(Phase.REPLY)
    one = _contest(played)
    evaluator = played.by(Role.EVALUATOR, 15)
    with pytest.raises(Refused, match="Only what was upheld"):
        replies.carry_out(actor=evaluator, objection=one, at=later(15))
    _rule(played, one, 15)
    with pytest.raises(Refused, match="carried out already"):
        replies.carry_out(actor=evaluator, objection=one, at=later(15))


def test_a_corrected_run_of_records_that_moved_on_is_refused() -> None:
    played = at_phase(Phase.APPEALS)
    appeal = _appealed(played, 4)
    stale = played.compute(27)
    replies.carry_out(actor=played.by(Role.EVALUATOR, 28), objection=appeal, at=later(28))
    assert not runs.is_fresh(stale)
    assert queries.corrected(played.now) is None
