"""What the sensors of a source measured, day by day: a table, and a picture of each with its limit, beside what samples found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from sankul.core import charts, formats
from sankul.core.charts import About, Chart
from sankul.core.ui import Column, Day, Table
from sankul.engines import pictures
from sankul.field.water.models import Source
from sankul.field.water.queries.judging import bounds
from sankul.field.water.queries.periods import Day as SensorDay
from sankul.field.water.queries.samples import SampleJudged
from sankul.field.water.rules import PARAMETERS, Bound, Purpose

from .parts import exact, limit, measured, named

CHARTED: Final = timedelta(days=30)


def days_of(found: list[SensorDay], samples: Mapping[tuple[date, str], str]) -> Table:
    """The days of sensors as a table."""
    columns = [
        Column("on", _("Day")),
        Column("what", _("Parameter")),
        Column("low", _("Least"), numeric=True, fold=True),
        Column("mean", _("Mean"), numeric=True),
        Column("high", _("Greatest"), numeric=True, fold=True),
        Column("hours", _("Beyond its limit"), unit=_("h"), numeric=True),
        Column("sample", _("Sample"), numeric=True, fold=True),
    ]
    rows = [
        {
            "on": Day(one.on),
            "what": named(one.parameter),
            "low": measured(one.parameter, _rounded(one.low)),
            "mean": measured(one.parameter, _rounded(one.mean)),
            "high": measured(one.parameter, _rounded(one.high)),
            "hours": formats.number(Decimal(str(one.hours_above)), 1) if one.hours_above else "",
            "sample": samples.get((one.on, one.parameter), ""),
        }
        for one in found
    ]
    note = _(
        "Values that passed their quality tests, by day in India; beside them what a sample of the day found."
    )
    return Table(_("Sensors by day"), columns, rows, hide_caption=True, note=note)


def sampled_of(found: list[SampleJudged]) -> dict[tuple[date, str], str]:
    """What samples found, by day and parameter."""
    return {
        (timezone.localdate(one.sample.taken_at), row.parameter): measured(
            row.parameter, row.value, is_below_detection=row.is_below_detection
        )
        for one in found
        for row in one.sample.results.all()
    }


def charts_of(
    source: Source, days: list[SensorDay], samples: Mapping[tuple[date, str], str], at: datetime
) -> list[Chart]:
    """A picture of each sensor: day by day from the least to the greatest, with the limit and what samples found."""
    limits = bounds() if source.purpose == Purpose.DRINKING else []
    parameters = dict.fromkeys(one.parameter for one in sorted(days, key=lambda one: one.parameter))
    return [
        _chart(source, name, [one for one in days if one.parameter == name], samples, limits, at)
        for name in parameters
    ]


def _chart(
    source: Source,
    parameter: str,
    days: list[SensorDay],
    samples: Mapping[tuple[date, str], str],
    limits: list[Bound],
    at: datetime,
) -> Chart:
    unit = PARAMETERS[parameter].unit
    today = timezone.localdate(at)
    steps = [
        pictures.Step(_ms(one.on), formats.day(one.on), one.low, one.mean, one.high)
        for one in reversed(days)
    ]
    picture = pictures.steps(
        steps, unit=unit, begin=_ms(today - CHARTED), end=_ms(today + timedelta(days=1)),
        levels=_levels(parameter, limits, today), months=formats.months(), gettext=_,
    )  # fmt: skip
    picture = replace(picture, key=f"{picture.key}-{parameter}")
    about: About = {
        "key": f"sensor-{parameter}",
        "title": _("%(what)s, the last 30 days") % {"what": named(parameter)},
        "finding": _finding(
            parameter, days, samples, is_judged=any(one.parameter == parameter for one in limits)
        ),
        "demonstration": source.village.cluster.programme.is_demonstration,
    }
    return charts.told(picture, about)


def _finding(
    parameter: str,
    days: list[SensorDay],
    samples: Mapping[tuple[date, str], str],
    *,
    is_judged: bool,
) -> str:
    low, high = min(one.low for one in days), max(one.high for one in days)
    shown = {"low": measured(parameter, _rounded(low)), "high": measured(parameter, _rounded(high))}
    told = [_("Between %(low)s and %(high)s.") % shown]
    hours = sum(one.hours_above for one in days)
    if is_judged and any(one.beyond for one in days):
        beyond = _("Beyond its limit for %s hours.")
        told.append(beyond % formats.number(Decimal(str(hours)), 1))
    elif is_judged:
        told.append(_("Within its limit all the time."))
    known = [(on, value) for (on, name), value in samples.items() if name == parameter]
    if known:
        on, value = max(known)
        last = _("The last sample, of %(day)s, found %(value)s.")
        told.append(last % {"day": formats.day(on), "value": value})
    return " ".join(told)


def _levels(parameter: str, limits: list[Bound], today: date) -> list[pictures.Level]:
    found = []
    for one in limits:
        if one.parameter == parameter and one.holds_on(today):
            farthest = one.acceptable if one.permissible is None else one.permissible
            found.append(pictures.Level(float(farthest), limit(one), is_hard=True))
            if one.low is not None:
                found.append(
                    pictures.Level(float(one.low), _("at least %s") % exact(one.low), is_hard=True)
                )
    return found


def _ms(day: date) -> int:
    """Milliseconds of a day's first moment on the clock here."""
    return (day - date(1970, 1, 1)).days * 86_400_000


def _rounded(value: float) -> Decimal:
    return Decimal(f"{value:.3g}") if abs(value) < 100 else Decimal(f"{value:.0f}")
