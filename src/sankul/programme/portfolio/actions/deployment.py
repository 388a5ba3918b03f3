"""Deployments: planned, in use, ended; how many use them and who pays."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events
from sankul.core.actions.rows import write
from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused
from sankul.programme.portfolio.models import Deployment, Project, UserCount
from sankul.programme.portfolio.queries.projects import partner_scopes
from sankul.programme.portfolio.rules import DeploymentStatus
from sankul.programme.portfolio.rules.life import (
    why_not_count,
    why_not_end,
    why_not_plan,
    why_not_start,
)
from sankul.programme.registry.models import Cluster, Organisation

from .problem import check_real
from .project import locked


class Place(TypedDict, total=False):
    """Where a deployment is and who pays for it; whatever is left out stays empty, or as it was."""

    title: str
    cluster: Cluster | None
    place: str
    district: str
    state: str
    latitude: Decimal | None
    longitude: Decimal | None
    paid_by: Organisation | None
    payment: str


REASONS = {
    "deployment_on_earth": _(
        "Give both latitude (−90 to 90) and longitude (−180 to 180) in degrees, or neither."
    )
}


@transaction.atomic
def plan(*, actor: Actor, project: Project, at: datetime, **given: Unpack[Place]) -> Deployment:
    """Plan a deployment of a project that is piloted, deployed or a platform. Who pays may come later, not after the start."""
    project = locked(actor, project)
    why_not_plan(project.stage).enforce()
    deployment = Deployment(project=project, recorded_at=at, recorded_by=actor.user)
    _fill(deployment, given)
    _record(actor, "deployment.planned", deployment, at)
    return deployment


@transaction.atomic
def revise(
    *, actor: Actor, deployment: Deployment, at: datetime, **given: Unpack[Place]
) -> Deployment:
    """Change where a deployment is and who pays for it."""
    deployment = _held(actor, deployment)
    _fill(deployment, given)
    _record(actor, "deployment.revised", deployment, at)
    return deployment


@transaction.atomic
def start(*, actor: Actor, deployment: Deployment, on: date, at: datetime) -> Deployment:
    """Say that a planned deployment is in use since a day."""
    deployment = _held(actor, deployment)
    why_not_start(
        stage=deployment.project.stage,
        status=deployment.status,
        pays=bool(deployment.paid_by_id or deployment.payment),
        on=on,
        today=timezone.localdate(at),
    ).enforce()
    deployment.status, deployment.since_on = DeploymentStatus.IN_USE, on
    deployment.save(update_fields=["status", "since_on"])
    _record(actor, "deployment.started", deployment, at, on=on)
    return deployment


@transaction.atomic
def end(*, actor: Actor, deployment: Deployment, on: date, reason: str, at: datetime) -> Deployment:
    """Say that a deployment is in use no more, and why."""
    deployment = _held(actor, deployment)
    why_not_end(
        status=deployment.status,
        since_on=deployment.since_on,
        on=on,
        reason=reason,
        today=timezone.localdate(at),
    ).enforce()
    deployment.status, deployment.until_on = DeploymentStatus.ENDED, on
    deployment.end_reason = reason.strip()
    deployment.save(update_fields=["status", "until_on", "end_reason"])
    _record(actor, "deployment.ended", deployment, at, on=on)
    return deployment


@transaction.atomic
def count_users(
    *,
    actor: Actor,
    deployment: Deployment,
    users: int,
    as_of_on: date,
    source: str,
    at: datetime,
    source_url: str = "",
) -> UserCount:
    """Record how many people used a deployment, as of a day and by which source."""
    deployment = _held(actor, deployment)
    why_not_count(
        since_on=deployment.since_on,
        until_on=deployment.until_on,
        as_of_on=as_of_on,
        today=timezone.localdate(at),
    ).enforce()
    counted = UserCount(
        deployment=deployment,
        users=users,
        as_of_on=as_of_on,
        source=source.strip(),
        source_url=source_url,
    )
    write(counted, reasons={"user_count_once_a_day": _("Users were counted for this day already.")})
    _record(actor, "deployment.users_counted", deployment, at, users=users, as_of_on=as_of_on)
    return counted


def _fill(deployment: Deployment, given: Place) -> None:
    for name, value in given.items():
        setattr(deployment, name, value.strip() if isinstance(value, str) else value)
    programme = deployment.project.programme
    if deployment.cluster and deployment.cluster.programme_id != programme.pk:
        raise Refused(_t("%s belongs to another programme.") % deployment.cluster)
    check_real(deployment.paid_by, programme)
    write(deployment, reasons=REASONS)


def _held(actor: Actor, deployment: Deployment) -> Deployment:
    project = locked(actor, deployment.project)
    rows = Deployment.objects.select_related("cluster", "paid_by")
    held = rows.select_for_update(of=("self",)).get(pk=deployment.pk)
    held.project = project
    return held


def _record(actor: Actor, verb: str, deployment: Deployment, at: datetime, **data: Any) -> None:
    scopes = partner_scopes(deployment.project)
    events.record(actor=actor, verb=verb, subject=deployment, at=at, scopes=scopes, data=data)
