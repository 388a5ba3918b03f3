"""Recording the portfolio as JSON."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _t
from ninja import Field, Schema, Status

from sankul.core.api import WRITING
from sankul.core.doors import Request
from sankul.core.rules.verdicts import Refused
from sankul.programme.portfolio.actions import (
    deployment,
    lesson,
    problem,
    progress,
    project,
    stage,
)
from sankul.programme.portfolio.models import Baseline, Deployment, Project
from sankul.programme.portfolio.queries import deployments, lessons, problems, projects
from sankul.programme.portfolio.rules import Sector, Stage
from sankul.programme.registry.models import Cluster, Organisation
from sankul.programme.registry.queries import clusters, organisations

from .reading import router
from .shapes import (
    Amount,
    DeploymentDetailOut,
    LessonDetailOut,
    Number,
    ProblemOut,
    ProjectDetailOut,
    Slug,
    Text,
)

Goals = Annotated[list[Annotated[int, Field(ge=1, le=17)]], Field(max_length=17)]
Title = Annotated[Text, Field(max_length=250)]
Address = Annotated[Text, Field(max_length=500)]


class OfCluster(Schema):
    """The cluster that something is recorded for."""

    programme: Text = Field(description="Short name of the programme")
    cluster: Text = Field(description="Short name of the cluster")


class ProblemIn(OfCluster):
    """A problem to state."""

    title: Title
    description: Text
    sector: Sector
    sdgs: Goals = []
    owner: Text = Field("", description="Short name of the public body that owns it")
    contact_role: Annotated[Text, Field(max_length=120)] = ""
    since_on: date | None = None
    size_value: Amount | None = None
    size_unit: Annotated[Text, Field(max_length=80)] = ""
    size_on: date | None = None
    size_source: Annotated[Text, Field(max_length=200)] = ""
    size_url: Address = ""


class ProjectIn(OfCluster):
    """A project to propose."""

    code: Annotated[Text, Field(max_length=40)]
    title: Title
    summary: Text
    sector: Sector
    sdgs: Goals = []
    problems: list[Annotated[int, Field(ge=0, le=2**62)]] = []
    starts_on: date | None = None
    ends_on: date | None = None


class StageIn(Schema):
    """A stage to enter."""

    stage: Stage
    on: date
    note: Text = ""


class MeasurementIn(Schema):
    """A value, in the unit of the baseline."""

    value: Amount
    measured_on: date
    source: Title
    note: Text = ""


class UsersIn(Schema):
    """A count of users."""

    users: int = Field(ge=0, le=2_000_000_000)
    as_of_on: date
    source: Title
    source_url: Address = ""


class LessonIn(OfCluster):
    """A lesson to write down."""

    title: Title
    sector: Sector
    on: date
    hypothesis: Text
    tried: Text
    happened: Text
    why: Text
    learned: Text
    instead: Text = ""
    project: Text = Field("", description="Code of the project")
    report_url: Address = ""


@router.post("/problems", auth=WRITING, response={201: ProblemOut}, summary="State a problem")
def state_problem(request: Request, given: ProblemIn) -> Status[Any]:
    """State a problem for a cluster; it is not public until it is shared."""
    fields = given.dict(exclude={"programme", "cluster", "owner"})
    made = problem.state(
        actor=request.actor,
        cluster=_cluster(request, given),
        at=request.at,
        owner=_organisation(request, given.owner),
        **fields,
    )
    return Status(201, problems.visible(request.actor).get(pk=made.pk))


@router.post(
    "/projects", auth=WRITING, response={201: ProjectDetailOut}, summary="Propose a project"
)
def propose_project(request: Request, given: ProjectIn) -> Status[Any]:
    """Put a project on record as an idea."""
    fields = given.dict(exclude={"programme", "cluster", "problems"})
    asked = set(given.problems)
    found = list(problems.visible(request.actor).filter(pk__in=asked))
    if missing := asked - {one.pk for one in found}:
        raise Refused(_t("There is no problem %d.") % min(missing))
    made = project.propose(
        actor=request.actor,
        cluster=_cluster(request, given),
        at=request.at,
        problems=found,
        **fields,
    )
    return Status(201, projects.detailed(request.actor).get(pk=made.pk))


@router.post(
    "/projects/{programme}/{code}/stage",
    auth=WRITING,
    response=ProjectDetailOut,
    summary="Let a project enter a stage",
)
def enter_stage(request: Request, programme: Slug, code: Slug, given: StageIn) -> Project:
    """Enter a stage once its conditions hold; a refusal names every one that does not."""
    rows = projects.visible(request.actor)
    found = get_object_or_404(rows, programme__slug=programme, code=code)
    stage.enter(actor=request.actor, project=found, at=request.at, **given.dict())
    return projects.detailed(request.actor).get(pk=found.pk)


@router.post(
    "/baselines/{number}/measurements",
    auth=WRITING,
    response={201: ProjectDetailOut},
    summary="Measure again what a baseline measured",
)
def add_measurement(request: Request, number: Number, given: MeasurementIn) -> Status[Any]:
    """Record a later value: open to every cluster that takes part."""
    rows = Baseline.objects.select_related("project__programme")
    seen = projects.visible(request.actor).values("pk")
    found = get_object_or_404(rows.filter(project__in=seen), pk=number)
    progress.measure(actor=request.actor, baseline=found, at=request.at, **given.dict())
    return Status(201, projects.detailed(request.actor).get(pk=found.project_id))


@router.post(
    "/deployments/{number}/users",
    auth=WRITING,
    response={201: DeploymentDetailOut},
    summary="Count users",
)
def count_users(request: Request, number: Number, given: UsersIn) -> Status[Deployment]:
    """Record how many people used a deployment, as of a day and by which source."""
    found = get_object_or_404(deployments.visible(request.actor), pk=number)
    deployment.count_users(actor=request.actor, deployment=found, at=request.at, **given.dict())
    return Status(201, deployments.detailed(request.actor).get(pk=number))


@router.post(
    "/lessons", auth=WRITING, response={201: LessonDetailOut}, summary="Write down a lesson"
)
def tell_lesson(request: Request, given: LessonIn) -> Status[Any]:
    """Write down a lesson of a cluster; it is not public until it is shared."""
    cluster = _cluster(request, given)
    of = None
    if given.project:
        of = projects.visible(request.actor).filter(cluster=cluster, code=given.project).first()
        if of is None:
            raise Refused(_t("There is no project “%s”.") % given.project)
    fields = given.dict(exclude={"programme", "cluster", "project"})
    made = lesson.tell(actor=request.actor, cluster=cluster, at=request.at, project=of, **fields)
    return Status(201, lessons.detailed(request.actor).get(pk=made.pk))


def _cluster(request: Request, given: OfCluster) -> Cluster:
    rows = clusters.visible(request.actor)
    found = rows.filter(programme__slug=given.programme, slug=given.cluster).first()
    if found is None:
        raise Refused(
            _t("The programme “%(programme)s” has no cluster “%(slug)s”.")
            % {"programme": given.programme, "slug": given.cluster}
        )
    return found


def _organisation(request: Request, slug: str) -> Organisation | None:
    if not slug:
        return None
    found = organisations.visible(request.actor).filter(slug=slug).first()
    if found is None:
        raise Refused(_t("There is no organisation “%s”.") % slug)
    return found
