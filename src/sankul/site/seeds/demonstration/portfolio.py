"""The portfolio of the demonstration: problems of its cities, projects over all stages, deployments, lessons.

The same story as the claims tell: Udayani's projects are in use, Vajrapalli's are mostly announced, Neelgarha measures little
after the start, Shailadri closed a pilot, told why, and deployed another design. Rows are written in bulk as the area's
actions would have written them, day by day, and obey its law of stages.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from django.utils import timezone

from sankul.core.actions import events
from sankul.core.queries.actors import actor as actor_of
from sankul.programme.portfolio.models import (
    Baseline,
    BudgetLine,
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
from sankul.programme.portfolio.queries.projects import partner_scopes
from sankul.programme.portfolio.rules import (
    GOING,
    DeploymentStatus,
    PartnerRole,
    ProblemStatus,
    default_shares,
)
from sankul.programme.portfolio.rules import Stage as ProjectStage
from sankul.programme.registry.models import FocusArea

from .cast import City, cities
from .catalogue import FOCUS
from .registry import DOMAIN, Stage

Told = dict[str, Any]
BEFORE_SITE, BEFORE_BASELINE, BEFORE_ASSESSMENT = timedelta(21), timedelta(20), timedelta(14)
KEPT_BEFORE = timedelta(3)
FIRST_DUE, LAST_DUE = timedelta(120), timedelta(730)
"""When the milestones of a pilot that still goes on are due, after its first day."""
LEVELS = {
    ProjectStage.RESEARCH: 3,
    ProjectStage.PILOT: 5,
    ProjectStage.DEPLOYMENT: 8,
    ProjectStage.PLATFORM: 9,
}
"""The technology readiness level assessed before each stage."""
ASSESSOR, INDEPENDENT_FROM = "union-institute-of-open-measurement", 7
"""Who assesses the higher levels; the lower ones the leader does."""


@dataclass(frozen=True)
class Made:
    """A project with what the file tells of it, and its deployments by number."""

    project: Project
    told: Told
    deployments: list[Deployment]

    @property
    def days(self) -> dict[str, date]:
        """The day on which it entered each stage."""
        return dict(self.told["path"])

    def entered(self, stage: str) -> date | None:
        """The day on which it entered a stage, if it did."""
        return self.days.get(stage)

    @property
    def starts_on(self) -> date | None:
        """The day on which work began."""
        return self.entered(ProjectStage.RESEARCH)

    @property
    def ended_on(self) -> date | None:
        """The day on which it came to its end."""
        stage, on = self.told["path"][-1]
        return on if stage not in GOING else None


@cache
def script() -> Told:
    """The file as it stands."""
    return tomllib.loads(files(__package__).joinpath("portfolio.toml").read_text("utf-8"))


def stage(cast: Stage) -> list[Made]:
    """Write the whole portfolio."""
    problems = _problems(cast)
    made = _projects(cast, problems)
    _plan(cast, made)
    _measure(cast, made)
    _deploy(cast, made)
    _teach(cast, {one.project.code: one.project for one in made})
    _enter(cast, made)
    return made


def _problems(cast: Stage) -> dict[str, Problem]:
    busy = {
        key
        for told in script()["project"]
        if len(told["path"]) > 1 and told["path"][-1][0] in GOING
        for key in told["problems"]
    }
    rows = {told["key"]: _problem(cast, told, told["key"] in busy) for told in script()["problem"]}
    Problem.objects.bulk_create(rows.values())
    areas = {area.name: area for area in FocusArea.objects.filter(programme=cast.programme)}
    topics = [(key, told["topic"]) for told in script()["project"] for key in told["problems"]]
    pairs = dict.fromkeys((key, _focus(topic)) for key, topic in topics)
    through = Problem.focus_areas.through
    through.objects.bulk_create(
        through(problem_id=rows[key].pk, focusarea_id=areas[name].pk) for key, name in pairs
    )
    return rows


def _problem(cast: Stage, told: Told, is_worked_on: bool) -> Problem:
    value, unit, on, source = told["size"]
    recorded_on = max(on, _city(told["city"]).launched_on) + KEPT_BEFORE
    status = ProblemStatus.WORKED_ON if is_worked_on else ProblemStatus.OPEN
    return Problem(
        programme=cast.programme,
        cluster=cast.clusters[told["city"]],
        title=told["title"],
        description=told["text"],
        owner=cast.organisations[told["owner"]],
        contact_role=told["contact"],
        sector=told["sector"],
        sdgs=told["sdgs"],
        since_on=date(on.year - 1, 1, 1),
        status=told.get("status", status),
        status_reason=told.get("reason", ""),
        size_value=Decimal(value),
        size_unit=unit,
        size_on=on,
        size_source=source,
        shared_at=_noon(recorded_on + KEPT_BEFORE),
        recorded_at=_noon(recorded_on),
        recorded_by=_recorder(cast, told["city"]),
    )


def _projects(cast: Stage, problems: dict[str, Problem]) -> list[Made]:
    areas = {area.name: area for area in FocusArea.objects.filter(programme=cast.programme)}
    made = [
        Made(_project(cast, told, problems, areas[_focus(told["topic"])]), told, [])
        for told in script()["project"]
    ]
    Project.objects.bulk_create(one.project for one in made)
    through = Project.problems.through
    through.objects.bulk_create(
        through(project_id=one.project.pk, problem_id=problems[key].pk)
        for one in made
        for key in one.told["problems"]
    )
    return made


def _project(cast: Stage, told: Told, problems: dict[str, Problem], area: FocusArea) -> Project:
    first, days = problems[told["problems"][0]], dict(told["path"])
    idea_on, (last, last_on) = days[ProjectStage.IDEA], told["path"][-1]
    return Project(
        programme=cast.programme,
        cluster=cast.clusters[told["city"]],
        code=told["code"],
        title=told["title"],
        summary=told["summary"],
        sector=first.sector,
        sdgs=first.sdgs,
        focus_area=area,
        starts_on=days.get(ProjectStage.RESEARCH),
        ends_on=None if last in GOING else last_on,
        stage_on=idea_on,
        shared_at=_noon(idea_on + KEPT_BEFORE),
        recorded_at=_noon(idea_on),
        recorded_by=_recorder(cast, told["city"]),
    )


def _plan(cast: Stage, made: list[Made]) -> None:
    """Who takes part, with whose money, where, and what is to be reached by when."""
    Partner.objects.bulk_create(
        Partner(
            project=one.project,
            organisation=cast.organisations[body],
            cluster=cast.clusters[city],
            role=role,
        )
        for one in made
        for body, city, role in one.told["partners"]
    )
    BudgetLine.objects.bulk_create(
        BudgetLine(
            project=one.project,
            head=head,
            amount_inr=Decimal(amount),
            source=source,
            giver=cast.organisations[giver[0]] if giver else None,
        )
        for one in made
        for head, amount, source, *giver in one.told.get("budget", ())
    )
    Site.objects.bulk_create(_sites(cast, made))
    Milestone.objects.bulk_create(row for one in made for row in _milestones(one))
    Readiness.objects.bulk_create(row for one in made for row in _readiness(cast, one))


def _sites(cast: Stage, made: list[Made]) -> Iterator[Site]:
    owners = {told["key"]: cast.organisations[told["owner"]] for told in script()["problem"]}
    for one in made:
        if pilot_on := one.entered(ProjectStage.PILOT):
            yield Site(
                project=one.project,
                place=one.told["site"],
                agreed_by=owners[one.told["problems"][0]],
                agreed_on=pilot_on - BEFORE_SITE,
            )


def _milestones(one: Made) -> Iterator[Milestone]:
    """Those of the pilot: due evenly before the deployment; of a pilot that goes on, the last still lies ahead."""
    titles = one.told.get("milestones", ())
    deployed_on = one.entered(ProjectStage.DEPLOYMENT)
    reached = len(titles) if deployed_on else one.told.get("reached", 1)
    place, days, reason = one.told.get("slip", (0, 0, ""))
    for number, title in enumerate(titles, 1):
        pilot_on = one.days[ProjectStage.PILOT]
        until = deployed_on or one.ended_on
        due_on = pilot_on + (FIRST_DUE if number < len(titles) else LAST_DUE)
        if until:
            due_on = pilot_on + (until - pilot_on) * number // (len(titles) + 1)
        slipped = timedelta(days) if number == place else timedelta(0)
        is_done = number <= reached
        yield Milestone(
            project=one.project,
            title=title,
            stage=ProjectStage.PILOT,
            due_on=due_on,
            expected_on=due_on + slipped,
            slip_reason=reason if slipped else "",
            done_on=due_on + slipped if is_done else None,
            proof_url=f"{_address(one)}/milestone-{number}" if is_done else "",
        )


def _readiness(cast: Stage, one: Made) -> Iterator[Readiness]:
    leader = one.told["partners"][0][0]
    for stage, level in LEVELS.items():
        if entered_on := one.entered(stage):
            by = ASSESSOR if level >= INDEPENDENT_FROM else leader
            yield Readiness(
                project=one.project,
                level=level,
                on=entered_on - BEFORE_ASSESSMENT,
                assessed_by=cast.organisations[by],
            )


def _measure(cast: Stage, made: list[Made]) -> None:
    """Each baseline was measured and put on record before the work began; what was measured since is read against it."""
    baselines = {
        one.project.code: _baseline(cast, one, one.starts_on) for one in made if one.starts_on
    }
    Baseline.objects.bulk_create(baselines.values())
    Measurement.objects.bulk_create(
        Measurement(
            baseline=baselines[one.project.code],
            value=Decimal(value),
            measured_on=on,
            source=f"Measurement report of {on:%B %Y} (fictional)",
            recorded_at=_noon(on + KEPT_BEFORE),
            recorded_by=_recorder(cast, one.told["city"]),
        )
        for one in made
        for on, value in one.told.get("measured", ())
    )


def _baseline(cast: Stage, one: Made, starts_on: date) -> Baseline:
    what, unit, value, target, method = one.told["baseline"]
    return Baseline(
        project=one.project,
        indicator=what,
        unit=unit,
        value=Decimal(value),
        target=Decimal(target),
        measured_on=starts_on - BEFORE_BASELINE,
        method=method,
        source="Baseline report (fictional)",
        recorded_at=_noon(starts_on - KEPT_BEFORE),
        recorded_by=_recorder(cast, one.told["city"]),
    )


def _deploy(cast: Stage, made: list[Made]) -> None:
    for one in made:
        told = one.told.get("deployment", ())
        one.deployments.extend(_deployment(cast, one, it) for it in told)
    Deployment.objects.bulk_create(row for one in made for row in one.deployments)
    UserCount.objects.bulk_create(
        UserCount(
            deployment=row,
            users=users,
            as_of_on=date(_first_march(told["since"]) + number, 3, 31),
            source=f"Count by {row.paid_by or one.project.cluster} (fictional)",
        )
        for one in made
        for row, told in zip(one.deployments, one.told.get("deployment", ()), strict=True)
        for number, users in enumerate(told.get("users", ()))
    )


def _deployment(cast: Stage, one: Made, told: Told) -> Deployment:
    city, since_on = _city(told["city"]), told.get("since")
    ended = DeploymentStatus.ENDED if "until" in told else DeploymentStatus.IN_USE
    return Deployment(
        project=one.project,
        title=told["title"],
        cluster=cast.clusters[city.slug],
        place=city.place,
        state=city.region,
        status=ended if since_on else DeploymentStatus.PLANNED,
        since_on=since_on,
        until_on=told.get("until"),
        end_reason=told.get("why", ""),
        paid_by=cast.organisations[told["paid_by"]] if "paid_by" in told else None,
        payment=told["payment"],
        recorded_at=_noon(one.days[ProjectStage.DEPLOYMENT] - KEPT_BEFORE),
        recorded_by=_recorder(cast, one.told["city"]),
    )


def _first_march(since_on: date) -> int:
    """The year of the first 31 March in use."""
    return since_on.year + (since_on > date(since_on.year, 3, 31))


def _teach(cast: Stage, projects: dict[str, Project]) -> None:
    """The lessons of experiments that failed, and who is credited with them."""
    told = script()["lesson"]
    lessons = [_lesson(cast, one, projects[one["project"]]) for one in told]
    Lesson.objects.bulk_create(lessons)
    LessonCredit.objects.bulk_create(
        LessonCredit(
            lesson=lesson,
            organisation=cast.organisations[body],
            cluster=cast.clusters[city],
            role=role,
            share=share,
        )
        for lesson, one in zip(lessons, told, strict=True)
        for (body, city, role), share in zip(
            one["credits"],
            default_shares([PartnerRole(role) for _body, _city, role in one["credits"]]),
            strict=True,
        )
    )


def _lesson(cast: Stage, told: Told, project: Project) -> Lesson:
    parts = ("hypothesis", "tried", "happened", "why", "learned")
    return Lesson(
        programme=cast.programme,
        cluster=project.cluster,
        project=project,
        title=told["title"],
        sector=project.sector,
        on=told["on"],
        instead=told.get("instead", ""),
        report_url=told.get("url", ""),
        shared_at=_noon(told["shared"]) if "shared" in told else None,
        recorded_at=_noon(told["on"]),
        recorded_by=project.recorded_by,
        **{part: told[part] for part in parts},
    )


def _enter(cast: Stage, made: list[Made]) -> None:
    """Every stage in the order in which it was entered, as the log has it; the last one is the project's own."""
    actors = {
        slug: actor_of(_recorder(cast, slug), _noon(date(2026, 6, 1))) for slug in cast.clusters
    }
    days = [(on, one, stage) for one in made for stage, on in one.told["path"]]
    days.sort(key=lambda it: it[0])
    StageChange.objects.bulk_create(
        StageChange(
            project=one.project,
            stage=stage,
            on=on,
            note="" if stage in GOING else one.told.get("note", ""),
            changed_at=_noon(on),
            changed_by=_recorder(cast, one.told["city"]),
        )
        for on, one, stage in days
    )
    scopes = {one.project.pk: partner_scopes(one.project) for one in made}
    for on, one, stage in days:
        events.record(
            actor=actors[one.told["city"]],
            verb="project.stage_entered",
            subject=one.project,
            at=_noon(on),
            scopes=scopes[one.project.pk],
            data={"stage": stage, "on": on},
        )


def _focus(topic: str) -> str:
    return next(name for name, topics in FOCUS.items() if topic in topics)


@cache
def _city(slug: str) -> City:
    return next(one for one in cities() if one.slug == slug)


def _recorder(cast: Stage, city: str) -> Any:
    return cast.users[f"staff.{city}@{DOMAIN}"]


def _address(one: Made) -> str:
    return f"https://{one.told['city']}.example/projects/{one.told['code']}"


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))
