"""Makers of verifications: a season of claims, and a verification brought to any stage by its own actions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sankul.core.models import User
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import Actor, Role
from sankul.programme.evidence.actions import checks, settling, verifications
from sankul.programme.evidence.models import Check, Verification
from sankul.programme.evidence.rules import Design, Finding, VerificationStage
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.tests import makers as outcomes
from sankul.programme.registry.models import Cluster, Organisation, Period, Programme
from sankul.programme.registry.tests import makers

AT = makers.AT
CLOSES_ON, DRAWS_ON = date(2026, 11, 25), date(2026, 11, 27)
NUMBER = "4839201745"
SOURCE = "Result of the state lottery of 27 Nov 2026, first prize, as printed in the gazette"
DESIGN = Design(precision=Decimal("0.005"), second_share=Decimal(0))


def later(days: int) -> datetime:
    """The moment of the tests, so many days on."""
    return AT + timedelta(days=days)


@dataclass
class Season:
    """A programme's year: two clusters with claims that count, an officer and verifiers."""

    programme: Programme
    period: Period
    clusters: list[Cluster]
    organisations: list[Organisation]
    claims: list[Claim]
    officer: User
    verifiers: list[User]
    verification: Verification | None = field(default=None)

    @property
    def under(self) -> Verification:
        """Its verification, read anew."""
        assert self.verification is not None
        return Verification.objects.select_related("programme", "period").get(
            pk=self.verification.pk
        )

    def by(self, user: User, days: int = 6) -> Actor:
        """An account at the door, so many days on."""
        return actor_of(user, later(days))


def season(claims: int = 6, verifiers: int = 3, clusters: int = 2, **fields: Any) -> Season:
    """``claims`` outreach items of quantities 1, 2, 3 … for each cluster, each with a document."""
    programme = makers.programme()
    period = makers.period(programme)
    own = [makers.cluster(programme) for _ in range(clusters)]
    bodies = [makers.organisation() for _ in own]
    made = [
        outcomes.claim(cluster, body, **{"quantity": Decimal(number + 1)} | fields)
        for cluster, body in zip(own, bodies, strict=True)
        for number in range(claims)
    ]
    for claim in made:
        outcomes.attachment(claim)
    scope = programme.scopes[0]
    return Season(
        programme, period, own, bodies, made,
        makers.user_with(Role.PROGRAMME_OFFICER, scope),
        [makers.user_with(Role.EVALUATOR, scope) for _ in range(verifiers)],
    )  # fmt: skip


def at_stage(
    stage: VerificationStage, season_: Season | None = None, design: Design = DESIGN
) -> Season:
    """A season whose verification has come to a stage by its own actions; every claim is verified when it is estimated."""
    made = season_ or season()
    officer = made.by(made.officer)
    found = verifications.plan(actor=officer, period=made.period, design=design, at=AT)
    made.verification = found
    steps = {
        VerificationStage.ANNOUNCED: lambda: announce(made),
        VerificationStage.CLOSED: lambda: verifications.close(
            actor=officer, verification=found, at=later(3)
        ),
        VerificationStage.DRAWN: lambda: verifications.draw(
            actor=officer, verification=found, number=NUMBER, at=later(5)
        ),
        VerificationStage.VERIFYING: lambda: checks.begin(
            actor=officer, verification=found, at=later(5)
        ),
        VerificationStage.ESTIMATED: lambda: finish(made),
        VerificationStage.LOCKED: lambda: verifications.lock(
            actor=officer, verification=found, at=later(9)
        ),
    }
    for one, step in steps.items():
        if list(VerificationStage).index(stage) >= list(VerificationStage).index(one):
            step()
    return made


def announce(made: Season) -> Verification:
    """Announce the usual number and days."""
    return verifications.announce(
        actor=made.by(made.officer), verification=made.under, source=SOURCE,
        closes_on=CLOSES_ON, draws_on=DRAWS_ON, at=AT,
    )  # fmt: skip


def finish(made: Season) -> Verification:
    """Every look finds everything proved; then the totals are estimated."""
    for look in Check.objects.filter(sampled__verification=made.verification, finding=""):
        find(made, look)
    return settling.estimate(
        actor=made.by(made.verifiers[0], 8), verification=made.under, at=later(8)
    )


def find(made: Season, look: Check, finding: str = Finding.VERIFIED, **given: Any) -> Check:
    """The finding of whoever has the look."""
    assert look.verifier is not None
    if finding != Finding.VERIFIED:
        given = {"reason": "The list names fewer"} | given
    return checks.find(
        actor=made.by(look.verifier), check=look, finding=finding, at=later(6), **given
    )


def looks(made: Season) -> list[Check]:
    """All looks, in the order of work."""
    rows = Check.objects.filter(sampled__verification=made.verification)
    return list(rows.select_related("sampled__verification", "verifier"))
