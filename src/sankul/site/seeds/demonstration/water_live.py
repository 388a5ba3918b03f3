"""What the demonstration's probes say now: they go on while the site runs; a trouble lasts until something was done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from sankul.field.alerts.models import Alert
from sankul.field.alerts.rules import AlertState, DetectorKind
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import Datastream
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch

from .water_history import DAYS, Times, Values, slots, usual
from .water_sensors import BATTERY, METERS


class Probe(NamedTuple):
    """A stream with the name of its source, what is measured, and when it was heard last."""

    stream_id: int
    source: str
    parameter: str
    heard_at: datetime | None = None


Standing = Mapping[int, float | None]
"""What streams say whose trouble stands, by stream: a value, or None where nothing is sent."""
CODES = {meter.name: code for code, meter in METERS.items()}


def probes(deployment: str) -> list[Probe]:
    """The probes of a deployment, by the title it has."""
    rows = Datastream.objects.filter(thing__deployment__title=deployment)
    told = rows.select_related("thing", "observed_property", "latest").order_by("pk")
    return [
        Probe(row.pk, row.thing.name, CODES[row.observed_property.name], row.latest.time)
        for row in told
        if row.observed_property.name in CODES
    ]


def standing(found: Sequence[Probe]) -> dict[int, float | None]:
    """What stands wrong with these probes: alerts that are not over and of which no action is done yet."""
    rows = Alert.objects.filter(stream__in=[one.stream_id for one in found], ended_at=None)
    rows = rows.exclude(state=AlertState.CLOSED).exclude(actions__done_at__isnull=False)
    told: dict[int, float | None] = {}
    for row in rows.select_related("detector", "stream__thing"):
        if row.detector.kind == DetectorKind.ABSENCE and row.stream:
            silent = row.stream.thing.name
            told |= {one.stream_id: None for one in found if one.source == silent}
        elif row.stream_id and row.worst is not None:
            told.setdefault(row.stream_id, row.worst)
    return told


def values(one: Probe, time_us: Times, standing: Standing) -> Values:
    """What a probe says at these times; NaN where nothing is sent."""
    said = usual(one.source, one.parameter, time_us)
    if one.stream_id not in standing:
        return said
    level = standing[one.stream_id]
    if level is None:
        return np.full(len(time_us), np.nan)
    back = 0.03 if one.parameter != BATTERY else 0.003
    wave = (1 + np.sin(time_us / 1_800_000_000 * 1.3)) / 2
    share = (
        1 - back * wave if one.parameter == "turbidity" else 1 + back * wave
    )  # never worse than it was
    return np.asarray(np.round(level * share, 3), np.float64)


def go_on(deployment: str, at: datetime) -> int:
    """Send what the probes would have sent since they were heard last, up to thirty days; how many values were new."""
    found = probes(deployment)
    wrong = standing(found)
    parts = []
    for one in found:
        since = max(one.heard_at or at - timedelta(days=DAYS), at - timedelta(days=DAYS))
        time_us = slots(since, at)
        if len(time_us):
            said = values(one, time_us, wrong)
            sent = np.isfinite(said)
            ids = np.full(len(time_us), one.stream_id, np.int64)
            parts.append((ids[sent], time_us[sent], said[sent]))
    if not parts:
        return 0
    ids, times, numbers = (np.concatenate(column) for column in zip(*parts, strict=True))
    batch = Batch(ids, times, np.asarray(numbers, np.float64))
    return ingest(batch=batch, sender=Sender(DoorName.COMMAND), at=at).new
