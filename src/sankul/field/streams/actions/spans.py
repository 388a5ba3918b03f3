"""Spans of days: each gets a partition when its first observation comes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import structlog
from django.db import connection, transaction

from sankul.core.queries import prepared
from sankul.field.streams.models import SpanFile
from sankul.field.streams.rules import SpanState
from sankul.field.streams.rules.numbers import span_for

from . import archive, partitions

log = structlog.get_logger("sankul.streams")
SPAN_LOCK = 0x5350414E  # any fixed number: the advisory lock under which spans begin


_known: dict[date, SpanFile] = {}
"""Open spans by day, as this process saw them last."""
MOST_KNOWN = 5000


def forget() -> None:
    """Look spans up anew: one that was open has no partition any more."""
    _known.clear()


def believed_open(days: Iterable[date], at: datetime) -> dict[date, SpanFile]:
    """``opened``, without asking about days that were open when this process last asked.

    One that was closed meanwhile has no partition: who writes to it hears so, and has to ``forget`` and ask again.
    """
    wanted = sorted(set(days))
    if all(day in _known for day in wanted):
        return {day: _known[day] for day in wanted}
    found = opened(wanted, at)
    if len(_known) > MOST_KNOWN:
        _known.clear()
    _known.update(found)
    return found


def opened(days: Iterable[date], at: datetime) -> dict[date, SpanFile]:
    """The span of each day, open: those that are missing begin, closed ones are opened again.

    Days whose observations were deleted by the retention policy are left out, and days whose file is damaged.
    """
    wanted = sorted(set(days))
    found = _found(wanted)
    if len(found) < len(wanted) or any(span.state == SpanState.CLOSED for span in found.values()):
        for day in wanted:
            _open(day, at)
        found = _found(wanted)
    return {day: span for day, span in found.items() if span.state == SpanState.OPEN}


def _found(days: list[date]) -> dict[date, SpanFile]:
    rows = prepared.rows(SPANS, days[-1], days[0]) if days else []
    spans = [SpanFile(pk=row[0], start=row[1], end=row[2], state=row[3]) for row in rows]
    return {day: span for span in spans for day in days if span.start <= day < span.end}


SPANS = 'SELECT id, start, "end", state FROM streams_spanfile WHERE start <= %s AND "end" > %s'


@transaction.atomic
def _open(day: date, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SPAN_LOCK])
    span = SpanFile.objects.filter(start__lte=day, end__gt=day).first()
    if span is None:
        _begin(day, at)
    elif span.state == SpanState.CLOSED:
        _reopen(span, at)


def _reopen(span: SpanFile, at: datetime) -> None:
    try:
        archive.reopen(span=span, at=at)
    except archive.Damaged as error:
        log.error("a span cannot be opened", span=str(span.start), reason=error.reason)


def _begin(day: date, at: datetime) -> None:
    year = SpanFile.objects.filter(start__lt=date(day.year + 1, 1, 1), end__gt=date(day.year, 1, 1))
    start, end = span_for(day, today=at.date(), year_is_empty=not year.exists())
    span = SpanFile.objects.create(start=start, end=end, changed_at=at)
    partitions.make(span)
