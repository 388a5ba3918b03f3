"""Hours: open and down by the timetable, booked and used by the records, and when people want to come."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count

from sankul.programme.bookings.rules import State
from sankul.programme.bookings.rules.ease import HOUR, Usage
from sankul.programme.facilities.models import Unit
from sankul.programme.facilities.queries.hours import opened_and_down
from sankul.programme.facilities.rules.hours import Span

from .scope import Scope

STOOD = [State.CONFIRMED.value, State.IN_USE.value, State.COMPLETED.value, State.NO_SHOW.value]
BOOKED = """
WITH month (n, since, until) AS (
    SELECT * FROM unnest(%(n)s::int[], %(since)s::timestamptz[], %(until)s::timestamptz[])
),
part AS (
    SELECT b.instrument_id, i.organisation_id, month.n, b.user_id, b.relation <> 'own' AS is_external,
        extract(epoch FROM least(b.ends_at, month.until) - greatest(b.starts_at, month.since)) / 3600
            AS booked,
        CASE WHEN u.id IS NOT NULL THEN greatest(0, extract(epoch FROM
            least(coalesce(u.stopped_at, b.ends_at), month.until)
            - greatest(u.started_at, month.since)) / 3600) END AS used
    FROM bookings_booking b
    JOIN facilities_instrument i ON i.id = b.instrument_id
    JOIN month ON b.starts_at < month.until AND b.ends_at > month.since
    LEFT JOIN bookings_use u ON u.booking_id = b.id
    WHERE b.instrument_id = ANY(%(instruments)s) AND b.state = ANY(%(stood)s)
)
SELECT instrument_id, organisation_id, n, coalesce(sum(booked), 0), coalesce(sum(used), 0),
    coalesce(sum(booked) FILTER (WHERE is_external), 0), count(DISTINCT user_id)
FROM part
GROUP BY GROUPING SETS ((instrument_id), (organisation_id), (organisation_id, n), (n), ())
"""
DEMAND = """
SELECT extract(isodow FROM hour)::int - 1, extract(hour FROM hour)::int,
    sum(extract(epoch FROM least(finish, hour + interval '1 hour') - greatest(start, hour)) / 3600),
    count(DISTINCT user_id)
FROM (
    SELECT b.user_id, b.starts_at AT TIME ZONE f.timezone AS start, b.ends_at AT TIME ZONE f.timezone AS finish
    FROM bookings_booking b
    JOIN facilities_instrument i ON i.id = b.instrument_id
    JOIN facilities_facility f ON f.id = i.facility_id
    WHERE b.instrument_id = ANY(%(instruments)s) AND b.state <> 'held'
        AND b.starts_at >= %(since)s AND b.starts_at < %(until)s
) AS wanted, generate_series(date_trunc('hour', start), finish - interval '1 microsecond', '1 hour') AS hour
WHERE finish > start
GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Hours:
    """Usage by instrument, by institution, by institution and month (its number in the scope), by month, and in all."""

    instruments: dict[int, Usage]
    institutions: dict[int, Usage]
    cells: dict[tuple[int, int], Usage]
    months: dict[int, Usage]
    whole: Usage


@dataclass(frozen=True)
class Grid:
    """Hours asked for by weekday (0 is Monday) and hour of the day, of the place; and how many people asked."""

    hours: dict[tuple[int, int], float]
    people: dict[tuple[int, int], int]


Key = tuple[int | None, int | None, int | None]


def hours(scope: Scope) -> Hours:
    """Six queries, whatever the number of instruments, months and bookings."""
    times = _timetable(scope)
    booked = _booked(scope)
    keys = {*times, *booked}
    usage = {key: _usage(times.get(key, (0, 0)), booked.get(key, (0, 0, 0, 0))) for key in keys}
    return Hours(
        {one: usage.get((one, None, None), Usage()) for one in scope.ids},
        {one: usage.get((None, one, None), Usage()) for one in scope.institutions},
        {(host, n): usage.get((None, host, n), Usage())
         for host in scope.institutions for n in range(len(scope.months))},
        {n: usage.get((None, None, n), Usage()) for n in range(len(scope.months))},
        usage.get((None, None, None), Usage()),
    )  # fmt: skip


def _usage(times: tuple[float, float], stood: tuple[float, float, float, int]) -> Usage:
    return Usage(*times, *stood[:3], people=stood[3])


def demand(scope: Scope) -> Grid:
    """Hours of all bookings and requests, refused and expired ones too, as they were first wanted."""
    since, until = scope.span
    asked: dict[str, Any] = {"instruments": scope.ids, "since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(DEMAND, asked)
        rows = cursor.fetchall()
    return Grid(
        {(day, hour): float(total) for day, hour, total, _people in rows},
        {(day, hour): people for day, hour, _total, people in rows},
    )


def _booked(scope: Scope) -> dict[Key, tuple[float, float, float, int]]:
    edges = scope.edges
    asked: dict[str, Any] = {
        "n": list(range(len(scope.months))), "since": edges[:-1], "until": edges[1:],
        "instruments": scope.ids, "stood": STOOD,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(BOOKED, asked)
        return {
            (instrument, host, month): (float(booked), float(used), float(external), people)
            for instrument, host, month, booked, used, external, people in cursor.fetchall()
        }


def _timetable(scope: Scope) -> dict[Key, tuple[float, float]]:
    """Open and down hours, of all units that can be booked, under every key that they belong to."""
    found: dict[Key, list[float]] = defaultdict(lambda: [0.0, 0.0])
    active = Unit.objects.filter(instrument__in=scope.ids, is_active=True).values("instrument")
    units = dict(active.annotate(n=Count("pk")).order_by().values_list("instrument", "n"))
    opened, down = opened_and_down(scope.instruments, *scope.span)
    for one in scope.instruments:
        host = one.facility.organisation_id
        for column, spans in enumerate((opened[one.pk], down[one.pk])):
            for month, total in _by_month(spans, scope.edges).items():
                for key in _keys(one.pk, host, month):
                    found[key][column] += total * units.get(one.pk, 0)
    return {key: (times[0], times[1]) for key, times in found.items()}


def _keys(instrument: int, host: int, month: int) -> tuple[Key, ...]:
    return ((instrument, None, None), (None, host, None), (None, host, month),
            (None, None, month), (None, None, None))  # fmt: skip


def _by_month(spans: Iterable[Span], edges: Sequence[datetime]) -> dict[int, float]:
    """Hours of intervals by the month in which they lie; one that lies in two is cut."""
    found: dict[int, timedelta] = defaultdict(timedelta)
    for start, end in spans:
        since, month = start, bisect_right(edges, start) - 1
        while since < end:
            until = min(end, edges[month + 1])
            found[month] += until - since
            since, month = until, month + 1
    return {month: total / HOUR for month, total in found.items()}
