"""Observations that are there already, looked up for ingestion by stream and time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from sankul.core.queries import prepared

US = "(extract(epoch FROM {0}) * 1000000)::bigint"
AT = "timestamptz 'epoch' + {0} * interval '1 microsecond'"
LOOK_BACK_DAYS = 7
"""How far the last two values before a new one are looked for."""


class Stored(NamedTuple):
    """An observation as it was received: id, value, and a result that is no number ({"result": …}, or None)."""

    id: int
    value: float
    result: Any


def stored(stream_ids: Sequence[int], time_us: Sequence[int]) -> dict[tuple[int, int], Stored]:
    """Those of these observations (stream, microseconds since 1970) that are there, as they were received."""
    if not len(stream_ids):
        return {}
    bounds = min(time_us), max(time_us)
    return {
        (stream_id, us): Stored(number, value, result and orjson.loads(result))
        for stream_id, us, number, value, result in prepared.rows(
            STORED, list(stream_ids), list(time_us), *bounds
        )
    }


STORED = f"""
SELECT k.s, k.us, o.id, coalesce(v.value, o.value), coalesce(v.result, d.result)::text
FROM unnest(%s::int[], %s::bigint[]) AS k(s, us)
JOIN streams_observation o ON o.stream_id = k.s AND o.time = {AT.format("k.us")}
    AND o.time BETWEEN {AT.format("%s")} AND {AT.format("%s")}
LEFT JOIN streams_version v ON v.stream_id = o.stream_id AND v.time = o.time AND v.number = 0
LEFT JOIN streams_detail d ON o.is_detailed AND d.observation_id = o.id
"""


class Before(NamedTuple):
    """What streams have before some times: columns sorted by (stream, time), and the flags they have."""

    stream_ids: NDArray[np.int64]
    time_us: NDArray[np.int64]
    values: NDArray[np.float64]
    flags: NDArray[np.int8]


def before(stream_ids: Sequence[int], first_us: Sequence[int], memory_s: Sequence[int]) -> Before:
    """What each stream has within ``memory_s`` before its time ``first_us``, and at least its last two values of a week."""
    found: list[tuple[Any, ...]] = []
    if len(stream_ids):
        longest_us = max(*memory_s, LOOK_BACK_DAYS * 86_400) * 1_000_000
        found = prepared.rows(
            BEFORE,
            streams=list(stream_ids),
            first=list(first_us),
            memory=list(memory_s),
            since=min(first_us) - longest_us,
            until=max(first_us),
        )
    columns = list(zip(*found, strict=True)) or [(), (), (), ()]
    return Before(
        np.array(columns[0], np.int64),
        np.array(columns[1], np.int64),
        np.array(columns[2], np.float64),
        np.array(columns[3], np.int8),
    )


_LAST = f"""
    SELECT o.time, o.value, o.flag FROM streams_observation o
    WHERE o.stream_id = k.s AND o.time < k.first AND o.time >= k.first - {{0}}
        AND o.time >= {AT.format("%(since)s")} AND o.time < {AT.format("%(until)s")}
    {{1}}"""
BEFORE = f"""
SELECT k.s, {US.format("b.time")}, b.value, b.flag
FROM (
    SELECT s, {AT.format("us")} AS first, memory
    FROM unnest(%(streams)s::int[], %(first)s::bigint[], %(memory)s::int[]) AS u(s, us, memory)
) k
CROSS JOIN LATERAL (
    {_LAST.format("k.memory * interval '1 second'", "")}
    UNION
    ({_LAST.format(f"interval '{LOOK_BACK_DAYS} days'", "ORDER BY o.time DESC LIMIT 2")})
) b
ORDER BY 1, 2
"""
