"""When sources are to be sampled, and how water supplies do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Max
from django.utils import timezone

from sankul.core.rules.roles import Actor
from sankul.field.water.models import Plan, Result, Scheme, Source
from sankul.field.water.rules import Purpose
from sankul.field.water.rules.limits import Finding, compliance
from sankul.field.water.rules.plans import due_on

from .judging import bounds, judged_results, sources

A_YEAR: Final = timedelta(days=365)


@dataclass(frozen=True)
class Due:
    """A source whose next sample is due on a day, and when the last one was taken."""

    source: Source
    on: date
    last_at: datetime | None
    every_days: int


def due(actor: Actor) -> list[Due]:
    """The next samples of sources that the actor may see and that have a plan, those due first at the top; two queries."""
    rows = {row.pk: row for row in sources(actor)}
    plans = Plan.objects.filter(source__in=rows, ends_on=None)
    found = []
    for plan in plans.annotate(last_at=Max("source__samples__taken_at")):
        last_at = plan.last_at
        last_on = timezone.localdate(last_at) if last_at else None
        on = due_on(plan.starts_on, plan.every_days, last_on)
        found.append(Due(rows[plan.source_id], on, last_at, plan.every_days))
    return sorted(found, key=lambda one: (one.on, one.source.village.name, one.source.name))


@dataclass
class Supply:
    """A scheme: its sources that one may see, its last sample, and of those of a year how many complied and were judged."""

    scheme: Scheme
    sources: int = 0
    last_at: datetime | None = None
    complied: int = 0
    judged: int = 0
    is_demonstration: bool = False
    samples: dict[int, list[Finding]] = field(default_factory=dict)


def supplies(actor: Actor, at: datetime) -> list[Supply]:
    """The schemes that the actor may see sources of, by name; four queries."""
    rows = list(
        sources(actor).filter(scheme__isnull=False, purpose=Purpose.DRINKING).select_related("scheme__run_by")
    )  # fmt: skip
    found: dict[int, Supply] = {}
    of: dict[int, Supply] = {}
    for row in rows:
        if row.scheme is None:
            continue
        supply = found.setdefault(row.scheme.pk, Supply(row.scheme))
        supply.sources += 1
        supply.is_demonstration |= row.village.cluster.programme.is_demonstration
        of[row.pk] = supply
    _judge(of, at)
    return sorted(found.values(), key=lambda one: one.scheme.name)


def _judge(of: dict[int, Supply], at: datetime) -> None:
    taken = Result.objects.filter(sample__source__in=of, sample__taken_at__range=(at - A_YEAR, at))
    results = list(taken.select_related("sample"))
    for row, one in zip(results, judged_results(results, bounds()), strict=True):
        supply = of[row.sample.source_id]
        supply.samples.setdefault(row.sample_id, []).append(one.finding)
        supply.last_at = max(one.taken_at, supply.last_at or one.taken_at)
    for supply in {one.scheme.pk: one for one in of.values()}.values():
        supply.complied, supply.judged = compliance(supply.samples.values())
