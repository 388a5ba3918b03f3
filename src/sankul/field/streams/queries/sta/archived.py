"""Observations of closed days: brought back from their files for one answer, so that a client sees no seam.

While an answer is read, a temporary view of the same name stands before the view of observations. It holds what the question can
need: the days that its path and filter name, or those from which a page without a filter is filled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Sum
from numpy.typing import NDArray

from sankul.core.rules.roles import Actor
from sankul.field.streams.models import DayCount, SpanFile
from sankul.field.streams.models.entities import within
from sankul.field.streams.queries.reading import read
from sankul.field.streams.rules import SpanState
from sankul.field.streams.rules.numbers import day_of_id, midnight
from sankul.field.streams.rules.odata import (
    Call,
    Expression,
    Literal,
    Logic,
    Operation,
    Options,
    Path,
    Period,
    Resource,
    Unreadable,
)
from sankul.field.streams.rules.rows import Rows

MOST_ROWS = 500_000
FIRST, LAST = midnight(date(1900, 1, 1)), midnight(date(2106, 1, 1))
PHENOMENON = Path(("phenomenonTime",))
IN_TIME = (PHENOMENON, Path(("id",)), Path(("@iot.id",)))
"""What puts observations in the order of their days."""
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Needed:
    """Which days of which streams (None: all) an answer needs, from ``since`` to before ``until``."""

    since: datetime
    until: datetime
    stream_ids: Sequence[int] | None = None

    def meets(self, start: date, end: date) -> bool:
        """Whether days from ``start`` to before ``end`` are among them."""
        return start <= self.until.date() and end > self.since.date()


@dataclass(frozen=True)
class Hand:
    """What is at hand while an answer is read.

    ``since`` is the day from which on observations are told, where the question names no days and closed ones are left out;
    ``needed`` the days from which a page is filled, so that no other partition is planned for.
    """

    since: date | None = None
    needed: Needed | None = None


@contextmanager
def at_hand(resource: Resource, options: Options, actor: Actor) -> Iterator[Hand]:
    """While the body runs, observations of closed days that an answer needs are read as others are.

    Closed days are left out of what stands inside other entities, and of filters without a time. Raises Unreadable where too many
    would have to be brought.
    """
    if not _asks_for_observations(resource, options):
        yield Hand()
        return
    closed = _closed()
    if not closed and _streams(resource) is None:
        yield Hand()
        return
    needed = _needed(resource, options, actor)
    if needed is None:
        yield Hand(since=max((end for _, end in closed), default=None))
        return
    if not any(needed.meets(start, end) for start, end in closed):
        yield Hand(needed=needed)
        return
    with transaction.atomic():
        _bring(needed)
        yield Hand(needed=needed)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE pg_temp.streams_observation_asked CASCADE")


def _closed() -> list[tuple[date, date]]:
    return list(SpanFile.objects.filter(state=SpanState.CLOSED).values_list("start", "end"))


def _asks_for_observations(resource: Resource, options: Options) -> bool:
    if any(step.entity.name == "Observation" for step in resource.steps):
        return True
    return any("Observations" in text for text in options.given.values())


def _needed(resource: Resource, options: Options, actor: Actor) -> Needed | None:
    """The days that a question names by its path, its filter or its page; None if it names none."""
    for step in resource.steps:
        if step.entity.name == "Observation" and step.id is not None:
            day = day_of_id(step.id)
            return Needed(midnight(day), midnight(day) + A_DAY) if day else None
    if resource.last.entity.name != "Observation":
        return None
    streams = _streams(resource)
    since, until = _range(options.filter)
    if since is not None or until is not None:
        return Needed(since or FIRST, until or LAST, streams)
    if options.filter is None:
        return _page(options, streams, actor)
    return Needed(FIRST, LAST, streams) if streams else None


def _streams(resource: Resource) -> list[int] | None:
    before = resource.steps[-2] if len(resource.steps) > 1 else None
    if before is None or before.entity.name != "Datastream" or before.id is None:
        return None
    return [before.id] if before.id < 2**31 else []


def _range(filter_: Expression | None) -> tuple[datetime | None, datetime | None]:
    """Between which times every observation lies that a filter keeps, as far as its conditions joined by “and” say."""
    conditions = (
        filter_.operands if isinstance(filter_, Logic) and filter_.operator == "and" else (filter_,)
    )
    since: list[datetime] = []
    until: list[datetime] = []
    for one in conditions:
        match one:
            case Operation(operator, left, Literal(datetime() | Period() as value)) if (
                left == PHENOMENON
            ):
                _narrow(operator, value, since, until)
            case Operation(operator, Literal(datetime() | Period() as value), right) if (
                right == PHENOMENON
            ):
                flipped = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le"}.get(operator, operator)
                _narrow(flipped, value, since, until)
            case Call("during", (path, Literal(Period() as value))) if path == PHENOMENON:
                _narrow("eq", value, since, until)
            case _:
                pass
    return max(since, default=None), min(until, default=None)


def _narrow(
    operator: str, value: datetime | Period, since: list[datetime], until: list[datetime]
) -> None:
    start, end = value if isinstance(value, Period) else (value, value)
    if operator in ("gt", "ge", "eq"):
        since.append(start)
    if operator in ("lt", "le", "eq"):
        until.append(end + timedelta(milliseconds=2))


def _page(options: Options, streams: list[int] | None, actor: Actor) -> Needed | None:
    """The days from whose observations a page without a filter is filled, if it is in the order of time."""
    orders = options.orderby
    if len(orders) > 1 or (orders and orders[0].expression not in IN_TIME):
        return None
    is_descending = bool(orders) and orders[0].is_descending
    days = DayCount.objects.filter(within(actor, "stream__thing__"))
    if streams is not None:
        days = days.filter(stream__in=streams)
    counted = (
        days.values("day").annotate(rows=Sum("count")).order_by("-day" if is_descending else "day")
    )
    return _filled(
        counted.values_list("day", "rows").iterator(), options.skip + options.page + 1, streams
    )


def _filled(
    counted: Iterator[tuple[date, int]], wanted: int, streams: list[int] | None
) -> Needed | None:
    taken: list[date] = []
    for day, rows in counted:
        taken.append(day)
        wanted -= rows
        if wanted <= 0:
            break
    if not taken:
        return None
    return Needed(midnight(min(taken)), midnight(max(taken)) + A_DAY, streams)


TABLE = """
CREATE TEMP TABLE streams_observation_asked (
    id bigint, time timestamptz, value float8, stream_id integer, flag smallint, is_detailed boolean
) ON COMMIT DROP
"""
FILL = """
INSERT INTO pg_temp.streams_observation_asked
SELECT id, timestamptz 'epoch' + us * interval '1 microsecond', value, stream_id, flag, is_detailed
FROM unnest(%s::bigint[], %s::bigint[], %s::float8[], %s::int[], %s::smallint[], %s::boolean[])
    AS r(id, us, value, stream_id, flag, is_detailed)
"""
VIEW = """
SELECT replace(
    pg_get_viewdef('public.streams_observation_whole'::regclass),
    'streams_observation o', 'pg_temp.streams_observation_asked o'
)
"""


def _bring(needed: Needed) -> None:
    _bound(needed)
    rows = read(needed.stream_ids, needed.since, needed.until)
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        cursor.execute(FILL, [column.tolist() for column in _columns(rows)])
        cursor.execute("ANALYZE pg_temp.streams_observation_asked")
        cursor.execute(VIEW)
        cursor.execute(f"CREATE TEMP VIEW streams_observation_whole AS {cursor.fetchone()[0]}")


def _columns(rows: Rows) -> Sequence[NDArray[Any]]:
    return rows.ids, rows.time_us, rows.values, rows.stream_ids, rows.flags, rows.is_detailed


def _bound(needed: Needed) -> None:
    days = DayCount.objects.filter(day__gte=needed.since.date(), day__lte=needed.until.date())
    if needed.stream_ids is not None:
        days = days.filter(stream__in=needed.stream_ids)
    if (days.aggregate(rows=Sum("count"))["rows"] or 0) > MOST_ROWS:
        told = f"a phenomenonTime that leaves at most {MOST_ROWS} observations of closed days"
        raise Unreadable("$filter", told)
