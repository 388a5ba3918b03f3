"""What a month's report says, of the sources that its reader may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from sankul.core.rules.roles import Actor
from sankul.field.alerts.models import Alert
from sankul.field.water.models import Response, Result, SensorAt, Source
from sankul.field.water.rules import Purpose
from sankul.field.water.rules.limits import Finding, compliance

from .judging import bounds, judged_results, sources
from .periods import NOTHING, Tally, judged
from .risks import AtRisk, at_risk


@dataclass(frozen=True)
class Month:
    """A month: its first day and the moment after its end; samples within the limits and judged, by village; what sensors
    measured, by village; risks at its end; responses begun and closed in it, alerts of sensors, and those of them answered.
    """

    first: date
    end: datetime
    villages: tuple[tuple[str, int, int], ...]
    sensors: tuple[tuple[str, Tally], ...]
    at_risk: tuple[AtRisk, ...]
    begun: int
    closed: int
    raised: int
    answered: int
    is_demonstration: bool


def bounds_of(month: str, today: date) -> tuple[date, datetime, datetime] | None:
    """The first day of a month as 2026-10, its first moment and the one after it in India; None for no month, or one to come."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        return None
    if first > today or len(month) != 7:
        return None
    after = (first + timedelta(days=31)).replace(day=1)
    zone = timezone.get_current_timezone()
    return (
        first,
        datetime.combine(first, time.min, zone),
        datetime.combine(after, time.min, zone),
    )


def month_of(actor: Actor, first: date, since: datetime, until: datetime) -> Month:
    """The month's report, in a fixed number of queries."""
    rows = {row.pk: row for row in sources(actor).filter(purpose=Purpose.DRINKING)}
    results = Result.objects.filter(
        sample__source__in=rows, sample__taken_at__gte=since, sample__taken_at__lt=until
    )
    samples: dict[str, dict[int, list[Finding]]] = {}
    taken = list(results.select_related("sample"))
    for row, found in zip(taken, judged_results(taken, bounds()), strict=True):
        village = rows[row.sample.source_id].village.name
        samples.setdefault(village, {}).setdefault(row.sample_id, []).append(found.finding)
    responses = Response.objects.filter(source__in=rows)
    alerts = Alert.objects.filter(stream__water_sensor__source__in=rows)
    alerts = alerts.filter(began_at__gte=since, began_at__lt=until)
    within = Q(opened_at__gte=since, opened_at__lt=until)
    return Month(
        first,
        until,
        tuple((name, *compliance(found.values())) for name, found in sorted(samples.items())),
        _measured(rows, since, until),
        tuple(at_risk(actor, until)),
        responses.filter(within).count(),
        responses.filter(closed_at__gte=since, closed_at__lt=until).count(),
        alerts.count(),
        alerts.filter(acknowledged_at__isnull=False).count(),
        any(row.village.cluster.programme.is_demonstration for row in rows.values()),
    )


def _measured(
    rows: dict[int, Source], since: datetime, until: datetime
) -> tuple[tuple[str, Tally], ...]:
    """What sensors measured in the villages, as far as a limit judges it."""
    found: dict[str, Tally] = {}
    sensors = SensorAt.objects.filter(source__in=rows).select_related("datastream")
    for one in judged(sensors, since, until, bounds()):
        village = rows[one.sensor.source_id].village.name
        found[village] = found.get(village, NOTHING).plus(one.tally)
    return tuple(sorted(found.items()))
