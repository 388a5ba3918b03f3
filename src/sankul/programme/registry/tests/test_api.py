from datetime import date
from typing import Any

import pytest
from django.test import Client

from sankul.programme.registry.tests import makers
from sankul.programme.registry.tests.test_pages import full_cluster

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("sankul.programme.registry.tests.urls"),
]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("address", "queries"), [("programmes", 2), ("clusters", 5), ("organisations", 2)]
)
def test_a_list_costs_the_same_however_long(
    address: str, queries: int, rows: int, client: Client, django_assert_num_queries: Any
) -> None:
    for _number in range(rows):
        full_cluster(makers.programme())
    with django_assert_num_queries(queries):
        answer = client.get(f"/api/{address}").json()
    assert answer["count"] == rows
    assert len(answer["items"]) == rows


def test_a_programme_lists_its_periods(client: Client) -> None:
    programme = makers.programme(slug="real")
    makers.period(programme, 2024)
    makers.period(programme, 2025)
    answer = client.get("/api/programmes/real").json()
    assert [period["label"] for period in answer["periods"]] == ["2025-26", "2024-25"]
    assert answer["is_demonstration"] is False
    assert client.get("/api/programmes/none").status_code == 404


def test_clusters_are_chosen_and_paged(client: Client) -> None:
    programme = makers.programme(slug="real")
    for name in ("Beta", "Alpha", "Gamma"):
        makers.cluster(programme, name=name)
    makers.cluster(name="Elsewhere")
    answer = client.get("/api/clusters?programme=real&limit=2&offset=1").json()
    assert [item["name"] for item in answer["items"]] == ["Beta", "Gamma"]
    assert answer["count"] == 3
    assert client.get("/api/clusters?limit=0").status_code == 422


def test_a_cluster_is_told_through_time(client: Client, django_assert_num_queries: Any) -> None:
    cluster = full_cluster(makers.programme(slug="real"))
    former = makers.organisation(slug="former")
    makers.membership(cluster, former, until_on=date(2024, 3, 31))
    with django_assert_num_queries(11):
        answer = client.get(f"/api/clusters/real/{cluster.slug}").json()
    assert answer["entity"].startswith("Foundation")
    assert answer["stewards"][0]["form"] == "section_8"
    assert {name["of"] for name in answer["names"]} == {"cluster", "entity"}
    ends = {member["organisation"]: member["until_on"] for member in answer["members"]}
    assert ends.pop("former") == "2024-03-31"
    assert list(ends.values()) == [None]
    assert answer["facts"][0]["as_of_on"] == "2026-11-22"
    assert client.get("/api/clusters/real/none").status_code == 404


def test_organisations_are_searched(client: Client) -> None:
    makers.organisation(name="Indian Institute of Science", ror="04dese585", kind="academia")
    makers.organisation(name="Delta Works", kind="industry")
    [found] = client.get("/api/organisations?q=institute").json()["items"]
    assert found["ror"] == "https://ror.org/04dese585"
    [found] = client.get("/api/organisations?kind=industry").json()["items"]
    assert found["name"] == "Delta Works"
    assert client.get("/api/organisations?kind=nonsense").status_code == 422


def test_the_addresses_are_documented(client: Client) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    assert sorted(paths) == [
        "/api/clusters",
        "/api/clusters/{programme}/{slug}",
        "/api/organisations",
        "/api/programmes",
        "/api/programmes/{slug}",
    ]
    assert all(operation["get"]["description"] for operation in paths.values())
