"""What a claim is worth on the index."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sankul.core.measures import worth
from sankul.programme.indicators.queries.worth import slopes
from sankul.programme.indicators.tests import makers as framed
from sankul.programme.outcomes.tests import makers as outcomes
from sankul.programme.registry.models import Cluster, Period
from sankul.programme.registry.tests import makers

pytestmark = pytest.mark.django_db
DAY = date(2025, 5, 10)


@pytest.fixture
def period() -> Period:
    return makers.period()


@pytest.fixture
def cluster(period: Period) -> Cluster:
    return makers.cluster(period.programme)


def points(measure: str, cluster: Cluster, quantity: int, on: date = DAY) -> list[Decimal | None]:
    return [one.points for one in worth(measure, cluster, on, Decimal(quantity))]


def changed(source: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in source
        source = source.replace(old, new, 1)
    return source


def test_a_sum_is_worth_its_share_of_the_goalposts(cluster: Cluster) -> None:
    framed.approved(cluster.programme)
    [one] = worth("outreach_item", cluster, DAY, Decimal(3))
    assert (one.indicator_title, one.points) == ("Items", 15)  # half the index, 3 of 10
    assert one.text == ("as long as the upper goalpost is not reached (Small framework, version 1)")


def test_nothing_is_worth_more_than_its_indicator(cluster: Cluster) -> None:
    framed.approved(cluster.programme)
    assert points("outreach_item", cluster, 300) == [50]


def test_a_ratio_is_worth_what_its_proved_denominator_makes_of_it(cluster: Cluster) -> None:
    framed.approved(cluster.programme)
    assert points("own_income", cluster, 100) == [None]
    cost = outcomes.claim(cluster, kind="operating_cost", quantity=Decimal(1000))
    outcomes.attachment(cost)
    assert points("own_income", cluster, 100) == [5]


@pytest.mark.parametrize(
    ("statistic", "quantity", "expected"),
    [("per_month", 12, 5), ("count", 7, 5), ("distinct_organisations", 7, 5), ("mean", 3, None)],
)
def test_each_statistic_grows_in_its_own_way(
    cluster: Cluster, statistic: str, quantity: int, expected: int | None
) -> None:
    source = changed(framed.SMALL, ('statistic = "sum"', f'statistic = "{statistic}"'))
    framed.approved(cluster.programme, source)
    assert points("outreach_item", cluster, quantity) == [expected]


def test_where_more_is_worse_the_points_are_lost(cluster: Cluster) -> None:
    source = changed(framed.SMALL, ("goalposts = [0, 10]", "goalposts = [0, 10]\ndirection = -1"))
    framed.approved(cluster.programme, source)
    assert points("outreach_item", cluster, 2) == [-10]


def test_nobody_can_tell_on_a_scale_that_the_units_set(cluster: Cluster) -> None:
    source = changed(framed.SMALL, ('method = "goalposts"', 'method = "min_max"'))
    framed.approved(cluster.programme, source)
    assert points("outreach_item", cluster, 2) == [None]


def test_equal_weights_are_taken_as_the_framework_takes_them(cluster: Cluster) -> None:
    heavy = 'title = "Outreach"\nweight = 3'
    step = '[[step]]\ndo = "weights"\nmethod = "equal"\n\n[[step]]\ndo = "aggregate"'
    uneven = changed(framed.SMALL, ('title = "Outreach"', heavy))
    framed.approved(cluster.programme, uneven)
    assert points("outreach_item", cluster, 10) == [75]
    other = makers.cluster(makers.period().programme)
    framed.approved(other.programme, changed(uneven, ('[[step]]\ndo = "aggregate"', step)))
    assert points("outreach_item", other, 10) == [50]


def test_a_measure_that_the_framework_does_not_use_is_worth_nothing(cluster: Cluster) -> None:
    framed.approved(cluster.programme)
    assert worth("patent", cluster, DAY, Decimal(1)) == []


def test_outside_every_period_and_without_a_framework_nothing_is_told(cluster: Cluster) -> None:
    assert worth("outreach_item", cluster, DAY, Decimal(1)) == []
    framed.approved(cluster.programme)
    assert worth("outreach_item", cluster, date(1999, 1, 1), Decimal(1)) == []


def test_slopes_of_a_cluster_take_one_query_a_denominator(
    cluster: Cluster, period: Period, django_assert_num_queries: Any
) -> None:
    framework = framed.approved(cluster.programme)
    with django_assert_num_queries(1):
        found = slopes(framework, period, cluster)
    assert found["outreach_item"][0].per_unit == 5
