"""What must hold before a project enters a stage, and every reason why it may not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from sankul.core.models import Event
from sankul.core.rules.roles import Actor, Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.portfolio.actions import stage
from sankul.programme.portfolio.models import Project, StageChange
from sankul.programme.portfolio.queries.projects import known
from sankul.programme.portfolio.rules import ENTRY, Known, Stage
from sankul.programme.portfolio.rules import stages as law
from sankul.programme.portfolio.rules.stages import why_not_enter, why_not_move, why_not_on
from sankul.programme.portfolio.tests import makers as made
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.tests import makers

ON = date(2026, 11, 1)
ALL = Known(
    on=ON,
    owned_problems=1,
    leaders=1,
    baselines=1,
    level=9,
    sites=1,
    milestones=1,
    open_milestones=0,
    measurements=1,
    payers=1,
    in_use=1,
    places=2,
    users_on=date(2026, 9, 1),
    lessons=1,
)


@pytest.mark.parametrize("to", list(Stage))
def test_where_everything_is_on_record_every_stage_is_open(to: Stage) -> None:
    assert why_not_enter(to, ALL)


@pytest.mark.parametrize(
    ("to", "change", "expected"),
    [
        (Stage.RESEARCH, {"owned_problems": 0}, "Add the problem that it addresses, with the public body that owns it."),
        (Stage.RESEARCH, {"leaders": 0}, "Name the organisation that leads it for the leading cluster."),
        (Stage.PILOT, {"baselines": 0},
            "Record a baseline: measured before this day, and on record by this day at the latest."),
        (Stage.PILOT, {"level": None}, "Have the technology readiness level assessed: it must be 4 or more."),
        (Stage.PILOT, {"level": 3}, "The technology readiness level is 3; it must be 4 or more."),
        (Stage.PILOT, {"sites": 0}, "Record the site, and the day on which the owner of the problem agreed."),
        (Stage.PILOT, {"milestones": 0}, "Set at least one milestone of the pilot."),
        (Stage.DEPLOYMENT, {"open_milestones": 2}, "Milestones of the pilot that are not reached yet: 2."),
        (Stage.DEPLOYMENT, {"milestones": 0}, "The pilot had no milestone, so nothing shows that it was finished."),
        (Stage.DEPLOYMENT, {"measurements": 0}, "Measure again what a baseline measured, since the pilot began."),
        (Stage.DEPLOYMENT, {"level": 6}, "The technology readiness level is 6; it must be 7 or more."),
        (Stage.DEPLOYMENT, {"payers": 0}, "Plan a deployment, and say in it who pays for its use."),
        (Stage.PLATFORM, {"places": 1}, "Clusters or cities in which it is in use: 1; a platform needs 2."),
        (Stage.PLATFORM, {"users_on": None}, "Count the users of its deployments, with the source."),
        (Stage.PLATFORM, {"users_on": date(2025, 10, 31)}, "Its users were last counted on 31 Oct 2025: count them anew."),
        (Stage.PLATFORM, {"level": 8}, "The technology readiness level is 8; it must be 9 or more."),
        (Stage.SUCCEEDED, {"in_use": 0}, "No deployment of it is in use."),
        (Stage.SUCCEEDED, {"measurements": 0}, "Measure again what a baseline measured, since the pilot began."),
        (Stage.FAILED, {"lessons": 0}, "Write down the lesson first: what was expected, what happened, and why."),
    ],
)  # fmt: skip
def test_each_condition_that_does_not_hold_is_told(
    to: Stage, change: dict[str, Any], expected: str
) -> None:
    facts = {**ALL.__dict__, **change}
    assert why_not_enter(to, Known(**facts)).reason == expected


def test_a_count_of_users_holds_for_a_year() -> None:
    assert law.users_counted(Known(on=ON, users_on=date(2025, 11, 1)))


def test_all_that_is_missing_is_told_at_once() -> None:
    reason = why_not_enter(Stage.PILOT, Known(on=ON)).reason
    assert [part in reason for part in ("baseline", "readiness", "site", "milestone")] == [True] * 4


def test_every_condition_has_a_reason_in_its_docstring() -> None:
    for conditions in ENTRY.values():
        for condition in conditions:
            assert len(condition.rule.__doc__ or "") > 60


@pytest.mark.parametrize(
    ("now", "to", "expected"),
    [
        (Stage.IDEA, Stage.PILOT, "From “Idea” a project goes to: Research, Stopped."),
        (Stage.RESEARCH, Stage.DEPLOYMENT, "From “Research” a project goes to: Pilot, Idea, Failed, Stopped."),
        (Stage.FAILED, Stage.RESEARCH, "This project has ended. Work that goes on is a new project."),
        (Stage.PILOT, Stage.RESEARCH, "Say why: going back, stopping and failing need a reason."),
        (Stage.PILOT, Stage.STOPPED, "Say why: going back, stopping and failing need a reason."),
    ],
)  # fmt: skip
def test_a_move_that_may_not_be_is_refused(now: Stage, to: Stage, expected: str) -> None:
    assert why_not_move(now=now, to=to, note=" ").reason == expected


def test_a_move_back_with_a_reason_may_be() -> None:
    assert why_not_move(now=Stage.PILOT, to=Stage.RESEARCH, note="The clay cracked.")


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 11, 23), "The day lies in the future: enter it when it has come."),
        (date(2026, 4, 1), "The project is in its present stage only since 1 May 2026."),
    ],
)
def test_the_day_of_a_move_follows_the_last(on: date, expected: str) -> None:
    verdict = why_not_on(
        on=on,
        since=date(2026, 5, 1),
        programme_starts_on=date(2020, 8, 1),
        today=date(2026, 11, 22),
    )
    assert verdict.reason == expected


def test_nothing_enters_a_stage_before_the_programme_began() -> None:
    early = date(2019, 1, 1)
    verdict = why_not_on(
        on=early, since=early, programme_starts_on=date(2020, 8, 1), today=makers.TODAY
    )
    assert "before the programme began" in verdict.reason


@pytest.fixture
def cluster(db: None) -> Cluster:
    return makers.cluster()


@pytest.fixture
def staff(cluster: Cluster) -> Actor:
    return makers.actor_with(Role.CLUSTER_STAFF, cluster.scopes[0])


def entered(actor: Actor, project: Project, to: Stage, **changes: Any) -> StageChange:
    given = {"on": date(2025, 4, 1), "at": makers.AT} | changes
    return stage.enter(actor=actor, project=project, stage=to, **given)


def test_a_project_that_is_ready_enters_the_pilot_and_becomes_public(
    cluster: Cluster, staff: Actor
) -> None:
    project = made.ready_for_pilot(cluster)
    assert not Project.objects.visible_to(makers.public()).exists()
    entered(staff, project, Stage.PILOT)
    project.refresh_from_db()
    assert (project.stage, project.stage_on) == ("pilot", date(2025, 4, 1))
    assert project.shared_at == makers.AT
    assert Project.objects.visible_to(makers.public()).get() == project
    event = Event.objects.latest("seq")
    assert (event.verb, event.subject) == ("project.stage_entered", f"project/{project.pk}")


def test_a_baseline_written_down_after_the_start_does_not_open_the_pilot(
    cluster: Cluster, staff: Actor
) -> None:
    project = made.ready_for_pilot(cluster)
    late = datetime(2025, 4, 2, 6, 30, tzinfo=UTC)
    project.baselines.update(recorded_at=late)
    with pytest.raises(Refused, match="Record a baseline: measured before this day"):
        entered(staff, project, Stage.PILOT)
    entered(staff, project, Stage.PILOT, on=date(2025, 4, 2))


def test_a_baseline_measured_on_the_first_day_does_not_open_the_pilot(
    cluster: Cluster, staff: Actor
) -> None:
    project = made.ready_for_pilot(cluster)
    project.baselines.update(measured_on=date(2025, 4, 1))
    with pytest.raises(Refused, match="Record a baseline"):
        entered(staff, project, Stage.PILOT)


def test_a_site_counts_only_when_the_owner_of_the_problem_agreed(
    cluster: Cluster, staff: Actor
) -> None:
    project = made.ready_for_pilot(cluster)
    project.sites.update(agreed_by=made.city_body())
    with pytest.raises(Refused, match="Record the site"):
        entered(staff, project, Stage.PILOT)


def test_an_assessment_after_the_day_does_not_count(cluster: Cluster, staff: Actor) -> None:
    project = made.ready_for_pilot(cluster)
    project.readiness.update(on=date(2025, 4, 2))
    with pytest.raises(Refused, match="Have the technology readiness level assessed"):
        entered(staff, project, Stage.PILOT)


def test_a_leader_for_another_cluster_does_not_lead_it(cluster: Cluster, staff: Actor) -> None:
    project = made.project(cluster)
    project.problems.add(made.problem(cluster))
    made.partner(project, cluster=makers.cluster(cluster.programme))
    with pytest.raises(Refused, match="Name the organisation that leads it"):
        entered(staff, project, Stage.RESEARCH)


def test_a_problem_without_an_owner_does_not_open_research(cluster: Cluster, staff: Actor) -> None:
    project = made.project(cluster)
    made.partner(project)
    project.problems.add(made.problem(cluster, owner=None, shared_at=None))
    with pytest.raises(Refused, match="Add the problem"):
        entered(staff, project, Stage.RESEARCH)


def test_from_pilot_to_platform_with_everything_measured(cluster: Cluster, staff: Actor) -> None:
    project = made.ready_for_pilot(cluster)
    entered(staff, project, Stage.PILOT)
    with pytest.raises(Refused) as error:
        entered(staff, project, Stage.DEPLOYMENT, on=date(2026, 4, 1))
    assert error.value.reason == (
        "Milestones of the pilot that are not reached yet: 1. "
        "Measure again what a baseline measured, since the pilot began. "
        "The technology readiness level is 5; it must be 7 or more. "
        "Plan a deployment, and say in it who pays for its use."
    )
    project.milestones.update(done_on=date(2026, 1, 31), proof_url="https://example.org/proof")
    made.measurement(project.baselines.get())
    made.readiness(project, 8, date(2026, 3, 1))
    made.planned(project)
    entered(staff, project, Stage.DEPLOYMENT, on=date(2026, 4, 1))
    first, second = made.deployment(project), made.deployment(project)
    made.users(first)
    made.readiness(project, 9, date(2026, 9, 1))
    assert first.place != second.place
    entered(staff, project, Stage.PLATFORM, on=date(2026, 10, 1))
    stages = list(project.changes.values_list("stage", flat=True))
    assert stages == ["idea", "research", "pilot", "deployment", "platform"]


def test_two_deployments_in_one_city_and_cluster_are_one_place(cluster: Cluster) -> None:
    project = made.project(cluster, Stage.DEPLOYMENT)
    for spelling in ("Udayani", "UDAYANI"):
        made.deployment(project, place=spelling)
    assert (known(project, ON).in_use, known(project, ON).places) == (2, 1)


def test_a_project_fails_with_its_lesson(cluster: Cluster, staff: Actor) -> None:
    project = made.project(cluster, Stage.PILOT)
    on = date(2025, 9, 30)
    with pytest.raises(Refused, match="Write down the lesson first"):
        entered(staff, project, Stage.FAILED, on=on, note="The membranes fouled.")
    made.lesson(cluster, project=project)
    entered(staff, project, Stage.FAILED, on=on, note="The membranes fouled.")
    project.refresh_from_db()
    assert project.stage == "failed"


def test_a_word_that_is_no_stage_is_refused(cluster: Cluster, staff: Actor) -> None:
    with pytest.raises(Refused, match="“magic” is no stage"):
        stage.enter(
            actor=staff,
            project=made.project(cluster),
            stage="magic",
            on=ON,
            at=makers.AT,
        )


def test_staff_of_a_cluster_that_only_takes_part_cannot_move_it(cluster: Cluster) -> None:
    project = made.ready_for_pilot(cluster)
    other = makers.cluster(cluster.programme)
    made.partner(project, cluster=other)
    with pytest.raises(Forbidden):
        entered(makers.actor_with(Role.CLUSTER_STAFF, other.scopes[0]), project, Stage.PILOT)


def test_a_change_of_stage_is_never_changed(cluster: Cluster) -> None:
    row = made.project(cluster).changes.get()
    with pytest.raises(Exception, match="append_only"):
        row.delete()


def test_what_is_needed_is_read_in_as_many_queries_whatever_hangs_on_it(
    cluster: Cluster, django_assert_num_queries: Any
) -> None:
    project = made.ready_for_pilot(cluster)
    for number in range(3):
        made.baseline(project, value=Decimal(number))
        made.deployment(project)
    with django_assert_num_queries(12):
        known(project, ON)
