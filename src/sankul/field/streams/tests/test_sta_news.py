"""News by MQTT (OGC 18-088, clause 14.2): who subscribes hears what was made or changed, after the commit."""

from __future__ import annotations

import os
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.db import connections
from django.utils import timezone
from paho.mqtt import publish
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from pytest_django import Settings

from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.api.sta.dispatch import UPDATES
from sankul.field.streams.cli import broker
from sankul.field.streams.cli.asked import JUST_BEFORE, MOST, Asked
from sankul.field.streams.cli.news import Publisher
from sankul.field.streams.cli.subscriber import Subscriber
from sankul.field.streams.models import DeadLetter, Observation
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.queries.sta.news import News
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch
from sankul.field.streams.rules.odata.topics import Topic, read_topic

from . import makers
from .makers import NOON
from .sta import Service, place, point, stream

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
AT = "2026-11-20T06:30:00Z"
ALL = "v1.1/Observations"


def topic(text: str) -> Topic:
    found = read_topic(text, LONG_AGO)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "text",
    [
        "v1.1/#",
        "v1.1/Things/+",
        "v1.0/Things",
        "v1.1/Nothing",
        "v1.1/Things(1)/colour",
        "v1.1/Things?$filter=name eq 'x'",
        "v1.1/Things?$select=colour",
        "v1.1/Things(1)/Locations/$ref",
        "v1.1/Things" + " " * 500,
    ],
)
def test_patterns_and_what_is_no_path_are_not_followed(text: str) -> None:
    assert read_topic(text, LONG_AGO) is None


def test_the_log_of_the_broker_tells_who_asks_for_what() -> None:
    asked, at = Asked(), timezone.now()

    def texts() -> list[str]:
        return sorted(one.text for one in asked.topics())

    asked.hear("M/subscribe", "a client 1 v1.1/Things", at)
    asked.hear("M/subscribe", "b 0 v1.1/Things", at + timedelta(seconds=1))
    asked.hear("M/subscribe", "b 2 v1.1/Observations?$select=result, phenomenonTime", at)
    asked.hear("M/subscribe", "b 2 sankul/v1/observations", at)
    assert texts() == ["v1.1/Observations?$select=result, phenomenonTime", "v1.1/Things"]
    assert [one.since for one in asked.topics() if one.text == "v1.1/Things"] == [at - JUST_BEFORE]
    asked.hear("N", "Client b closed its connection.", at)
    assert texts() == ["v1.1/Things"]
    asked.hear("N", "New client connected from 127.0.0.1:5 as b (p5, c0, k60).", at)
    asked.hear("M/unsubscribe", "a client v1.1/Things", at)
    assert len(texts()) == 2
    for number in range(MOST + 5):
        asked.hear("M/subscribe", f"c 0 v1.1/Things({number})", at)
    assert len(texts()) == MOST


@pytest.mark.django_db
def test_observations_are_found_in_whatever_order_they_come() -> None:
    of, other = makers.stream(), makers.stream()
    news = News()

    def come(*minutes: int, to: int = of.pk) -> None:
        rows = [(to, NOON + timedelta(minutes=one), float(one)) for one in minutes]
        ingest(batch=Batch.of(*rows), sender=Sender(DoorName.COMMAND), at=timezone.now())

    def found(text: str) -> list[float]:
        changes = news.look([topic(text)])
        keys = [one.key for one in changes]
        return sorted(Observation.objects.filter(pk__in=keys).values_list("value", flat=True))

    come(1, 2)
    own = f"v1.1/Datastreams({of.pk})/Observations"
    found(own)
    assert found(own) == []
    come(5, 6)
    come(7, to=other.pk)
    assert found(own) == [5, 6]
    come(3, 8)
    assert found(own) == [3, 8]
    found(ALL)
    come(4)
    come(9, to=other.pk)
    assert found(ALL) == [4, 9]
    assert found(ALL) == []


class Listener:
    """A client that subscribes, and what it heard."""

    def __init__(self, endpoint: broker.Endpoint, asked: Asked) -> None:
        self._asked = asked
        self.heard: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._granted = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = lambda _c, _u, got: self.heard.put(
            (got.topic, orjson.loads(got.payload))
        )
        self._client.on_subscribe = lambda *_: self._granted.set()
        self._client.connect(endpoint.host, endpoint.port)
        self._client.loop_start()

    def ask(self, *topics: str) -> None:
        self._granted.clear()
        self._client.subscribe([(one, 2) for one in topics])
        assert self._granted.wait(5)
        deadline = time.monotonic() + 5
        while not {*topics} <= {one.text for one in self._asked.topics()}:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def next(self, count: int = 1) -> dict[str, Any]:
        return dict(self.heard.get(timeout=5) for _ in range(count))

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def running(one: Publisher | Subscriber, ready: threading.Event) -> Iterator[None]:
    thread = threading.Thread(target=lambda: (one.run(), connections.close_all()))
    thread.start()
    try:
        assert ready.wait(10)
        yield
    finally:
        one.stop()
        thread.join(10)


@contextmanager
def told(endpoint: broker.Endpoint) -> Iterator[Listener]:
    publisher = Publisher(endpoint)
    with running(publisher, publisher.is_ready):
        listener = Listener(endpoint, publisher.asked)
        try:
            yield listener
        finally:
            listener.close()


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[broker.Endpoint]:
    if broker.program() is None and os.environ.get("CI") != "true":
        pytest.skip("mosquitto is not installed")
    with broker.news(tmp_path, free_port()) as found:
        yield found


@pytest.fixture
def listener(endpoint: broker.Endpoint, transactional_db: None) -> Iterator[Listener]:
    makers.forget_partitions()
    with told(endpoint) as found:
        yield found
    makers.forget_partitions()


def test_who_asks_hears_what_is_made_and_changed(listener: Listener, sta: Service) -> None:
    listener.ask("v1.1/Things", "v1.1/Locations?$select=name,location")
    thing = {"name": "Well", "description": "", "Locations": [place("Yard", point(73, 18))]}
    key = sta.post("Things", thing)
    heard = listener.next(2)
    assert heard["v1.1/Things"]["@iot.id"] == key
    assert heard["v1.1/Locations?$select=name,location"] == {
        "name": "Yard",
        "location": point(73, 18),
    }
    listener.ask(
        f"v1.1/Things({key})", f"v1.1/Things({key})/name", f"v1.1/Things({key})/description"
    )
    sta.send("PATCH", f"Things({key})", {"description": "Deep."})
    heard = listener.next(3)
    assert heard.keys() == {
        "v1.1/Things",
        f"v1.1/Things({key})",
        f"v1.1/Things({key})/description",
    }
    assert heard[f"v1.1/Things({key})/description"] == {"description": "Deep."}
    assert heard[f"v1.1/Things({key})"] == sta.get(f"Things({key})") | {
        "@iot.selfLink": f"http://127.0.0.1:8000/sta/v1.1/Things({key})"
    } | {
        name: link.replace("http://testserver", "http://127.0.0.1:8000")
        for name, link in sta.get(f"Things({key})").items()
        if name.endswith("navigationLink")
    }


def test_who_asks_hears_observations_as_they_come_and_are_corrected(
    listener: Listener, sta: Service
) -> None:
    own = {"Datastreams": [stream("Level")], "Locations": [place("Yard", point(73, 18))]}
    thing = sta.post("Things", {"name": "Well", "description": ""} | own)
    of = sta.get(f"Things({thing})/Datastreams")["value"][0]["@iot.id"]
    asked = f"v1.1/Datastreams({of})/Observations"
    chosen = "v1.1/Observations?$select=result,phenomenonTime"
    listener.ask(asked, chosen, f"v1.1/Datastreams({of + 1})/Observations")
    key = sta.post(f"Datastreams({of})/Observations", {"phenomenonTime": AT, "result": 4.5})
    heard = listener.next(2)
    assert (heard[asked]["@iot.id"], heard[asked]["result"]) == (key, 4.5)
    assert heard[chosen] == {"phenomenonTime": "2026-11-20T06:30:00.000Z", "result": 4.5}
    sta.send("PATCH", f"Observations({key})", {"result": 5})
    assert listener.next(2)[asked]["result"] == 5
    feature = sta.get(f"Observations({key})/FeatureOfInterest")["@iot.id"]
    deep = f"v1.1/FeaturesOfInterest({feature})/Observations"
    listener.ask(deep, f"v1.1/Observations({key})/Datastream")
    sta.post(
        f"Datastreams({of})/Observations", {"phenomenonTime": "2026-11-20T06:31:00Z", "result": 6}
    )
    assert listener.next(3)[deep]["result"] == 6
    sta.send("PATCH", f"Datastreams({of})", {"name": "Head"})
    assert listener.next()[f"v1.1/Observations({key})/Datastream"]["name"] == "Head"


def test_the_public_hears_public_things_alone(listener: Listener, settings: Settings) -> None:
    settings.STA_OPEN = False
    listener.ask("v1.1/Things", ALL)
    hidden = makers.stream(makers.thing(is_public=False, name="Hidden"))
    shown = makers.stream(makers.thing(name="Shown"))
    assert listener.next()["v1.1/Things"]["name"] == "Shown"
    rows = [(one.pk, NOON, float(one is shown)) for one in (hidden, shown)]
    ingest(batch=Batch.of(*rows), sender=Sender(DoorName.COMMAND), at=timezone.now())
    assert listener.next()[ALL]["result"] == 1
    with pytest.raises(queue.Empty):
        listener.heard.get(timeout=0.6)


def test_nobody_else_tells_news(listener: Listener, endpoint: broker.Endpoint) -> None:
    listener.ask(ALL)
    publish.single(ALL, b'{"result": 1}', 1, hostname=endpoint.host, port=endpoint.port)
    with pytest.raises(queue.Empty):
        listener.heard.get(timeout=0.5)


@pytest.mark.django_db(transaction=True)
def test_on_a_trial_server_one_broker_takes_observations_and_tells_of_them(
    tmp_path: Path, sta: Service
) -> None:
    if broker.program() is None and os.environ.get("CI") != "true":
        pytest.skip("mosquitto is not installed")
    makers.forget_partitions()
    of = makers.stream(feature=makers.feature())
    text = f"v1.1/Datastreams({of.pk})/Observations"
    with broker.running(tmp_path, free_port(), 10_000_000, is_open=True) as endpoint:
        subscriber = Subscriber(endpoint)
        with running(subscriber, subscriber.is_listening), told(endpoint) as listener:
            listener.ask(ALL, text)
            body = orjson.dumps({"phenomenonTime": AT, "result": 7})
            publish.single(text, body, 1, hostname=endpoint.host, port=endpoint.port)
            heard = [listener.heard.get(timeout=5) for _ in range(3)]  # the request itself too
    assert sorted(name for name, _ in heard) == sorted([text, text, ALL])
    assert dict(heard)[ALL]["result"] == 7
    assert Observation.objects.count() == 1
    assert DeadLetter.objects.count() == 0
    makers.forget_partitions()


def test_the_root_tells_where_news_is_told(sta: Service, settings: Settings, db: None) -> None:
    settings.MQTT_NEWS_ENDPOINT = "mqtt://field.example:1884"
    found = sta.get("")["serverSettings"]
    assert found[UPDATES] == {"endpoints": ["mqtt://field.example:1884"]}
    assert UPDATES in found["conformance"]


def test_news_has_the_port_after_that_of_devices_unless_another_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SANKUL_MQTT_NEWS_PORT", raising=False)
    monkeypatch.setenv("SANKUL_MQTT_PORT", "2883")
    assert broker.news_port() == 2884
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("SANKUL_MQTT_NEWS_PORT", str(port))
        assert broker.why_no_news() == (
            f"port {port} cannot be used (Address already in use); choose another: SANKUL_MQTT_NEWS_PORT"
        )
    monkeypatch.setenv("SANKUL_MQTT_NEWS_PORT", "news")
    with pytest.raises(broker.NoBroker, match="SANKUL_MQTT_NEWS_PORT must be a port number"):
        broker.news_port()
