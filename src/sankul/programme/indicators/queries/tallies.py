"""From measures to values: what the records say of each cluster in a period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Count, F, Q, QuerySet, Sum, Value

from sankul.core.measures import MEASURES, SHAPE, Measure
from sankul.programme.indicators.rules import Statistic, Tally, value_of
from sankul.programme.registry.models import Cluster, Period

Tallies = dict[str, dict[int, Tally]]
"""Tallies by measure code, then by cluster id."""


ROW = Value(1)
"""What is counted of a row: not its key, which a measure's covering index need not hold."""


class Wanted(NamedTuple):
    """An indicator as far as its value goes: code, measure, statistic, and the measure it is divided by."""

    code: str
    measure: str
    statistic: Statistic
    denominator: str = ""


class Values(NamedTuple):
    """Values of all indicators and denominators of a period by cluster id, with the tallies they came from."""

    period: Period
    clusters: list[Cluster]
    tallies: Tallies
    values: dict[str, dict[int, Decimal | None]]
    denominators: dict[str, dict[int, Decimal | None]]


@contextmanager
def snapshot() -> Iterator[None]:
    """One view of the database for all reads inside, even while others write."""
    with transaction.atomic():
        if len(connection.savepoint_ids) == 0:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def values(period: Period, wanted: Iterable[Wanted]) -> Values:
    """The values of the wanted indicators for every cluster of the period's programme.

    Two queries a measure (its rows aggregated in the database, and its declarations of nothing), whatever the number of rows.
    """
    wanted = list(wanted)
    clusters = list(period.programme.clusters.order_by("slug"))
    tallied = {code: tally(MEASURES[code], period, uses) for code, uses in measures(wanted).items()}

    def column(measure: str, statistic: Statistic) -> dict[int, Decimal | None]:
        found = tallied[measure]
        return {
            cluster.pk: value_of(found.get(cluster.pk), statistic, months=period.months)
            for cluster in clusters
        }

    return Values(
        period,
        clusters,
        tallied,
        {item.code: column(item.measure, item.statistic) for item in wanted},
        {
            item.denominator: column(item.denominator, Statistic.SUM)
            for item in wanted
            if item.denominator
        },
    )


def measures(wanted: Iterable[Wanted]) -> dict[str, set[Statistic]]:
    """The measures that the wanted indicators rest on, denominators included, and what is asked of each."""
    asked: dict[str, set[Statistic]] = {}
    for item in wanted:
        asked.setdefault(item.measure, set()).add(item.statistic)
        if item.denominator:
            asked.setdefault(item.denominator, set()).add(Statistic.SUM)
    return asked


def tally(measure: Measure, period: Period, statistics: set[Statistic]) -> dict[int, Tally]:
    """Tallies of one measure by cluster id."""
    evidenced = Q(evidenced=True)
    aggregates: dict[str, Any] = {
        "total": Sum("quantity", filter=evidenced),
        "proved": Count(ROW, filter=evidenced),
        "void": Count(ROW, filter=evidenced & Q(quantity=0)),
        "said": Count(ROW),
    }
    if Statistic.ORGANISATIONS in statistics:
        something = evidenced & Q(quantity__gt=0)
        aggregates["partners"] = Count("organisation_id", filter=something, distinct=True)
    tallies = {
        row["cluster_id"]: Tally(
            quantity=row["total"] or Decimal(0),
            records=row["proved"],
            organisations=row.get("partners", 0),
            submitted=row["said"],
            void=row["void"],
        )
        for row in within(measure, period).values("cluster_id").annotate(**aggregates)
    }
    for cluster_id in nil_clusters(measure, period):
        known = tallies.get(cluster_id, Tally(Decimal(0), 0, 0, 0))
        tallies[cluster_id] = known._replace(is_nil=True)
    return tallies


def within(measure: Measure, period: Period) -> QuerySet[Any, Any]:
    """The rows of a measure in a period, of clusters of its programme."""
    return measure.rows().filter(
        on__range=(period.starts_on, period.ends_on), cluster__programme_id=period.programme_id
    )


def nil_clusters(measure: Measure, period: Period) -> list[int]:
    """Ids of the clusters that declared nothing of a measure in a period."""
    if measure.nils is None:
        return []
    declared = measure.nils().filter(
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        cluster__programme_id=period.programme_id,
    )
    return list(declared.values_list("cluster_id", flat=True))


def records(measure: Measure, period: Period, cluster: Cluster) -> QuerySet[Any, Any]:
    """The rows of a measure behind one cluster's value, newest first, as dictionaries of the fixed shape."""
    rows: QuerySet[Any, Any] = within(measure, period).filter(cluster=cluster)
    rows = rows.annotate(title=F(measure.record_title))
    return rows.order_by(F("on").desc(nulls_last=True), "-pk").values(
        *SHAPE, "title", "organisation__name", "organisation__slug"
    )
