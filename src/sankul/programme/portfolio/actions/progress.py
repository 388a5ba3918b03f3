"""Milestones, baselines and measurements: what was promised, and what came of it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import IO

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import documents
from sankul.core.actions.rows import write
from sankul.core.rules.roles import Actor, require
from sankul.programme.portfolio.models import Baseline, Measurement, Milestone, Project
from sankul.programme.portfolio.queries.projects import partner_scopes
from sankul.programme.portfolio.rules import MEASURE_PROJECT
from sankul.programme.portfolio.rules.life import (
    why_not_baseline,
    why_not_change,
    why_not_measure,
    why_not_reach,
    why_not_slip,
)

from .project import locked, record


@transaction.atomic
def promise(
    *, actor: Actor, project: Project, title: str, stage: str, due_on: date, at: datetime
) -> Milestone:
    """Set a milestone of a stage, due on a day. Raises Refused once the project has ended."""
    project = locked(actor, project)
    why_not_change(project.stage).enforce()
    milestone = Milestone(
        project=project, title=title.strip(), stage=stage, due_on=due_on, expected_on=due_on
    )
    write(milestone)
    record(actor, "project.milestone_set", project, at, milestone=milestone.pk, due_on=due_on)
    return milestone


@transaction.atomic
def reach(
    *,
    actor: Actor,
    milestone: Milestone,
    on: date,
    at: datetime,
    proof: IO[bytes] | None = None,
    proof_name: str = "",
    proof_url: str = "",
) -> Milestone:
    """Say that a milestone was reached on a day, with a document or an address that proves it."""
    milestone = _held(actor, milestone)
    why_not_reach(
        done_on=milestone.done_on,
        on=on,
        has_proof=bool(proof or proof_url),
        today=timezone.localdate(at),
    ).enforce()
    if proof is not None:
        milestone.proof = documents.keep(actor=actor, file=proof, name=proof_name or "proof", at=at)
    milestone.done_on, milestone.proof_url = on, proof_url
    write(milestone)
    record(actor, "project.milestone_reached", milestone.project, at, milestone=milestone.pk, on=on)
    return milestone


@transaction.atomic
def postpone(
    *, actor: Actor, milestone: Milestone, to: date, reason: str, at: datetime
) -> Milestone:
    """Expect a milestone later than before, and say why. The day first promised stays."""
    milestone = _held(actor, milestone)
    why_not_slip(
        done_on=milestone.done_on, expected_on=milestone.expected_on, to=to, reason=reason
    ).enforce()
    milestone.expected_on, milestone.slip_reason = to, reason.strip()
    write(milestone)
    record(actor, "project.milestone_slipped", milestone.project, at, milestone=milestone.pk, to=to)
    return milestone


@transaction.atomic
def set_baseline(
    *,
    actor: Actor,
    project: Project,
    indicator: str,
    unit: str,
    value: Decimal,
    measured_on: date,
    method: str,
    source: str,
    at: datetime,
    target: Decimal | None = None,
) -> Baseline:
    """Record what is measured, and its value before the work begins. Raises Refused once the pilot has begun."""
    project = locked(actor, project)
    why_not_baseline(
        stage=project.stage, measured_on=measured_on, today=timezone.localdate(at)
    ).enforce()
    baseline = Baseline(
        project=project,
        indicator=indicator.strip(),
        unit=unit.strip(),
        value=value,
        target=target,
        measured_on=measured_on,
        method=method.strip(),
        source=source.strip(),
        recorded_at=at,
        recorded_by=actor.user,
    )
    once = _("This project has a baseline of that name already.")
    write(baseline, reasons={"baseline_once_an_indicator": once})
    record(actor, "project.baseline_set", project, at, baseline=baseline.pk)
    return baseline


@transaction.atomic
def measure(
    *,
    actor: Actor,
    baseline: Baseline,
    value: Decimal,
    measured_on: date,
    source: str,
    at: datetime,
    note: str = "",
) -> Measurement:
    """Record a later value of what a baseline measured: open to people of every cluster that takes part."""
    project = baseline.project
    require(actor, MEASURE_PROJECT, *partner_scopes(project))
    why_not_measure(
        measured_on=measured_on, baseline_on=baseline.measured_on, today=timezone.localdate(at)
    ).enforce()
    found = Measurement(
        baseline=baseline,
        value=value,
        measured_on=measured_on,
        source=source.strip(),
        note=note.strip(),
        recorded_at=at,
        recorded_by=actor.user,
    )
    write(found, reasons={"measurement_once_a_day": _("It was measured on this day already.")})
    record(actor, "project.measured", project, at, baseline=baseline.pk, value=value)
    return found


def _held(actor: Actor, milestone: Milestone) -> Milestone:
    project = locked(actor, milestone.project)
    why_not_change(project.stage).enforce()
    held = Milestone.objects.select_for_update(of=("self",)).get(pk=milestone.pk)
    held.project = project
    return held
