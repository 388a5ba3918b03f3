"""Reading the portfolio as JSON."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router

from sankul.core.doors import Request
from sankul.core.rules.roles import verdict
from sankul.programme.portfolio.models import Deployment, Lesson, Problem, Project
from sankul.programme.portfolio.queries import deployments, lessons, problems, projects
from sankul.programme.portfolio.rules import (
    MOVES,
    SEE_PORTFOLIO,
    DeploymentStatus,
    ProblemStatus,
    Stage,
    checks,
)

from .shapes import (
    ConditionsOut,
    DeploymentDetailOut,
    DeploymentPage,
    Keyset,
    LessonDetailOut,
    LessonPage,
    Number,
    ProblemOut,
    ProblemPage,
    ProjectDetailOut,
    ProjectPage,
    Slug,
)

router = Router(tags=["Portfolio"])


class ProblemFilter(Keyset):
    """Which problems."""

    status: ProblemStatus | None = None


class ProjectFilter(Keyset):
    """Which projects."""

    stage: Stage | None = None


class DeploymentFilter(Keyset):
    """Which deployments."""

    status: DeploymentStatus | None = None


@router.get("/problems", response=ProblemPage, summary="Problems of cities")
def list_problems(request: Request, chosen: Query[ProblemFilter]) -> dict[str, Any]:
    """Problems that one may see, by number; the public sees those that are shared."""
    return _page(problems.visible(request.actor, chosen.q), chosen, status=chosen.status)


@router.get("/problems/{number}", response=ProblemOut, summary="One problem")
def get_problem(request: Request, number: Number) -> Problem:
    """A problem with its owner and size."""
    return get_object_or_404(problems.visible(request.actor), pk=number)


@router.get("/projects", response=ProjectPage, summary="Projects")
def list_projects(request: Request, chosen: Query[ProjectFilter]) -> dict[str, Any]:
    """Projects that one may see, by number; the public sees them from the pilot on, or once shared."""
    return _page(projects.visible(request.actor, chosen.q), chosen, stage=chosen.stage)


@router.get("/projects/{programme}/{code}", response=ProjectDetailOut, summary="One project")
def get_project(request: Request, programme: Slug, code: Slug) -> Project:
    """A project with partners, stages, money, milestones, results."""
    return get_object_or_404(projects.detailed(request.actor), programme__slug=programme, code=code)


@router.get(
    "/projects/{programme}/{code}/conditions",
    response=list[ConditionsOut],
    summary="What the next stages of a project need",
)
def get_conditions(request: Request, programme: Slug, code: Slug) -> list[dict[str, Any]]:
    """Every stage that the project can enter, with its conditions as they stand today: for those who keep or oversee it."""
    rows = projects.visible(request.actor)
    found = get_object_or_404(rows, programme__slug=programme, code=code)
    inside = projects.may_measure(request.actor, found)
    if not (inside or verdict(request.actor, SEE_PORTFOLIO, *found.scopes)):
        raise Http404
    known = projects.known(found, timezone.localdate(request.at))
    return [
        {
            "stage": stage,
            "conditions": [
                {
                    "title": str(check.title),
                    "holds": check.verdict.allowed,
                    "missing": check.verdict.reason,
                }
                for check in checks(stage, known)
            ],
        }
        for stage in MOVES[Stage(found.stage)]
    ]


@router.get("/deployments", response=DeploymentPage, summary="Deployments")
def list_deployments(request: Request, chosen: Query[DeploymentFilter]) -> dict[str, Any]:
    """Deployments of projects that one may see, by number, with the last count of users."""
    rows = deployments.visible(request.actor, chosen.q)
    return _page(rows, chosen, before="project__", status=chosen.status)


@router.get("/deployments/{number}", response=DeploymentDetailOut, summary="One deployment")
def get_deployment(request: Request, number: Number) -> Deployment:
    """A deployment with every count of its users."""
    return get_object_or_404(deployments.detailed(request.actor), pk=number)


@router.get("/lessons", response=LessonPage, summary="Lessons of experiments")
def list_lessons(request: Request, chosen: Query[Keyset]) -> dict[str, Any]:
    """Lessons that one may see, by number; all their words are searched."""
    return _page(lessons.visible(request.actor, chosen.q), chosen)


@router.get("/lessons/{number}", response=LessonDetailOut, summary="One lesson")
def get_lesson(request: Request, number: Number) -> Lesson:
    """A lesson with who is credited."""
    return get_object_or_404(lessons.detailed(request.actor), pk=number)


def _page(
    rows: QuerySet[Any], chosen: Keyset, *, before: str = "", **more: str | None
) -> dict[str, Any]:
    wanted = {
        f"{before}programme__slug": chosen.programme,
        f"{before}cluster__slug": chosen.cluster,
        f"{before}sector": chosen.sector,
        **more,
    }
    narrowed = rows.filter(
        pk__gt=chosen.after, **{key: value for key, value in wanted.items() if value}
    )
    found = list(narrowed.order_by("pk")[: chosen.limit + 1])
    items = found[: chosen.limit]
    return {"items": items, "next": items[-1].pk if len(found) > chosen.limit else None}
