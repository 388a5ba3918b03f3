"""What the site gives away of water: sources, results beside their limits, limits, compliance by quarter, rivers."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sankul.core.exports import Dataset, Field, Type
from sankul.core.rules.roles import Actor
from sankul.field.water.models import Limit, Result, Sample, SensorAt, YearRange
from sankul.field.water.queries.judging import bounds, judged_results, sources
from sankul.field.water.queries.periods import Period, Tally, by_source_and_quarter
from sankul.field.water.queries.samples import judged_sample, quarters
from sankul.field.water.rules import Purpose

FICTIONAL = _("whether the programme is the fictional demonstration")
LAST = 200
"""Samples of a source by which its quarters are told."""


def _results(actor: Actor) -> Iterator[tuple[Any, ...]]:
    """A line for each result of sources that one may see, by the limit of its day."""
    limits = bounds()
    seen = sources(actor).values("pk")
    rows = Result.objects.filter(sample__source__in=seen).order_by("pk")
    whole = rows.select_related("sample__source__village__cluster__programme", "sample__laboratory")
    for row in whole.iterator(chunk_size=2000):
        sample, source = row.sample, row.sample.source
        known = limits if source.purpose == Purpose.DRINKING else []
        [one] = judged_results([row], known)
        programme = source.village.cluster.programme
        yield (
            programme.slug, programme.is_demonstration, source.pk, sample.code, timezone.localdate(sample.taken_at),
            sample.kind, sample.laboratory.slug if sample.laboratory else "", row.parameter, row.value,
            row.is_below_detection, one.finding.standing.value,
        )  # fmt: skip


def _compliance(actor: Actor) -> Iterator[tuple[Any, ...]]:
    """A line for each drinking source and quarter."""
    limits = bounds()
    drinking = sources(actor).filter(purpose=Purpose.DRINKING)
    sensors = by_source_and_quarter(
        SensorAt.objects.filter(source__in=drinking.values("pk")), actor.at
    )
    measured: dict[int, dict[Period, Tally]] = {}
    for (source, period), tally in sensors.items():
        measured.setdefault(source, {})[period] = tally
    samples = Sample.objects.select_related("source").prefetch_related("results")
    for row in drinking.order_by("pk").prefetch_related(Prefetch("samples", samples)):
        judged = [judged_sample(one, limits) for one in row.samples.all()[:LAST]]
        programme = row.village.cluster.programme
        for one in quarters(judged, measured.get(row.pk, {})):
            yield (
                programme.slug, programme.is_demonstration, row.pk, one.label, one.judged, one.complied, _short(one.load),
                one.values.values, one.values.within, _short(one.values.load), one.values.hours_above,
            )  # fmt: skip


def _short(load: Decimal | float | None) -> float | None:
    return None if load is None else round(float(load), 6)


WATER = (
    Dataset(
        "water-sources",
        _("Sources of water"),
        _("Wells, taps, hand pumps and reaches of rivers where water is sampled, as far as they are public."),
        (
            Field("id", Type.WHOLE, _("number of the source")),
            Field("programme", Type.TEXT, _("short name of the programme"), "village__cluster__programme__slug"),
            Field("is_demonstration", Type.TRUTH, FICTIONAL, "village__cluster__programme__is_demonstration"),
            Field("cluster", Type.TEXT, _("cluster in whose region it is"), "village__cluster__slug"),
            Field("state", Type.TEXT, _("state or territory"), "village__state"),
            Field("district", Type.TEXT, _("district"), "village__district"),
            Field("village", Type.TEXT, _("village or ward"), "village__name"),
            Field("people", Type.WHOLE, _("people who live there"), "village__people"),
            Field("name", Type.TEXT, _("name")),
            Field("kind", Type.TEXT, _("river, lake, well, borewell, handpump, spring, tank or tap")),
            Field("purpose", Type.TEXT, _("drinking, or surface: a river or lake that is not drunk")),
            Field("latitude", Type.DECIMAL, _("degrees north, WGS 84")),
            Field("longitude", Type.DECIMAL, _("degrees east, WGS 84")),
        ),
        lambda actor: sources(actor).order_by("pk"),
    ),
    Dataset(
        "water-results",
        _("Results of water samples"),
        _("What was found in every sample, beside the limit of IS 10500 on the day it was taken."),
        (
            Field("programme", Type.TEXT, _("short name of the programme")),
            Field("is_demonstration", Type.TRUTH, FICTIONAL),
            Field("source", Type.WHOLE, _("number of the source")),
            Field("sample", Type.TEXT, _("number on the bottle")),
            Field("taken_on", Type.DATE, _("day it was taken, in India")),
            Field("analysed_by", Type.TEXT, _("laboratory or field_kit")),
            Field("laboratory", Type.TEXT, _("short name of the laboratory")),
            Field("parameter", Type.TEXT, _("what was measured; units stand in the docs of the API")),
            Field("value", Type.DECIMAL, _("value, or the limit of detection")),
            Field("is_below_detection", Type.TRUTH, _("whether it is less than the value")),
            Field("standing", Type.TEXT,
                  _("acceptable, permissible in the absence of another source, unsafe, or unjudged: no limit tells")),
        ),
        _results,
    ),
    Dataset(
        "water-limits",
        _("Limits of drinking water"),
        _("Every limit with the days it was in force and its source."),
        (
            Field("parameter", Type.TEXT, _("what it limits")),
            Field("low", Type.DECIMAL, _("least value of a range; empty: there is none")),
            Field("acceptable", Type.DECIMAL, _("acceptable value, in the parameter's unit")),
            Field("permissible", Type.DECIMAL, _("permissible in the absence of another source; empty: no relaxation")),
            Field("is_least", Type.TRUTH, _("whether less than it is bad, as of chlorine")),
            Field("from_on", Type.DATE, _("in force from")),
            Field("until_on", Type.DATE, _("until; empty: in force")),
            Field("source", Type.TEXT, _("standard, amendment, table")),
        ),
        lambda actor: Limit.objects.all(),
    ),
    Dataset(
        "water-compliance",
        _("Compliance of drinking sources"),
        _("Samples and sensors of each drinking source beside the limits, by quarter of the calendar year."),
        (
            Field("programme", Type.TEXT, _("short name of the programme")),
            Field("is_demonstration", Type.TRUTH, FICTIONAL),
            Field("source", Type.WHOLE, _("number of the source")),
            Field("quarter", Type.TEXT, _("as in 2026 Q4")),
            Field("samples", Type.WHOLE, _("samples that a limit judges")),
            Field("samples_within", Type.WHOLE, _("of these, samples without a value above its limit")),
            Field("exceedance_load", Type.NUMBER, _("by how much values are above their limits, as a multiple, over all judged")),
            Field("sensor_values", Type.WHOLE, _("values of sensors that passed their tests and that a limit judges")),
            Field("sensor_values_within", Type.WHOLE, _("of these, values within the limit")),
            Field("sensor_exceedance_load", Type.NUMBER, _("the exceedance load of sensors")),
            Field("sensor_hours_above", Type.NUMBER, _("hours for which a sensor was above its limit")),
        ),
        _compliance,
    ),
    Dataset(
        "water-rivers",
        _("Rivers by station and year"),
        _("The least and the most of each year at river stations, as the Central Pollution Control Board publishes them."),
        (
            Field("station", Type.TEXT, _("code of the station"), "station_year__station__code"),
            Field("name", Type.TEXT, _("monitoring location"), "station_year__station__name"),
            Field("state", Type.TEXT, _("state or territory"), "station_year__station__state"),
            Field("year", Type.WHOLE, _("calendar year"), "station_year__year"),
            Field("best_use", Type.TEXT, _("class of designated best use, A to C; empty: none that its figures show"),
                  "station_year__best_use"),
            Field("parameter", Type.TEXT, _("what was measured")),
            Field("least", Type.DECIMAL, _("least value of the year; empty: not published, or it could not be")),
            Field("most", Type.DECIMAL, _("greatest value of the year")),
        ),
        lambda actor: YearRange.objects.order_by("pk"),
    ),
)  # fmt: skip
