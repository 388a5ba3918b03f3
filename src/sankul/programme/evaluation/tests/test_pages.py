"""The evaluation's pages: what they show, to whom, and in how many queries."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sankul.core.models import User, Work
from sankul.core.rules.roles import Role
from sankul.programme.evaluation import tasks
from sankul.programme.evaluation.models import Run
from sankul.programme.indicators.tests import makers as indicators
from sankul.programme.outcomes.tests import makers as outcomes
from sankul.programme.registry.models import Period
from sankul.programme.registry.tests import makers

from .makers import computed, evidenced, published, round_of_three

pytestmark = pytest.mark.django_db


def _at(name: str, period: Period, *rest: str) -> str:
    return reverse(name, args=[period.programme.slug, period.label, *rest])


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_ranking_shows_ranks_intervals_and_who_is_not_ranked(client: Client) -> None:
    period, _clusters = round_of_three()
    run = published(period)
    page = client.get(_at("ranking", period)).content.decode()
    assert (
        page.index("Strong") < page.index("Middling") < page.index("Not ranked: evidence missing")
    )
    assert run.input_sha256 in page
    assert "evidence missing" in page
    assert "sankul verify" in page


def test_each_score_opens_its_tree_and_each_value_its_records(client: Client) -> None:
    period, _clusters = round_of_three()
    published(period)
    ranking = client.get(_at("ranking", period)).content.decode()
    standing_href = _at("standing", period, "strong")
    assert standing_href in ranking
    tree = client.get(standing_href).content.decode()
    value_href = _at("value", period, "strong", "items")
    assert value_href in tree
    page = client.get(value_href).content.decode()
    assert "(x − 0) ÷ (10 − 0) × 100" in page
    claim = period.programme.claims.get(cluster__slug="strong", kind="outreach_item")
    assert reverse("claim", args=[claim.pk]) in page
    assert reverse("document", args=[claim.documents.get().sha256]) in page


def test_a_missing_value_is_said_to_be_missing_and_not_zero(client: Client) -> None:
    period, _clusters = round_of_three()
    published(period)
    page = client.get(_at("value", period, "bare", "items")).content.decode()
    assert "evidence missing" in page
    assert "no document: not counted" in page


def test_a_page_says_when_the_records_changed_after_the_evaluation(client: Client) -> None:
    period, (strong, *_others) = round_of_three()
    published(period)
    assert (
        "have changed since"
        not in client.get(_at("value", period, "strong", "items")).content.decode()
    )
    evidenced(strong, "outreach_item", 1)
    assert (
        "have changed since" in client.get(_at("value", period, "strong", "items")).content.decode()
    )


def test_the_ranking_as_csv_has_a_row_a_cluster(client: Client) -> None:
    period, _clusters = round_of_three()
    published(period)
    response = client.get(_at("ranking", period) + "?as=csv")
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert [line.split(",")[:3] for line in lines] == [
        ["cluster", "name", "rank"],
        ["strong", "Strong", "1"],
        ["middling", "Middling", "2"],
        ["bare", "Bare", ""],
    ]


def test_pictures_are_given_as_files(client: Client) -> None:
    period, _clusters = round_of_three()
    published(period)
    response = client.get(_at("ranking", period) + "?picture=rank-intervals&as=svg")
    assert response["Content-Type"].startswith("image/svg+xml")


@pytest.mark.parametrize("name", ["ranking", "standing", "value"])
def test_an_unpublished_run_is_nowhere_for_the_public(client: Client, name: str) -> None:
    period, _clusters = round_of_three()
    run = computed(period)
    rest = {"ranking": (), "standing": ("strong",), "value": ("strong", "items")}[name]
    assert client.get(_at(name, period, *rest)).status_code == 404
    assert client.get(_at(name, period, *rest) + f"?run={run.pk}").status_code == 404


def test_an_evaluator_sees_the_run_before_it_is_published() -> None:
    period, _clusters = round_of_three()
    run = computed(period)
    client = _signed_in(makers.user_with(Role.EVALUATOR, period.programme.scopes[0]))
    page = client.get(_at("ranking", period) + f"?run={run.pk}").content.decode()
    assert "computed but not published" in page
    assert f"?run={run.pk}" in page


@pytest.mark.parametrize("path", ["9999999", "²", "-1", "x"])
def test_an_absurd_run_number_is_no_error(client: Client, path: str) -> None:
    period, _clusters = round_of_three()
    published(period)
    assert client.get(_at("ranking", period) + f"?run={path}").status_code in (200, 404)


def test_unknown_places_are_not_found(client: Client) -> None:
    period, _clusters = round_of_three()
    published(period)
    for path in (
        _at("standing", period, "nobody"),
        _at("value", period, "strong", "nothing"),
        reverse("ranking", args=[period.programme.slug, "1999-00"]),
    ):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("more", [0, 4])
def test_queries_do_not_grow_with_clusters(
    client: Client, more: int, django_assert_max_num_queries: Any
) -> None:
    period, _clusters = round_of_three()
    for number in range(more):
        extra = makers.cluster(period.programme, slug=f"extra-{number}")
        evidenced(extra, "outreach_item", number + 1)
        evidenced(extra, "own_income", 5)
        evidenced(extra, "operating_cost", 10)
    published(period)
    for path, most in ((_at("ranking", period), 7), (_at("standing", period, "strong"), 10)):
        with django_assert_max_num_queries(most):
            client.get(path)


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow_with_records(
    client: Client, rows: int, django_assert_max_num_queries: Any
) -> None:
    period, (strong, *_others) = round_of_three()
    for _number in range(rows):
        evidenced(strong, "outreach_item", 1)
    published(period)
    with django_assert_max_num_queries(9):
        client.get(_at("value", period, "strong", "items"))


def test_a_desk_is_for_those_who_see_runs_early() -> None:
    period, clusters = round_of_three()
    path = reverse("desk", args=[period.programme.slug])
    ceo = _signed_in(makers.user_with(Role.CLUSTER_CEO, clusters[0].scopes[0]))
    assert ceo.get(path).status_code == 403
    assert Client().get(path).status_code == 403
    officer = _signed_in(makers.user_with(Role.PROGRAMME_OFFICER, period.programme.scopes[0]))
    assert officer.get(path).status_code == 200


def test_asking_for_an_evaluation_leads_to_its_progress_and_its_result() -> None:
    period, _clusters = round_of_three()
    framework = indicators.approved(period.programme)
    user = makers.user_with(Role.EVALUATOR, period.programme.scopes[0])
    client = _signed_in(user)
    response = client.post(
        reverse("compute", args=[period.programme.slug]), {"period": period.label}
    )
    asked = Work.objects.get(asked_by=user)
    assert response["Location"] == reverse("work", args=[asked.pk])
    tasks.compute(work_id=asked.pk, period_id=period.pk, framework_id=framework.pk)
    run = Run.objects.get()
    assert run.computed_by == user
    page = client.get(reverse("work", args=[asked.pk])).content.decode()
    assert f"?run={run.pk}" in page


def test_a_refused_evaluation_says_why_on_its_page() -> None:
    period, _clusters = round_of_three()
    framework = indicators.approved(makers.programme())
    user = makers.user_with(Role.EVALUATOR, framework.programme.scopes[0])
    work = Work.objects.create(title="Evaluation", asked_by=user, asked_at=makers.AT)
    tasks.compute(work_id=work.pk, period_id=period.pk, framework_id=framework.pk)
    page = _signed_in(user).get(reverse("work", args=[work.pk])).content.decode()
    assert "another programme" in page


def test_the_apex_committee_publishes_after_a_question() -> None:
    period, _clusters = round_of_three()
    run = computed(period)
    path = reverse("publish", args=[period.programme.slug, run.pk])
    officer = _signed_in(makers.user_with(Role.PROGRAMME_OFFICER, period.programme.scopes[0]))
    assert officer.post(path).status_code == 403
    member = _signed_in(makers.user_with(Role.APEX_MEMBER, period.programme.scopes[0]))
    assert "Publish the ranking of" in member.get(path).content.decode()
    assert member.post(path)["Location"] == _at("ranking", period)
    run.refresh_from_db()
    assert run.status == "published"
    assert member.post(path).status_code == 409


def test_the_api_gives_the_ranking_and_the_records_behind_a_value(client: Client) -> None:
    period, (strong, *_others) = round_of_three()
    for number in range(3):
        outcomes.claim(strong, quantity=Decimal(number + 1))
    run = published(period)
    base = f"/api/evaluations/{period.programme.slug}/{period.label}"
    ranking = client.get(base).json()
    assert ranking["run"]["input_sha256"] == run.input_sha256
    assert [row["rank"] for row in ranking["standings"]] == [1, 2, None]
    value = client.get(f"{base}/strong/items?limit=2").json()
    assert (value["quantity"], value["records"], value["submitted"]) == ("8.0000000000", 1, 4)
    assert (len(value["rows"]), value["more"]) == (2, True)
    assert client.get(f"{base}/strong/none").status_code == 404
    assert client.get(f"{base}/strong/items?limit=0").status_code == 422
