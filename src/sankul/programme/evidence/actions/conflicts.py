"""Declaring a conflict of interest, and taking it back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.actions.constraints import refusing
from sankul.core.models import User
from sankul.core.rules.roles import Actor, require, verdict
from sankul.core.rules.verdicts import Refused
from sankul.programme.evidence.models import Check, Conflict
from sankul.programme.evidence.rules import MANAGE_CONFLICTS, VERIFY, VerificationStage
from sankul.programme.outcomes.models import Credit
from sankul.programme.registry.models import Cluster, Organisation, Programme


@transaction.atomic
def declare(
    *,
    actor: Actor,
    programme: Programme,
    verifier: User,
    cluster: Cluster | None = None,
    organisation: Organisation | None = None,
    reason: str,
    at: datetime,
) -> Conflict:
    """Declare a conflict, one's own or, as an officer, another's; the looks that it touches become nobody's at once.

    Raises Refused without a party or with two, without a reason, for a cluster of another programme, and where it stands already.
    """
    is_own = actor.user_id == verifier.pk and verdict(actor, VERIFY, *programme.scopes)
    if not is_own:
        require(actor, MANAGE_CONFLICTS, *programme.scopes)
    if (cluster is None) == (organisation is None):
        raise Refused(_t("Name the cluster or the organisation, one of them."))
    if cluster is not None and cluster.programme_id != programme.pk:
        raise Refused(_t("%s belongs to another programme.") % cluster)
    if not reason.strip():
        raise Refused(_t("Say what ties the verifier to it, in a few words."))
    made = Conflict(
        programme=programme,
        verifier=verifier,
        cluster=cluster,
        organisation=organisation,
        reason=reason.strip()[:250],
        declared_at=at,
        declared_by=actor.user,
    )
    there = _t("This conflict is declared already.")
    known = ("conflict_once_with_a_cluster", "conflict_once_with_an_organisation")
    with refusing(dict.fromkeys(known, there)):
        made.save()
    freed = _let_go(made)
    _record(actor, "conflict.declared", made, at, freed=freed)
    return made


@transaction.atomic
def retract(*, actor: Actor, conflict: Conflict, at: datetime) -> Conflict:
    """Take a conflict back. Only whoever may declare those of others does, so that nobody picks his claims by it."""
    require(actor, MANAGE_CONFLICTS, *conflict.scopes)
    found = Conflict.objects.select_for_update().get(pk=conflict.pk)
    if found.retracted_at is not None:
        raise Refused(_t("It is taken back already."))
    found.retracted_at = at
    found.save(update_fields=["retracted_at"])
    _record(actor, "conflict.retracted", found, at)
    return found


def _let_go(made: Conflict) -> int:
    """Open looks of the verifier at claims of that party are nobody's from now on."""
    credits_of = Credit.objects.filter(
        cluster=made.cluster_id
    ) if made.cluster_id else Credit.objects.filter(organisation=made.organisation_id)  # fmt: skip
    looks = Check.objects.filter(
        sampled__claim__in=credits_of.order_by().values("claim"),
        sampled__verification__stage=VerificationStage.VERIFYING,
        verifier=made.verifier_id,
        finding="",
    )
    return looks.update(verifier=None, assigned_at=None)


def _record(actor: Actor, verb: str, made: Conflict, at: datetime, **more: int) -> None:
    told = {
        "verifier": made.verifier_id,
        "cluster": made.cluster_id,
        "organisation": made.organisation_id,
    }
    events.record(actor=actor, verb=verb, subject=made, at=at, scopes=made.scopes, data=told | more)
