"""Keeping how far detectors have come, many in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from django.db import connection

from sankul.engines.detectors import State


class Kept(NamedTuple):
    """How far a detector has come; ``older`` None leaves the states to begin again from as they are."""

    detector_id: int
    version: int
    state: State
    upto: datetime | None
    seen_count: int
    seen_arrived_at: datetime | None
    older: State | None = None
    older_at: datetime | None = None
    newer: State | None = None
    newer_at: datetime | None = None


ON = """
UPDATE alerts_detectorstate s SET state = k.state::float8[], upto = k.upto, seen_count = k.seen, seen_arrived_at = k.arrived
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::bigint[], %s::timestamptz[])
    AS k(detector, state, upto, seen, arrived)
WHERE s.detector_id = k.detector
"""
ANEW = """
INSERT INTO alerts_detectorstate AS s
    (detector_id, version, state, upto, seen_count, seen_arrived_at, older, older_at, newer, newer_at)
SELECT k.detector, k.version, k.state::float8[], k.upto, k.seen, k.arrived, k.older::float8[], k.older_at,
    k.newer::float8[], k.newer_at
FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::timestamptz[], %s::bigint[], %s::timestamptz[],
    %s::text[], %s::timestamptz[], %s::text[], %s::timestamptz[])
    AS k(detector, version, state, upto, seen, arrived, older, older_at, newer, newer_at)
ON CONFLICT (detector_id) DO UPDATE SET version = excluded.version, state = excluded.state, upto = excluded.upto,
    seen_count = excluded.seen_count, seen_arrived_at = excluded.seen_arrived_at, older = excluded.older,
    older_at = excluded.older_at, newer = excluded.newer, newer_at = excluded.newer_at
"""


def keep(rows: Sequence[Kept]) -> None:
    """Write the states of detectors."""
    on = [row for row in rows if row.older is None]
    anew = [row for row in rows if row.older is not None]
    with connection.cursor() as cursor:
        if on:
            cursor.execute(ON, [
                [row.detector_id for row in on], [_text(row.state) for row in on], [row.upto for row in on],
                [row.seen_count for row in on], [row.seen_arrived_at for row in on],
            ])  # fmt: skip
        if anew:
            cursor.execute(ANEW, [
                [row.detector_id for row in anew], [row.version for row in anew], [_text(row.state) for row in anew],
                [row.upto for row in anew], [row.seen_count for row in anew], [row.seen_arrived_at for row in anew],
                [_text(row.older) for row in anew], [row.older_at for row in anew],
                [_text(row.newer) for row in anew], [row.newer_at for row in anew],
            ])  # fmt: skip


def _text(state: State | None) -> str:
    """A state as PostgreSQL reads arrays; ``repr`` tells each number exactly."""
    return "{" + ",".join(map(repr, (np.empty(0) if state is None else state).tolist())) + "}"
