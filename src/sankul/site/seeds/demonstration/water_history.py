"""What the demonstration's probes said: the last thirty days every half hour, and some hours around every alert before that.

Each stream wanders around what its source has, with the hour of the day, the same on every machine; where the story has trouble
(water.toml), its values do what the trouble does. They come in by the door that all observations come in by.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import Datastream
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch
from sankul.field.streams.rules.numbers import micros

from .water_sensors import BATTERY, EVERY_S, Streams

DAYS = 30
STEP_US = EVERY_S * 1_000_000
AROUND = timedelta(hours=4)
Values = NDArray[np.float64]
Times = NDArray[np.int64]


class Usual(NamedTuple):
    """The middle, how far it wanders, how far it goes with the hour of the day, decimals."""

    middle: float
    spread: float
    daily: float
    places: int


USUAL = {
    "turbidity": Usual(0.6, 0.12, 0.08, 2),
    "ph": Usual(7.4, 0.04, 0.03, 2),
    "chlorine": Usual(0.42, 0.02, 0.05, 3),
    "conductivity": Usual(620, 9, 4, 0),
    "oxygen": Usual(6.2, 0.15, 0.6, 2),
    BATTERY: Usual(12.7, 0.02, 0.25, 2),
}


class Trouble(NamedTuple):
    """What a stream does that is not usual: from when, for how many hours, and its value at the worst; ``how`` it goes there.

    rise: up within an hour and back; stay: there all the time; drift: further every day; silent: nothing is sent.
    """

    source: str
    parameter: str
    begins_at: datetime
    hours: float
    worst: float
    how: str = "rise"


def slots(since: datetime, until: datetime) -> Times:
    """The half hours after a moment up to another, in microseconds since 1970."""
    first, last = micros(since) // STEP_US + 1, micros(until) // STEP_US
    return np.arange(first, last + 1, dtype=np.int64) * STEP_US


def usual(source: str, parameter: str, time_us: Times) -> Values:
    """What a stream says where nothing is wrong: the same for the same half hours."""
    kind = USUAL[parameter]
    seed = int.from_bytes(sha256(f"{source}|{parameter}".encode()).digest()[:8])
    shift = (seed % 1000) / 500 - 1
    wandered = _wandered(seed, time_us)
    hour = (time_us / 3_600_000_000 + 5.5) % 24
    daily = np.sin((hour - 9) / 24 * 2 * np.pi)
    middle = kind.middle * (1 + 0.06 * shift) if parameter != BATTERY else kind.middle
    if parameter == "turbidity" and source.startswith("Hema "):
        middle = 9.0
    values = middle + kind.spread * wandered + kind.daily * daily
    return np.asarray(np.maximum(np.round(values, kind.places), 0.05), np.float64)


def _wandered(seed: int, time_us: Times) -> Values:
    """A slow walk that ends nowhere: of standard deviation one, whatever stretch of it is asked for is told alike."""
    periods = np.random.default_rng(seed).uniform(5, 90, 8)
    phases = np.random.default_rng(seed + 1).uniform(0, 2 * np.pi, 8)
    hours = time_us[:, None] / 3_600_000_000
    slow = np.sin(2 * np.pi * hours / periods + phases).sum(axis=1) / 2
    noise = np.random.default_rng(
        [seed % 2**32, int(time_us[0] // STEP_US)] if len(time_us) else seed
    )
    return np.asarray(0.8 * slow + 0.6 * noise.standard_normal(len(time_us)), np.float64)


def troubled(values: Values, time_us: Times, trouble: Trouble) -> Values:
    """The values with the trouble in them; NaN where nothing is sent."""
    hours = (time_us - micros(trouble.begins_at)) / 3_600_000_000
    within = (hours >= 0) & (hours <= trouble.hours)
    if trouble.how == "silent":
        return np.where(within, np.nan, values)
    if trouble.how == "stay":
        return np.where(within, np.round(trouble.worst + 0.1 * (values - values.mean()), 3), values)
    if trouble.how == "drift":
        share = np.clip(hours / trouble.hours, 0, 1)
        return np.asarray(np.round(values + share * (trouble.worst - values[0]), 2), np.float64)
    share = np.minimum(
        1, np.minimum(hours, trouble.hours - hours) / max(0.5, trouble.hours / 6) + 0.6
    )
    return np.where(within, np.round(values + share * (trouble.worst - values), 2), values)


def fill(streams: Streams, troubles: list[Trouble], at: datetime) -> None:
    """Send it all in: first what lies further back, then the last thirty days."""
    begins = timezone.localtime(at - timedelta(days=DAYS)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    before = [one for one in troubles if one.begins_at < begins]
    _send(_long_ago(streams, before), at)
    time_us = slots(begins, at)
    _send(
        (
            (stream, time_us, _with_troubles(key, time_us, troubles))
            for key, stream in streams.items()
        ),
        at,
    )


def _long_ago(
    streams: Streams, troubles: list[Trouble]
) -> Iterator[tuple[Datastream, Times, Values]]:
    for one in troubles:
        end = one.begins_at + timedelta(hours=one.hours)
        time_us = slots(one.begins_at - AROUND, end + AROUND)
        values = usual(one.source, one.parameter, time_us)
        yield streams[one.source, one.parameter], time_us, troubled(values, time_us, one)


def _with_troubles(key: tuple[str, str], time_us: Times, troubles: list[Trouble]) -> Values:
    values = usual(*key, time_us)
    for one in troubles:
        if one.source == key[0] and (one.parameter == key[1] or one.how == "silent"):
            values = troubled(values, time_us, one)
    return values


def _send(series: Iterator[tuple[Datastream, Times, Values]], at: datetime) -> None:
    parts = [
        (np.full(len(time_us), stream.pk, np.int64)[sent], time_us[sent], values[sent])
        for stream, time_us, values in series
        for sent in (np.isfinite(values),)
    ]
    if parts:
        ids, times, values = (np.concatenate(column) for column in zip(*parts, strict=True))
        batch = Batch(ids, times, np.asarray(values, np.float64))
        ingest(batch=batch, sender=Sender(DoorName.COMMAND), at=at)
