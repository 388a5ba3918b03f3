"""The portfolio as people meet it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sankul.core.models import User
from sankul.core.rules.roles import Role
from sankul.programme.portfolio.models import (
    BudgetLine,
    Deployment,
    Lesson,
    Partner,
    Problem,
    Project,
)
from sankul.programme.portfolio.rules import MoneySource, Stage
from sankul.programme.portfolio.tests import makers as made
from sankul.programme.registry.models import Cluster, Organisation
from sankul.programme.registry.tests import makers

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("sankul.programme.portfolio.tests.urls"),
]


class Scene(NamedTuple):
    """A cluster with a member, the city that owns problems, and the cluster's staff."""

    cluster: Cluster
    member: Organisation
    city: Organisation
    user: User


@pytest.fixture
def scene() -> Scene:
    cluster = makers.cluster()
    return Scene(
        cluster,
        makers.organisation(),
        made.city_body(),
        makers.user_with(Role.CLUSTER_STAFF, cluster.scopes[0]),
    )


@pytest.fixture
def staff(scene: Scene, client: Client) -> Client:
    client.force_login(scene.user)
    return client


def text(response: Any) -> str:
    return response.content.decode()


def href(project: Project, word: str = "") -> str:
    return f"/projects/{project.programme.slug}/{project.code}/{word}"


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("address", "queries"),
    [("/problems/", 3), ("/projects/", 3), ("/deployments/", 3), ("/lessons/", 3), ("/portfolio/", 6)],
)  # fmt: skip
def test_lists_cost_the_same_however_long(
    scene: Scene, rows: int, address: str, queries: int, client: Client, django_assert_num_queries: Any
) -> None:  # fmt: skip
    for _ in range(rows):
        project = made.project(scene.cluster, Stage.DEPLOYMENT)
        project.problems.add(made.problem(scene.cluster))
        made.users(made.deployment(project))
        made.lesson(scene.cluster, shared_at=makers.AT)
    with django_assert_num_queries(queries):
        page = client.get(address)
    assert page.status_code == 200


def full(scene: Scene, rows: int) -> Project:
    project = made.ready_for_pilot(scene.cluster)
    made.change(project, Stage.PILOT)
    for number in range(rows):
        made.partner(project)
        made.measurement(made.baseline(project))
        made.milestone(project)
        made.readiness(project, 6, date(2025, 5, 1 + number))
        made.users(made.deployment(project))
        made.lesson(scene.cluster, project=project, shared_at=makers.AT)
        BudgetLine.objects.create(
            project=project, head="Kilns", amount_inr=Decimal(5), source=MoneySource.GRANT
        )
    return project


@pytest.mark.parametrize("rows", [1, 3])
def test_a_project_costs_the_same_whatever_hangs_on_it(
    scene: Scene, rows: int, client: Client, django_assert_num_queries: Any
) -> None:
    project = full(scene, rows)
    with django_assert_num_queries(14):
        client.get(href(project))


@pytest.mark.parametrize("rows", [1, 3])
def test_a_lesson_and_a_deployment_cost_the_same_whatever_they_hold(
    scene: Scene, rows: int, client: Client, django_assert_num_queries: Any
) -> None:
    lesson = made.lesson(scene.cluster, shared_at=makers.AT)
    deployment = made.deployment(made.project(scene.cluster, Stage.DEPLOYMENT))
    for number in range(rows):
        made.lesson_credit(lesson, share=Decimal("0.3"))
        made.users(deployment, as_of_on=date(2026, 9, 1 + number))
    with django_assert_num_queries(2):
        client.get(f"/lessons/{lesson.pk}/")
    with django_assert_num_queries(2):
        client.get(f"/deployments/{deployment.pk}/")


def test_the_board_counts_by_stage_and_opens_what_it_counts(scene: Scene, client: Client) -> None:
    made.project(scene.cluster, Stage.PILOT)
    made.project(scene.cluster, Stage.PILOT, sector="energy")
    made.project(scene.cluster, Stage.RESEARCH)
    slug = scene.cluster.slug
    page = text(client.get("/portfolio/"))
    assert f"/projects/?lead={slug}&amp;stage=pilot" in page
    assert "stage=research" not in page
    inner = text(client.get(f"/portfolio/?by=sector&cluster={slug}"))
    address = f"/projects/?lead={slug}&amp;sector=energy&amp;stage=pilot"
    assert address in inner
    listed = text(client.get(address.replace("&amp;", "&")))
    assert listed.count("Filters for wells") == 1


def test_the_board_adds_up_its_lanes_and_narrows_the_sum_with_them(
    scene: Scene, client: Client
) -> None:
    made.project(scene.cluster, Stage.PILOT)
    assert 'href="/projects/?stage=pilot"' not in text(client.get("/portfolio/"))
    made.project(scene.cluster, Stage.PILOT, sector="energy")
    by_sector = text(client.get(f"/portfolio/?by=sector&cluster={scene.cluster.slug}"))
    assert f'href="/projects/?lead={scene.cluster.slug}&amp;stage=pilot"' in by_sector


def test_columns_in_which_no_row_says_anything_are_left_out(scene: Scene, client: Client) -> None:
    deployment = made.deployment(made.project(scene.cluster, Stage.DEPLOYMENT))
    made.users(deployment)
    address = f"/deployments/{deployment.pk}/"
    assert "Address" not in text(client.get(address))
    made.users(deployment, as_of_on=date(2026, 9, 2), source_url="https://count.example/")
    assert "Address" in text(client.get(address))


def test_values_and_changes_of_a_baseline_have_the_same_decimals(
    scene: Scene, client: Client
) -> None:
    project = made.project(scene.cluster, Stage.PILOT)
    row = made.baseline(project, value="38", target="22")
    made.measurement(row, value="31.5")
    page = text(client.get(href(project)))
    assert "38.0" in page
    assert "−6.5<" in page


def test_the_staff_see_what_the_public_does_not(scene: Scene, staff: Client) -> None:
    project = made.project(scene.cluster, Stage.RESEARCH)
    assert project.title in text(staff.get("/projects/"))
    assert "Not public yet." in text(staff.get(href(project)))
    outside = Client()
    assert project.title not in text(outside.get("/projects/"))
    assert outside.get(href(project)).status_code == 404


def test_filters_take_what_is_typed(scene: Scene, client: Client) -> None:
    made.project(scene.cluster, Stage.PILOT, sdgs=[6, 11])
    for address, shown in (
        ("/projects/?sdg=11", True),
        ("/projects/?sdg=3", False),
        ("/projects/?sdg=99", False),
        ("/projects/?sdg=x", False),
        ("/projects/?stage=pilot&sort=-title", True),
        ("/projects/?q=well&cluster=" + scene.cluster.slug, True),
        ("/projects/?q=%00", True),
    ):
        page = text(client.get(address))
        assert ("Filters for wells" in page) is shown, address


@pytest.mark.parametrize("name", ["problems", "projects", "deployments", "lessons"])
def test_every_list_can_be_taken_away_as_csv(scene: Scene, name: str, client: Client) -> None:
    project = made.project(scene.cluster, Stage.DEPLOYMENT)
    made.problem(scene.cluster, title="=A problem")
    made.users(made.deployment(project))
    made.lesson(scene.cluster, shared_at=makers.AT)
    answer: Any = client.get(f"/{name}/?as=csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("programme,is_demonstration,")
    assert len(lines) == 2
    assert answer["Content-Disposition"] == f'attachment; filename="{name}.csv"'


PROBLEM = {"title": "Fluoride in wells", "description": "Half exceed it.", "sector": "water", "sdgs": ["6"]}  # fmt: skip


def test_a_problem_is_stated_and_shared_by_form(scene: Scene, staff: Client) -> None:
    answer = staff.post("/problems/new/", PROBLEM | {"owner": scene.city.pk})
    problem = Problem.objects.get()
    assert answer.url == f"/problems/{problem.pk}/"  # type: ignore[attr-defined]
    assert (problem.owner, problem.sdgs) == (scene.city, [6])
    assert "Not public yet." in text(staff.get(f"/problems/{problem.pk}/"))
    assert "It cannot be taken back." in text(staff.get(f"/problems/{problem.pk}/share/"))
    staff.post(f"/problems/{problem.pk}/share/")
    assert "Fluoride in wells" in text(Client().get("/problems/"))
    again = staff.post(f"/problems/{problem.pk}/share/", follow=True)
    assert "It is public already." in text(again)


def test_what_is_wrong_stands_above_the_form(scene: Scene, staff: Client) -> None:
    answer = staff.post("/problems/new/", PROBLEM | {"size_value": "2.4"})
    assert answer.status_code == 422
    assert "A figure needs its unit and its source." in text(answer)
    assert "Half exceed it." in text(answer)
    assert not Problem.objects.exists()


def test_a_problem_is_changed_and_its_status_set(scene: Scene, staff: Client) -> None:
    problem = made.problem(scene.cluster)
    page = text(staff.get(f"/problems/{problem.pk}/edit/"))
    assert problem.title in page
    staff.post(
        f"/problems/{problem.pk}/edit/", PROBLEM | {"owner": scene.city.pk, "sdgs": ["3", "6"]}
    )
    staff.post(f"/problems/{problem.pk}/status/", {"status": "solved", "reason": "Piped water."})
    problem.refresh_from_db()
    assert (problem.title, problem.status, problem.sdgs) == ("Fluoride in wells", "solved", [3, 6])


def test_somebody_who_keeps_two_clusters_chooses_one(scene: Scene, client: Client) -> None:
    other = makers.cluster(scene.cluster.programme)
    from sankul.core.tests.makers import grant  # noqa: PLC0415

    grant(scene.user, Role.CLUSTER_CEO, other.scopes[0])
    client.force_login(scene.user)
    for address in ("/problems/new/", "/projects/new/", "/lessons/new/"):
        assert f"?cluster={other.pk}" in text(client.get(address))
    client.post(f"/problems/new/?cluster={other.pk}", PROBLEM)
    assert Problem.objects.get().cluster == other


def test_a_project_goes_from_idea_to_pilot_by_forms(scene: Scene, staff: Client) -> None:
    problem = made.problem(scene.cluster, owner=scene.city)
    new = {
        "code": "clay-filters",
        "title": "Filters of clay",
        "summary": "A filter.",
        "sector": "water",
        "problems": [problem.pk],
    }
    answer = staff.post("/projects/new/", new)
    project = Project.objects.get()
    here = href(project)
    assert answer.url == here  # type: ignore[attr-defined]
    assert "To enter “Research”: 1 of 2 conditions hold" in text(staff.get(here))
    for word, given in (
        ("partner", {"organisation": scene.member.pk, "cluster": scene.cluster.pk, "role": "led"}),
        ("fund", {"head": "Kilns", "amount_inr": "1200000", "source": "grant"}),
        ("assess", {"level": "5", "on": "2025-03-01", "assessed_by": scene.member.pk}),
        ("site", {"place": "Ward 7", "agreed_by": scene.city.pk, "agreed_on": "2025-03-02"}),
        ("milestone", {"title": "Twenty in use", "stage": "pilot", "due_on": "2027-01-01"}),
        ("baseline", {"indicator": "Fluoride", "unit": "mg/l", "value": "2.4", "measured_on": "2025-02-01",
                      "method": "Electrode", "source": "Report"}),
    ):  # fmt: skip
        assert staff.get(f"{here}{word}/").status_code == 200
        assert staff.post(f"{here}{word}/", given).status_code == 302, word
    asked = text(staff.get(f"{here}stage/"))
    assert "To enter “Research”: 2 of 2 conditions hold" in asked
    for stage in ("research", "pilot"):
        project.refresh_from_db()
        day = project.stage_on.isoformat()
        assert staff.post(f"{here}stage/", {"stage": stage, "on": day}).status_code == 302
    assert "Filters of clay" in text(Client().get("/projects/?stage=pilot"))


def test_what_is_missing_for_a_stage_is_told_above_the_form(scene: Scene, staff: Client) -> None:
    project = made.project(scene.cluster)
    answer = staff.post(href(project, "stage/"), {"stage": "research", "on": "2025-02-01"})
    assert answer.status_code == 422
    assert "Name the organisation that leads it for the leading cluster." in text(answer)


def test_milestones_are_reached_with_a_document_and_slip(scene: Scene, staff: Client) -> None:
    project = made.project(scene.cluster, Stage.PILOT)
    first, second = made.milestone(project), made.milestone(project)
    staff.post(f"/milestones/{first.pk}/slip/", {"to": "2026-12-31", "reason": "Late rain"})
    proof = SimpleUploadedFile("report.txt", b"Done.\n")
    staff.post(f"/milestones/{second.pk}/reach/", {"on": "2025-10-10", "proof": proof})
    page = text(Client().get(href(project)))
    assert [word in page for word in ("slipped", "Late rain", "reached late", "report.txt")] == [
        True
    ] * 4


def test_a_partnering_clusters_staff_measure_and_find_no_other_button(
    scene: Scene, client: Client
) -> None:
    project = full(scene, 1)
    other = makers.cluster(scene.cluster.programme)
    made.partner(project, cluster=other)
    client.force_login(makers.user_with(Role.CLUSTER_STAFF, other.scopes[0]))
    page = text(client.get(href(project)))
    assert ("Measure again" in page, "Add money" in page) == (True, False)
    baseline = project.baselines.first()
    assert baseline is not None
    given = {"value": "0.5", "measured_on": "2026-06-01", "source": "Ours"}
    assert client.post(f"/baselines/{baseline.pk}/measure/", given).status_code == 302
    assert client.get(href(project, "stage/")).status_code == 403


def test_results_tell_how_far_the_target_is(scene: Scene, client: Client) -> None:
    project = made.project(scene.cluster, Stage.PILOT)
    made.measurement(made.baseline(project), value=Decimal("1.7"))
    page = text(client.get(href(project)))
    assert "From 2.40 to 1.70 mg/l. 50\N{NO-BREAK SPACE}% of the way to the target of 1." in page


def test_partners_and_money_leave_after_asking(scene: Scene, staff: Client) -> None:
    project = full(scene, 1)
    partner, line = project.partners.first(), project.budget.first()
    assert partner is not None
    assert line is not None
    assert "leave the consortium?" in text(staff.get(f"/partners/{partner.pk}/release/"))
    staff.post(f"/partners/{partner.pk}/release/")
    staff.post(f"/budget/{line.pk}/strike/")
    assert not Partner.objects.filter(pk=partner.pk).exists()
    assert not BudgetLine.objects.exists()


def test_a_deployment_is_planned_started_counted_and_ended_by_forms(
    scene: Scene, staff: Client
) -> None:
    project = made.project(scene.cluster, Stage.DEPLOYMENT)
    given = {"title": "At a school", "place": "City", "payment": "₹ 2 a day"}
    staff.post(href(project, "deploy/"), given)
    deployment = Deployment.objects.get()
    here = f"/deployments/{deployment.pk}/"
    for word, sent in (
        ("start", {"on": "2026-05-01"}),
        ("users", {"users": "410", "as_of_on": "2026-06-01", "source": "Meters"}),
        ("edit", given | {"district": "North"}),
        ("end", {"on": "2026-08-01", "reason": "Piped water came"}),
    ):
        assert staff.get(f"{here}{word}/").status_code == 200
        assert staff.post(f"{here}{word}/", sent).status_code == 302, word
    page = text(Client().get(here))
    assert [word in page for word in ("City, North", "410", "Piped water came")] == [True] * 3


LESSON = {
    "title": "Sensors foul", "sector": "water", "on": "2025-09-30", "hypothesis": "a", "tried": "b",
    "happened": "c", "why": "d", "learned": "e", "instead": "f",
}  # fmt: skip


def test_a_lesson_is_told_credited_and_shared_by_forms(scene: Scene, staff: Client) -> None:
    staff.post("/lessons/new/", LESSON)
    lesson = Lesson.objects.get()
    here = f"/lessons/{lesson.pk}/"
    refused = staff.post(f"{here}share/", follow=True)
    assert "Credit at least one organisation first." in text(refused)
    credit = {"organisation": scene.member.pk, "cluster": scene.cluster.pk, "role": "led"}
    staff.post(f"{here}credit/", credit)
    staff.post(f"{here}credit/", credit | {"organisation": scene.city.pk})
    other = lesson.credits.last()
    assert other is not None
    staff.post(f"/credits/{other.pk}/uncredit/")
    staff.post(f"{here}report/", {"file": SimpleUploadedFile("data.csv", b"a,b\n")})
    staff.post(f"{here}edit/", LESSON | {"title": "Sensors foul in iron"})
    staff.post(f"{here}share/")
    page = text(Client().get(here))
    assert [word in page for word in ("Sensors foul in iron", scene.member.name, "data.csv")] == [
        True
    ] * 3
    assert scene.city.name not in page


def test_a_shared_lesson_does_not_tell_of_a_project_that_is_not_public(
    scene: Scene, staff: Client
) -> None:
    project = made.project(scene.cluster, Stage.RESEARCH)
    lesson = made.lesson(scene.cluster, project=project, shared_at=makers.AT)
    assert project.title not in text(Client().get(f"/lessons/{lesson.pk}/"))
    assert project.title in text(staff.get(f"/lessons/{lesson.pk}/"))
