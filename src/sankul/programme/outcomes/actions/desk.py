"""What every action on a claim shares: the claim held until the commit, and the line in the log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sankul.core.actions import events
from sankul.core.rules.roles import Actor, Permission, Scope, require
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import permission_to_record, why_not_change


def held(actor: Actor, claim: Claim, permission: Permission | None = None) -> Claim:
    """The claim as it is now, held until the commit, once the actor may change it and it is not locked."""
    require(actor, permission or permission_to_record(claim.kind), *claim.scopes)
    rows = Claim.objects.select_related("programme", "cluster")
    claim = rows.select_for_update(of=("self",)).get(pk=claim.pk)
    why_not_change(claim.locked_at).enforce()
    return claim


def record(actor: Actor, verb: str, claim: Claim, at: datetime, **data: Any) -> None:
    """Tell the log, for the scopes of every cluster that is credited."""
    clusters: set[int] = set(claim.credits.values_list("cluster", flat=True))
    kind = claim.scopes[0].kind
    scopes = {*claim.scopes, *(Scope(kind, pk) for pk in clusters)}
    events.record(actor=actor, verb=verb, subject=claim, at=at, scopes=scopes, data=data)
