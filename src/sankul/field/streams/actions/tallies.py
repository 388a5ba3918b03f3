"""What is told of a stream without reading it: its last observation, its count and extents, its counts of each day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sankul.core.queries import prepared
from sankul.field.streams.queries.existing import AT
from sankul.field.streams.rules import Flag
from sankul.field.streams.rules.batches import Ints, starts_of
from sankul.field.streams.rules.numbers import DAY_US
from sankul.field.streams.rules.rows import NAMES, Rows


def add(
    *, rows: Rows, until_us: Ints, result_us: Ints, at: datetime, with_rows: bool = False
) -> None:
    """Add new observations, sorted by (stream, time), to what is told of their streams, whose ``latest`` the caller has locked.

    ``until_us`` is where each observation's time ends, ``result_us`` its resultTime. ``with_rows`` writes the observations
    themselves in the same statement.
    """
    if not len(rows.ids):
        return
    told = *_of_streams(rows, until_us, result_us), *_of_days(rows)
    landed = [column.tolist() for column in rows] if with_rows else []
    statement = LANDED if with_rows else TOLD
    prepared.rows(statement, *landed, at, *(column.tolist() for column in told))


def _of_streams(rows: Rows, until_us: Ints, result_us: Ints) -> tuple[NDArray[Any], ...]:
    starts = starts_of(rows.stream_ids)
    first, last = starts[:-1], starts[1:] - 1
    return (
        rows.stream_ids[first],
        np.diff(starts),
        rows.time_us[first],
        rows.time_us[last],
        rows.values[last],
        rows.flags[last],
        rows.ids[last],
        np.maximum.reduceat(until_us, first),
        np.minimum.reduceat(result_us, first),
        np.maximum.reduceat(result_us, first),
    )


def _of_days(rows: Rows) -> tuple[NDArray[Any], ...]:
    days = rows.time_us // DAY_US
    starts = starts_of((rows.stream_ids << 20) + days)  # a day is far below 2²⁰
    first = starts[:-1]
    flagged = ((rows.flags == Flag.SUSPECT) | (rows.flags == Flag.FAIL)).astype(np.int64)
    return (
        rows.stream_ids[first],
        days[first],
        np.diff(starts),
        np.add.reduceat(flagged, first),
    )


LATEST = f"""
UPDATE streams_latest l SET
    count = l.count + k.n,
    first_time = least(l.first_time, {AT.format("k.first")}),
    until = greatest(l.until, {AT.format("k.until")}),
    first_result_at = least(l.first_result_at, {AT.format("k.first_result")}),
    last_result_at = greatest(l.last_result_at, {AT.format("k.last_result")}),
    arrived_at = %s,
    time = CASE WHEN k.is_last THEN {AT.format("k.last")} ELSE l.time END,
    value = CASE WHEN k.is_last THEN k.value ELSE l.value END,
    flag = CASE WHEN k.is_last THEN k.flag ELSE l.flag END,
    observation_id = CASE WHEN k.is_last THEN k.id ELSE l.observation_id END
FROM (
    SELECT u.*, o.time IS NULL OR {AT.format("u.last")} > o.time AS is_last
    FROM unnest(
        %s::int[], %s::int[], %s::bigint[], %s::bigint[], %s::float8[], %s::smallint[], %s::bigint[],
        %s::bigint[], %s::bigint[], %s::bigint[]
    ) AS u(stream, n, first, last, value, flag, id, until, first_result, last_result)
    JOIN streams_latest o ON o.stream_id = u.stream
) k
WHERE l.stream_id = k.stream
"""
DAYS = """
INSERT INTO streams_daycount AS c (stream_id, day, count, flagged)
SELECT s, date '1970-01-01' + d, n, f FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[]) AS k(s, d, n, f)
ON CONFLICT (stream_id, day) DO UPDATE SET count = c.count + excluded.count, flagged = c.flagged + excluded.flagged
"""
TOLD = f"WITH told AS ({LATEST}) {DAYS}"
LANDED = f"""
WITH landed AS (
    INSERT INTO streams_observation ({NAMES})
    SELECT id, {AT.format("us")}, value, stream, flag, is_detailed
    FROM unnest(%s::bigint[], %s::bigint[], %s::float8[], %s::int[], %s::smallint[], %s::boolean[])
        AS k(id, us, value, stream, flag, is_detailed)
), told AS ({LATEST}) {DAYS}
"""
