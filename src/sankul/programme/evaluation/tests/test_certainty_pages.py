"""How sure a ranking is, on its page, on a cluster's page and as JSON: what it shows, to whom, in how many queries."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sankul.core.rules.roles import Role
from sankul.programme.evaluation.models import Flip, Robustness
from sankul.programme.evaluation.pages.certainty import factor, wilson
from sankul.programme.indicators.tests import makers as indicators
from sankul.programme.registry.models import Period
from sankul.programme.registry.tests import makers

from .makers import computed, evidenced, published, round_of_three
from .test_robustness import THRESHOLD, VARY

pytestmark = pytest.mark.django_db


def at(period: Period, name: str = "certainty", *rest: str) -> str:
    return reverse(name, args=[period.programme.slug, period.label, *rest])


def a_round(source: str = THRESHOLD + VARY, more: int = 0) -> Period:
    period, _clusters = round_of_three()
    indicators.approved(period.programme, source)
    for number in range(more + 1):
        extra = makers.cluster(
            period.programme, slug=f"lopsided-{number}", name=f"Lopsided {number}"
        )
        evidenced(extra, "outreach_item", 10)
        evidenced(extra, "own_income", 30 - number)
        evidenced(extra, "operating_cost", 100)
    return period


def page_of(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_the_page_shows_what_is_sure_what_matters_and_what_would_turn_a_decision(
    client: Client,
) -> None:
    period = a_round()
    published(period, draws=256)
    page = page_of(client, at(period))
    for key in ("score-intervals", "probabilities", "sensitivity", "weights", "composition"):
        assert f'<figure class="picture" id="{key}">' in page, key
    assert "Weights of outcomes and indicators" in page
    assert "Lopsided 0 stands below Strong" in page
    # even where 20 w = 30 (1 − w): 10 % of the weight moves from one of two equal indicators to the other
    assert "10.0\u00a0% of the weight moves: Items from 50.0\u00a0% to 60.0\u00a0%" in page
    assert "Middling is below the threshold of 50" in page
    assert "Items: 7.0 instead of 4.0 items; so does 1 other alone" in page
    assert "--draws 256 --seed 1" in page


def test_correlations_say_when_clusters_are_too_few(client: Client) -> None:
    period = a_round(more=1)
    published(period)
    page = page_of(client, at(period))
    assert 'id="correlations"' in page
    assert "Too few clusters to prove anything" in page
    assert "Some pairs rest on 4 clusters; 10 or more are the rule of thumb" in page


def test_without_a_threshold_the_page_says_so(client: Client) -> None:
    period = a_round(indicators.SMALL)
    published(period)
    page = page_of(client, at(period))
    assert "declares no threshold" in page
    assert 'id="probabilities"' not in page


def test_where_nobody_is_ranked_the_page_explains_itself(client: Client) -> None:
    period = makers.period()
    makers.cluster(period.programme)
    published(period)
    page = page_of(client, at(period))
    assert "Nobody is ranked, so there is no rank to be sure of" in page
    assert 'id="weights"' in page
    assert 'id="sensitivity"' not in page


def test_a_run_from_before_this_was_kept_says_where_to_find_it(client: Client) -> None:
    period = a_round()
    run = published(period)
    Robustness.objects.filter(run=run).delete()
    Flip.objects.filter(run=run).delete()
    page = page_of(client, at(period))
    assert "Computed before this was kept" in page
    answer = client.get(f"/api/evaluations/{period.programme.slug}/{period.label}/certainty")
    assert answer.json()["sensitivity"] == []


def test_a_cluster_page_tells_what_would_turn_its_decisions(client: Client) -> None:
    period = a_round()
    published(period)
    page = page_of(client, at(period, "standing", "middling"))
    assert "Its score is below the threshold in 100\u00a0% of the draws." in page
    assert "Middling is below the threshold of 50" in page
    assert "Lopsided 0 stands below Strong" not in page
    assert "Items: 7.0 instead of 4.0 items" in page
    assert at(period) in page
    assert at(period) in page_of(client, at(period, "ranking"))


def test_the_decisions_and_every_picture_are_to_be_had_as_csv(client: Client) -> None:
    period = a_round()
    published(period)
    response = client.get(at(period) + "?as=csv")
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines[0].split(",")[:7] == [
        "cluster",
        "over",
        "score",
        "bar",
        "distance",
        "why_not",
        "indicator",
    ]
    # two orders and three thresholds, of two indicators each
    assert len(lines) == 1 + (2 + 3) * 2
    for key in (
        "score-intervals",
        "probabilities",
        "sensitivity",
        "weights",
        "composition",
        "correlations",
    ):
        picture = client.get(f"{at(period)}?picture={key}&as=csv")
        assert picture["Content-Type"].startswith("text/csv"), key


def test_the_api_gives_the_same_figures(client: Client) -> None:
    period = a_round()
    run = published(period, draws=256)
    found = client.get(f"/api/evaluations/{period.programme.slug}/{period.label}/certainty").json()
    assert found["threshold"] == 50
    assert found["sensitivity"] == run.robustness.sensitivity
    assert found["weights"]["items"] == pytest.approx(0.5)
    assert [(one["cluster"], one["over"]) for one in found["flips"]][:2] == [
        ("lopsided-0", "strong"), ("middling", "lopsided-0")]  # fmt: skip
    assert {one["cluster"]: one["probability_below"] for one in found["clusters"]}["middling"] == 1
    assert (
        client.get(f"/api/evaluations/{period.programme.slug}/1999-00/certainty").status_code == 404
    )


def test_an_unpublished_run_is_seen_by_those_alone_who_see_runs_early(client: Client) -> None:
    period = a_round()
    run = computed(period)
    path = f"{at(period)}?run={run.pk}"
    assert client.get(path).status_code == client.get(at(period)).status_code == 404
    evaluator = Client()
    evaluator.force_login(makers.user_with(Role.EVALUATOR, period.programme.scopes[0]))
    page = page_of(evaluator, path)
    assert "computed but not published" in page
    assert f"?run={run.pk}&amp;as=csv" in page


@pytest.mark.parametrize("more", [0, 3])
def test_queries_do_not_grow_with_clusters(
    client: Client, more: int, django_assert_max_num_queries: Any
) -> None:
    period = a_round(more=more)
    published(period)
    base = f"/api/evaluations/{period.programme.slug}/{period.label}/certainty"
    for path, most in ((at(period), 8), (base, 5), (at(period, "standing", "strong"), 10)):
        with django_assert_max_num_queries(most):
            client.get(path)


def test_the_bounds_of_a_share_are_those_of_wilson() -> None:
    # as SciPy has it: 15 of 50, by Wilson without correction
    assert wilson(0.3, 50) == pytest.approx((0.1910355, 0.4375036), abs=1e-6)
    assert wilson(0, 100)[0] == 0
    assert wilson(0.5, 0) == (0.5, 0.5)


def test_what_varies_is_told_in_words() -> None:
    assert factor("choice aggregate") == "How indicators are brought together"
    assert factor("indicator #2") == "Leaving out one indicator (2)"
    assert factor("parameter normalise low") == "parameter normalise low"
