"""What a watch reads: detectors whose streams have something new, or that the clock is due for."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from sankul.field.streams.rules.numbers import micros


class Due(NamedTuple):
    """A detector to be looked at: what it is, how far it had come (``seen_version`` None: it is new), what its stream has now."""

    detector_id: int
    kind: str
    parameters: str
    version: int
    changed_at: datetime
    stream_id: int
    seen_version: int | None
    state: list[float] | None
    upto: datetime | None
    seen_count: int | None
    older: list[float] | None
    older_at: datetime | None
    newer: list[float] | None
    newer_at: datetime | None
    received: int
    last: datetime | None
    arrived_at: datetime | None
    last_id: int | None

    @property
    def is_new(self) -> bool:
        """Whether it has not been looked at as it is now."""
        return self.seen_version != self.version


DUE = """
SELECT d.id, d.kind, d.parameters::text, d.version, d.changed_at, d.stream_id,
    s.version, s.state, s.upto, s.seen_count, s.older, s.older_at, s.newer, s.newer_at,
    l.count, l.time, l.arrived_at, l.observation_id
FROM alerts_detector d
JOIN streams_latest l ON l.stream_id = d.stream_id
LEFT JOIN alerts_detectorstate s ON s.detector_id = d.id
WHERE d.is_enabled AND (
    s.detector_id IS NULL OR s.version <> d.version OR s.seen_count <> l.count
    OR s.seen_arrived_at IS DISTINCT FROM l.arrived_at
    OR d.kind = 'absence' AND s.state[1] = 0
        AND s.state[2] + (d.parameters->>'after_s')::float8 * 1000000 < %s
)
ORDER BY s.upto NULLS FIRST, d.id
"""


def due(at: datetime) -> list[Due]:
    """Detectors of streams to be looked at, those that are farthest behind first."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, [micros(at)])
        return [Due(*row) for row in cursor.fetchall()]


class Group(NamedTuple):
    """A detector of many sites: how far it had come, and its streams in their order."""

    detector_id: int
    parameters: str
    version: int
    seen_version: int | None
    state: list[float] | None
    streams: list[int]


GROUPS = """
SELECT d.id, d.parameters::text, d.version, s.version, s.state,
    array(SELECT m.datastream_id FROM alerts_detector_members m WHERE m.detector_id = d.id ORDER BY 1)
FROM alerts_detector d LEFT JOIN alerts_detectorstate s ON s.detector_id = d.id
WHERE d.is_enabled AND d.kind = 'network' AND (s.state[1] = 1 OR EXISTS (
    SELECT 1 FROM alerts_detector_members m WHERE m.detector_id = d.id AND m.datastream_id = ANY(%s)))
ORDER BY d.id
"""


def groups(began: list[int]) -> list[Group]:
    """Detectors of many sites that look at one of these streams, or that the clock may end."""
    with connection.cursor() as cursor:
        cursor.execute(GROUPS, [began])
        return [Group(*row) for row in cursor.fetchall()]
