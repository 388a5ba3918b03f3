"""One source: its samples judged, its index, how often it complied, when the next sample is due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from sankul.core.rules.roles import Actor
from sankul.field.water.models import Plan, Sample, Source
from sankul.field.water.rules import Bound, Index, Purpose, Uncomputable, water_quality_index
from sankul.field.water.rules.limits import Finding, compliance, exceedance_load
from sankul.field.water.rules.plans import due_on

from .judging import bounds, judged_results
from .periods import NOTHING, Period, Tally

MOST_SAMPLES: Final = 200


@dataclass(frozen=True)
class SampleJudged:
    """A sample with its results in order of the parameters, each judged; ``index`` is that of the Central Board."""

    sample: Sample
    findings: dict[str, Finding]
    index: Index | Uncomputable


@dataclass(frozen=True)
class Quarter:
    """A quarter of a calendar year: samples that complied, samples judged, and their exceedance load; and the same of the values
    of sensors.
    """

    label: str
    complied: int
    judged: int
    load: Decimal | None
    values: Tally = NOTHING


def judged_samples(source: Source) -> list[SampleJudged]:
    """The last samples of a source, the newest first, in four queries. Only drinking water is judged by its limits."""
    samples = source.samples.prefetch_related("results", "custody").select_related("laboratory")
    limits = bounds() if source.purpose == Purpose.DRINKING else []
    return [_judged(sample, limits) for sample in samples[:MOST_SAMPLES]]


def judged_sample(sample: Sample, limits: Sequence[Bound]) -> SampleJudged:
    """A sample, whose source, results and custody are at hand, by all limits."""
    return _judged(sample, limits if sample.source.purpose == Purpose.DRINKING else [])


def _judged(sample: Sample, limits: Sequence[Bound]) -> SampleJudged:
    results = list(sample.results.all())
    for row in results:
        row.sample = sample
    findings = {one.parameter: one.finding for one in judged_results(results, limits)}
    values = {row.parameter: float(row.value) for row in results}
    return SampleJudged(sample, findings, water_quality_index(values))


def all_samples(actor: Actor) -> QuerySet[Sample]:
    """Samples that the actor may see, with their sources, results and custody."""
    rows = Sample.objects.visible_to(actor)
    rows = rows.select_related("source__village__cluster__programme", "laboratory")
    return rows.prefetch_related("results", "custody")


def one_sample(actor: Actor, number: int) -> QuerySet[Sample]:
    """The sample of that number, if the actor may see it, with its source at hand."""
    rows = Sample.objects.visible_to(actor).filter(pk=number)
    return rows.select_related("source__village__cluster__programme", "laboratory")


def quarters(
    samples: list[SampleJudged], sensors: Mapping[Period, Tally] = MappingProxyType({})
) -> list[Quarter]:
    """Compliance by quarter of a calendar year, the newest first; what nothing judges does not count."""
    grouped: dict[Period, list[SampleJudged]] = defaultdict(list)
    for one in samples:
        day = timezone.localdate(one.sample.taken_at)
        grouped[day.year, (day.month + 2) // 3].append(one)
    found = []
    for year, quarter in sorted(grouped.keys() | sensors.keys(), reverse=True):
        rows = grouped.get((year, quarter), [])
        complied, judged = compliance(row.findings.values() for row in rows)
        load = exceedance_load(one for row in rows for one in row.findings.values())
        tally = sensors.get((year, quarter), NOTHING)
        if judged or tally.values:
            found.append(Quarter(f"{year} Q{quarter}", complied, judged, load, tally))
    return found


def next_due(source: Source, samples: list[SampleJudged]) -> date | None:
    """When the next sample is due by the plan in force; None without a plan."""
    plan = Plan.objects.filter(source=source, ends_on=None).first()
    if plan is None:
        return None
    last = timezone.localdate(samples[0].sample.taken_at) if samples else None
    return due_on(plan.starts_on, plan.every_days, last)
