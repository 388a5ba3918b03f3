"""Contesting a figure, ruling on it, carrying the ruling out, and replacing a published run by a corrected one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sankul.core.actions import events
from sankul.core.actions.constraints import refusing
from sankul.core.models import Document
from sankul.core.rules.roles import Actor, Permission, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.evaluation.models import Objection, Round, Value
from sankul.programme.evaluation.queries import rounds as queries
from sankul.programme.evaluation.rules import (
    DECIDE,
    MODERATE,
    REPLY,
    WINDOWS,
    ObjectionKind,
    Phase,
    Ruling,
    why_not_carry_out,
    why_not_contest,
    why_not_correct,
    why_not_rule,
)
from sankul.programme.evidence.actions import corrections
from sankul.programme.evidence.queries import conflicts
from sankul.programme.outcomes.models import Claim
from sankul.programme.registry.models import Cluster

from . import runs
from .rounds import held, keep_pairings, record


@transaction.atomic
def contest(
    *,
    actor: Actor,
    of: Round,
    cluster: Cluster,
    indicator: str,
    reason: str,
    at: datetime,
    claim: Claim | None = None,
    documents: Sequence[Document] = (),
) -> Objection:
    """Contest a figure of one's own cluster, or the finding about one of its claims, in the window that is open now.

    In the reply it is a figure of the preliminary run, in the appeal one of the published run. Raises Refused outside the
    windows, for a figure or claim that is not the cluster's, without a reason, and where it is contested already.
    """
    require(actor, REPLY, *cluster.scopes)
    found = held(None, REPLY, of)
    kind = WINDOWS.get(Phase(found.phase), ObjectionKind.REPLY)
    run = found.preliminary_id if kind == ObjectionKind.REPLY else found.run_id
    figure = Value.objects.filter(run=run, cluster=cluster, indicator=indicator)
    period = found.period
    own = claim is None or (
        claim.cluster_id == cluster.pk and period.starts_on <= claim.on <= period.ends_on
    )
    why_not_contest(
        phase=found.phase,
        ends_on=queries.window_ends_on(found),
        today=timezone.localdate(at),
        is_own_figure=figure.exists(),
        is_own_claim=own,
        reason=reason,
    ).enforce()
    made = Objection(
        round=found, cluster=cluster, kind=kind, indicator=indicator, claim=claim,
        reason=reason.strip(), filed_at=at, filed_by=actor.user,
    )  # fmt: skip
    with refusing({"objection_once_a_figure": _("This figure is contested already.")}):
        made.save()
    made.documents.set(documents)
    _record(actor, "objection.filed", made, at)
    return made


@transaction.atomic
def rule(
    *,
    actor: Actor,
    objection: Objection,
    ruling: str,
    reasons: str,
    at: datetime,
    quantity: Decimal | None = None,
) -> Objection:
    """Uphold or dismiss an objection, with reasons: the evaluator a reply, the apex committee an appeal.

    ``quantity`` is what stands of the contested claim, where one was contested and the objection is upheld. A reply that is
    upheld is carried out at once. Raises Refused where it is ruled on already, out of time, without reasons, and for who is
    tied to the cluster.
    """
    found = _held(actor, DECIDE if objection.kind == ObjectionKind.APPEAL else MODERATE, objection)
    why_not_rule(
        phase=found.round.phase,
        kind=found.kind,
        ruling=found.ruling,
        to=ruling,
        reasons=reasons,
        claimed=found.claim.quantity if found.claim else None,
        quantity=quantity,
        tie=_tie(actor, found, at),
    ).enforce()
    found.ruling, found.reasons, found.quantity = ruling, reasons.strip(), quantity
    found.ruled_at, found.ruled_by = at, actor.user
    found.save(update_fields=["ruling", "reasons", "quantity", "ruled_at", "ruled_by"])
    _record(actor, "objection.ruled", found, at, ruling=ruling)
    if ruling == Ruling.UPHELD and found.kind == ObjectionKind.REPLY:
        return carry_out(actor=actor, objection=found, at=at)
    return found


@transaction.atomic
def carry_out(*, actor: Actor, objection: Objection, at: datetime) -> Objection:
    """Carry out what was upheld: the contested claim is judged anew and the totals are estimated again.

    Where no claim was contested, the evaluator says by this that the records are put right. A run computed from now on takes it
    into account. Raises Refused for what was not upheld, what is done, and outside the phases in which anything is corrected.
    """
    found = _held(actor, MODERATE, objection)
    why_not_carry_out(
        phase=found.round.phase, ruling=found.ruling, is_done=found.carried_out_at is not None
    ).enforce()
    if found.claim is not None and found.quantity is not None:
        corrections.correct(
            actor=actor, claim=found.claim, quantity=found.quantity, reason=found.reasons, at=at
        )
    found.carried_out_at = at
    found.save(update_fields=["carried_out_at"])
    _record(actor, "objection.carried_out", found, at)
    return found


@transaction.atomic
def correct(*, actor: Actor | None, of: Round, at: datetime) -> Round:
    """Replace a round's published run by the one that takes successful appeals into account; both stay on record.

    Raises Refused while appeals are open or not carried out, and where there is no such run of the records as they are now.
    """
    found = held(actor, DECIDE, of)
    run = queries.corrected(found)
    waiting = list(queries.uncorrected(found))
    appeals = found.objections.filter(kind=ObjectionKind.APPEAL)
    why_not_correct(
        phase=found.phase,
        is_fresh=run is not None and runs.is_fresh(run),
        open_appeals=appeals.filter(ruling=Ruling.OPEN).count(),
        undone=sum(one.carried_out_at is None for one in waiting),
        uncorrected=len(waiting),
    ).enforce()
    if run is None:
        raise Refused(_("Compute the evaluation again first."))
    before = found.run_id
    found.run = run
    found.save(update_fields=["run"])
    runs.publish(actor=actor, run=run, at=at)
    keep_pairings(run)
    for one in waiting:
        one.run = run
        one.save(update_fields=["run"])
    record(actor, "round.corrected", found, at, {"before": before, "run": run.pk})
    return found


def _held(actor: Actor, permission: Permission, objection: Objection) -> Objection:
    """The objection as it is now with its round, both held until the commit, once the actor may do this."""
    require(actor, permission, *objection.scopes)
    Round.objects.select_for_update().get(pk=objection.round_id)
    rows = Objection.objects.select_related("round__period", "claim", "cluster")
    return rows.select_for_update(of=("self",)).get(pk=objection.pk)


def _tie(actor: Actor, found: Objection, at: datetime) -> str:
    """What ties whoever rules to the cluster, in words; nothing where nothing does."""
    if actor.user_id is None:
        return ""
    ties = conflicts.direct([actor.user_id], timezone.localdate(at))[actor.user_id].clusters
    return str(ties[found.cluster_id].label) if found.cluster_id in ties else ""


def _record(actor: Actor, verb: str, found: Objection, at: datetime, **told: str) -> None:
    data = {"round": found.round_id, "kind": found.kind, "indicator": found.indicator} | told
    events.record(actor=actor, verb=verb, subject=found, at=at, scopes=found.scopes, data=data)
