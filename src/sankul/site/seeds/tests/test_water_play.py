"""A played day of two sources: its messages are taken in as those of a probe, and its event goes its way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from sankul.field.alerts.actions import answering
from sankul.field.alerts.actions.watch import watch
from sankul.field.alerts.models import Alert
from sankul.field.alerts.tests import makers as alerts
from sankul.field.streams.actions.messages import Message, take_in
from sankul.field.streams.models import DeadLetter, Latest, Observation
from sankul.field.streams.tests import makers as streams
from sankul.field.water.models import SensorAt
from sankul.field.water.tests import makers as water
from sankul.programme.registry.tests import makers
from sankul.site.seeds.demonstration.water_live import Probe, standing
from sankul.site.seeds.demonstration.water_play import STEPS, TOPIC, Day, Event, OverMqtt, Row

pytestmark = pytest.mark.django_db
BEGAN = datetime(2026, 11, 21, 4, 0, tzinfo=timezone.get_default_timezone())


@dataclass
class Handed:
    """A way in that hands each message to the subscriber's action."""

    token: str

    def send(self, rows: Sequence[Row]) -> None:
        """One message of all."""
        told = [{"stream": one[0], "time": one[1].isoformat(), "value": one[2]} for one in rows]
        body = json.dumps({"token": self.token, "observations": told}).encode()
        take_in(messages=[Message(TOPIC, body)], at=rows[0].at)


def _sensor() -> SensorAt:
    return water.sensor(water.source(kind="tap"), "turbidity")


def _day(sensor: SensorAt) -> Day:
    _device, token = streams.device(sensor.datastream.thing)
    probe = Probe(sensor.datastream_id, sensor.source.name, "turbidity")
    event = Event(sensor.datastream_id, 14.0, time(9, 30))
    return Day([probe], event, date(2026, 11, 20), Handed(token))


def _play(day: Day, steps: range) -> None:
    for step in steps:
        day.step(step, BEGAN + timedelta(seconds=6 * step), lambda at: watch(at=at))


def test_a_played_day_is_sent_whole_with_the_moments_at_which_it_is_sent() -> None:
    sensor = _sensor()
    _play(_day(sensor), range(STEPS))
    rows = Observation.objects.filter(stream=sensor.datastream_id).order_by("time")
    assert [row.time for row in rows] == [BEGAN + timedelta(seconds=6 * n) for n in range(48)]
    assert [row.value > 5 for row in rows] == [n >= 19 for n in range(48)]
    assert not DeadLetter.objects.exists()


def test_its_event_raises_one_alert_which_goes_on_until_something_is_done() -> None:
    sensor = _sensor()
    detector = alerts.detector(sensor.datastream, parameters={"raise_at": 5.0, "clear_at": 4.0, "for_s": 1.0})  # fmt: skip
    day = _day(sensor)
    _play(day, range(19))
    assert day.alert is None
    _play(day, range(19, 24))
    found = day.alert
    assert found is not None
    assert (found.detector_id, found.began_at) == (detector.pk, BEGAN + timedelta(seconds=6 * 19))
    assert (found.worst, day.is_mended) == (14.0, False)
    who = alerts.operator(sensor.datastream.thing)
    at = BEGAN + timedelta(minutes=3)
    action = answering.act(
        actor=who, alert=found, what="Flush", owner_post="Operator", due_at=at + timedelta(hours=1), at=at,
    )  # fmt: skip
    answering.prove(
        actor=who, action=action, note="Clear again.", at=at, documents=[makers.document()]
    )
    assert day.is_mended
    _play(day, range(24, 48))
    found.refresh_from_db()
    assert found.ended_at == BEGAN + timedelta(seconds=6 * 24)
    answering.close(actor=who, alert=found, cause="real", at=BEGAN + timedelta(minutes=6))
    assert day.is_closed
    assert Alert.objects.count() == 1


def test_a_broker_that_went_away_is_named() -> None:
    way = OverMqtt(Client(CallbackAPIVersion.VERSION2), "token")
    with pytest.raises(ConnectionError, match="the broker of messages is away"):
        way.send([Row(1, BEGAN, 7.0)])


def test_what_stands_wrong_stays_so_and_a_silent_site_sends_nothing() -> None:
    sensor, other = _sensor(), _sensor()
    probes = [Probe(one.datastream_id, one.source.name, "turbidity") for one in (sensor, other)]
    alerts.alert(alerts.detector(sensor.datastream), worst=9.0)
    silent = alerts.detector(other.datastream, kind="absence", parameters={"after_s": 10_800.0})
    alerts.alert(silent, worst=20_000.0)
    other.datastream.thing.name = other.source.name
    other.datastream.thing.save()
    assert standing(probes) == {sensor.datastream_id: 9.0, other.datastream_id: None}
    day = Day(probes, Event(0, 0, time(9)), date(2026, 11, 20), Handed(""))
    rows = day.rows(3, BEGAN)
    assert [(row.stream_id, 8.7 < row.value < 9.3) for row in rows] == [
        (sensor.datastream_id, True)
    ]
    assert not Latest.objects.filter(time__isnull=False).exists()
