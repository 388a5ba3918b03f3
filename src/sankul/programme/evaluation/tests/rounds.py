"""Makers of rounds: a season of verified claims under a framework with a threshold, brought to any phase by its own actions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import Actor, Role
from sankul.core.tests import makers as core
from sankul.programme.evaluation.actions import funding, rounds, runs
from sankul.programme.evaluation.models import FundingRule, Round, Run, Seal
from sankul.programme.evaluation.queries import funding as cases
from sankul.programme.evaluation.rules import PHASES, Aim, Outcome, Phase
from sankul.programme.evidence.rules import VerificationStage
from sankul.programme.evidence.tests import makers as evidence
from sankul.programme.indicators.tests import makers as indicators
from sankul.programme.outcomes.tests import makers as outcomes
from sankul.programme.registry.models import Cluster, Decision, Meeting
from sankul.programme.registry.tests import makers

AT = makers.AT
THRESHOLD = indicators.SMALL.replace('version = "1"', 'version = "1"\nthreshold = 40')
DUE: dict[str, date] = {
    Phase.FRAMEWORK: date(2026, 11, 24),
    Phase.CLAIMS: date(2026, 11, 25),
    Phase.SAMPLE: date(2026, 11, 27),
    Phase.VERIFICATION: date(2026, 12, 1),
    Phase.SCORING: date(2026, 12, 1),
    Phase.FEEDBACK: date(2026, 12, 2),
    Phase.REPLY: date(2026, 12, 12),
    Phase.MODERATION: date(2026, 12, 16),
    Phase.SEALING: date(2026, 12, 17),
    Phase.DECISION: date(2026, 12, 19),
    Phase.PUBLICATION: date(2026, 12, 20),
    Phase.APPEALS: date(2026, 12, 30),
}
DAYS: dict[str, int] = {
    Phase.FRAMEWORK: 0,
    Phase.CLAIMS: 3,
    Phase.SAMPLE: 5,
    Phase.VERIFICATION: 9,
    Phase.SCORING: 9,
    Phase.FEEDBACK: 10,
    Phase.REPLY: 21,
    Phase.MODERATION: 22,
    Phase.SEALING: 23,
    Phase.DECISION: 24,
    Phase.PUBLICATION: 25,
    Phase.APPEALS: 39,
}
"""On which day after ``AT`` a phase is left."""
later = evidence.later


@dataclass
class Played:
    """A round with everybody who has a part in it."""

    season: evidence.Season
    round: Round
    apex: Any
    ceos: list[Any]
    meeting: Meeting

    def by(self, role: Role, days: int, cluster: int = 0) -> Actor:
        """Somebody of a role at the door, so many days on."""
        people = {
            Role.PROGRAMME_OFFICER: self.season.officer,
            Role.EVALUATOR: self.season.verifiers[0],
            Role.APEX_MEMBER: self.apex,
            Role.CLUSTER_CEO: self.ceos[cluster],
        }
        return actor_of(people[role], later(days))

    @property
    def now(self) -> Round:
        """The round, read anew."""
        return Round.objects.select_related(
            "programme", "period", "framework", "rule", "run", "preliminary"
        ).get(pk=self.round.pk)

    @property
    def clusters(self) -> list[Cluster]:
        """The strong one, the weak one."""
        return self.season.clusters

    def move(self, days: int | None = None) -> Round:
        """On to the next phase, by whom it takes, on the usual day."""
        found = self.now
        step = rounds.STEPS[Phase(found.phase)]
        days = DAYS[found.phase] if days is None else days
        role = next(iter(step.permission.roles))
        return rounds.move_on(actor=self.by(role, days), of=found, at=later(days))

    def compute(self, days: int) -> Run:
        """A run by the round's framework."""
        framework = self.now.framework or self.season.programme.frameworks.get()
        at = later(days)
        return runs.compute(
            actor=None, period=self.season.period, framework=framework, at=at, draws=64, seed=1
        )

    def seal(self, run: Run | None = None) -> Seal:
        """A seal over the round's run."""
        found = self.now
        return Seal.objects.create(
            round=found,
            run=run or found.run,
            merkle_root="ab" * 32,
            leaves=3,
            bundle=core.document(),
            checkpoint="sankul",
            sealed_at=later(23),
        )

    def decide(self, cluster: Cluster, days: int = 24, **given: Any) -> Any:
        """As the rule proposes, unless told otherwise."""
        case = next(one for one in cases.cases(self.now) if one.cluster == cluster)
        outcome = given.pop("outcome", case.proposal.outcome)
        aims = [Aim("items", 6.0, date(2027, 9, 30))] if outcome == Outcome.PLAN else []
        defaults = {
            "reference": f"F{days}-{cluster.pk}",
            "targets": aims,
            "meeting": self.meeting,
            "at": later(days),
        }
        return funding.decide(
            actor=self.by(Role.APEX_MEMBER, days),
            of=self.now,
            cluster=cluster,
            outcome=outcome,
            **defaults | given,
        )


def season() -> evidence.Season:
    """A strong and a weak cluster with outreach, income and cost."""
    made = evidence.season(claims=0, verifiers=2)
    for cluster, body, items, income in zip(
        made.clusters, made.organisations, (8, 2), (60, 15), strict=True
    ):
        for kind, quantity in (
            ("outreach_item", items),
            ("own_income", income),
            ("operating_cost", 100),
        ):
            claim = outcomes.claim(cluster, body, kind=kind, quantity=Decimal(quantity))
            outcomes.attachment(claim)
            made.claims.append(claim)
    return made


def rule(decision: Decision, **fields: Any) -> FundingRule:
    """A plan from a half on, the end after three rounds at nine in ten."""
    defaults: dict[str, Any] = {
        "version": "1",
        "plan_probability": Decimal("0.5"),
        "stop_probability": Decimal("0.9"),
        "stop_years": 3,
    }
    return rounds.approve_rule(
        actor=None,
        programme=decision.meeting.body.programme,
        terms=FundingRule(**defaults | fields),
        decision=decision,
        at=AT,
    )


def opened() -> Played:
    """A round in its first phase, with framework and rule approved."""
    made = season()
    indicators.approved(made.programme, THRESHOLD)
    decision = makers.decision(made.programme.bodies.get().meetings.get())
    rule(decision)
    scope = made.programme.scopes[0]
    found = rounds.open_(actor=made.by(made.officer, 0), period=made.period, due=DUE, at=AT)
    return Played(
        made,
        found,
        makers.user_with(Role.APEX_MEMBER, scope),
        [makers.user_with(Role.CLUSTER_CEO, one.scopes[0]) for one in made.clusters],
        decision.meeting,
    )


def at_phase(phase: Phase) -> Played:
    """A round brought to a phase: everything is found proved, nobody contests anything, and all is decided as proposed."""
    played = opened()
    while played.now.phase != phase:
        now = Phase(played.now.phase)
        if PHASES.index(now) == PHASES.index(Phase.CLAIMS):
            evidence.at_stage(VerificationStage.ESTIMATED, played.season)
        if now == Phase.FEEDBACK:
            played.compute(9)
        if now == Phase.SEALING:
            played.seal()
        if now == Phase.DECISION:
            for cluster in played.clusters:
                played.decide(cluster)
        played.move()
    return played
