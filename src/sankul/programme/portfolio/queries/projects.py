"""Reading projects, and what is known of one for the conditions of its stages."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import F, Max, Prefetch, Q, QuerySet
from django.utils import timezone

from sankul.core.models import Event
from sankul.core.queries import events as log
from sankul.core.rules.roles import Actor, Scope, ScopeKind, verdict
from sankul.programme.portfolio.models import (
    Baseline,
    BudgetLine,
    Deployment,
    Lesson,
    Measurement,
    Milestone,
    Partner,
    Problem,
    Project,
    Readiness,
    Site,
    StageChange,
    UserCount,
)
from sankul.programme.portfolio.queries import deployments
from sankul.programme.portfolio.queries.words import found
from sankul.programme.portfolio.rules import (
    MEASURE_PROJECT,
    RECORD_PORTFOLIO,
    DeploymentStatus,
    Known,
    PartnerRole,
    Stage,
)

EXPORTED = {
    "programme": "programme__slug",
    "is_demonstration": "programme__is_demonstration",
    "cluster": "cluster__slug",
    "code": "code",
    "title": "title",
    "summary": "summary",
    "sector": "sector",
    "stage": "stage",
    "stage_on": "stage_on",
    "starts_on": "starts_on",
    "ends_on": "ends_on",
}


def visible(actor: Actor, text: str = "") -> QuerySet[Project]:
    """Projects that the actor may see and in which ``text`` is found, with cluster and programme at hand."""
    return found(Project.objects.visible_to(actor).select_related("cluster", "programme"), text)


def of_cluster(rows: QuerySet[Project], slug: str) -> QuerySet[Project]:
    """Those that a cluster leads or takes part in; all of them for an empty slug."""
    if not slug:
        return rows
    joined = Partner.objects.filter(cluster__slug=slug).values("project")
    return rows.filter(Q(cluster__slug=slug) | Q(pk__in=joined))


def detailed(actor: Actor) -> QuerySet[Project]:
    """The same with everything that hangs on a project at hand: eleven queries, whatever the number of rows."""
    measured = Measurement.objects.order_by("measured_on", "pk")
    return visible(actor).select_related("focus_area").prefetch_related(
        Prefetch("partners", Partner.objects.select_related("organisation", "cluster__programme")),
        Prefetch("problems", Problem.objects.visible_to(actor).select_related("owner")),
        Prefetch("budget", BudgetLine.objects.select_related("giver")),
        Prefetch("readiness", Readiness.objects.select_related("assessed_by")),
        Prefetch("changes", StageChange.objects.order_by("on", "pk")),
        Prefetch("sites", Site.objects.select_related("agreed_by")),
        Prefetch("milestones", Milestone.objects.select_related("proof")),
        Prefetch("baselines", Baseline.objects.prefetch_related(Prefetch("measurements", measured))),
        Prefetch("deployments", deployments.with_users(Deployment.objects.all())),
        Prefetch("lessons", Lesson.objects.visible_to(actor)),
    )  # fmt: skip


def history(actor: Actor, project: Project) -> QuerySet[Event]:
    """What was done to a project, newest first, as far as the actor may see what was done."""
    return log.visible(actor).filter(subject=f"project/{project.pk}")


def partner_scopes(project: Project) -> set[Scope]:
    """The scopes of every cluster that leads the project or takes part in it, and of its programme: one query."""
    joined: set[int] = set(project.partners.values_list("cluster", flat=True))
    return {*project.scopes, *(Scope(ScopeKind.CLUSTER, pk) for pk in joined)}


def may_record(actor: Actor, project: Project) -> bool:
    """Whether the actor may change the project and its stage: the leading cluster's people."""
    return verdict(actor, RECORD_PORTFOLIO, *project.scopes).allowed


def may_measure(actor: Actor, project: Project) -> bool:
    """Whether the actor may add measurements: people of any cluster that takes part."""
    return bool(actor.scopes(MEASURE_PROJECT)) and bool(
        verdict(actor, MEASURE_PROJECT, *partner_scopes(project))
    )


def known(project: Project, on: date) -> Known:
    """What is on record of a project for a day, to check the conditions of a stage: eight queries."""
    owners = project.problems.filter(owner__isnull=False)
    ready = project.readiness.filter(on__lte=on).order_by("-on", "-pk").first()
    pilot = project.milestones.filter(stage=Stage.PILOT)
    return Known(
        on=on,
        owned_problems=owners.count(),
        leaders=project.partners.filter(
            role=PartnerRole.LED, cluster_id=project.cluster_id
        ).count(),
        baselines=_baselines_before(project, on).count(),
        level=ready.level if ready else None,
        sites=project.sites.filter(agreed_on__lte=on, agreed_by__in=owners.values("owner")).count(),
        milestones=pilot.count(),
        open_milestones=pilot.filter(Q(done_on__isnull=True) | Q(done_on__gt=on)).count(),
        measurements=_measured_since_pilot(project, on).count(),
        lessons=project.lessons.count(),
        **_use(project, on),
    )


def _baselines_before(project: Project, on: date) -> QuerySet[Baseline]:
    recorded = timezone.make_aware(datetime.combine(on + timedelta(days=1), time.min))
    return project.baselines.filter(measured_on__lt=on, recorded_at__lt=recorded)


def _measured_since_pilot(project: Project, on: date) -> QuerySet[Measurement]:
    began = project.changes.filter(stage=Stage.PILOT).values_list("on", flat=True).first()
    rows = Measurement.objects.filter(baseline__project=project, measured_on__lte=on)
    return rows.filter(measured_on__gte=began) if began else rows.none()


def _use(project: Project, on: date) -> dict[str, Any]:
    rows = project.deployments
    used = list(rows.filter(status=DeploymentStatus.IN_USE, since_on__lte=on))
    pays = Q(paid_by__isnull=False) | ~Q(payment="")
    clusters = {row.cluster_id for row in used if row.cluster_id}
    cities = {(row.place.casefold(), row.state.casefold()) for row in used}
    counted = UserCount.objects.filter(deployment__in=used, as_of_on__lte=on)
    return {
        "payers": rows.exclude(status=DeploymentStatus.ENDED).filter(pays).count(),
        "in_use": len(used),
        "places": max(len(clusters), len(cities)),
        "users_on": counted.aggregate(last=Max(F("as_of_on")))["last"],
    }
