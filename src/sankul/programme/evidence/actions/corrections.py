"""Correcting what was found of a claim after its cluster was heard: the finding, the judgement and the estimates together."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused
from sankul.programme.evidence.models import Estimate, Sampled, Verification
from sankul.programme.evidence.queries.estimates import estimated
from sankul.programme.evidence.rules import ESTIMATE, Finding, State, VerificationStage
from sankul.programme.outcomes.actions import judging
from sankul.programme.outcomes.models import Claim

from .verifications import held


@transaction.atomic
def correct(
    *, actor: Actor, claim: Claim, quantity: Decimal, reason: str, at: datetime
) -> Verification:
    """Judge a claim anew, once the totals are estimated and before the claims are locked, and estimate them again.

    A claim that was not in the sample is judged alone: the estimates rest on the sample. Raises Refused outside that time and for
    more than was claimed; the row's history and the log keep what was found before.
    """
    found = held(actor, ESTIMATE, _verification(claim))
    if found.stage != VerificationStage.ESTIMATED:
        raise Refused(
            _t(
                "A finding is corrected after the totals are estimated, and before the claims are locked."
            )
        )
    status = _finding(quantity, claim.quantity or Decimal(0))
    part = quantity if status == Finding.PARTLY else None
    judging.judge(actor=actor, claim=claim, status=status, quantity=part, reason=reason, at=at)
    sampled = Sampled.objects.select_for_update().filter(verification=found, claim=claim).first()
    if sampled is not None:
        if sampled.state != State.SETTLED or quantity > sampled.quantity:
            raise Refused(_t("No more stands than was claimed when the claims closed."))
        _settle(sampled, status, quantity, reason, at)
        Estimate.objects.filter(verification=found).delete()
        Estimate.objects.bulk_create(estimated(found), 2000)
    events.record(
        actor=actor,
        verb="verification.corrected",
        subject=found,
        at=at,
        scopes=found.scopes,
        data={"claim": claim.pk, "status": status, "quantity": quantity},
    )
    return found


def _verification(claim: Claim) -> Verification:
    rows = Verification.objects.filter(
        programme=claim.programme_id, period__starts_on__lte=claim.on, period__ends_on__gte=claim.on
    )
    found = rows.first()
    if found is None:
        raise Refused(_t("The claims of that period were not verified."))
    return found


def _finding(quantity: Decimal, claimed: Decimal) -> Finding:
    if quantity <= 0:
        return Finding.REJECTED
    return Finding.VERIFIED if quantity >= claimed else Finding.PARTLY


def _settle(
    sampled: Sampled, finding: Finding, quantity: Decimal, reason: str, at: datetime
) -> None:
    sampled.finding, sampled.verified_quantity, sampled.reason = finding, quantity, reason
    sampled.settled_at = at
    sampled.save(update_fields=["finding", "verified_quantity", "reason", "settled_at"])
