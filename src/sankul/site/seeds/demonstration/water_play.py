"""A day of the demonstration's probes, played in minutes through the doors that real probes use.

A played day is forty-eight half hours, one every few seconds. Only the hour that the water follows is squeezed: what is sent has
the moment at which it is sent, so that whatever is told of an alert, and how soon people noticed and acted, is so by the clock.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import NamedTuple, Protocol

import numpy as np
from django.utils import timezone
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from sankul.field.alerts.models import Action, Alert
from sankul.field.alerts.rules import AlertState
from sankul.field.streams.rules.numbers import micros

from .water_live import Probe, standing, values

STEPS = 48
HALF_HOUR = timedelta(minutes=30)
TOPIC = "sankul/v1/observations"
TIMEOUT_S = 20


class Row(NamedTuple):
    """A value of a stream at a moment."""

    stream_id: int
    at: datetime
    value: float


class Way(Protocol):
    """A way in for observations."""

    def send(self, rows: Sequence[Row]) -> None:
        """Hand them over; when this returns they were taken in, or a broker has them."""


@dataclass(frozen=True)
class OverHttp:
    """The SensorThings API at an address, with a device's token: one data array a time (OGC 18-088, clause 12)."""

    address: str
    token: str

    def send(self, rows: Sequence[Row]) -> None:
        """Post them. Raises OSError where the site does not answer, or refuses."""
        body = [
            {
                "Datastream": {"@iot.id": row.stream_id},
                "components": ["phenomenonTime", "result"],
                "dataArray": [[row.at.isoformat(), row.value]],
            }
            for row in rows
        ]
        asked = urllib.request.Request(  # noqa: S310  the site's own address
            f"{self.address}/sta/v1.1/CreateObservations",
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"},
        )
        with urllib.request.urlopen(asked, timeout=TIMEOUT_S) as answer:  # noqa: S310
            refused = [one for one in json.load(answer) if str(one).startswith("error")]
        if refused:
            raise OSError(f"{len(refused)} of {len(rows)} values were refused, as {refused[0]!r}")


@dataclass(frozen=True)
class OverMqtt:
    """A broker, to which a message goes for each probe."""

    client: Client
    token: str

    def send(self, rows: Sequence[Row]) -> None:
        """Publish them and wait until the broker has them (QoS 1). Raises OSError where it is away or does not say so."""
        told = [
            {"stream": row.stream_id, "time": row.at.isoformat(), "value": row.value}
            for row in rows
        ]
        body = json.dumps({"token": self.token, "observations": told})
        sent = self.client.publish(TOPIC, body, qos=1)
        try:
            sent.wait_for_publish(TIMEOUT_S)
        except RuntimeError as error:
            raise ConnectionError("the broker of messages is away") from error
        if not sent.is_published():
            raise TimeoutError("the broker of messages does not answer")


@contextmanager
def over_mqtt(host: str, port: int, token: str) -> Iterator[OverMqtt]:
    """A connection to a broker for as long as the body runs. Raises OSError where there is none."""
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.connect(host, port)
    client.loop_start()
    try:
        yield OverMqtt(client, token)
    finally:
        client.disconnect()
        client.loop_stop()


@dataclass(frozen=True)
class Event:
    """What goes wrong on the played day: at which stream, how far, and at what time of the day it begins."""

    stream_id: int
    worst: float
    begins: time

    @property
    def step(self) -> int:
        """The half hour of the day in which it begins."""
        return self.begins.hour * 2 + self.begins.minute // 30


@dataclass
class Day:
    """A played day: whose probes send, what goes wrong, and of which day the water follows the hours."""

    probes: Sequence[Probe]
    event: Event
    follows: date
    way: Way
    began_at: datetime | None = None
    said: list[str] = field(default_factory=list)

    def clock(self, step: int) -> datetime:
        """The played time of a half hour, on the day that the water follows."""
        return timezone.make_aware(datetime.combine(self.follows, time())) + HALF_HOUR * step

    def rows(self, step: int, at: datetime) -> list[Row]:
        """What is sent at a moment for a half hour of the played day."""
        time_us = np.array([micros(self.clock(step))], np.int64)
        wrong = standing(self.probes)
        told = []
        for one in self.probes:
            said = float(values(one, time_us, wrong)[0])
            if one.stream_id == self.event.stream_id and self._is_wrong(step):
                said = round(self.event.worst * (0.7 if step == self.event.step else 1.0), 2)
            if isfinite(said):
                told.append(Row(one.stream_id, at, said))
        return told

    def _is_wrong(self, step: int) -> bool:
        return step >= self.event.step and not self.is_mended

    @property
    def alert(self) -> Alert | None:
        """The alert that the event raised, once it did."""
        rows = Alert.objects.filter(stream=self.event.stream_id)
        if self.began_at is not None:
            rows = rows.filter(began_at__gte=self.began_at)
        return rows.order_by("-pk").first()

    @property
    def is_mended(self) -> bool:
        """Whether somebody showed that something was done about it."""
        return Action.objects.filter(alert=self.alert, done_at__isnull=False).exists()

    @property
    def is_closed(self) -> bool:
        """Whether the alert went all its way."""
        found = self.alert
        return found is not None and found.state == AlertState.CLOSED

    def step(self, step: int, at: datetime, watch: Callable[[datetime], object]) -> None:
        """Send a half hour, and have it watched."""
        if step == self.event.step:
            self.began_at = at
        self.way.send(self.rows(step, at))
        watch(at)
