"""The portal: home, profile, open data, dashboard."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sankul.core.rules.roles import Role
from sankul.field.streams.models import Latest
from sankul.field.streams.tests import makers as streams
from sankul.field.water.tests import makers as water
from sankul.programme.evaluation.models import Run
from sankul.programme.evaluation.tests.makers import computed, published, round_of_three
from sankul.programme.evidence.rules import VerificationStage
from sankul.programme.evidence.tests import makers as evidence
from sankul.programme.facilities.tests import makers as facilities
from sankul.programme.outcomes.models import Duty
from sankul.programme.outcomes.tests import makers as outcomes
from sankul.programme.portfolio.rules import Stage
from sankul.programme.portfolio.tests import makers as portfolio
from sankul.programme.registry.tests import makers
from sankul.site.portal.datasets import DATASETS

pytestmark = pytest.mark.django_db


def _body(response: Any) -> bytes:
    chunks: Iterator[bytes] = (
        response.streaming_content if response.streaming else [response.content]
    )
    return b"".join(chunks)


def test_home_without_any_ranking_says_what_will_stand_there(client: Client) -> None:
    assert "No ranking yet" in client.get("/").content.decode()


def test_home_leads_to_the_latest_ranking_in_one_click(client: Client) -> None:
    period, _clusters = round_of_three()
    published(period)
    page = client.get("/").content.decode()
    assert reverse("ranking", args=[period.programme.slug, period.label]) in page
    assert "Strong" in page


def test_a_demonstration_says_so_on_every_page(client: Client) -> None:
    period, _clusters = round_of_three()
    type(period.programme).objects.filter(pk=period.programme_id).update(is_demonstration=True)
    published(period)
    slug, label = period.programme.slug, period.label
    for path in (
        reverse("ranking", args=[slug, label]),
        reverse("standing", args=[slug, label, "strong"]),
        reverse("value", args=[slug, label, "strong", "items"]),
        reverse("cluster", args=[slug, "strong"]),
        reverse("claim", args=[period.programme.claims.filter(is_evidenced=True)[0].pk]),
    ):
        assert "A fictional programme" in client.get(path).content.decode(), path


def test_a_profile_shows_strengths_and_areas_to_improve_with_their_doors(client: Client) -> None:
    period, _clusters = round_of_three()
    published(period)
    slug, label = period.programme.slug, period.label
    strong = client.get(reverse("cluster", args=[slug, "strong"])).content.decode()
    assert "Strengths to share" in strong
    assert reverse("value", args=[slug, label, "strong", "items"]) in strong
    weak = client.get(reverse("cluster", args=[slug, "middling"])).content.decode()
    assert "Areas to improve" in weak
    bare = client.get(reverse("cluster", args=[slug, "bare"])).content.decode()
    assert "Evidence missing" in bare


@pytest.mark.parametrize("slug", sorted(DATASETS))
def test_every_dataset_is_the_same_in_its_three_forms(client: Client, slug: str) -> None:
    period, (strong, *_others) = round_of_three()
    published(period)
    makers.fact(period.programme, cluster=strong)
    portfolio.problem(strong)
    portfolio.users(portfolio.deployment(portfolio.project(strong, Stage.DEPLOYMENT)))
    portfolio.lesson(strong, shared_at=makers.AT)
    host = makers.organisation(is_demonstration=period.programme.is_demonstration)
    makers.membership(strong, host)
    facilities.instrument(facilities.facility(host))
    water.sample(water.source(water.village(strong)), fluoride="2.2")
    water.river_year()
    stream = streams.stream(streams.thing(cluster=strong))
    Latest.objects.filter(stream=stream).update(time=makers.AT, value=4.5, flag=1, count=1)
    verified = evidence.at_stage(VerificationStage.ESTIMATED, evidence.season(claims=1)).period
    verified.opened_at = makers.AT
    verified.save()
    text = _body(client.get(reverse("dataset", args=[slug, "csv"]))).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    parsed = json.loads(_body(client.get(reverse("dataset", args=[slug, "json"]))))
    frame = pl.read_parquet(
        io.BytesIO(_body(client.get(reverse("dataset", args=[slug, "parquet"]))))
    )
    assert rows
    assert len(rows) == len(parsed) == frame.height
    assert list(rows[0]) == list(parsed[0]) == frame.columns == DATASETS[slug].names
    first = DATASETS[slug].names[1]
    assert [row[first] for row in rows] == [
        str("" if row[first] is None else row[first]) for row in parsed
    ]


def test_open_data_holds_nothing_that_is_not_public(client: Client) -> None:
    period, (strong, *_others) = round_of_three()
    computed(period)
    outcomes.draft(strong, title="A secret draft")
    for slug in ("ranking", "values", "claims"):
        assert json.loads(_body(client.get(reverse("dataset", args=[slug, "json"])))) == []
    published_run = Run.objects.get()
    assert published_run.status == "computed"


def test_unknown_datasets_and_forms_are_not_found(client: Client) -> None:
    assert client.get("/data/secrets.csv").status_code == 404
    assert client.get("/data/ranking.exe").status_code == 404


def test_the_dictionary_explains_every_column(client: Client) -> None:
    page = client.get(reverse("data")).content.decode()
    for dataset in DATASETS.values():
        for field in dataset.fields:
            assert f"<code>{field.name}</code>" in page


def test_the_dashboard_asks_to_sign_in(client: Client) -> None:
    assert client.get(reverse("dashboard"))["Location"].startswith(reverse("account_login"))


def test_cluster_staff_see_what_waits_for_them_and_not_what_waits_for_others(
    client: Client,
) -> None:
    _period, (strong, middling, _bare) = round_of_three()
    outcomes.draft(strong)
    outcomes.draft(middling)
    outcomes.claim(strong)
    client.force_login(makers.user_with(Role.CLUSTER_STAFF, strong.scopes[0]))
    page = client.get(reverse("dashboard")).content.decode()
    assert "1 waiting" in page
    assert "1 do not count" in page
    assert "Decide on" not in page


def test_the_apex_committee_is_asked_to_decide_on_computed_runs(client: Client) -> None:
    period, _clusters = round_of_three()
    run = computed(period)
    client.force_login(makers.user_with(Role.APEX_MEMBER, period.programme.scopes[0]))
    page = client.get(reverse("dashboard")).content.decode()
    assert f"?run={run.pk}" in page


def test_what_changed_is_what_came_since_the_last_visit(client: Client) -> None:
    period, _clusters = round_of_three()
    computed(period)
    user = makers.user_with(Role.PROGRAMME_OFFICER, period.programme.scopes[0])
    user.seen_at = makers.AT
    user.save()
    client.force_login(user)
    assert "run computed" in client.get(reverse("dashboard")).content.decode()
    assert "run computed" not in client.get(reverse("dashboard")).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_dashboard_queries_do_not_grow_with_rows(
    client: Client, rows: int, django_assert_max_num_queries: Any
) -> None:
    period, (strong, *_others) = round_of_three()
    published(period)
    for _number in range(rows):
        outcomes.draft(strong)
    client.force_login(makers.user_with(Role.CLUSTER_CEO, strong.scopes[0]))
    with django_assert_max_num_queries(20):
        client.get(reverse("dashboard"))


def test_the_dashboard_tells_returns_that_wait_with_the_overdue_first(client: Client) -> None:
    cluster = makers.cluster(makers.programme(starts_on=date(2020, 4, 1)))
    year = timezone.localdate().year - 1
    for number in range(4):
        Duty.objects.create(
            programme=cluster.programme, title=f"Return {number}", kinds=["patent"], every="year",
            due_days=10 * (4 - number), from_on=date(year - 1, 4, 1), until_on=date(year - 1, 5, 1),
        )  # fmt: skip
    client.force_login(makers.user_with(Role.CLUSTER_STAFF, cluster.scopes[0]))
    page = client.get("/dashboard/").content.decode()
    assert page.index("Return 3") < page.index("Return 2") < page.index("Return 1")
    assert "overdue since" in page
    assert "Other returns that wait" in page
    assert "Return 0" not in page
