"""Why a figure is what it is: peers, strengths, and the records behind a value."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from statistics import median
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, Sum

from sankul.core.measures import MEASURES, Measure
from sankul.programme.evaluation.models import Run, Standing, Value
from sankul.programme.indicators.models import Indicator, Node
from sankul.programme.indicators.queries import tallies
from sankul.programme.indicators.rules import Statistic
from sankul.programme.registry.models import Cluster


class Beside(NamedTuple):
    """A cluster's indicator on the common scale beside the median and the range of the ranked clusters."""

    indicator: Indicator
    value: Value
    median: float
    low: float
    high: float

    @property
    def lead(self) -> float:
        """Points above (or below) the median."""
        return (self.value.normalised or 0) - self.median


class Profile(NamedTuple):
    """What a cluster is best at, where it can improve, and where evidence is missing."""

    strengths: list[Beside]
    to_improve: list[Beside]
    missing: list[Indicator]
    all: list[Beside]


def profile(run: Run, cluster: Cluster, *, most: int = 5) -> Profile:
    """Strengths and areas to improve of a cluster against its peers in a run: three queries."""
    peers = peer_ranges(run)
    values = {row.indicator: row for row in run.values.filter(cluster=cluster)}
    indicators = list(run.framework.indicators.order_by("position"))
    beside = [
        Beside(item, values[item.code], *peers[item.code])
        for item in indicators
        if item.code in peers and item.code in values and values[item.code].normalised is not None
    ]
    ordered = sorted(beside, key=lambda one: one.lead, reverse=True)
    return Profile(
        [one for one in ordered if one.lead > 0][:most],
        [one for one in reversed(ordered) if one.lead < 0][:most],
        [item for item in indicators if item.code not in values or values[item.code].value is None],
        beside,
    )


def peer_ranges(run: Run) -> dict[str, tuple[float, float, float]]:
    """Median, least and greatest of the ranked clusters on the common scale, by indicator."""
    rows: dict[str, list[float]] = defaultdict(list)
    for code, normalised in run.values.values_list("indicator", "normalised"):
        if normalised is not None:
            rows[code].append(normalised)
    return {code: (median(column), min(column), max(column)) for code, column in rows.items()}


class Explained(NamedTuple):
    """One value with all that is needed to recompute it."""

    value: Value
    indicator: Indicator
    standing: Standing
    measure: Measure | None
    statistic: Statistic
    path: list[Node]


def explained(run: Run, cluster: Cluster, code: str) -> Explained:
    """A value of a run and what it rests on. Raises Value.DoesNotExist or Indicator.DoesNotExist."""
    indicator = run.framework.indicators.select_related("node__parent__parent").get(code=code)
    path: list[Node] = []
    node: Node | None = indicator.node
    while node is not None:
        path.append(node)
        node = node.parent
    return Explained(
        value=run.values.get(cluster=cluster, indicator=code),
        indicator=indicator,
        standing=run.standings.select_related("cluster").get(cluster=cluster),
        measure=MEASURES.get(indicator.measure),
        statistic=Statistic(indicator.statistic),
        path=path[::-1],
    )


def records(run: Run, cluster: Cluster, measure: str) -> QuerySet[Any, dict[str, Any]]:
    """The rows of a measure behind a cluster's value, newest first."""
    return tallies.records(MEASURES[measure], run.period, cluster)


def changed_since(run: Run, cluster: Cluster, value: Value, measure: str) -> bool:
    """Whether the records say something else now than when the run was computed."""
    rows = tallies.within(MEASURES[measure], run.period).filter(cluster=cluster)
    now = rows.aggregate(
        total=Sum("quantity", filter=Q(evidenced=True), default=Decimal(0)),
        said=Count(tallies.ROW),
    )
    return bool(now["total"] != value.quantity or now["said"] != value.submitted)
