"""A round: opened, bound to its framework and funding rule, its deadlines moved, and taken on from phase to phase."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sankul.core.actions import events
from sankul.core.actions.constraints import refusing
from sankul.core.rules.roles import Actor, Permission, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.evaluation.models import Deadline, FundingRule, Pairing, Round, Run
from sankul.programme.evaluation.queries import pairings
from sankul.programme.evaluation.queries import rounds as queries
from sankul.programme.evaluation.rules import (
    CONDUCT,
    DECIDE,
    STEPS,
    TIMED,
    Phase,
    RunStatus,
    following,
    why_not_bind,
    why_not_calendar,
    why_not_move,
    why_not_open,
    why_not_reschedule,
    why_not_rule_terms,
)
from sankul.programme.evidence.actions import verifications
from sankul.programme.evidence.models import Verification
from sankul.programme.evidence.rules import VerificationStage
from sankul.programme.indicators.models import Framework
from sankul.programme.indicators.rules import FrameworkStatus
from sankul.programme.registry.models import Decision, Period, Programme
from sankul.programme.registry.rules import BodyKind

from . import runs

Changed = tuple[str, ...]


@transaction.atomic
def open_(*, actor: Actor | None, period: Period, due: Mapping[str, date], at: datetime) -> Round:
    """Open the round of a period with the last day of each phase; ``actor`` None is the operator at the terminal.

    Raises Refused where the period has a round or a published evaluation, and for days that are missing, gone by or not in order.
    """
    if actor is not None:
        require(actor, CONDUCT, *period.programme.scopes)
    why_not_open(
        exists=Round.objects.filter(period=period).exists(),
        is_published=period.runs.filter(status=RunStatus.PUBLISHED).exists(),
    ).enforce()
    why_not_calendar(due, today=timezone.localdate(at)).enforce()
    made = Round(
        programme_id=period.programme_id,
        period=period,
        opened_at=at,
        opened_by=actor.user if actor else None,
    )
    with refusing({"evaluation_round_period_id_key": _("This period has a round already.")}):
        made.save()
    Deadline.objects.bulk_create(
        Deadline(round=made, phase=phase, due_on=due[phase]) for phase in TIMED
    )
    told = {str(phase): due[phase] for phase in TIMED}
    record(actor, "round.opened", made, at, {"period": period.pk, "due": told})
    return made


@transaction.atomic
def reschedule(
    *, actor: Actor | None, of: Round, phase: str, due_on: date, reason: str, at: datetime
) -> Round:
    """Move the last day of a phase, for a reason that everybody may read.

    Raises Refused for a phase that is over, a day gone by, an open window that would be cut short, or days out of order.
    """
    found = held(actor, CONDUCT, of)
    due = queries.calendar(found)
    if phase not in due:
        raise Refused(_("There is no such phase."))
    today = timezone.localdate(at)
    why_not_reschedule(
        now=found.phase, phase=phase, due_on=due_on, was=due[phase], today=today, reason=reason
    ).enforce()
    why_not_calendar(due | {phase: due_on}, today=date.min).enforce()
    found.deadlines.filter(phase=phase).update(due_on=due_on)
    told = {"phase": phase, "from": due[phase], "to": due_on, "reason": reason.strip()}
    record(actor, "round.rescheduled", found, at, told)
    return found


@transaction.atomic
def bind(
    *,
    actor: Actor | None,
    of: Round,
    framework: Framework,
    rule: FundingRule,
    at: datetime,
) -> Round:
    """Bind a round to an approved framework and funding rule, while the claims are open.

    Raises Refused once the claims are closed, for what is not approved, and for what belongs to another programme.
    """
    found = held(actor, DECIDE, of)
    closed = Verification.objects.filter(period=found.period_id).first()
    is_closed = closed is not None and closed.is_closed
    why_not_bind(
        phase=Phase.SAMPLE if is_closed else found.phase,
        is_frozen=framework.status == FrameworkStatus.APPROVED,
        same_programme={framework.programme_id, rule.programme_id} == {found.programme_id},
    ).enforce()
    found.framework, found.rule = framework, rule
    found.save(update_fields=["framework", "rule"])
    told = {"framework": framework.sha256, "rule": rule.version}
    record(actor, "round.bound", found, at, told)
    return found


@transaction.atomic
def approve_rule(
    *,
    actor: Actor | None,
    programme: Programme,
    terms: FundingRule,
    decision: Decision,
    at: datetime,
) -> FundingRule:
    """Approve a funding rule by a decision of the apex committee; ``terms`` is the rule, not stored yet.

    Raises Refused for terms that contradict each other, a version that exists, or a decision of another body.
    """
    if actor is not None:
        require(actor, DECIDE, *programme.scopes)
    body = decision.meeting.body
    why_not_rule_terms(
        plan=terms.plan_probability,
        stop=terms.stop_probability,
        years=terms.stop_years,
        is_apex=body.kind == BodyKind.APEX and body.programme_id == programme.pk,
        version=terms.version,
    ).enforce()
    terms.programme, terms.decision, terms.approved_at = programme, decision, at
    with refusing({"funding_rule_version_once": _("There is a rule of this version already.")}):
        terms.save(force_insert=True)
    events.record(
        actor=actor,
        verb="funding_rule.approved",
        subject=terms,
        at=at,
        scopes=programme.scopes,
        data={"version": terms.version, "decision": decision.pk},
    )
    return terms


@transaction.atomic
def move_on(*, actor: Actor | None, of: Round, at: datetime) -> Round:
    """Take a round to its next phase, with all that this brings about.

    Leaving the first binds framework and rule; the reply opens on a preliminary run; moderation ends with the final run;
    publication publishes it, with its pairs of mentor and learner; the end of the appeals locks the claims. Raises Forbidden for
    whose phase it is not, and Refused with everything that stands in the way.
    """
    found = held(None, CONDUCT, of)
    step = STEPS.get(Phase(found.phase))
    if actor is not None and step is not None:
        require(actor, step.permission, *found.scopes)
    why_not_move(queries.known(found, at)).enforce()
    left = Phase(found.phase)
    changed = LEAVING[left](actor, found, at) if left in LEAVING else ()
    found.phase = following(left) or left
    found.save(update_fields=["phase", *changed])
    by = actor.user if actor else None
    found.deadlines.filter(phase=left).update(left_at=at, left_by=by)
    told = {"from": left, "to": found.phase, "run": found.run_id, "period": found.period_id}
    record(actor, "round.moved", found, at, told)
    return found


def held(actor: Actor | None, permission: Permission, of: Round) -> Round:
    """The round as it is now, held until the commit, once the actor may do this."""
    if actor is not None:
        require(actor, permission, *of.scopes)
    rows = Round.objects.select_related("programme", "period__programme", "framework", "rule")
    return rows.select_for_update(of=("self",)).get(pk=of.pk)


def record(
    actor: Actor | None, verb: str, found: Round, at: datetime, told: Mapping[str, Any]
) -> None:
    """Tell the event log of a round."""
    events.record(
        actor=actor, verb=verb, subject=found, at=at, scopes=found.scopes, data=dict(told)
    )


def fresh(run: Run | None) -> Run:
    """A run that rests on the records as they are now. Raises Refused for another."""
    if run is None or not runs.is_fresh(run):
        raise Refused(
            _("Records have changed since the latest evaluation was computed. Compute it again.")
        )
    return run


def _bind(_actor: Actor | None, found: Round, _at: datetime) -> Changed:
    found.framework, found.rule = queries.framework_for(found), queries.rule_for(found)
    return "framework", "rule"


def _hear(_actor: Actor | None, found: Round, _at: datetime) -> Changed:
    verification = Verification.objects.get(period=found.period_id)
    found.preliminary = fresh(queries.preliminary(found, verification))
    return ("preliminary",)


def _settle(_actor: Actor | None, found: Round, _at: datetime) -> Changed:
    found.run = fresh(queries.final(found))
    for one in found.objections.exclude(carried_out_at=None):
        one.run = found.run
        one.save(update_fields=["run"])
    return ("run",)


def _publish(actor: Actor | None, found: Round, at: datetime) -> Changed:
    if found.run is None:
        raise Refused(_("There is no evaluation to publish."))
    if found.run.status != RunStatus.PUBLISHED:
        runs.publish(actor=actor, run=found.run, at=at)
    keep_pairings(found.run)
    return ()


def keep_pairings(run: Run) -> None:
    """Store the pairs of mentor and learner that are published with a run."""
    Pairing.objects.bulk_create(one for one in pairings.pairings(run) if one.pk is None)


def _lock(actor: Actor | None, found: Round, at: datetime) -> Changed:
    verification = Verification.objects.get(period=found.period_id)
    if actor is not None and verification.stage == VerificationStage.ESTIMATED:
        verifications.lock(actor=actor, verification=verification, at=at)
    return ()


LEAVING: dict[Phase, Callable[[Actor | None, Round, datetime], Changed]] = {
    Phase.FRAMEWORK: _bind,
    Phase.FEEDBACK: _hear,
    Phase.MODERATION: _settle,
    Phase.PUBLICATION: _publish,
    Phase.APPEALS: _lock,
}
"""What the end of a phase brings about, and which columns of the round that changes."""
