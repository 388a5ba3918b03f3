"""What a detector would have raised: tried on what a stream said, before it is set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from sankul.engines import detectors
from sankul.field.alerts.rules.detecting import checked
from sankul.field.alerts.rules.watching import Occurrence, occurrences
from sankul.field.streams.models import Datastream
from sankul.field.streams.queries.reading import read
from sankul.field.streams.rules.numbers import micros

DAYS = 30


def tried(
    stream: Datastream, kind: str, parameters: Mapping[str, Any], cool_down_s: int, at: datetime
) -> list[Occurrence]:
    """The alerts that a detector would have raised in the last 30 days; those within the cool-down of one before are one."""
    spec = checked(kind, parameters)
    rows = read([stream.pk], at - timedelta(days=DAYS), at)
    states = detectors.fresh(spec)[None].copy()
    span = detectors.Span(np.array([0]), np.array([len(rows.ids)]))
    found = detectors.advance_many(
        [spec], states, span, rows.time_us, rows.values, rows.flags, micros(at)
    )
    return _apart(occurrences(found.events), cool_down_s * 1_000_000)


def _apart(found: list[Occurrence], cool_us: int) -> list[Occurrence]:
    kept: list[Occurrence] = []
    for one in found:
        last = kept[-1] if kept else None
        if last and last.ended_us is not None and one.began_us - last.ended_us <= cool_us:
            kept[-1] = last._replace(ended_us=one.ended_us)
        else:
            kept.append(one)
    return kept
