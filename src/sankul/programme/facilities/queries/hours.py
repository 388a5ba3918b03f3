"""When instruments are open, for many at once: four queries whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import datetime
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, Q, Value

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


class Blocks(NamedTuple):
    """What tickets and trainings take, of whole instruments and of single units, by their ids."""

    whole: dict[int, list[Span]]
    units: dict[int, list[Span]]


def open_windows(
    instruments: Collection[Instrument], starts_at: datetime, ends_at: datetime
) -> dict[int, list[Span]]:
    """The open intervals of each instrument by its id, in UTC, in order and apart, clipped to the time asked for.

    Its opening hours (its own, else the facility's) in the facility's zone, minus closures, minus what tickets of the whole
    instrument block, minus trainings on it. What blocks one unit only is told by ``down_units``. An instrument that is withdrawn
    or has no hours is never open. Three queries, when facilities are at hand.
    """
    return open_and_down(instruments, starts_at, ends_at)[0]


def open_and_down(
    instruments: Collection[Instrument], starts_at: datetime, ends_at: datetime
) -> tuple[dict[int, list[Span]], dict[int, list[Span]]]:
    """The answers of ``open_windows`` and ``down_units`` from the same three queries."""
    within = Span(starts_at, ends_at)
    table, zones = _timetable(instruments, within), _zones(instruments)
    spans_of = _spans(table, zones, within)
    blocks = _blocks(instruments, within)
    found = {}
    for one in instruments:
        own = one.pk if (one.facility_id, one.pk) in table.hours else NOWHERE
        closed = one.pk if (one.facility_id, one.pk) in table.closed else NOWHERE
        spans = spans_of(one.facility_id, own, closed)
        found[one.pk] = [] if one.withdrawn_at else minus(spans, blocks.whole[one.pk])
    return found, {unit: merged(spans) for unit, spans in blocks.units.items()}


def down_units(
    instruments: Collection[Instrument], starts_at: datetime, ends_at: datetime
) -> dict[int, list[Span]]:
    """What tickets of single units block, by the id of the unit, in UTC, in order and apart: one query."""
    found = _blocks(instruments, Span(starts_at, ends_at)).units
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
    taken = _blocks(instruments, within).whole
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


def _blocks(instruments: Collection[Instrument], within: Span) -> Blocks:
    ids = [one.pk for one in instruments]
    tickets = Ticket.objects.filter(
        Q(blocks_until__isnull=True) | Q(blocks_until__gt=within.starts_at),
        instrument__in=ids,
        blocks_from__lt=within.ends_at,
    )
    trainings = TrainingSession.objects.filter(
        instrument__in=ids,
        cancelled_at__isnull=True,
        starts_at__lt=within.ends_at,
        ends_at__gt=within.starts_at,
    ).annotate(of=Value(None, BigIntegerField(null=True)))
    rows = tickets.order_by().values_list("instrument", "unit", "blocks_from", "blocks_until")
    others = trainings.order_by().values_list("instrument", "of", "starts_at", "ends_at")
    found = Blocks(defaultdict(list), defaultdict(list))
    for instrument, unit, since, until in rows.union(others, all=True):
        span = Span(since or within.starts_at, until or within.ends_at)
        (found.units[unit] if unit else found.whole[instrument]).append(span)
    return found
