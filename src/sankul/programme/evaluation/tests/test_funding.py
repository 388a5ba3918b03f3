"""The funding rule and the decisions taken by it, or against it with a reason; improvement plans into the next round."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import ProgrammingError

from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.evaluation.actions import funding, rounds
from sankul.programme.evaluation.models import FundingDecision, FundingRule, Target
from sankul.programme.evaluation.queries import funding as queries
from sankul.programme.evaluation.rules import Aim, Outcome, Phase, Terms, proposal
from sankul.programme.registry.models import Decision
from sankul.programme.registry.rules import BodyKind
from sankul.programme.registry.tests import makers

from .rounds import AT, DUE, at_phase, later, opened, rule

TERMS = Terms(0.5, 0.9, 3, Outcome.PLAN)


@pytest.mark.parametrize(
    ("below", "outcome"),
    [
        ([0.1], Outcome.CONTINUE),
        ([0.4999, 0.95, 0.95], Outcome.CONTINUE),
        ([0.5], Outcome.PLAN),
        ([0.95, 0.95], Outcome.PLAN),
        ([0.9, 0.9, 0.9], Outcome.DISCONTINUE),
        ([0.95, 0.95, 0.89, 0.95], Outcome.PLAN),
        ([0.95, 0.95, None, 0.95], Outcome.PLAN),
        ([None, 0.95, 0.95], Outcome.PLAN),
        ([], Outcome.PLAN),
    ],
)
def test_the_rule_proposes_by_probability_and_rounds_in_a_row(
    below: list[float | None], outcome: Outcome
) -> None:
    assert proposal(TERMS, below).outcome == outcome


def test_a_proposal_says_why() -> None:
    assert "62%" in proposal(TERMS, [0.62]).because.replace(" ", "").replace("\u00a0", "")
    assert "In 3 rounds in a row" in proposal(TERMS, [0.95, 0.95, 0.95]).because


@pytest.mark.django_db
def test_the_committee_decides_as_the_rule_proposes_and_the_registry_keeps_it() -> None:
    played = at_phase(Phase.DECISION)
    strong, weak = played.clusters
    found = {one.cluster: one.proposal.outcome for one in queries.cases(played.now)}
    assert found == {strong: Outcome.CONTINUE, weak: Outcome.PLAN}
    made = played.decide(weak)
    assert (made.outcome, made.proposed, made.reason) == (Outcome.PLAN, Outcome.PLAN, "")
    kept = Decision.objects.get(pk=made.decision_id)
    assert kept.subject == f"round/{played.round.pk}"
    assert "Continue with an improvement plan" in kept.text
    target = made.targets.get()
    assert (target.indicator, target.start, target.value) == ("items", 2.0, 6.0)


@pytest.mark.django_db
def test_a_departure_from_the_rule_needs_a_written_reason() -> None:
    played = at_phase(Phase.DECISION)
    weak = played.clusters[1]
    with pytest.raises(Refused, match="Give the reason in writing"):
        played.decide(weak, outcome=Outcome.CONTINUE)
    made = played.decide(weak, outcome=Outcome.CONTINUE, reason="Its first year was half a year.")
    assert (made.outcome, made.proposed) == (Outcome.CONTINUE, Outcome.PLAN)
    assert made.reason == "Its first year was half a year."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("aims", "words"),
    [
        ([], "at least one target"),
        ([Aim("tea", 3.0, date(2027, 9, 30))], "no such indicator: tea"),
        ([Aim("items", 3.0, date(2026, 9, 30))], "lies in the future"),
        ([Aim("items", 3.0, date(2027, 9, 30))] * 2, "one target"),
    ],
)
def test_an_improvement_plan_has_dated_targets_of_known_indicators(
    aims: list[Aim], words: str
) -> None:
    played = at_phase(Phase.DECISION)
    with pytest.raises(Refused, match=words):
        played.decide(played.clusters[1], targets=aims)
    assert not FundingDecision.objects.exists()
    assert not Decision.objects.filter(text__contains="improvement plan").exists()


@pytest.mark.django_db
def test_what_cannot_be_decided_is_refused() -> None:
    played = at_phase(Phase.SEALING)
    strong = played.clusters[0]
    with pytest.raises(Refused, match="when the evaluation is sealed"):
        played.decide(strong)
    played.seal()
    played.move()
    aims = [Aim("items", 9.0, date(2027, 9, 30))]
    with pytest.raises(Refused, match="belong to an improvement plan"):
        played.decide(strong, targets=aims)
    with pytest.raises(Refused, match="outcomes that the rule knows"):
        played.decide(strong, outcome="double")
    other = makers.meeting(makers.body(played.season.programme, kind=BodyKind.ADVISORY))
    with pytest.raises(Refused, match="meeting of the programme's apex committee"):
        played.decide(strong, meeting=other)
    played.decide(strong)
    with pytest.raises(Refused, match="decided already"):
        played.decide(strong, reference="again")


@pytest.mark.django_db
def test_only_members_of_the_apex_committee_decide() -> None:
    played = at_phase(Phase.DECISION)
    for role in (Role.PROGRAMME_OFFICER, Role.EVALUATOR, Role.CLUSTER_CEO):
        with pytest.raises(Forbidden):
            funding.decide(
                actor=played.by(role, 24), of=played.round, cluster=played.clusters[0],
                outcome=Outcome.CONTINUE, meeting=played.meeting, reference="X", at=later(24),
            )  # fmt: skip


@pytest.mark.django_db
def test_the_database_keeps_a_decision_and_asks_for_the_reason_too() -> None:
    played = at_phase(Phase.PUBLICATION)
    rows = FundingDecision.objects.filter(cluster=played.clusters[1])
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        rows.update(outcome=Outcome.CONTINUE)
    with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
        FundingDecision.objects.filter(cluster=played.clusters[0]).delete()
    one = rows.get()
    one.pk, one.proposed, one.outcome = None, Outcome.CONTINUE, Outcome.DISCONTINUE
    one.decision = makers.decision(played.meeting)
    one.replaced_at = later(30)
    with pytest.raises(IntegrityError, match="departs_with_reason"), transaction.atomic():
        one.save(force_insert=True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"plan_probability": Decimal("0.95")}, "not the smaller one"),
        ({"stop_probability": Decimal("1.5")}, "not above 1"),
        ({"stop_years": 1}, "two rounds in a row at the earliest"),
        ({"version": " "}, "Name the version"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(fields: dict[str, Any], words: str) -> None:
    decision = makers.decision()
    with pytest.raises(Refused, match=words):
        rule(decision, **fields)
    assert not FundingRule.objects.exists()


@pytest.mark.django_db
def test_a_rule_is_approved_once_a_version_by_the_apex_committee_of_the_programme() -> None:
    decision = makers.decision()
    made = rule(decision)
    with pytest.raises(Refused, match="rule of this version already"):
        rule(decision)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        FundingRule.objects.filter(pk=made.pk).update(stop_years=9)
    other = makers.decision(makers.meeting(makers.body(kind=BodyKind.ADVISORY)))
    with pytest.raises(Refused, match="decision of the programme's apex committee"):
        rule(other, version="2")
    officer = makers.actor_with(Role.PROGRAMME_OFFICER, made.programme.scopes[0])
    with pytest.raises(Forbidden):
        rounds.approve_rule(
            actor=officer, programme=made.programme, terms=FundingRule(version="3"),
            decision=decision, at=AT,
        )  # fmt: skip


@pytest.mark.django_db
def test_the_plan_of_a_round_is_shown_in_the_next_one() -> None:
    played = at_phase(Phase.APPEALS)
    assert not queries.plans_before(played.now).exists()
    following = makers.period(played.season.programme, 2026)
    due = {phase: on.replace(year=on.year + 1) for phase, on in DUE.items()}
    after = rounds.open_(actor=None, period=following, due=due, at=later(40))
    target = queries.plans_before(after).get()
    assert (target.plan.cluster, target.value) == (played.clusters[1], 6.0)
    assert Target.objects.count() == 1


@pytest.mark.django_db
def test_a_round_without_a_run_has_no_cases() -> None:
    assert queries.cases(opened().now) == []
