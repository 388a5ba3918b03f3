"""Deciding on the funding of a cluster, with its improvement plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sankul.core.actions import events
from sankul.core.rules.roles import Actor, Scope, ScopeKind
from sankul.core.rules.verdicts import Refused
from sankul.programme.evaluation.models import FundingDecision, Round, Target
from sankul.programme.evaluation.queries import funding as queries
from sankul.programme.evaluation.queries.funding import Case
from sankul.programme.evaluation.rules import (
    DECIDE,
    Aim,
    Outcome,
    why_not_decide,
    why_not_plan,
)
from sankul.programme.registry.actions import decision as registry
from sankul.programme.registry.models import Cluster, Meeting
from sankul.programme.registry.rules import BodyKind

from .rounds import held


@transaction.atomic
def decide(
    *,
    actor: Actor,
    of: Round,
    cluster: Cluster,
    outcome: str,
    meeting: Meeting,
    reference: str,
    at: datetime,
    reason: str = "",
    targets: Sequence[Aim] = (),
) -> FundingDecision:
    """Decide on a cluster's funding at a meeting of the apex committee, and record it as its decision of that reference.

    Raises Refused outside the phase, where it is decided (and no appeal changed what the rule proposes), for a departure from
    the rule without a reason, for an improvement plan without dated targets, and for a meeting of another body.
    """
    found = held(actor, DECIDE, of)
    case = _case(found, cluster)
    why_not_decide(
        phase=found.phase,
        outcome=outcome,
        proposed=case.proposal.outcome,
        reason=reason,
        standing=case.decision is not None,
        is_changed=queries.is_changed(case),
    ).enforce()
    values = {row.indicator: row.value for row in case.standing.run.values.filter(cluster=cluster)}
    why_not_plan(
        outcome=outcome, targets=targets, known=list(values), today=timezone.localdate(at)
    ).enforce()
    _check_meeting(found, meeting)
    if case.decision is not None:
        case.decision.replaced_at = at
        case.decision.save(update_fields=["replaced_at"])
    made = FundingDecision(
        round=found, cluster=cluster, run=case.standing.run, proposed=case.proposal.outcome,
        proposed_because=case.proposal.because, outcome=outcome,
        reason=reason.strip() if outcome != case.proposal.outcome else "",
        decided_at=at, decided_by=actor.user,
    )  # fmt: skip
    made.decision = registry.record(
        actor=actor,
        meeting=meeting,
        reference=reference,
        text=_text(made),
        at=at,
        subject=events.name(found),
    )
    made.save()
    Target.objects.bulk_create(
        Target(
            plan=made,
            indicator=one.indicator,
            start=values[one.indicator],
            value=one.value,
            due_on=one.due_on,
        )
        for one in targets
    )
    _record(actor, made, at)
    return made


def _case(found: Round, cluster: Cluster) -> Case:
    for case in queries.cases(found):
        if case.cluster == cluster:
            return case
    raise Refused(_("This cluster is not part of the round's evaluation."))


def _check_meeting(found: Round, meeting: Meeting) -> None:
    body = meeting.body
    if body.kind != BodyKind.APEX or body.programme_id != found.programme_id:
        raise Refused(_("Funding is decided at a meeting of the programme's apex committee."))


def _text(made: FundingDecision) -> str:
    said = _("%(cluster)s, round of %(period)s: %(outcome)s.") % {
        "cluster": made.cluster,
        "period": made.round.period,
        "outcome": Outcome(made.outcome).label,
    }
    return f"{said} {made.reason}".strip()


def _record(actor: Actor, made: FundingDecision, at: datetime) -> None:
    scopes = (Scope(ScopeKind.CLUSTER, made.cluster_id), *made.round.scopes)
    told = {"round": made.round_id, "outcome": made.outcome, "proposed": made.proposed}
    events.record(
        actor=actor, verb="funding.decided", subject=made, at=at, scopes=scopes, data=told
    )
