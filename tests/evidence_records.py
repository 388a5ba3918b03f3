"""Verifications for the table of answers: one going on, with a look that nobody has, and a period that nobody has planned."""

from __future__ import annotations

from dataclasses import dataclass

from sankul.programme.evidence.models import Check, Conflict, Sampled, Verification
from sankul.programme.evidence.rules import Turn, VerificationStage
from sankul.programme.outcomes.models import Claim
from sankul.programme.registry.models import Period
from sankul.programme.registry.tests import makers


@dataclass(frozen=True)
class Verified:
    """A verification of one period, a look at a claim of it, a declared conflict, and another period without any."""

    verification: Verification
    look: Check
    conflict: Conflict
    unplanned: Period


def going_on(claim: Claim) -> Verified:
    """A verification of the year 2018-19 with this claim in its sample; 2017-18 is not planned."""
    programme = claim.programme
    period = programme.periods.filter(label="2018-19").first() or makers.period(programme, 2018)
    found = Verification.objects.filter(period=period).first() or _verification(period)
    sampled = Sampled.objects.create(
        verification=found, claim=claim, cluster=claim.cluster, kind=claim.kind,
        position=1, quantity=claim.quantity, size=1, probability=1, is_doubled=False,
    )  # fmt: skip
    conflict = Conflict.objects.create(
        programme=programme, verifier=makers.user(), cluster=claim.cluster,
        reason="A brother", declared_at=makers.AT,
    )  # fmt: skip
    unplanned = programme.periods.filter(label="2017-18").first() or makers.period(programme, 2017)
    look = Check.objects.create(sampled=sampled, turn=Turn.FIRST)
    return Verified(found, look, conflict, unplanned)


def _verification(period: Period) -> Verification:
    document = makers.document()
    return Verification.objects.create(
        programme=period.programme, period=period, stage=VerificationStage.VERIFYING,
        precision="0.05", confidence="0.9", expected_overstatement="0.1", least_per_stratum=2,
        second_share="0.1", minutes_per_claim=20, return_days=14,
        source="A lottery", closes_on="2019-04-10", draws_on="2019-04-12",
        population=document, amounts=document, claims=3, counts={"strong/08": 3},
        number="48392", seed="0" * 64,
        planned_at=makers.AT, announced_at=makers.AT, closed_at=makers.AT,
        drawn_at=makers.AT, begun_at=makers.AT,
    )  # fmt: skip
