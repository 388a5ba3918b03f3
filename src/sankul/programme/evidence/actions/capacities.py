"""Declaring how much there is room for, and taking it back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.actions.constraints import refusing
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.evidence.models import Capacity
from sankul.programme.evidence.rules import DECLARE_CAPACITY, why_not_capacity
from sankul.programme.registry.models import Cluster, Programme


@transaction.atomic
def declare(
    *,
    actor: Actor | None,
    programme: Programme,
    of: str,
    amount: int,
    source: str,
    cluster: Cluster | None = None,
    name: str = "",
    source_url: str = "",
    at: datetime,
) -> Capacity:
    """Declare a capacity by a source; ``actor`` None is the operator. Raises Refused for what does not fit together."""
    if actor is not None:
        require(actor, DECLARE_CAPACITY, *programme.scopes)
    why_not_capacity(
        of=of,
        has_cluster=cluster is not None,
        name=name,
        amount=amount,
        source=source,
        url=source_url,
    ).enforce()
    if cluster is not None and cluster.programme_id != programme.pk:
        raise Refused(_t("%s belongs to another programme.") % cluster)
    made = Capacity(
        programme=programme,
        of=of,
        cluster=cluster,
        name=name.strip(),
        amount=amount,
        source=source.strip(),
        source_url=source_url.strip(),
        declared_at=at,
        declared_by=actor.user if actor else None,
    )
    there = _t("A capacity of it is declared already. Take that back first.")
    with refusing({"capacity_once": there}):
        made.save()
    _record(actor, "capacity.declared", made, at)
    return made


@transaction.atomic
def retract(*, actor: Actor, capacity: Capacity, at: datetime) -> Capacity:
    """Take a capacity back; what rules found by it is closed when they run next."""
    require(actor, DECLARE_CAPACITY, *capacity.scopes)
    found = Capacity.objects.select_for_update().get(pk=capacity.pk)
    if found.retracted_at is not None:
        raise Refused(_t("It is taken back already."))
    found.retracted_at = at
    found.save(update_fields=["retracted_at"])
    _record(actor, "capacity.retracted", found, at)
    return found


def _record(actor: Actor | None, verb: str, made: Capacity, at: datetime) -> None:
    told = {"of": made.of, "cluster": made.cluster_id, "name": made.name, "amount": made.amount}
    events.record(actor=actor, verb=verb, subject=made, at=at, scopes=made.scopes, data=told)
