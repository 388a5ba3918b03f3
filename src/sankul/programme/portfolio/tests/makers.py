"""Makers of the area's records: each writes rows directly, past rights and rules."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from sankul.programme.portfolio.models import (
    Baseline,
    Deployment,
    Lesson,
    LessonCredit,
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
from sankul.programme.portfolio.rules import GOING, DeploymentStatus, PartnerRole, Sector, Stage
from sankul.programme.registry.models import Cluster, Organisation
from sankul.programme.registry.rules import OrganisationKind
from sankul.programme.registry.tests import makers

_numbers = count(1)
EARLY = datetime(2025, 3, 1, 6, 30, tzinfo=UTC)
"""When what makers write was recorded."""
BEGAN = {
    Stage.IDEA: date(2025, 1, 1),
    Stage.RESEARCH: date(2025, 2, 1),
    Stage.PILOT: date(2025, 4, 1),
    Stage.DEPLOYMENT: date(2026, 4, 1),
    Stage.PLATFORM: date(2026, 10, 1),
}
"""When a project of these makers entered each stage."""


def city_body(**fields: Any) -> Organisation:
    """A municipal corporation."""
    return makers.organisation(**{"kind": OrganisationKind.LOCAL_GOVERNMENT} | fields)


def problem(cluster: Cluster, **fields: Any) -> Problem:
    """A public problem with an owner and a size."""
    number = next(_numbers)
    if "owner" not in fields:
        fields["owner"] = city_body()
    defaults = {
        "programme": cluster.programme,
        "title": f"Fluoride in the wells of ward {number}",
        "description": "Half of the wells exceed the limit.",
        "sector": Sector.WATER,
        "sdgs": [6],
        "since_on": date(2024, 1, 1),
        "size_value": Decimal("2.4"),
        "size_unit": "mg/l",
        "size_on": date(2024, 6, 1),
        "size_source": "Survey of the water board",
        "shared_at": EARLY,
        "recorded_at": EARLY,
    }
    return Problem.objects.create(cluster=cluster, **defaults | fields)


def project(cluster: Cluster, stage: Stage = Stage.IDEA, **fields: Any) -> Project:
    """A project that went through the stages up to ``stage``, on the days of ``BEGAN``; an end follows the pilot."""
    number = next(_numbers)
    defaults = {
        "programme": cluster.programme,
        "code": f"project-{number}",
        "title": f"Filters for wells {number}",
        "summary": "A filter of local clay.",
        "sector": Sector.WATER,
        "sdgs": [6],
        "stage_on": BEGAN[Stage.IDEA],
        "recorded_at": EARLY,
    }
    made = Project.objects.create(cluster=cluster, **defaults | fields)
    gone = GOING[: GOING.index(stage) + 1] if stage in GOING else (*GOING[:3], stage)
    for one in gone:
        change(made, one)
    made.refresh_from_db()
    return made


def change(project: Project, stage: Stage, on: date | None = None) -> StageChange:
    """A project entered a stage."""
    day = on or BEGAN.get(stage, date(2026, 9, 1))
    return StageChange.objects.create(project=project, stage=stage, on=day, changed_at=EARLY)


def partner(project: Project, organisation: Organisation | None = None, **fields: Any) -> Partner:
    """An organisation that leads for the leading cluster."""
    defaults = {"cluster": project.cluster, "role": PartnerRole.LED}
    return Partner.objects.create(
        project=project, organisation=organisation or makers.organisation(), **defaults | fields
    )


def readiness(project: Project, level: int, on: date = date(2025, 3, 1)) -> Readiness:
    """An assessment of readiness."""
    return Readiness.objects.create(
        project=project, level=level, on=on, assessed_by=makers.organisation()
    )


def site(project: Project, owner: Organisation, **fields: Any) -> Site:
    """A site agreed on 15 Mar 2025."""
    defaults = {"place": "Ward 7", "agreed_on": date(2025, 3, 15)}
    return Site.objects.create(project=project, agreed_by=owner, **defaults | fields)


def milestone(project: Project, **fields: Any) -> Milestone:
    """A milestone of the pilot, due on 30 Sep 2025."""
    due = fields.pop("due_on", date(2025, 9, 30))
    defaults = {"title": f"Milestone {next(_numbers)}", "due_on": due, "expected_on": due}
    return Milestone.objects.create(project=project, **defaults | fields)


def baseline(project: Project, **fields: Any) -> Baseline:
    """Fluoride of 2.4 mg/l, measured on 20 Feb 2025 and recorded on 1 Mar 2025."""
    defaults = {
        "indicator": f"Fluoride {next(_numbers)}",
        "unit": "mg/l",
        "value": Decimal("2.4"),
        "target": Decimal("1.0"),
        "measured_on": date(2025, 2, 20),
        "method": "Ion-selective electrode, three samples a well",
        "source": "Laboratory report 12",
        "recorded_at": EARLY,
    }
    return Baseline.objects.create(project=project, **defaults | fields)


def measurement(baseline: Baseline, **fields: Any) -> Measurement:
    """A value of 0.8 on 10 Jan 2026."""
    defaults = {
        "value": Decimal("0.8"),
        "measured_on": date(2026, 1, 10),
        "source": "Laboratory report 40",
        "recorded_at": makers.AT,
    }
    return Measurement.objects.create(baseline=baseline, **defaults | fields)


def deployment(project: Project, **fields: Any) -> Deployment:
    """A deployment in use since 1 May 2026, paid for by its users."""
    number = next(_numbers)
    defaults = {
        "title": f"Filters at school {number}",
        "cluster": project.cluster,
        "place": f"City {number}",
        "state": "Some State",
        "status": DeploymentStatus.IN_USE,
        "since_on": date(2026, 5, 1),
        "payment": "₹ 2 a day from each household",
        "recorded_at": makers.AT,
    }
    return Deployment.objects.create(project=project, **defaults | fields)


def planned(project: Project, **fields: Any) -> Deployment:
    """The same, planned."""
    return deployment(project, **{"status": DeploymentStatus.PLANNED, "since_on": None} | fields)


def users(deployment: Deployment, **fields: Any) -> UserCount:
    """410 users on 1 Sep 2026."""
    defaults = {"users": 410, "as_of_on": date(2026, 9, 1), "source": "Meter readings"}
    return UserCount.objects.create(deployment=deployment, **defaults | fields)


def lesson(cluster: Cluster, **fields: Any) -> Lesson:
    """A lesson, not shared."""
    number = next(_numbers)
    defaults = {
        "programme": cluster.programme,
        "title": f"Sensors foul in water with iron {number}",
        "sector": Sector.WATER,
        "on": date(2025, 9, 30),
        "hypothesis": "Cheap sensors hold their calibration for a year.",
        "tried": "Forty sensors on shared wells.",
        "happened": "Twenty-seven drifted within six months.",
        "why": "Iron fouled the membranes.",
        "learned": "Test for iron before choosing wells.",
        "instead": "Strip tests each fortnight.",
        "recorded_at": EARLY,
    }
    return Lesson.objects.create(cluster=cluster, **defaults | fields)


def lesson_credit(lesson: Lesson, **fields: Any) -> LessonCredit:
    """The whole credit for an organisation that led."""
    defaults = {"cluster": lesson.cluster, "role": PartnerRole.LED, "share": Decimal(1)}
    if "organisation" not in fields:
        defaults["organisation"] = makers.organisation()
    return LessonCredit.objects.create(lesson=lesson, **defaults | fields)


def ready_for_pilot(cluster: Cluster, **fields: Any) -> Project:
    """A project in research for which every condition of the pilot holds from 1 Apr 2025 on."""
    made = project(cluster, Stage.RESEARCH, **fields)
    addressed = problem(cluster)
    made.problems.add(addressed)
    assert addressed.owner
    partner(made)
    baseline(made)
    readiness(made, 5)
    site(made, addressed.owner)
    milestone(made)
    return made
