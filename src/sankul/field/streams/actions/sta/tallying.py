"""What is told of a stream, worked out anew after observations were changed or taken away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection

from sankul.field.streams.rules import SpanState

RECOUNT_DAYS = """
WITH counted AS (
    SELECT d.day, count(o.id) AS count, count(*) FILTER (WHERE o.flag IN (3, 4)) AS flagged
    FROM unnest(%(days)s::date[]) AS d(day)
    LEFT JOIN streams_observation o ON o.stream_id = %(stream)s
        AND o.time >= d.day AT TIME ZONE 'UTC' AND o.time < (d.day + 1) AT TIME ZONE 'UTC'
    GROUP BY d.day
), gone AS (
    DELETE FROM streams_daycount USING counted
    WHERE stream_id = %(stream)s AND streams_daycount.day = counted.day AND counted.count = 0
)
INSERT INTO streams_daycount (stream_id, day, count, flagged)
SELECT %(stream)s, day, count, flagged FROM counted WHERE count > 0
ON CONFLICT (stream_id, day) DO UPDATE SET count = excluded.count, flagged = excluded.flagged
"""
RECOUNT_REVIEWED = """
UPDATE streams_daycount c SET reviewed = (
    SELECT count(*) FROM (
        SELECT DISTINCT ON (v.time) v.flag, v.is_reviewed FROM streams_version v
        WHERE v.stream_id = c.stream_id AND v.time >= c.day::timestamp AT TIME ZONE 'UTC'
            AND v.time < (c.day + 1)::timestamp AT TIME ZONE 'UTC'
        ORDER BY v.time, v.number DESC
    ) last WHERE last.is_reviewed AND last.flag IN (3, 4)
)
WHERE c.stream_id = %(stream)s AND c.day = ANY(%(days)s)
"""
RECOUNT_LATEST = """
UPDATE streams_latest l SET
    count = (SELECT COALESCE(sum(count), 0) FROM streams_daycount WHERE stream_id = l.stream_id),
    time = last.time, value = last.value, flag = last.flag, observation_id = last.id,
    first_time = CASE WHEN closed.any THEN l.first_time ELSE reach.first_time END,
    until = reach.until,
    first_result_at = CASE WHEN closed.any THEN l.first_result_at ELSE reach.first_result_at END,
    last_result_at = reach.last_result_at
FROM (SELECT EXISTS (
    SELECT 1 FROM streams_daycount c JOIN streams_spanfile s ON s.start <= c.day AND s."end" > c.day
    WHERE c.stream_id = %(stream)s AND s.state <> %(open)s
) AS any) closed
LEFT JOIN LATERAL (
    SELECT time, value, flag, id FROM streams_observation WHERE stream_id = %(stream)s ORDER BY time DESC LIMIT 1
) last ON true
LEFT JOIN LATERAL (
    SELECT min(o.starts_at) AS first_time, max(COALESCE(o.ends_at, o.time)) AS until,
        min(COALESCE(o.result_at, o.ends_at, o.time)) AS first_result_at,
        max(COALESCE(o.result_at, o.ends_at, o.time)) AS last_result_at
    FROM streams_observation_whole o WHERE o.stream_id = %(stream)s
) reach ON true
WHERE l.stream_id = %(stream)s
"""


def recount(*, stream_id: int, days: Iterable[date]) -> None:
    """Count a stream's observations of these days anew, and work out its last one and its extents.

    The caller has locked the stream's ``latest``. Days that lie in files keep their counts and the beginning that they gave.
    """
    given: Any = {"stream": stream_id, "days": sorted(set(days)), "open": SpanState.OPEN.value}
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT_DAYS, given)
        cursor.execute(RECOUNT_REVIEWED, given)
        cursor.execute(RECOUNT_LATEST, given)
