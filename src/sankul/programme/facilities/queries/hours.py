"""When instruments are open, for many at once: four queries whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import datetime
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from sankul.programme.facilities.models import (
    Closure,
    Facility,
    Instrument,
    Opening,
    Ticket,
    TrainingSession,
)
from sankul.programme.facilities.rules.hours import (
    DAY,
    Days,
    Hours,
    Span,
    clipped,
    merged,
    minus,
    open_spans,
)

NOWHERE = 0
"""Stands for an instrument where hours or closures are those of the whole facility."""


class Timetable(NamedTuple):
    """Hours and closures as rows, by facility and instrument (``NOWHERE``: of the whole facility)."""

    hours: dict[tuple[int, int], list[Hours]]
    closed: dict[tuple[int, int], list[Days]]


def open_windows(
    instruments: Collection[Instrument], starts_at: datetime, ends_at: datetime
) -> dict[int, list[Span]]:
    """The open intervals of each instrument by its id, in UTC, in order and apart, clipped to the time asked for.

    Its opening hours (its own, else the facility's) in the facility's zone, minus closures, minus what tickets of the whole
    instrument block, minus trainings on it. What blocks one unit only is told by ``down_units``. An instrument that is withdrawn
    or has no hours is never open. Four queries, when facilities are at hand.
    """
    within = Span(starts_at, ends_at)
    table, zones = _timetable(instruments, within), _zones(instruments)
    spans_of = _spans(table, zones, within)
    taken = _taken(instruments, within)
    found = {}
    for one in instruments:
        own = one.pk if (one.facility_id, one.pk) in table.hours else NOWHERE
        closed = one.pk if (one.facility_id, one.pk) in table.closed else NOWHERE
        spans = spans_of(one.facility_id, own, closed)
        found[one.pk] = [] if one.withdrawn_at else minus(spans, taken[one.pk])
    return found


def down_units(
    instruments: Collection[Instrument], starts_at: datetime, ends_at: datetime
) -> dict[int, list[Span]]:
    """What tickets of single units block, by the id of the unit, in UTC, in order and apart: one query."""
    found: dict[int, list[Span]] = defaultdict(list)
    rows = _blocking(instruments, Span(starts_at, ends_at)).filter(unit__isnull=False)
    for row in rows:
        found[row.unit_id or NOWHERE].append(_blocked(row, ends_at))
    return {unit: merged(spans) for unit, spans in found.items()}


def opened_and_down(
    instruments: Collection[Instrument], starts_at: datetime, ends_at: datetime
) -> tuple[dict[int, list[Span]], dict[int, list[Span]]]:
    """Opening hours less closures, and what of them tickets of the whole instrument and trainings take, each by id, in UTC.

    As ``open_windows``, but that an instrument withdrawn since is told as it was until then.
    """
    within = Span(starts_at, ends_at)
    table, zones = _timetable(instruments, within), _zones(instruments)
    spans_of = _spans(table, zones, within)
    taken = _taken(instruments, within)
    opened, down = {}, {}
    for one in instruments:
        own = one.pk if (one.facility_id, one.pk) in table.hours else NOWHERE
        closed = one.pk if (one.facility_id, one.pk) in table.closed else NOWHERE
        until = Span(starts_at, min(one.withdrawn_at or ends_at, ends_at))
        opened[one.pk] = clipped(spans_of(one.facility_id, own, closed), until)
        down[one.pk] = minus(opened[one.pk], minus(opened[one.pk], taken[one.pk]))
    return opened, down


def zone_of(facility: Facility) -> ZoneInfo:
    """The time zone of a facility."""
    return ZoneInfo(facility.timezone)


def _spans(
    table: Timetable, zones: dict[int, ZoneInfo], within: Span
) -> Callable[[int, int, int], list[Span]]:
    @cache
    def spans(facility: int, own: int, closed: int) -> list[Span]:
        hours = table.hours.get((facility, own), [])
        days = table.closed.get((facility, NOWHERE), [])
        if closed:
            days = days + table.closed[facility, closed]
        return open_spans(hours, days, zones[facility], within)

    return spans


def _zones(instruments: Collection[Instrument]) -> dict[int, ZoneInfo]:
    return {one.facility_id: zone_of(one.facility) for one in instruments}


def _timetable(instruments: Collection[Instrument], within: Span) -> Timetable:
    """Days of closures are those of any zone on Earth: a day more on either side does no harm."""
    of = Q(facility__in={one.facility_id for one in instruments})
    of &= Q(instrument__isnull=True) | Q(instrument__in=[one.pk for one in instruments])
    table = Timetable(defaultdict(list), defaultdict(list))
    columns = ("facility", "instrument", "weekday", "opens", "closes")
    for facility, instrument, *row in Opening.objects.filter(of).values_list(*columns):
        table.hours[facility, instrument or NOWHERE].append(Hours(*row))
    rows = Closure.objects.filter(
        of,
        from_on__lte=within.ends_at.date() + DAY,
        until_on__gte=within.starts_at.date() - DAY,
    )
    of_days = ("facility", "instrument", "from_on", "until_on")
    for facility, instrument, *days in rows.values_list(*of_days):
        table.closed[facility, instrument or NOWHERE].append(Days(*days))
    return table


def _taken(instruments: Collection[Instrument], within: Span) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    tickets = _blocking(instruments, within).filter(unit__isnull=True)
    for row in tickets:
        found[row.instrument_id].append(_blocked(row, within.ends_at))
    trainings = TrainingSession.objects.filter(
        instrument__in=[one.pk for one in instruments],
        cancelled_at__isnull=True,
        starts_at__lt=within.ends_at,
        ends_at__gt=within.starts_at,
    )
    for pk, since, until in trainings.values_list("instrument", "starts_at", "ends_at"):
        found[pk].append(Span(since, until))
    return found


def _blocked(row: Ticket, ends_at: datetime) -> Span:
    return Span(row.blocks_from or ends_at, row.blocks_until or ends_at)


def _blocking(instruments: Collection[Instrument], within: Span) -> QuerySet[Ticket]:
    return Ticket.objects.filter(
        Q(blocks_until__isnull=True) | Q(blocks_until__gt=within.starts_at),
        instrument__in=[one.pk for one in instruments],
        blocks_from__lt=within.ends_at,
    )
