"""What verification says of a claim: verified, partly verified, rejected, or returned; and the lock at the end of a round.

No door of this area leads here: the area that verifies calls these actions, after its own rules on conflicts and samples.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from sankul.core.actions import events
from sankul.core.rules.roles import Actor, require
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import (
    JUDGE_CLAIM,
    LOCK_CLAIMS,
    ClaimStatus,
    why_not_judge,
    why_not_return,
)
from sankul.programme.registry.models import Period

from .desk import held, record

JUDGED_COLUMNS = ["status", "verified_quantity", "judged_at", "judged_by", "judgement"]


@transaction.atomic
def judge(
    *,
    actor: Actor,
    claim: Claim,
    status: str,
    quantity: Decimal | None = None,
    reason: str = "",
    at: datetime,
) -> Claim:
    """Say of a claim that stands that it is verified, partly verified with the verified ``quantity``, or rejected.

    A later judgement replaces an earlier one until the claim is locked; the row's history keeps both. Raises Refused for a claim
    that does not stand or is locked, for another status, for a part that is not below the claim, and without the reason.
    """
    claim = held(actor, claim, JUDGE_CLAIM)
    claimed = claim.quantity or Decimal(0)
    why_not_judge(
        claim.kind_of,
        status=claim.status,
        to=status,
        claimed=claimed,
        quantity=quantity,
        reason=reason,
    ).enforce()
    found = {ClaimStatus.VERIFIED: claimed, ClaimStatus.REJECTED: Decimal(0)}
    claim.status, claim.verified_quantity = status, found.get(ClaimStatus(status), quantity)
    _sign(actor, claim, reason, at)
    record(actor, "claim.judged", claim, at, status=status, quantity=claim.verified_quantity)
    return claim


@transaction.atomic
def give_back(*, actor: Actor, claim: Claim, reason: str, at: datetime) -> Claim:
    """Return a claim that stands to its cluster, with the reason; it stands no more until it is amended and submitted again.

    Raises Refused for a claim that does not stand or is locked, and without a reason.
    """
    claim = held(actor, claim, JUDGE_CLAIM)
    why_not_return(claim.status, reason).enforce()
    claim.status, claim.verified_quantity = ClaimStatus.RETURNED, None
    _sign(actor, claim, reason, at)
    record(actor, "claim.returned", claim, at)
    return claim


@transaction.atomic
def lock(*, actor: Actor, period: Period, at: datetime) -> int:
    """Lock every claim of a period for good, with its credits and attachments; how many were locked now.

    The database holds it from then on, and nothing more is submitted for a day of the period.
    """
    require(actor, LOCK_CLAIMS, *period.programme.scopes)
    rows = Claim.objects.filter(
        programme=period.programme_id, on__range=(period.starts_on, period.ends_on)
    )
    locked = rows.filter(locked_at__isnull=True).update(locked_at=at)
    events.record(
        actor=actor,
        verb="claims.locked",
        subject=period,
        at=at,
        scopes=period.programme.scopes,
        data={"period": period.pk, "claims": locked},
    )
    return locked


def _sign(actor: Actor, claim: Claim, reason: str, at: datetime) -> None:
    claim.judged_at, claim.judged_by, claim.judgement = at, actor.user, reason.strip()
    claim.save(update_fields=JUDGED_COLUMNS)
