"""What a month's report says, of the sources that its reader may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from sankul.core.rules.roles import Actor
from sankul.field.water.models import Response, Result
from sankul.field.water.rules import Purpose
from sankul.field.water.rules.limits import Finding, compliance

from .judging import AtRisk, at_risk, bounds, judged_results, sources


@dataclass(frozen=True)
class Month:
    """A month: its first day and the moment after its end; samples within the limits and judged, by village; risks at its end;
    responses begun and closed in it.
    """

    first: date
    end: datetime
    villages: tuple[tuple[str, int, int], ...]
    at_risk: tuple[AtRisk, ...]
    begun: int
    closed: int
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
    judged: dict[str, dict[int, list[Finding]]] = {}
    taken = list(results.select_related("sample"))
    for row, found in zip(taken, judged_results(taken, bounds()), strict=True):
        village = rows[row.sample.source_id].village.name
        judged.setdefault(village, {}).setdefault(row.sample_id, []).append(found.finding)
    responses = Response.objects.filter(source__in=rows)
    within = Q(opened_at__gte=since, opened_at__lt=until)
    return Month(
        first,
        until,
        tuple((name, *compliance(samples.values())) for name, samples in sorted(judged.items())),
        tuple(at_risk(actor, until)),
        responses.filter(within).count(),
        responses.filter(closed_at__gte=since, closed_at__lt=until).count(),
        any(row.village.cluster.programme.is_demonstration for row in rows.values()),
    )
