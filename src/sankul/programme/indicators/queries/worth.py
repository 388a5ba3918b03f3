"""What a claim is worth: how far its quantity moves the index of the framework in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

import numpy as np
from django.db.models import Model, Sum
from django.utils.translation import gettext as _

from sankul.core.measures import MEASURES, Worth, declare_worth
from sankul.engines.composite import Indicator, Spec, parse
from sankul.engines.composite.weights import effective, needs_values, weigh
from sankul.programme.indicators.models import Framework
from sankul.programme.indicators.queries.frameworks import in_force
from sankul.programme.indicators.queries.tallies import within
from sankul.programme.indicators.rules import Statistic
from sankul.programme.registry.models import Cluster, Period

POINTS = Decimal(100)


@dataclass(frozen=True)
class Slope:
    """How an indicator moves the index: points (0 to 100) for each unit of its measure, and at most.

    For a number of records or of organisations, each record is one unit, whatever its quantity. ``per_unit`` is None where it
    depends on what the others do: a mean, weights read off the data, a scale without goalposts, a denominator that nobody proved.
    """

    indicator: str
    title: str
    framework: str
    statistic: Statistic
    per_unit: Decimal | None
    most: Decimal

    @property
    def is_by_record(self) -> bool:
        """Whether each record moves it equally."""
        return self.statistic in (Statistic.COUNT, Statistic.ORGANISATIONS)

    def points(self, quantity: Decimal) -> Decimal | None:
        """Points for so much, as far as the goalposts reach; negative where more is worse."""
        if self.per_unit is None:
            return None
        moved = self.per_unit * (1 if self.is_by_record else quantity)
        return max(min(moved, self.most), -self.most)


def slopes(framework: Framework, period: Period, cluster: Cluster) -> dict[str, list[Slope]]:
    """The slopes of every indicator, by the code of its measure: one query for each different denominator, no other.

    They hold exactly where a framework adds up (``arithmetic``), and near enough to plan by where it takes other means.
    """
    spec = _spec(framework.source)
    shares = _shares(spec)
    proved = _denominators(spec, period, cluster)
    found: dict[str, list[Slope]] = {}
    for item in spec.indicators:
        most = POINTS * Decimal(str(shares.get(item.id, 0)))
        found.setdefault(item.measure, []).append(
            Slope(
                indicator=item.id,
                title=item.title or item.id,
                framework=str(framework),
                statistic=Statistic(item.statistic),
                per_unit=_per_unit(spec, item, most, period.months, proved) if shares else None,
                most=most,
            )
        )
    return found


def worth_of(measure: str, cluster: Model, on: date, quantity: Decimal) -> list[Worth]:
    """What so much of a measure is worth to a cluster on a day, by the framework in force: nothing where it counts for none."""
    if not isinstance(cluster, Cluster):
        return []
    framework = in_force(cluster.programme)
    period = cluster.programme.periods.filter(starts_on__lte=on, ends_on__gte=on).first()
    if framework is None or period is None:
        return []
    found = slopes(framework, period, cluster).get(measure, [])
    return [_told(slope, measure, quantity) for slope in found]


def _told(slope: Slope, measure: str, quantity: Decimal) -> Worth:
    points = slope.points(quantity)
    if points is None:
        text = _("how much it moves depends on the other records (%(framework)s)")
    elif slope.statistic == Statistic.ORGANISATIONS:
        text = _("where the organisation is new in this period (%(framework)s)")
    elif slope.is_by_record:
        text = _("each record counts alike, whatever its quantity (%(framework)s)")
    else:
        text = _("as long as the upper goalpost is not reached (%(framework)s)")
    told = text % {"framework": slope.framework, "measure": MEASURES[measure].title}
    return Worth(slope.title, points, told)


@lru_cache(maxsize=8)
def _spec(source: str) -> Spec:
    return parse(source)


def _shares(spec: Spec) -> Mapping[str, float]:
    """The share of the whole index that each indicator carries; none where the weights come from the data."""
    step = spec.step("weights")
    if step is None:
        return effective(spec, spec.weights)
    if needs_values(step.method):
        return {}
    empty = np.empty((0, len(spec.indicators)))
    return effective(spec, weigh(spec, step.method, empty).weights)


def _denominators(spec: Spec, period: Period, cluster: Cluster) -> dict[str, Decimal]:
    codes = {item.denominator for item in spec.indicators if item.denominator}
    proved = {}
    for code in sorted(codes):
        rows = within(MEASURES[code], period).filter(cluster=cluster, evidenced=True)
        proved[code] = rows.aggregate(total=Sum("quantity"))["total"] or Decimal(0)
    return proved


def _per_unit(
    spec: Spec, item: Indicator, most: Decimal, months: int, proved: Mapping[str, Decimal]
) -> Decimal | None:
    step = spec.step("normalise")
    by_goalposts = step is not None and spec.method_of(item, step).name == "goalposts"
    if item.goalposts is None or not by_goalposts or item.statistic == Statistic.MEAN:
        return None
    low, high = (Decimal(str(post)) for post in item.goalposts)
    size = Decimal(months) if item.statistic == Statistic.PER_MONTH else Decimal(1)
    if item.denominator:
        size *= proved[item.denominator]
    if not size:
        return None
    return item.direction * most / (high - low) / size


declare_worth(worth_of)
