"""Spans of days: each gets a partition when its first observation comes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection, transaction

from sankul.field.streams.models import SpanFile
from sankul.field.streams.rules import SpanState
from sankul.field.streams.rules.numbers import span_for

SPAN_LOCK = 0x5350414E  # any fixed number: the advisory lock under which spans begin


def opened(days: Iterable[date], at: datetime) -> dict[date, SpanFile]:
    """The span of each day, open: those that are missing begin, closed ones are opened again.

    Days whose observations were deleted by the retention policy are left out.
    """
    wanted = sorted(set(days))
    found = _found(wanted)
    if len(found) < len(wanted) or any(span.state == SpanState.CLOSED for span in found.values()):
        for day in wanted:
            _open(day, at)
        found = _found(wanted)
    return {day: span for day, span in found.items() if span.state == SpanState.OPEN}


def _found(days: list[date]) -> dict[date, SpanFile]:
    spans = list(SpanFile.objects.filter(start__lte=days[-1], end__gt=days[0])) if days else []
    return {day: span for span in spans for day in days if span.start <= day < span.end}


@transaction.atomic
def _open(day: date, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SPAN_LOCK])
    span = SpanFile.objects.filter(start__lte=day, end__gt=day).first()
    if span is None:
        _begin(day, at)
    elif span.state == SpanState.CLOSED:
        from .archive import reopen  # noqa: PLC0415

        reopen(span=span, at=at)


def _begin(day: date, at: datetime) -> None:
    year = SpanFile.objects.filter(start__lt=date(day.year + 1, 1, 1), end__gt=date(day.year, 1, 1))
    start, end = span_for(day, today=at.date(), year_is_empty=not year.exists())
    span = SpanFile.objects.create(start=start, end=end, changed_at=at)
    make_partition(span)


def make_partition(span: SpanFile) -> None:
    """Make the partition of a span, beside the table first so that nobody waits for it."""
    within = f"time >= '{span.start} 00:00+00' AND time < '{span.end} 00:00+00'"
    like = "LIKE streams_observation INCLUDING DEFAULTS INCLUDING CONSTRAINTS"
    bounds = f"FROM ('{span.start} 00:00+00') TO ('{span.end} 00:00+00')"
    with connection.cursor() as cursor:
        for said in (
            f"CREATE TABLE {span.table} ({like}, CONSTRAINT within CHECK ({within}))",
            f"ALTER TABLE streams_observation ATTACH PARTITION {span.table} FOR VALUES {bounds}",
            f"ALTER TABLE {span.table} DROP CONSTRAINT within",
        ):
            cursor.execute(said)
