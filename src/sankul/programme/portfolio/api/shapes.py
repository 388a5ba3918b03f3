"""The shapes of the area's JSON."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from ninja import Field, Path, Schema

from sankul.programme.portfolio.rules import (
    DeploymentStatus,
    MoneySource,
    PartnerRole,
    ProblemStatus,
    Sector,
    Stage,
)

Number = Annotated[int, Path(description="Number of the record", examples=[12], ge=0, le=2**62)]
Slug = Annotated[str, Path(description="Short name in addresses", examples=["demonstration"])]
Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
"""Any text that a database can keep."""
Amount = Annotated[Decimal, Field(max_digits=18, decimal_places=4)]
LIMIT = 1000


class Keyset(Schema):
    """Which records: those found by words, after a number, and no more than a limit."""

    q: Text = Field("", max_length=100, description="Words, as one types them into a search")
    programme: Text = Field("", description="Short name of a programme")
    cluster: Text = Field("", description="Short name of the leading cluster")
    sector: Sector | None = None
    after: int = Field(0, ge=0, le=2**62, description="Records with a greater number only")
    limit: int = Field(100, ge=1, le=LIMIT)


class ProblemOut(Schema):
    """A problem of a city or region."""

    id: int
    programme: str = Field(alias="programme.slug")
    cluster: str = Field(alias="cluster.slug")
    title: str
    description: str
    owner: str | None = Field(description="Short name of the public body that owns it")
    contact_role: str
    sector: Sector
    sdgs: list[int] = Field(description="Sustainable Development Goals, 1 to 17")
    since_on: date | None
    status: ProblemStatus
    status_reason: str
    size_value: Decimal | None
    size_unit: str
    size_on: date | None
    size_source: str
    size_url: str
    shared_at: datetime | None = Field(description="Public since; empty while it is not")

    @staticmethod
    def resolve_owner(row: Any) -> str | None:
        """Short name of the owner."""
        return row.owner.slug if row.owner else None


class ProjectOut(Schema):
    """A project."""

    id: int
    programme: str = Field(alias="programme.slug")
    cluster: str = Field(alias="cluster.slug", description="The cluster that leads it")
    code: str
    title: str
    summary: str
    sector: Sector
    sdgs: list[int]
    starts_on: date | None
    ends_on: date | None
    stage: Stage
    stage_on: date = Field(description="In this stage since")
    shared_at: datetime | None


class PartnerOut(Schema):
    """An organisation in a project."""

    organisation: str = Field(alias="organisation.slug")
    cluster: str = Field(alias="cluster.slug")
    role: PartnerRole


class StageOut(Schema):
    """A project entered a stage."""

    stage: Stage
    on: date
    note: str


class BudgetOut(Schema):
    """Money of a project."""

    head: str
    amount_inr: Decimal
    source: MoneySource


class ReadinessOut(Schema):
    """An assessment of the technology readiness level."""

    level: int = Field(description="1 to 9, ISO 16290")
    on: date
    assessed_by: str = Field(alias="assessed_by.slug")
    note: str


class MilestoneOut(Schema):
    """A milestone."""

    id: int
    title: str
    stage: Stage
    due_on: date = Field(description="The day first promised")
    expected_on: date
    slip_reason: str
    done_on: date | None
    proof_url: str


class MeasurementOut(Schema):
    """A value, in the unit of its baseline."""

    value: Decimal
    measured_on: date
    source: str
    note: str


class BaselineOut(Schema):
    """What is measured, before and after."""

    id: int
    indicator: str
    unit: str
    value: Decimal
    target: Decimal | None
    measured_on: date
    recorded_at: datetime
    method: str
    source: str
    measurements: list[MeasurementOut]

    @staticmethod
    def resolve_measurements(row: Any) -> list[Any]:
        """Later values, oldest first."""
        return list(row.measurements.all())


class ProjectDetailOut(ProjectOut):
    """A project with everything that hangs on it."""

    problems: list[int] = Field(description="Numbers of the problems that it addresses")
    partners: list[PartnerOut]
    stages: list[StageOut]
    budget: list[BudgetOut]
    readiness: list[ReadinessOut]
    milestones: list[MilestoneOut]
    baselines: list[BaselineOut]
    deployments: list[int]
    lessons: list[int]

    @staticmethod
    def resolve_problems(row: Any) -> list[int]:
        """Numbers of the problems."""
        return [one.pk for one in row.problems.all()]

    @staticmethod
    def resolve_partners(row: Any) -> list[Any]:
        """The consortium."""
        return list(row.partners.all())

    @staticmethod
    def resolve_stages(row: Any) -> list[Any]:
        """Every change of stage, oldest first."""
        return list(row.changes.all())

    @staticmethod
    def resolve_budget(row: Any) -> list[Any]:
        """Lines of the budget."""
        return list(row.budget.all())

    @staticmethod
    def resolve_readiness(row: Any) -> list[Any]:
        """Assessments, newest first."""
        return list(row.readiness.all())

    @staticmethod
    def resolve_milestones(row: Any) -> list[Any]:
        """Milestones by day."""
        return list(row.milestones.all())

    @staticmethod
    def resolve_baselines(row: Any) -> list[Any]:
        """What is measured."""
        return list(row.baselines.all())

    @staticmethod
    def resolve_deployments(row: Any) -> list[int]:
        """Numbers of the deployments."""
        return [one.pk for one in row.deployments.all()]

    @staticmethod
    def resolve_lessons(row: Any) -> list[int]:
        """Numbers of the lessons that one may see."""
        return [one.pk for one in row.lessons.all()]


class ConditionOut(Schema):
    """A condition of a stage, and whether it holds today."""

    title: str
    holds: bool
    missing: str = Field(description="What to do; empty where it holds")


class ConditionsOut(Schema):
    """A stage that a project can enter, and its conditions."""

    stage: Stage
    conditions: list[ConditionOut]


class UsersOut(Schema):
    """A count of users."""

    users: int
    as_of_on: date
    source: str
    source_url: str


class DeploymentOut(Schema):
    """A solution in use at a place."""

    id: int
    programme: str = Field(alias="project.programme.slug")
    project: str = Field(alias="project.code")
    title: str
    cluster: str | None = Field(description="The cluster in whose region it stands")
    place: str
    district: str
    state: str
    latitude: Decimal | None
    longitude: Decimal | None
    status: DeploymentStatus
    since_on: date | None
    until_on: date | None
    paid_by: str | None
    payment: str
    users: int | None = Field(description="The last count; empty where there is none")
    users_on: date | None

    @staticmethod
    def resolve_cluster(row: Any) -> str | None:
        """Short name of the cluster."""
        return row.cluster.slug if row.cluster else None

    @staticmethod
    def resolve_paid_by(row: Any) -> str | None:
        """Short name of the organisation that pays."""
        return row.paid_by.slug if row.paid_by else None


class DeploymentDetailOut(DeploymentOut):
    """The same with every count of its users, newest first."""

    user_counts: list[UsersOut]

    @staticmethod
    def resolve_user_counts(row: Any) -> list[Any]:
        """Counts of users."""
        return list(row.user_counts.all())


class LessonOut(Schema):
    """An experiment and its lesson."""

    id: int
    programme: str = Field(alias="programme.slug")
    cluster: str = Field(alias="cluster.slug")
    title: str
    sector: Sector
    on: date = Field(description="When the experiment ended")
    hypothesis: str
    tried: str
    happened: str
    why: str
    learned: str
    instead: str
    report_url: str
    shared_at: datetime | None


class LessonCreditOut(Schema):
    """Who is credited; a person only with consent."""

    organisation: str = Field(alias="organisation.slug")
    cluster: str = Field(alias="cluster.slug")
    role: PartnerRole
    share: Decimal
    person: str | None

    @staticmethod
    def resolve_person(row: Any) -> str | None:
        """The name of who agreed to be named."""
        return row.person.name if row.person else None


class LessonDetailOut(LessonOut):
    """The same with who is credited."""

    credits: list[LessonCreditOut]

    @staticmethod
    def resolve_credits(row: Any) -> list[Any]:
        """Credits, as they were given."""
        return list(row.credits.all())


class ProblemPage(Schema):
    """Problems by number, and the number to go on after."""

    items: list[ProblemOut]
    next: int | None


class ProjectPage(Schema):
    """Projects by number, and the number to go on after."""

    items: list[ProjectOut]
    next: int | None


class DeploymentPage(Schema):
    """Deployments by number, and the number to go on after."""

    items: list[DeploymentOut]
    next: int | None


class LessonPage(Schema):
    """Lessons by number, and the number to go on after."""

    items: list[LessonOut]
    next: int | None
