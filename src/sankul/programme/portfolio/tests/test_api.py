"""The portfolio as JSON."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from sankul.core.rules.roles import Role
from sankul.programme.portfolio.models import Lesson, Problem, Project
from sankul.programme.portfolio.rules import Stage
from sankul.programme.portfolio.tests import makers as made
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.tests import makers

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("sankul.programme.portfolio.tests.urls"),
]


@pytest.fixture
def cluster() -> Cluster:
    return makers.cluster()


@pytest.fixture
def staff(cluster: Cluster, client: Client) -> Client:
    client.force_login(makers.user_with(Role.CLUSTER_STAFF, cluster.scopes[0]))
    return client


def sent(client: Client, address: str, body: dict[str, Any]) -> Any:
    return client.post(f"/api{address}", body, content_type="application/json")


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("address", "queries"),
    [("/problems", 1), ("/projects", 1), ("/deployments", 1), ("/lessons", 1)],
)
def test_lists_cost_the_same_however_long(
    cluster: Cluster, rows: int, address: str, queries: int, client: Client, django_assert_num_queries: Any
) -> None:  # fmt: skip
    for _ in range(rows):
        project = made.project(cluster, Stage.DEPLOYMENT)
        made.problem(cluster)
        made.users(made.deployment(project))
        made.lesson(cluster, shared_at=makers.AT)
    with django_assert_num_queries(queries):
        page = client.get(f"/api{address}").json()
    assert len(page["items"]) == rows


def test_a_list_goes_on_after_the_last_number(cluster: Cluster, client: Client) -> None:
    numbers = [made.problem(cluster).pk for _ in range(3)]
    first = client.get("/api/problems?limit=2").json()
    assert [one["id"] for one in first["items"]] == numbers[:2]
    second = client.get(f"/api/problems?limit=2&after={first['next']}").json()
    assert ([one["id"] for one in second["items"]], second["next"]) == (numbers[2:], None)


def test_lists_are_narrowed_and_searched(cluster: Cluster, client: Client) -> None:
    made.project(cluster, Stage.PILOT)
    made.project(cluster, Stage.DEPLOYMENT, sector="energy", title="Solar boats")
    for query, count in (
        ("stage=pilot", 1),
        ("sector=energy", 1),
        (f"cluster={cluster.slug}", 2),
        ("q=boat", 1),
        ("programme=none", 0),
    ):
        assert len(client.get(f"/api/projects?{query}").json()["items"]) == count, query


def test_a_project_tells_everything_that_hangs_on_it(cluster: Cluster, client: Client) -> None:
    project = made.ready_for_pilot(cluster)
    made.change(project, Stage.PILOT)
    baseline = project.baselines.get()
    made.measurement(baseline)
    hidden = made.lesson(cluster, project=project)
    body = client.get(f"/api/projects/{cluster.programme.slug}/{project.code}").json()
    assert [one["stage"] for one in body["stages"]] == ["idea", "research", "pilot"]
    assert body["baselines"][0]["measurements"][0]["value"] == "0.8000"
    assert (body["readiness"][0]["level"], body["partners"][0]["role"]) == (5, "led")
    assert hidden.pk not in body["lessons"]


def test_what_is_not_public_is_not_there(cluster: Cluster, client: Client) -> None:
    project = made.project(cluster, Stage.RESEARCH)
    problem, lesson = made.problem(cluster, shared_at=None), made.lesson(cluster)
    for address in (
        f"/projects/{cluster.programme.slug}/{project.code}",
        f"/problems/{problem.pk}",
        f"/lessons/{lesson.pk}",
    ):
        assert client.get(f"/api{address}").status_code == 404


def test_conditions_are_told_to_those_who_keep_the_project(cluster: Cluster, staff: Client) -> None:
    project = made.project(cluster, Stage.PILOT)
    address = f"/api/projects/{cluster.programme.slug}/{project.code}/conditions"
    stages = {one["stage"]: one["conditions"] for one in staff.get(address).json()}
    assert list(stages) == ["deployment", "research", "failed", "stopped"]
    assert stages["failed"] == [
        {
            "title": "The lesson is written down",
            "holds": False,
            "missing": "Write down the lesson first: what was expected, what happened, and why.",
        }
    ]
    assert Client().get(address).status_code == 404


def test_staff_record_by_program(cluster: Cluster, staff: Client) -> None:
    of = {"programme": cluster.programme.slug, "cluster": cluster.slug}
    city = made.city_body()
    stated = sent(staff, "/problems", of | {"title": "Fluoride", "description": "Half exceed it.",
        "sector": "water", "sdgs": [6], "owner": city.slug})  # fmt: skip
    assert (stated.status_code, stated.json()["owner"]) == (201, city.slug)
    proposed = sent(staff, "/projects", of | {"code": "clay", "title": "Clay", "summary": "A filter.",
        "sector": "water", "problems": [stated.json()["id"]]})  # fmt: skip
    assert (proposed.status_code, proposed.json()["stage"]) == (201, "idea")
    told = sent(staff, "/lessons", of | {"title": "Clay cracks", "sector": "water", "on": "2025-09-30",
        "hypothesis": "a", "tried": "b", "happened": "c", "why": "d", "learned": "e", "project": "clay"})  # fmt: skip
    assert told.status_code == 201
    assert (Problem.objects.count(), Project.objects.count(), Lesson.objects.count()) == (1, 1, 1)
    day = Project.objects.get().stage_on.isoformat()
    address = f"/projects/{cluster.programme.slug}/clay/stage"
    entered = sent(staff, address, {"stage": "research", "on": day})
    assert entered.status_code == 409
    assert "Name the organisation that leads it" in entered.content.decode()


def test_staff_measure_and_count_by_program(cluster: Cluster, staff: Client) -> None:
    project = made.project(cluster, Stage.DEPLOYMENT)
    baseline, deployment = made.baseline(project), made.deployment(project)
    value = {"value": "0.7", "measured_on": "2026-06-01", "source": "Ours"}
    assert sent(staff, f"/baselines/{baseline.pk}/measurements", value).status_code == 201
    users = {"users": 12, "as_of_on": "2026-06-01", "source": "Meters"}
    counted = sent(staff, f"/deployments/{deployment.pk}/users", users)
    assert (counted.status_code, counted.json()["users"]) == (201, 12)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"cluster": "none"}, "has no cluster “none”"),
        ({"owner": "nobody"}, "There is no organisation “nobody”."),
    ],
)
def test_a_name_that_nobody_has_is_refused(
    cluster: Cluster, staff: Client, change: dict[str, str], expected: str
) -> None:
    body = {"programme": cluster.programme.slug, "cluster": cluster.slug, "title": "A",
        "description": "B", "sector": "water"}  # fmt: skip
    answer = sent(staff, "/problems", body | change)
    assert answer.status_code == 409
    assert expected in answer.content.decode()


def test_a_project_or_problem_that_nobody_sees_is_refused(cluster: Cluster, staff: Client) -> None:
    of = {"programme": cluster.programme.slug, "cluster": cluster.slug}
    proposed = sent(staff, "/projects", of | {"code": "clay", "title": "Clay", "summary": "A filter.",
        "sector": "water", "problems": [7]})  # fmt: skip
    told = sent(staff, "/lessons", of | {"title": "Clay", "sector": "water", "on": "2025-09-30",
        "hypothesis": "a", "tried": "b", "happened": "c", "why": "d", "learned": "e", "project": "x"})  # fmt: skip
    assert [answer.status_code for answer in (proposed, told)] == [409, 409]


def test_other_clusters_staff_record_nothing(cluster: Cluster, client: Client) -> None:
    other = makers.cluster(cluster.programme)
    client.force_login(makers.user_with(Role.CLUSTER_STAFF, other.scopes[0]))
    of = {"programme": cluster.programme.slug, "cluster": cluster.slug}
    body = of | {"title": "A", "description": "B", "sector": "water"}
    assert sent(client, "/problems", body).status_code == 403
    project = made.project(cluster, Stage.PILOT)
    entered = sent(client, f"/projects/{cluster.programme.slug}/{project.code}/stage", {"stage": "stopped",
        "on": "2026-11-22", "note": "x"})  # fmt: skip
    assert entered.status_code == 403


def test_the_public_records_nothing(cluster: Cluster) -> None:
    assert sent(Client(), "/problems", {}).status_code == 401
