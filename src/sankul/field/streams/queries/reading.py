"""Observations over the seam: open spans from PostgreSQL, closed ones from their files by DuckDB, each row once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, TypeVar

import duckdb
import numpy as np
from django.db import connection
from django.utils.translation import gettext as _t
from numpy.typing import NDArray

from sankul.core.queries import prepared
from sankul.core.rules.verdicts import Refused
from sankul.field.streams.rules import Flag, SpanState
from sankul.field.streams.rules.numbers import micros, moment
from sankul.field.streams.rules.rows import Rows, together

from .archive import folder
from .table import Streams, rows_between

T = TypeVar("T")
MOST_TRIES = 5
DUCK_MEMORY = "512MB"


def read(stream_ids: Streams, since: datetime, until: datetime) -> Rows:
    """Observations from ``since`` to before ``until`` of some streams, or of all (None), sorted by (stream, time)."""

    def parts(closed: list[str], is_open: bool) -> list[Rows]:
        found = [_from_files(closed, stream_ids, since, until)] if closed else []
        return found + ([rows_between(stream_ids, since, until)] if is_open else [])

    return together(_steadily(since, until, parts))


class Series(NamedTuple):
    """What streams said in steps of equal length: columns sorted by (stream, begin of the step in microseconds since 1970)."""

    stream_ids: NDArray[np.int64]
    start_us: NDArray[np.int64]
    n: NDArray[np.int64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def series(
    stream_ids: Streams,
    since: datetime,
    until: datetime,
    step: timedelta,
    *,
    offset: timedelta = timedelta(0),
) -> Series:
    """Count, mean, least and greatest value of each step from ``since`` to before ``until``.

    Steps begin at multiples of ``step`` since 1970 UTC, less ``offset`` (5 h 30 min: days begin at midnight in India). Failed and
    missing values are left out. A step over the seam is one step.
    """
    asked = _Asked(stream_ids, micros(since), micros(until), _us(step), _us(offset))

    def parts(closed: list[str], is_open: bool) -> list[NDArray[Any]]:
        found = [_steps_of_files(closed, asked)] if closed else []
        return found + ([_steps_of_table(asked, since, until)] if is_open else [])

    return _merged(_steadily(since, until, parts))


YEARS_BEFORE_1970_US = 71 * 366 * 86_400_000_000


class _Asked(NamedTuple):
    stream_ids: Streams
    since_us: int
    until_us: int
    step_us: int
    offset_us: int

    @property
    def origin_us(self) -> int:
        """The begin of a step before everything that is stored."""
        return -(YEARS_BEFORE_1970_US // self.step_us + 1) * self.step_us - self.offset_us


def _steadily(
    since: datetime, until: datetime, parts: Callable[[list[str], bool], list[T]]
) -> list[T]:
    """What ``parts`` reads, while no span moved over the seam: if one did, it is read again."""
    for _ in range(MOST_TRIES):
        before = _spans(since, until)
        closed = [path for _, state, path in before if state == SpanState.CLOSED]
        is_open = any(state == SpanState.OPEN for _, state, _ in before)
        found = parts([str(folder() / path) for path in closed], is_open)
        if _spans(since, until) == before:
            return found
    raise Refused(_t("Days are being moved to the archive. Try again in a moment."))


def _spans(since: datetime, until: datetime) -> list[tuple[Any, ...]]:
    return prepared.rows(SPANS, until.date(), since.date())


SPANS = 'SELECT start, state, path FROM streams_spanfile WHERE start <= %s AND "end" > %s ORDER BY start'


@cache
def _duck() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect(":memory:")
    made.execute(f"SET memory_limit = '{DUCK_MEMORY}'")
    made.execute("SET TimeZone = 'UTC'")
    made.execute("SET parquet_metadata_cache = true")  # a file never changes: another is written
    return made


def _asked_of_files(sql: str, values: list[Any]) -> dict[str, NDArray[Any]]:
    with _duck().cursor() as cursor:
        found: dict[str, NDArray[Any]] = cursor.execute(sql, values).fetchnumpy()
        return found


US = "epoch_us(time)"
CHOSEN = "list_contains(?::INT[], stream_id) AND "


def _where(stream_ids: Streams, since_us: int, until_us: int) -> tuple[str, list[Any]]:
    """A condition that row groups can be skipped by, and its values."""
    within = "time >= make_timestamptz(?) AND time < make_timestamptz(?)"
    if stream_ids is None:
        return within, [since_us, until_us]
    if len(stream_ids) == 1:
        return f"stream_id = ? AND {within}", [stream_ids[0], since_us, until_us]
    return f"stream_id IN (SELECT unnest(?::INT[])) AND {within}", [
        list(stream_ids), since_us, until_us,
    ]  # fmt: skip


def _from_files(closed: list[str], stream_ids: Streams, since: datetime, until: datetime) -> Rows:
    condition, values = _where(stream_ids, micros(since), micros(until))
    found = _asked_of_files(
        f"SELECT id, {US} AS us, value, stream_id, flag, is_detailed FROM read_parquet(?)"
        f" WHERE {condition} ORDER BY stream_id, time",
        [closed, *values],
    )
    return Rows(
        found["id"],
        found["us"],
        found["value"],
        found["stream_id"].astype(np.int64),
        found["flag"],
        found["is_detailed"],
    )


COUNTED = (Flag.GOOD, Flag.NOT_EVALUATED, Flag.SUSPECT)
FORM = np.dtype(
    [("stream", "i8"), ("start", "i8"), ("n", "i8"), ("sum", "f8"), ("low", "f8"), ("high", "f8")]
)


def _steps_of_files(closed: list[str], asked: _Asked) -> NDArray[Any]:
    condition, values = _where(asked.stream_ids, asked.since_us, asked.until_us)
    step, origin = asked.step_us, asked.origin_us
    start = f"(({US} - ({origin})) // {step}) * {step} + ({origin})"
    flags = ", ".join(str(int(flag)) for flag in COUNTED)
    found = _asked_of_files(
        f"SELECT stream_id AS stream, {start} AS start, count(*) AS n, sum(value) AS sum,"
        " min(value) AS low, max(value) AS high FROM read_parquet(?)"
        f" WHERE {condition} AND flag IN ({flags}) AND NOT isnan(value) GROUP BY ALL",
        [closed, *values],
    )
    made = np.empty(len(found["n"]), FORM)
    for name in FORM.names or ():
        made[name] = found[name]
    return made


def _steps_of_table(asked: _Asked, since: datetime, until: datetime) -> NDArray[Any]:
    chosen = "" if asked.stream_ids is None else "stream_id = ANY(%s) AND"
    streams = [] if asked.stream_ids is None else [list(asked.stream_ids)]
    flags = ", ".join(str(int(flag)) for flag in COUNTED)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT stream_id, (extract(epoch FROM step) * 1000000)::bigint, n, sum, low, high FROM ("
            " SELECT stream_id, date_bin(%s * interval '1 microsecond', time, %s) AS step,"
            " count(*) AS n, sum(value) AS sum, min(value) AS low, max(value) AS high"
            f" FROM streams_observation WHERE {chosen} time >= %s AND time < %s"
            f" AND flag IN ({flags}) AND value <> 'NaN' GROUP BY 1, 2) steps",
            [
                asked.step_us,
                moment(asked.origin_us),
                *streams,
                since,
                until,
            ],
        )
        return np.array(cursor.fetchall(), FORM)


def _merged(parts: Sequence[NDArray[Any]]) -> Series:
    """Steps of all parts, those of the same stream and begin made one."""
    rows = np.concatenate(parts) if parts else np.empty(0, FORM)
    rows = rows[np.lexsort((rows["start"], rows["stream"]))]
    is_first = np.ones(len(rows), bool)
    is_first[1:] = (rows["stream"][1:] != rows["stream"][:-1]) | (
        rows["start"][1:] != rows["start"][:-1]
    )
    first = np.flatnonzero(is_first)
    if not len(first):
        return Series(*(rows[name] for name in ("stream", "start", "n", "sum", "low", "high")))
    count = np.add.reduceat(rows["n"], first)
    return Series(
        rows["stream"][first],
        rows["start"][first],
        count,
        np.add.reduceat(rows["sum"], first) / count,
        np.minimum.reduceat(rows["low"], first),
        np.maximum.reduceat(rows["high"], first),
    )


def _us(length: timedelta) -> int:
    return length // timedelta(microseconds=1)
