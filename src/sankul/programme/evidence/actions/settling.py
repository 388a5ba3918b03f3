"""What becomes of findings: settled, returned, given to a third verifier; in the end estimated."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import Actor, verdict
from sankul.programme.evidence.models import Check, Estimate, Sampled, Verification
from sankul.programme.evidence.queries.estimates import estimated
from sankul.programme.evidence.queries.progress import why_not_estimated
from sankul.programme.evidence.rules import (
    ESTIMATE,
    Finding,
    Found,
    State,
    Turn,
    VerificationStage,
    agreed,
)
from sankul.programme.outcomes.actions import claims
from sankul.programme.outcomes.rules import JUDGE_CLAIM

from .verifications import held


def settle_if_final(actor: Actor, sampled: Sampled, at: datetime) -> None:
    """Settle a claim, return it, or call a third verifier, as far as its findings say by now.

    A single finding stays open, so that it can be taken back, until the totals are estimated; a return goes at once.
    """
    looks = {look.turn: look for look in sampled.checks.filter(round=sampled.round)}
    first, second, third = (looks.get(turn) for turn in Turn)
    if third is not None:
        if third.finding:
            _conclude(actor, sampled, third, at)
    elif second is not None and first is not None:
        if first.finding and second.finding:
            _compare(actor, sampled, first, second, at)
    elif first is not None and first.finding == Finding.RETURNED:
        _conclude(actor, sampled, first, at)


@transaction.atomic
def estimate(*, actor: Actor, verification: Verification, at: datetime) -> Verification:
    """Settle every finding, tell the claims' area, and estimate what stands of every total, with its limits.

    A claim that was returned and not sent again in time stands with nothing. Raises Refused with all that is missing.
    """
    found = held(actor, ESTIMATE, verification)
    why_not_estimated(found, at).enforce()
    rows = found.sample.select_related("verification__programme").select_for_update(of=("self",))
    for sampled in rows.filter(state=State.OPEN).prefetch_related("checks"):
        look = next(one for one in sampled.checks.all() if one.round == sampled.round)
        _conclude(actor, sampled, look, at)
    lapsed = _t("Better evidence was asked for and did not come in time.")
    for sampled in rows.filter(state=State.RETURNED):
        _settle(sampled, Finding.REJECTED, Decimal(0), lapsed, at)
    return finish(actor=actor, verification=found, at=at)


def finish(*, actor: Actor | None, verification: Verification, at: datetime) -> Verification:
    """Store the estimates of a verification whose claims are all settled, in the caller's transaction."""
    Estimate.objects.bulk_create(estimated(verification), 2000)
    verification.stage, verification.estimated_at = VerificationStage.ESTIMATED, at
    verification.save(update_fields=["stage", "estimated_at"])
    events.record(
        actor=actor,
        verb="verification.estimated",
        subject=verification,
        at=at,
        scopes=verification.scopes,
        data={"period": verification.period_id, "claims": verification.sample.count()},
    )
    return verification


def _compare(actor: Actor, sampled: Sampled, first: Check, second: Check, at: datetime) -> None:
    """Settle what two have found alike; where they differ, a third looks, who knows what both found."""
    if agreed([_found(first), _found(second)]):
        _conclude(actor, sampled, first, at)
        return
    Check.objects.create(sampled=sampled, turn=Turn.THIRD, round=sampled.round)
    sampled.state = State.DISPUTED
    sampled.save(update_fields=["state"])


def _found(look: Check) -> Found:
    return Found(Finding(look.finding), look.quantity or Decimal(0))


def _conclude(actor: Actor, sampled: Sampled, look: Check, at: datetime) -> None:
    """Make a finding final, and have the claim judged or given back in the name of whoever found it."""
    if look.finding == Finding.RETURNED:
        _give_back(actor, sampled, look, at)
        return
    claims.judge(
        actor=_judge(actor, sampled, look, at),
        claim=sampled.claim,
        status=look.finding,
        quantity=look.quantity if look.finding == Finding.PARTLY else None,
        reason=look.reason,
        at=at,
    )
    _settle(sampled, look.finding, look.quantity or Decimal(0), look.reason, at)


def _settle(sampled: Sampled, finding: str, quantity: Decimal, reason: str, at: datetime) -> None:
    sampled.state, sampled.settled_at = State.SETTLED, at
    sampled.finding, sampled.verified_quantity, sampled.reason = finding, quantity, reason
    sampled.save(update_fields=["state", "settled_at", "finding", "verified_quantity", "reason"])


def _give_back(actor: Actor, sampled: Sampled, look: Check, at: datetime) -> None:
    """Return the claim to its cluster; the same verifiers look again when it comes back."""
    judge = _judge(actor, sampled, look, at)
    claims.give_back(actor=judge, claim=sampled.claim, reason=look.reason, at=at)
    looked = list(sampled.checks.filter(round=sampled.round).exclude(turn=Turn.THIRD))
    sampled.state, sampled.returned_at = State.RETURNED, at
    sampled.round += 1
    sampled.save(update_fields=["state", "returned_at", "round"])
    Check.objects.bulk_create(
        Check(
            sampled=sampled,
            turn=one.turn,
            round=sampled.round,
            verifier_id=one.verifier_id,
            assigned_at=at,
        )
        for one in looked
    )


def _judge(actor: Actor, sampled: Sampled, look: Check, at: datetime) -> Actor:
    """Whoever found it, if he may still judge; else whoever settles it."""
    finder = actor_of(look.verifier, at)
    return finder if verdict(finder, JUDGE_CLAIM, *sampled.scopes) else actor
