"""What people do with problems, projects, progress and deployments, and every reason to refuse it."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from sankul.core.models import Event
from sankul.core.rules.roles import Actor, Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.portfolio.actions import deployment, problem, progress, project
from sankul.programme.portfolio.models import Deployment, Milestone, Problem, Project
from sankul.programme.portfolio.rules import Stage
from sankul.programme.portfolio.tests import makers as made
from sankul.programme.registry.models import Cluster, FocusArea
from sankul.programme.registry.tests import makers

pytestmark = pytest.mark.django_db
AT = makers.AT
FUTURE = date(2026, 11, 23)


class Scene(NamedTuple):
    """A cluster, someone on its staff, and staff of another cluster of the programme."""

    cluster: Cluster
    staff: Actor
    other: Cluster
    stranger: Actor


@pytest.fixture
def scene() -> Scene:
    cluster = makers.cluster()
    other = makers.cluster(cluster.programme)
    return Scene(
        cluster,
        makers.actor_with(Role.CLUSTER_STAFF, cluster.scopes[0]),
        other,
        makers.actor_with(Role.CLUSTER_STAFF, other.scopes[0]),
    )


def verbs() -> list[str]:
    return list(Event.objects.order_by("seq").values_list("verb", flat=True))


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as error:
        act()
    return error.value.reason


def stated(scene: Scene, **changes: Any) -> Problem:
    given: dict[str, Any] = {
        "title": "Fluoride in wells",
        "description": "Half of the wells exceed the limit.",
        "sector": "water",
        "sdgs": [6, 3],
    }
    return problem.state(actor=scene.staff, cluster=scene.cluster, at=AT, **given | changes)


def test_a_problem_is_stated_shared_and_solved(scene: Scene) -> None:
    area = FocusArea.objects.create(programme=scene.cluster.programme, name="Water")
    found = stated(scene, owner=made.city_body(), focus_areas=[area])
    assert not Problem.objects.visible_to(makers.public()).exists()
    assert not Problem.objects.visible_to(scene.stranger).exists()
    problem.share(actor=scene.staff, problem=found, at=AT)
    assert Problem.objects.visible_to(makers.public()).get() == found
    solved = problem.set_status(
        actor=scene.staff, problem=found, status="solved", reason="Piped water since May.", at=AT
    )
    assert (solved.status, solved.status_reason) == ("solved", "Piped water since May.")
    problem.revise(actor=scene.staff, problem=found, title="Fluoride in wells of ward 7", at=AT)
    assert verbs() == ["problem.stated", "problem.shared", "problem.status_set", "problem.revised"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"title": ""}, "Title: This field cannot be blank."),
        ({"sector": "magic"}, "Sector: Value 'magic' is not a valid choice."),
        ({"since_on": FUTURE}, "The day lies in the future: record it when it has happened."),
        ({"size_value": Decimal("2.4")}, "A figure needs its unit and its source."),
        ({"size_url": "javascript:alert(1)"}, "Address of the source: Enter a valid URL."),
    ],
)  # fmt: skip
def test_a_problem_that_is_not_well_stated_is_refused(
    scene: Scene, change: dict[str, Any], expected: str
) -> None:
    assert refusal(lambda: stated(scene, **change)) == expected


def test_a_goal_that_does_not_exist_is_refused(scene: Scene) -> None:
    assert "18" in refusal(lambda: stated(scene, sdgs=[6, 18]))


def test_everything_that_is_wrong_is_told_at_once(scene: Scene) -> None:
    reason = refusal(lambda: stated(scene, title="", description=""))
    assert ("Title:" in reason, "Description:" in reason) == (True, True)


def test_a_university_owns_no_problem_of_a_city(scene: Scene) -> None:
    reason = refusal(lambda: stated(scene, owner=makers.organisation()))
    assert reason.startswith("The owner of a problem is a public body")


def test_a_fictional_body_owns_no_real_problem(scene: Scene) -> None:
    fictional = made.city_body(is_demonstration=True)
    assert refusal(lambda: stated(scene, owner=fictional)).startswith("Real and fictional")


def test_a_focus_area_of_another_programme_is_refused(scene: Scene) -> None:
    area = FocusArea.objects.create(programme=makers.programme(), name="Water")
    reason = refusal(lambda: stated(scene, focus_areas=[area]))
    assert reason == "A focus area belongs to another programme."


def test_a_problem_without_owner_is_not_shared(scene: Scene) -> None:
    found = stated(scene)
    reason = refusal(lambda: problem.share(actor=scene.staff, problem=found, at=AT))
    assert reason == "Name the public body that owns the problem before it is shared."


def test_a_public_problem_keeps_an_owner_and_is_not_shared_twice(scene: Scene) -> None:
    found = made.problem(scene.cluster)
    reason = refusal(lambda: problem.revise(actor=scene.staff, problem=found, owner=None, at=AT))
    assert reason == "It is public: name the public body that owns it."
    again = refusal(lambda: problem.share(actor=scene.staff, problem=found, at=AT))
    assert again == "It is public already."


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("open", "That is its status already."),
        ("set_aside", "Say how it was solved, or why it is set aside."),
        ("gone", "Status: Value 'gone' is not a valid choice."),
    ],
)
def test_a_status_needs_a_change_and_its_reason(scene: Scene, status: str, expected: str) -> None:
    found = made.problem(scene.cluster)
    reason = refusal(
        lambda: problem.set_status(actor=scene.staff, problem=found, status=status, at=AT)
    )
    assert reason == expected


def test_staff_of_another_cluster_do_nothing_with_a_problem(scene: Scene) -> None:
    found, who = made.problem(scene.cluster), scene.stranger
    acts: list[Callable[[], object]] = [
        lambda: problem.state(actor=who, cluster=scene.cluster, at=AT, title="A"),
        lambda: problem.revise(actor=who, problem=found, at=AT),
        lambda: problem.share(actor=who, problem=found, at=AT),
        lambda: problem.set_status(actor=who, problem=found, status="solved", at=AT, reason="x"),
    ]
    for act in acts:
        with pytest.raises(Forbidden):
            act()


def proposed(scene: Scene, **changes: Any) -> Project:
    given: dict[str, Any] = {
        "code": "clay-filters",
        "title": "Filters of clay",
        "summary": "A filter of local clay.",
        "sector": "water",
    }
    return project.propose(actor=scene.staff, cluster=scene.cluster, at=AT, **given | changes)


def test_a_proposed_project_is_an_idea_that_only_its_cluster_sees(scene: Scene) -> None:
    found = proposed(scene, problems=[made.problem(scene.cluster)])
    assert (found.stage, found.changes.get().stage) == ("idea", "idea")
    seen = [
        Project.objects.visible_to(who).exists()
        for who in (scene.staff, scene.stranger, makers.public(), makers.officer())
    ]
    assert seen == [True, False, False, True]
    project.share(actor=scene.staff, project=found, at=AT)
    assert Project.objects.visible_to(makers.public()).exists()
    assert refusal(lambda: project.share(actor=scene.staff, project=found, at=AT)) == (
        "It is public already."
    )


@pytest.mark.parametrize("code", ["Clay", "clay filters", "clay--2", "new", "", "a" * 41])
def test_a_code_is_made_of_small_letters_and_digits(scene: Scene, code: str) -> None:
    assert refusal(lambda: proposed(scene, code=code)).startswith("The code is made of")


def test_a_code_is_given_once(scene: Scene) -> None:
    proposed(scene)
    reason = refusal(lambda: proposed(scene, title="Other filters"))
    assert reason == "Another project of the programme has this code."


def test_a_project_does_not_end_before_it_starts(scene: Scene) -> None:
    days = {"starts_on": date(2026, 2, 1), "ends_on": date(2026, 1, 1)}
    assert refusal(lambda: proposed(scene, **days)) == "It ends before it starts."


def test_a_problem_of_another_programme_is_refused(scene: Scene) -> None:
    strange = made.problem(makers.cluster())
    reason = refusal(lambda: proposed(scene, problems=[strange]))
    assert reason == "A problem or focus area belongs to another programme."


def test_a_consortium_a_budget_a_readiness_and_a_site(scene: Scene) -> None:
    found, who = proposed(scene), {"actor": scene.staff, "at": AT}
    lab, owner = makers.organisation(), made.city_body()
    joined = project.admit(
        project=found, organisation=lab, cluster=scene.other, role="contributed", **who
    )
    assert Project.objects.visible_to(scene.stranger).get() == found
    line = project.fund(
        project=found, head="Kilns", amount_inr=Decimal("1200000.50"), source="grant", **who
    )
    project.assess(project=found, level=4, on=date(2026, 11, 1), assessed_by=lab, **who)
    project.agree_site(
        project=found, place="Ward 7", agreed_by=owner, agreed_on=date(2026, 11, 2), **who
    )
    project.strike(line=line, **who)
    project.release(partner=joined, **who)
    assert not Project.objects.visible_to(scene.stranger).exists()
    assert verbs() == [
        "project.proposed",
        "project.partner_admitted",
        "project.funded",
        "project.assessed",
        "project.site_agreed",
        "project.line_struck",
        "project.partner_released",
    ]
    scopes = Event.objects.get(verb="project.funded").scopes
    assert f"cluster:{scene.other.pk}" in scopes


def test_what_a_consortium_refuses(scene: Scene) -> None:
    found, who = proposed(scene), {"actor": scene.staff, "at": AT}
    lab, fictional = makers.organisation(), makers.organisation(is_demonstration=True)
    own = {"project": found, "cluster": scene.cluster, "role": "led", **who}
    project.admit(organisation=lab, **own)
    assert refusal(lambda: project.admit(organisation=lab, **own)) == (
        "It takes part for this cluster already."
    )
    far = makers.cluster()
    assert refusal(lambda: project.admit(organisation=lab, **own | {"cluster": far})) == (
        f"{far} belongs to another programme."
    )
    assert refusal(lambda: project.admit(organisation=fictional, **own)).startswith("Real and")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"amount_inr": Decimal(0)}, "The amount lies above 0."),
        ({"amount_inr": Decimal("1.005")}, "Rupees: Ensure that there are no more than 2 decimal places."),
        ({"source": "luck"}, "Source of money: Value 'luck' is not a valid choice."),
    ],
)  # fmt: skip
def test_what_a_budget_refuses(scene: Scene, change: dict[str, Any], expected: str) -> None:
    given = {"head": "Kilns", "amount_inr": Decimal(5), "source": "grant"} | change
    found = proposed(scene)
    reason = refusal(
        lambda: project.fund(actor=scene.staff, project=found, at=AT, **given)  # type: ignore[arg-type]
    )
    assert reason == expected


@pytest.mark.parametrize(
    ("level", "on", "expected"),
    [
        (10, date(2026, 1, 1), "Technology readiness level: Ensure this value is less than or equal to 9."),
        (4, FUTURE, "The day lies in the future: record it when it has happened."),
        (5, date(2025, 3, 1), "It was assessed on this day already."),
    ],
)  # fmt: skip
def test_what_an_assessment_refuses(scene: Scene, level: int, on: date, expected: str) -> None:
    found = made.project(scene.cluster)
    made.readiness(found, 4)
    lab = makers.organisation()
    reason = refusal(
        lambda: project.assess(
            actor=scene.staff, project=found, level=level, on=on, assessed_by=lab, at=AT
        )
    )
    assert reason == expected


def test_a_site_is_not_agreed_in_the_future(scene: Scene) -> None:
    found = made.project(scene.cluster)
    reason = refusal(
        lambda: project.agree_site(
            actor=scene.staff,
            project=found,
            place="Ward 7",
            agreed_by=made.city_body(),
            agreed_on=FUTURE,
            at=AT,
        )
    )
    assert reason.startswith("The day lies in the future")


def test_a_project_that_has_ended_is_planned_no_more(scene: Scene) -> None:
    found, who = made.project(scene.cluster, Stage.STOPPED), {"actor": scene.staff, "at": AT}
    lab = makers.organisation()
    acts: list[Callable[[], object]] = [
        lambda: project.revise(project=found, title="Other", **who),
        lambda: project.admit(project=found, organisation=lab, cluster=scene.cluster, role="led", **who),
        lambda: project.fund(project=found, head="K", amount_inr=Decimal(1), source="grant", **who),
        lambda: project.assess(project=found, level=4, on=date(2026, 1, 1), assessed_by=lab, **who),
        lambda: progress.promise(
            project=found, title="M", stage="pilot", due_on=date(2027, 1, 1), **who),
    ]  # fmt: skip
    for act in acts:
        assert refusal(act) == "This project has ended: its plan is changed no more."


def test_staff_of_a_cluster_that_only_takes_part_see_and_measure_and_do_no_more(
    scene: Scene,
) -> None:
    found, who = made.project(scene.cluster), {"actor": scene.stranger, "at": AT}
    joined = made.partner(found, cluster=scene.other)
    baseline, milestone = made.baseline(found), made.milestone(found)
    lab = makers.organisation()
    assert Project.objects.visible_to(scene.stranger).get() == found
    measured = progress.measure(
        baseline=baseline,
        value=Decimal("1.1"),
        measured_on=date(2026, 5, 1),
        source="Our laboratory",
        **who,
    )
    assert measured.recorded_by == scene.stranger.user
    acts: list[Callable[[], object]] = [
        lambda: project.revise(project=found, title="Other", **who),
        lambda: project.share(project=found, **who),
        lambda: project.admit(project=found, organisation=lab, cluster=scene.other, role="led", **who),
        lambda: project.release(partner=joined, **who),
        lambda: project.fund(project=found, head="K", amount_inr=Decimal(1), source="grant", **who),
        lambda: project.assess(project=found, level=4, on=date(2026, 1, 1), assessed_by=lab, **who),
        lambda: project.agree_site(
            project=found, place="W", agreed_by=lab, agreed_on=date(2026, 1, 1), **who),
        lambda: progress.promise(
            project=found, title="M", stage="pilot", due_on=date(2027, 1, 1), **who),
        lambda: progress.reach(milestone=milestone, on=date(2026, 1, 1), proof_url="https://a.in", **who),
        lambda: progress.postpone(milestone=milestone, to=date(2027, 1, 1), reason="Rain", **who),
        lambda: progress.set_baseline(project=found, indicator="A", unit="b", value=Decimal(1),
            measured_on=date(2025, 1, 1), method="c", source="d", **who),
        lambda: deployment.plan(project=found, title="At a school", place="City", **who),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(Forbidden):
            act()


def test_staff_of_a_cluster_that_takes_no_part_do_not_even_measure(scene: Scene) -> None:
    baseline = made.baseline(made.project(scene.cluster, Stage.PILOT))
    with pytest.raises(Forbidden):
        progress.measure(
            actor=scene.stranger,
            baseline=baseline,
            value=Decimal(1),
            measured_on=date(2026, 5, 1),
            source="Ours",
            at=AT,
        )


def reached(scene: Scene, milestone: Milestone, **changes: Any) -> Milestone:
    given = {"on": date(2025, 9, 1), "proof_url": "https://example.org/report"} | changes
    return progress.reach(actor=scene.staff, milestone=milestone, at=AT, **given)


def test_a_milestone_slips_and_is_reached_with_a_document(scene: Scene) -> None:
    found = progress.promise(
        actor=scene.staff,
        project=made.project(scene.cluster),
        title="Twenty filters in use",
        stage="pilot",
        due_on=date(2026, 3, 31),
        at=AT,
    )
    moved = progress.postpone(
        actor=scene.staff, milestone=found, to=date(2026, 6, 30), reason="Late rain", at=AT
    )
    assert (moved.due_on, moved.expected_on) == (date(2026, 3, 31), date(2026, 6, 30))
    assert moved.has_slipped
    done = reached(
        scene,
        found,
        on=date(2026, 6, 1),
        proof_url="",
        proof=io.BytesIO(b"Twenty filters.\n"),
        proof_name="report.txt",
    )
    assert done.proof is not None
    assert (done.proof.name, done.done_on) == ("report.txt", date(2026, 6, 1))


def test_what_a_milestone_refuses(scene: Scene) -> None:
    found = made.milestone(made.project(scene.cluster))
    late = {"actor": scene.staff, "milestone": found, "at": AT}
    assert refusal(lambda: reached(scene, found, proof_url="")) == (
        "Give a document or an address that proves it."
    )
    assert refusal(lambda: reached(scene, found, on=FUTURE)).startswith("The day lies")
    assert refusal(lambda: reached(scene, found, proof_url="no address")) == (
        "Address of the proof: Enter a valid URL."
    )
    assert refusal(lambda: progress.postpone(to=date(2025, 9, 30), reason="Rain", **late)) == (
        "It is expected on 30 Sep 2025: give a later day."
    )
    assert refusal(lambda: progress.postpone(to=date(2025, 10, 1), reason=" ", **late)) == (
        "Say why it slipped."
    )
    reached(scene, found)
    assert refusal(lambda: reached(scene, found)) == "It was reached on 1 Sep 2025 already."
    assert refusal(lambda: progress.postpone(to=date(2025, 10, 1), reason="Rain", **late)) == (
        "It was reached on 1 Sep 2025 already."
    )


def based(scene: Scene, found: Project, **changes: Any) -> object:
    given: dict[str, Any] = {
        "indicator": "Fluoride",
        "unit": "mg/l",
        "value": Decimal("2.4"),
        "measured_on": date(2025, 1, 10),
        "method": "Electrode",
        "source": "Report 12",
    }
    return progress.set_baseline(actor=scene.staff, project=found, at=AT, **given | changes)


def test_a_baseline_is_set_before_the_pilot_only(scene: Scene) -> None:
    found = made.project(scene.cluster, Stage.RESEARCH)
    based(scene, found)
    assert refusal(lambda: based(scene, found)) == (
        "This project has a baseline of that name already."
    )
    assert refusal(lambda: based(scene, found, measured_on=FUTURE)).startswith("The day lies")
    made.change(found, Stage.PILOT)
    found.refresh_from_db()
    assert refusal(lambda: based(scene, found, indicator="Arsenic")).startswith(
        "A baseline is recorded before the pilot begins."
    )


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2025, 2, 20), "A measurement comes after its baseline of 20 Feb 2025."),
        (FUTURE, "The day lies in the future: record it when it has happened."),
        (date(2026, 1, 10), "It was measured on this day already."),
    ],
)
def test_what_a_measurement_refuses(scene: Scene, on: date, expected: str) -> None:
    baseline = made.baseline(made.project(scene.cluster, Stage.PILOT))
    made.measurement(baseline)
    reason = refusal(
        lambda: progress.measure(
            actor=scene.staff,
            baseline=baseline,
            value=Decimal(1),
            measured_on=on,
            source="Report",
            at=AT,
        )
    )
    assert reason == expected


def placed(scene: Scene, stage: Stage = Stage.DEPLOYMENT, **changes: Any) -> Deployment:
    given: dict[str, Any] = {
        "title": "Filters at a school",
        "place": "City",
        "state": "Some State",
        "payment": "₹ 2 a day",
    }
    found = made.project(scene.cluster, stage)
    return deployment.plan(actor=scene.staff, project=found, at=AT, **given | changes)


def test_a_deployment_is_planned_started_counted_and_ended(scene: Scene) -> None:
    found, who = (
        placed(scene, latitude=Decimal("17.4"), longitude=Decimal("78.5")),
        {
            "actor": scene.staff,
            "at": AT,
        },
    )
    deployment.revise(deployment=found, payment="₹ 3 a day", **who)
    deployment.start(deployment=found, on=date(2026, 5, 1), **who)
    deployment.count_users(
        deployment=found, users=410, as_of_on=date(2026, 6, 1), source="Meters", **who
    )
    ended = deployment.end(deployment=found, on=date(2026, 8, 1), reason="Piped water came", **who)
    assert (ended.status, ended.payment, ended.until_on) == (
        "ended",
        "₹ 3 a day",
        date(2026, 8, 1),
    )
    assert [verb for verb in verbs() if verb.startswith("deployment")] == [
        "deployment.planned",
        "deployment.revised",
        "deployment.started",
        "deployment.users_counted",
        "deployment.ended",
    ]


@pytest.mark.parametrize(
    "degrees", [{"latitude": Decimal(17)}, {"latitude": Decimal(91), "longitude": Decimal(0)}]
)
def test_a_deployment_lies_on_earth_or_nowhere(scene: Scene, degrees: dict[str, Any]) -> None:
    assert refusal(lambda: placed(scene, **degrees)).startswith("Give both latitude")


def test_an_idea_has_no_deployment(scene: Scene) -> None:
    reason = refusal(lambda: placed(scene, Stage.RESEARCH))
    assert reason == "A deployment is planned from the pilot on, while the project goes on."


def test_a_deployment_stands_in_the_region_of_a_cluster_of_the_programme(scene: Scene) -> None:
    far = makers.cluster()
    assert refusal(lambda: placed(scene, cluster=far)) == f"{far} belongs to another programme."


def test_when_a_deployment_does_not_start(scene: Scene) -> None:
    def start(found: Deployment, on: date = date(2026, 5, 1)) -> str:
        return refusal(lambda: deployment.start(actor=scene.staff, deployment=found, on=on, at=AT))

    assert start(placed(scene, Stage.PILOT)).startswith("Its project is not in the stage")
    assert start(placed(scene, payment="")) == "Say who pays for its use."
    assert start(placed(scene), FUTURE).startswith("The day lies in the future")
    used = made.deployment(made.project(scene.cluster, Stage.DEPLOYMENT))
    assert start(used) == "Only a planned deployment can start."


def test_when_a_deployment_does_not_end(scene: Scene) -> None:
    used = made.deployment(made.project(scene.cluster, Stage.DEPLOYMENT))

    def end(on: date, reason: str = "Closed", found: Deployment = used) -> str:
        return refusal(
            lambda: deployment.end(actor=scene.staff, deployment=found, on=on, reason=reason, at=AT)
        )

    assert end(date(2026, 4, 1)) == "It is in use since 1 May 2026: the last day comes after."
    assert end(date(2026, 6, 1), " ") == "Say why it ended."
    assert end(FUTURE).startswith("The day lies in the future")
    assert end(date(2026, 6, 1), found=placed(scene)) == (
        "Only a deployment that is in use can end."
    )


def test_when_users_are_not_counted(scene: Scene) -> None:
    used = made.deployment(made.project(scene.cluster, Stage.DEPLOYMENT))

    def count(on: date, found: Deployment = used) -> str:
        return refusal(
            lambda: deployment.count_users(
                actor=scene.staff, deployment=found, users=1, as_of_on=on, source="Meters", at=AT
            )
        )

    made.users(used)
    assert count(date(2026, 9, 1)) == "Users were counted for this day already."
    assert count(date(2026, 4, 1)) == "It was not in use on that day."
    assert count(FUTURE).startswith("The day lies in the future")
    assert count(date(2026, 6, 1), placed(scene)).startswith("It is not in use yet")


def test_staff_of_another_cluster_do_nothing_with_a_deployment(scene: Scene) -> None:
    used = made.deployment(made.project(scene.cluster, Stage.DEPLOYMENT))
    who = {"actor": scene.stranger, "deployment": used, "at": AT}
    acts: list[Callable[[], object]] = [
        lambda: deployment.revise(**who),
        lambda: deployment.start(on=date(2026, 5, 1), **who),
        lambda: deployment.end(on=date(2026, 6, 1), reason="x", **who),
        lambda: deployment.count_users(users=1, as_of_on=date(2026, 6, 1), source="x", **who),
    ]
    for act in acts:
        with pytest.raises(Forbidden):
            act()
