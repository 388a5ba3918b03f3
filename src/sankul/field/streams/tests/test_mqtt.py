"""Messages of devices: what they say, and the way from a real broker into the store."""

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from paho.mqtt import publish
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from sankul.field.streams.actions import messages
from sankul.field.streams.actions.messages import Message, take_in
from sankul.field.streams.cli import broker
from sankul.field.streams.cli.subscriber import Subscriber
from sankul.field.streams.models import DeadLetter, Device, Observation
from sankul.field.streams.rules.batches import Batch
from sankul.field.streams.rules.messages import NoMessage, batch_of
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import NOON


def body(
    stream_id: int, value: object = 4.5, time: object = NOON.isoformat(), **more: object
) -> bytes:
    return json.dumps({"stream": stream_id, "time": time, "value": value} | more).encode()


def test_a_message_is_one_observation_many_or_columns() -> None:
    one, _ = batch_of(body(7, unit="NTU"))
    assert (one.stream_ids.tolist(), one.values.tolist(), one.units) == ([7], [4.5], {7: "NTU"})
    many, _ = batch_of(
        json.dumps([{"time": NOON.isoformat(), "value": k} for k in range(3)]).encode(), 7
    )
    assert (many.stream_ids.tolist(), many.values.tolist()) == ([7, 7, 7], [0, 1, 2])
    columns, token = batch_of(
        b'{"token": "t", "stream": 7, "times": [1, 2], "values": [0.5, null]}'
    )
    assert (columns.time_us.tolist(), columns.details, token) == (
        [1, 2],
        {1: {"result": None}},
        "t",
    )


@pytest.mark.django_db
def test_a_token_revoked_since_it_was_shown_writes_nothing_and_what_it_sent_is_kept() -> None:
    stream = makers.stream()
    device, token = makers.device(stream.thing)
    found = {device.pk: [(Message("sankul/v1/observations", b"{}"), Batch.of((stream.pk, NOON, 1.0)))]}  # fmt: skip
    Device.objects.filter(pk=device.pk).update(revoked_at=registry.AT)
    taken = messages._taken({device.pk: device}, found, registry.AT)
    assert (taken.new, taken.early, Observation.objects.count()) == (0, [], 0)
    assert "revoked" in DeadLetter.objects.get().reason
    assert take_in(messages=[Message("x", body(stream.pk, token=token))], at=registry.AT).new == 0


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        (b"{", ""),
        (b'{"stream": 7, "time": "2026-11-20T12:00", "value": NaN}', ""),
        (b'{"stream": 7, "time": "2026-11-20T12:00", "value": 1}', "[0].time"),
        (b'{"stream": "7", "time": 1, "value": 1}', "[0].stream"),
        (b"[1]", "[0]"),
        (b'{"stream": 7, "times": [1], "values": []}', "values"),
        (b"[" + b" " * 5_000_000 + b"]", ""),
    ],
)
def test_what_is_no_message_is_refused_with_its_place(sent: bytes, place: str) -> None:
    with pytest.raises(NoMessage) as refused:
        batch_of(sent)
    assert refused.value.place == place


@pytest.mark.django_db
def test_many_messages_are_taken_in_together_and_a_wrong_one_is_kept() -> None:
    stream = makers.stream()
    _, token = makers.device(stream.thing)
    later = "2026-11-20T06:31:00Z"
    taken = take_in(
        messages=[
            Message("sankul/v1/observations", body(stream.pk), token),
            Message("sankul/v1/observations", body(stream.pk, 5.5, later, token=token)),
            Message(
                "sankul/v1/observations", body(stream.pk, 6.5, "2026-11-20T06:32:00Z"), "wrong"
            ),
            Message("sankul/v1/observations", b"\xff\x00", token),
        ],
        at=registry.AT,
    )
    assert (taken.new, taken.early) == (2, [])
    assert list(Observation.objects.order_by("time").values_list("value", flat=True)) == [4.5, 5.5]
    letters = DeadLetter.objects.order_by("pk")
    assert [one.place for one in letters] == [
        "sankul/v1/observations token",
        "sankul/v1/observations",
    ]
    assert letters[0].reason == "There is no device with this token."
    assert letters[1].payload == {"text": "\N{REPLACEMENT CHARACTER}" * 2}


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["value", "unit"])
def test_a_message_that_cannot_be_stored_keeps_no_other_from_landing(key: str) -> None:
    stream = makers.stream()
    _, token = makers.device(stream.thing)
    told = {"stream": stream.pk, "time": "2026-11-20T06:32:00Z", "value": 1.5}
    poison = json.dumps(told | {key: "a\0b"}).encode()
    later = "2026-11-20T06:31:00Z"
    bodies = [body(stream.pk), poison, body(stream.pk, 5.5, later)]
    messages = [Message("sankul/v1/observations", one, token) for one in bodies]
    assert take_in(messages=messages, at=registry.AT).new == 2
    letter = DeadLetter.objects.get()
    assert letter.payload == {"text": poison.decode()}
    assert "NUL in a text" in letter.reason


@pytest.mark.django_db
def test_messages_that_come_too_fast_are_early_and_not_lost() -> None:
    stream = makers.stream()
    _, token = makers.device(stream.thing, per_minute=1)
    first = Message("t", body(stream.pk), token)
    second = Message("t", body(stream.pk, 5.5, "2026-11-20T06:31:00Z"), token)
    assert take_in(messages=[first], at=registry.AT).new == 1
    taken = take_in(messages=[second], at=registry.AT)
    assert (taken.new, taken.early) == (0, [second])
    assert take_in(messages=[second], at=taken.at).new == 1


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[broker.Endpoint]:
    if broker.program() is None and os.environ.get("CI") != "true":
        pytest.skip("mosquitto is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with broker.running(tmp_path, port, 10_000_000) as found:
        yield found


def send(endpoint: broker.Endpoint, *bodies: bytes) -> None:
    said = [("sankul/v1/observations", one, 1, False) for one in bodies]
    publish.multiple(said, hostname=endpoint.host, port=endpoint.port)


@pytest.mark.django_db(transaction=True)
def test_messages_go_through_a_broker_and_wait_for_a_subscriber_that_is_away(
    endpoint: broker.Endpoint,
) -> None:
    makers.forget_partitions()
    stream = makers.stream()
    _, token = makers.device(stream.thing)

    def sent(*minutes: int) -> None:
        told = [f"2026-11-20T06:{minute:02}:00Z" for minute in minutes]
        send(endpoint, *(body(stream.pk, 1.5, at, token=token) for at in told))

    def listening(expected: int) -> None:
        subscriber = Subscriber(endpoint)
        thread = threading.Thread(target=lambda: (subscriber.run(), connections.close_all()))
        thread.start()
        assert subscriber.is_listening.wait(10)
        deadline = time.monotonic() + 20
        if not expected:
            sent(0, 1, 1)
        while Observation.objects.count() < (expected or 2) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)  # what is in the store is acknowledged before it stops
        subscriber.stop()
        thread.join(20)

    listening(0)
    sent(2, 3)
    assert list(DeadLetter.objects.values_list("reason", flat=True)) == []
    assert Observation.objects.count() == 2
    listening(4)
    assert Observation.objects.count() == 4
    makers.forget_partitions()


def test_devices_may_not_read_what_others_send(endpoint: broker.Endpoint) -> None:
    heard = []
    client = Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda *got: heard.append(got)
    client.connect(endpoint.host, endpoint.port)
    client.subscribe("sankul/v1/#", qos=1)
    client.loop_start()
    time.sleep(0.3)
    send(endpoint, b"{}")
    time.sleep(0.5)
    client.disconnect()
    client.loop_stop()
    assert heard == []
