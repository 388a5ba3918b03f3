"""The evaluation round of the demonstration's last year, from its opening to a successful appeal.

Vajrapalli, which overclaims, contests what was not documented, and the evaluator dismisses it. Meghavan, the young one,
appeals against a finding with the paper that was missing; the committee upholds it, and a corrected evaluation replaces the
published one. By the rule its funding would end; the committee gives it a plan instead, and says why. The office can close
the round.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal

from django.db.models import F
from django.utils import timezone

from sankul.core.actions import documents
from sankul.core.models import User
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import Actor, Role
from sankul.programme.evaluation.actions import funding, replies, rounds, runs, sealing, trends
from sankul.programme.evaluation.models import FundingRule, Objection, Round, Run
from sankul.programme.evaluation.queries import funding as cases
from sankul.programme.evaluation.queries.funding import Case
from sankul.programme.evaluation.rules import STEPS, Aim, Outcome, Phase, Ruling
from sankul.programme.evidence.models import Sampled
from sankul.programme.evidence.rules import Finding
from sankul.programme.registry.models import Cluster, Decision, Meeting, Period

from .registry import DOMAIN

RULE_APPROVED = "AC-3/4"
"""The decision that approves the funding rule."""
DECIDED_ON = date(2026, 6, 30)
DUE = {
    Phase.FRAMEWORK: date(2026, 1, 31),
    Phase.CLAIMS: date(2026, 4, 30),
    Phase.SAMPLE: date(2026, 5, 8),
    Phase.VERIFICATION: date(2026, 5, 29),
    Phase.SCORING: date(2026, 6, 5),
    Phase.FEEDBACK: date(2026, 6, 10),
    Phase.REPLY: date(2026, 6, 20),
    Phase.MODERATION: date(2026, 6, 26),
    Phase.SEALING: date(2026, 6, 29),
    Phase.DECISION: date(2026, 7, 3),
    Phase.PUBLICATION: date(2026, 7, 6),
    Phase.APPEALS: date(2026, 7, 20),
}
ACCOUNTS = {
    Role.PROGRAMME_OFFICER: "officer",
    Role.EVALUATOR: "evaluator",
    Role.APEX_MEMBER: "apex",
}
FIRST_DRAWS = 500
"""Draws of the run that the appeal replaces."""
REPLIED, APPEALED = "vajrapalli", "meghavan"
CONTESTED = "outreach_item"
DISMISSED = (
    "No paper came with the reply. What nobody can look up counts for nobody, whatever was done; the items that have a paper "
    "were all counted."
)
UPHELD = (
    "The letter that was missing is signed by whoever broadcast the item, and names the day. The verifier could not have seen "
    "it; with it the claim stands in full."
)
PAPER = (
    "Letter of confirmation, signed by the broadcaster, with the day and the title of the item\n"
    "This paper belongs to the fictional demonstration programme of Sankul.\n"
)
DEPARTS = (
    "It was launched after the others, and its score rose by more than ten points in the year. A young cluster that moves so is "
    "given a plan and one more year; the rule will be applied to the next result."
)
REPORTING = (Outcome.PLAN, 2, 1.25)
"""What is planned for who stays below: how many targets, and by how much each goes up."""


def hold(period: Period) -> Round:
    """Hold the round of a period; what verifiers, experts and respondents did in it is there already."""
    programme = period.programme
    found = rounds.open_(
        actor=_actor(Role.PROGRAMME_OFFICER, date(2026, 1, 10)),
        period=period,
        due={str(phase): day for phase, day in DUE.items()},
        at=_noon(date(2026, 1, 10)),
    )
    decision = Decision.objects.get(meeting__body__programme=programme, reference=RULE_APPROVED)
    _approve(decision)
    for phase, day in (
        (Phase.FRAMEWORK, date(2026, 1, 20)),
        (Phase.CLAIMS, date(2026, 4, 30)),
        (Phase.SAMPLE, date(2026, 5, 7)),
        (Phase.VERIFICATION, date(2026, 5, 26)),
        (Phase.SCORING, date(2026, 6, 2)),
    ):
        _move(found, phase, day)
    _evaluate(found, date(2026, 6, 8), FIRST_DRAWS)
    _move(found, Phase.FEEDBACK, date(2026, 6, 9))
    _reply(found)
    _move(found, Phase.MODERATION, date(2026, 6, 26))
    _seal(found, date(2026, 6, 26))
    _move(found, Phase.SEALING, date(2026, 6, 29))
    _decide(found)
    _move(found, Phase.DECISION, date(2026, 7, 1))
    _move(found, Phase.PUBLICATION, date(2026, 7, 2))
    _appeal(found)
    return _now(found)


def _approve(decision: Decision) -> FundingRule:
    terms = FundingRule(
        version="1",
        plan_probability=Decimal("0.5"),
        stop_probability=Decimal("0.98"),
        stop_years=3,
        unranked=Outcome.PLAN,
    )
    on = decision.meeting.held_on
    return rounds.approve_rule(
        actor=_actor(Role.APEX_MEMBER, on),
        programme=decision.meeting.body.programme,
        terms=terms,
        decision=decision,
        at=_noon(on),
    )


def _move(found: Round, phase: Phase, day: date) -> None:
    owner = next(iter(STEPS[phase].permission.roles))
    rounds.move_on(actor=_actor(owner, day), of=found, at=_noon(day))


def _evaluate(found: Round, day: date, draws: int) -> Run:
    now = _now(found)
    if now.framework is None:
        raise ValueError("the round is bound to no framework")
    run = runs.compute(
        actor=_actor(Role.EVALUATOR, day), period=now.period, framework=now.framework,
        at=_noon(day), draws=draws,
    )  # fmt: skip
    trends.explain(run=run, at=_noon(day))
    return run


def _seal(found: Round, day: date) -> None:
    sealing.seal(actor=_actor(Role.EVALUATOR, day), of=_now(found), at=_noon(day))


def _reply(found: Round) -> None:
    """Vajrapalli replies; the evaluator dismisses it."""
    cluster = _cluster(found, REPLIED)
    indicator = found.programme.frameworks.get().indicators.get(measure=CONTESTED)
    day = date(2026, 6, 12)
    one = replies.contest(
        actor=_ceo(REPLIED, day), of=found, cluster=cluster, indicator=indicator.code,
        reason="We did three times as many items as were counted. Not all of them left a paper.",
        at=_noon(day),
    )  # fmt: skip
    _move(found, Phase.REPLY, date(2026, 6, 21))
    _rule(one, Role.EVALUATOR, date(2026, 6, 23), Ruling.DISMISSED, DISMISSED)


def _decide(found: Round) -> None:
    """The committee decides as the rule proposes, but for the young one, which it gives a plan with a written reason."""
    meeting = Meeting.objects.get(body__programme=found.programme, held_on=DECIDED_ON)
    now = _now(found)
    for number, case in enumerate(cases.cases(now), 1):
        funding.decide(
            actor=_actor(Role.APEX_MEMBER, DECIDED_ON), of=now, cluster=case.cluster,
            outcome=_outcome(case), meeting=meeting, reference=f"AC-5/{number}",
            reason=DEPARTS if _outcome(case) != case.proposal.outcome else "",
            targets=list(_aims(now, case)), at=_noon(DECIDED_ON),
        )  # fmt: skip


def _outcome(case: Case) -> Outcome:
    is_spared = case.cluster.slug == APPEALED
    spared = is_spared and case.proposal.outcome == Outcome.DISCONTINUE
    return Outcome.PLAN if spared else case.proposal.outcome


def _aims(found: Round, case: Case) -> Iterator[Aim]:
    """Targets of a plan: the indicators on which the cluster is furthest from the goal, each a quarter better in a year."""
    outcome, most, factor = REPORTING
    if _outcome(case) != outcome or found.run is None:
        return
    rows = found.run.values.filter(cluster=case.cluster, value__gt=0)
    for row in rows.order_by(F("normalised").asc(nulls_last=True), "indicator")[:most]:
        yield Aim(row.indicator, round((row.value or 0) * factor, 2), date(2027, 3, 31))


def _appeal(found: Round) -> None:
    """Meghavan appeals with a paper that was missing, the committee upholds it, and the result is corrected."""
    cluster = _cluster(found, APPEALED)
    sampled = Sampled.objects.filter(
        verification__period=found.period, cluster=cluster, finding=Finding.REJECTED
    )
    claim = sampled.select_related("claim").earliest("position").claim
    indicators = found.programme.frameworks.get().indicators.order_by("position")
    day = date(2026, 7, 8)
    paper = documents.keep(
        actor=None,
        file=io.BytesIO(PAPER.encode()),
        name="letter-of-confirmation.txt",
        at=_noon(day),
    )
    one = replies.contest(
        actor=_ceo(APPEALED, day), of=found, cluster=cluster, claim=claim,
        indicator=indicators.filter(measure=claim.kind)[0].code,
        reason="The letter that confirms it had gone to another office. It is here now, signed and dated.",
        documents=[paper], at=_noon(day),
    )  # fmt: skip
    quantity = claim.quantity or Decimal(0)
    ruled = _rule(one, Role.APEX_MEMBER, date(2026, 7, 15), Ruling.UPHELD, UPHELD, quantity)
    day = date(2026, 7, 16)
    replies.carry_out(actor=_actor(Role.EVALUATOR, day), objection=ruled, at=_noon(day))
    _evaluate(found, day, runs.DRAWS)
    day = date(2026, 7, 17)
    replies.correct(actor=_actor(Role.APEX_MEMBER, day), of=found, at=_noon(day))
    _seal(found, day)


def _rule(
    one: Objection, role: Role, day: date, ruling: Ruling, why: str, quantity: Decimal | None = None
) -> Objection:
    return replies.rule(
        actor=_actor(role, day),
        objection=one,
        ruling=ruling,
        reasons=why,
        quantity=quantity,
        at=_noon(day),
    )


def _cluster(found: Round, slug: str) -> Cluster:
    return Cluster.objects.get(programme=found.programme, slug=slug)


def _now(found: Round) -> Round:
    rows = Round.objects.select_related(
        "programme", "period__programme", "framework", "rule", "run"
    )
    return rows.get(pk=found.pk)


def _actor(role: Role, day: date) -> Actor:
    return _account(ACCOUNTS[role], day)


def _ceo(slug: str, day: date) -> Actor:
    return _account(f"ceo.{slug}", day)


def _account(name: str, day: date) -> Actor:
    return actor_of(User.objects.get(email=f"{name}@{DOMAIN}"), _noon(day))


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))
