"""When instruments are open, for many at once: one query whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sankul.core.queries import prepared
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


_OF = "facility_id = ANY(%(facilities)s) AND (instrument_id IS NULL OR instrument_id = ANY(%(instruments)s))"
_SQL = f"""
SELECT 'hours', facility_id, instrument_id, NULL::bigint, weekday, opens, closes, NULL::date, NULL::date,
    NULL::timestamptz, NULL::timestamptz
FROM {Opening._meta.db_table} WHERE {_OF}
UNION ALL SELECT 'closed', facility_id, instrument_id, NULL, NULL, NULL, NULL, from_on, until_on, NULL, NULL
FROM {Closure._meta.db_table} WHERE {_OF} AND from_on <= %(until_on)s AND until_on >= %(from_on)s
UNION ALL SELECT 'down', NULL, instrument_id, unit_id, NULL, NULL, NULL, NULL, NULL, blocks_from, blocks_until
FROM {Ticket._meta.db_table} WHERE instrument_id = ANY(%(instruments)s)
    AND blocks_from < %(ends_at)s AND (blocks_until IS NULL OR blocks_until > %(starts_at)s)
UNION ALL SELECT 'training', NULL, instrument_id, NULL, NULL, NULL, NULL, NULL, NULL, starts_at, ends_at
FROM {TrainingSession._meta.db_table} WHERE instrument_id = ANY(%(instruments)s)
    AND cancelled_at IS NULL AND starts_at < %(ends_at)s AND ends_at > %(starts_at)s
"""


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
    or has no hours is never open. One query, when facilities are at hand.
    """
    return open_and_down(instruments, starts_at, ends_at)[0]


def open_and_down(
    instruments: Collection[Instrument], starts_at: datetime, ends_at: datetime
) -> tuple[dict[int, list[Span]], dict[int, list[Span]]]:
    """The answers of ``open_windows`` and ``down_units`` from the same query."""
    within = Span(starts_at, ends_at)
    table, blocks = _read(instruments, within)
    spans_of = _spans(table, _zones(instruments), within)
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
    found = _read(instruments, Span(starts_at, ends_at))[1].units
    return {unit: merged(spans) for unit, spans in found.items()}


def opened_and_down(
    instruments: Collection[Instrument], starts_at: datetime, ends_at: datetime
) -> tuple[dict[int, list[Span]], dict[int, list[Span]]]:
    """Opening hours less closures, and what of them tickets of the whole instrument and trainings take, each by id, in UTC.

    As ``open_windows``, but that an instrument withdrawn since is told as it was until then.
    """
    within = Span(starts_at, ends_at)
    table, blocks = _read(instruments, within)
    spans_of, taken = _spans(table, _zones(instruments), within), blocks.whole
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


def _read(instruments: Collection[Instrument], within: Span) -> tuple[Timetable, Blocks]:
    """All of it in one statement: every booking asks this, and four statements take the time of the rest of it.

    Days of closures are those of any zone on Earth: a day more on either side does no harm.
    """
    asked: dict[str, Any] = {
        "facilities": list({one.facility_id for one in instruments}),
        "instruments": [one.pk for one in instruments],
        "starts_at": within.starts_at,
        "ends_at": within.ends_at,
        "from_on": within.starts_at.date() - DAY,
        "until_on": within.ends_at.date() + DAY,
    }
    table = Timetable(defaultdict(list), defaultdict(list))
    blocks = Blocks(defaultdict(list), defaultdict(list))
    rows = prepared.rows(_SQL, **asked)
    for kind, facility, instrument, unit, day, opens, closes, first, last, since, until in rows:
        if kind == "hours":
            table.hours[facility, instrument or NOWHERE].append(Hours(day, opens, closes))
        elif kind == "closed":
            table.closed[facility, instrument or NOWHERE].append(Days(first, last))
        else:
            span = Span(since or within.starts_at, until or within.ends_at)
            (blocks.units[unit] if unit else blocks.whole[instrument]).append(span)
    return table, blocks
