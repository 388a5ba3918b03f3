"""The subscriber: messages of QoS 1 are acknowledged once they are committed, and not before."""

from __future__ import annotations

import queue
import re
import signal
import threading
import time
from contextlib import suppress
from datetime import timedelta
from typing import Any, NamedTuple

import structlog
from django.db import Error, close_old_connections, connection
from django.utils import timezone
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from sankul.field.streams.actions.messages import Message, Taken, take_in
from sankul.field.streams.api.sta import mqtt

from .broker import Endpoint
from .news import MARK, Publisher

TOPICS = "sankul/v1/#"
STREAM = re.compile(r"^sankul/v1/streams/(\d{1,9})/observations$")
CLIENT_ID = "sankul-subscriber"
MOST_TOGETHER = 500
"""Messages that are taken in together."""
IN_FLIGHT = 2000
"""Messages that the broker hands over before the first is acknowledged."""
KEPT_S = 7 * 86_400
"""How long the broker keeps messages for a subscriber that is away."""
RETRY_S = 2.0
log = structlog.get_logger("sankul.streams")


class _Held(NamedTuple):
    """A message that waits for its acknowledgement."""

    mid: int
    message: Message


class Subscriber:
    """Takes messages from a broker until it is stopped.

    What was handed over and not acknowledged, because this process or the database broke off, the broker hands over again;
    and what landed already is the same observation.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.taken = 0
        self.is_listening = threading.Event()
        self._endpoint = endpoint
        self._queue: queue.Queue[_Held] = queue.Queue()
        self._early: list[tuple[Any, _Held]] = []
        self._stopped = threading.Event()
        self._client = self._made()

    def run(self) -> None:
        """Take messages until ``stop``."""
        asked = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        asked.SessionExpiryInterval, asked.ReceiveMaximum = KEPT_S, IN_FLIGHT
        self._client.connect(
            self._endpoint.host, self._endpoint.port, clean_start=False, properties=asked
        )
        self._client.loop_start()
        try:
            while not self._stopped.is_set():
                self._settle(self._gathered())
        finally:
            self._client.disconnect()
            self._client.loop_stop()
            connection.close()

    def stop(self, *_: object) -> None:
        """Stop after what is being taken in."""
        self._stopped.set()

    def _made(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=CLIENT_ID,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
        )
        if self._endpoint.user:
            client.username_pw_set(self._endpoint.user, self._endpoint.password)
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_message = self._received
        return client

    def _connected(self, client: Client, *_: object) -> None:
        client.subscribe([(TOPICS, 1), (f"{mqtt.VERSION}#", 1)])

    def _subscribed(self, *_: object) -> None:
        log.info("listening to messages", topics=TOPICS)
        self.is_listening.set()

    def _received(self, client: Client, _userdata: object, got: MQTTMessage) -> None:
        stream = STREAM.match(got.topic)
        beside = dict(getattr(got.properties, "UserProperty", ()) if got.properties else ())
        if MARK in beside.items():  # what the publisher tells on a trial server is no request
            client.ack(got.mid, got.qos)
            return
        message = Message(
            got.topic,
            bytes(got.payload),
            beside.get("token", ""),
            int(stream[1]) if stream else None,
        )
        self._queue.put(_Held(got.mid if got.qos else 0, message))

    def _gathered(self) -> list[_Held]:
        """What has come, after waiting a little for the first; and what was too early and is not any more."""
        now = timezone.now()
        held = [one for at, one in self._early if at <= now]
        self._early = [(at, one) for at, one in self._early if at > now]
        with suppress(queue.Empty):
            if not held:
                held.append(self._queue.get(timeout=0.2))
            while len(held) < MOST_TOGETHER:
                held.append(self._queue.get_nowait())
        return held

    def _taken(self, messages: list[Message]) -> Taken:
        """Take messages in, those to topics of the SensorThings API as requests."""
        at = timezone.now()
        asked = [one for one in messages if one.topic.startswith(mqtt.VERSION)]
        told = [
            mqtt.receive(topic=one.topic, payload=one.body, token=one.token, at=at).status
            for one in asked
        ]
        rest = [one for one in messages if not one.topic.startswith(mqtt.VERSION)]
        taken = take_in(messages=rest, at=at)
        early = [one for one, status in zip(asked, told, strict=True) if status == 429]
        soon = max(taken.at, at + timedelta(seconds=1)) if early else taken.at
        return Taken(taken.new + told.count(201), [*taken.early, *early], soon)

    def _settle(self, held: list[_Held]) -> None:
        """Take messages in, however long the database is away, and acknowledge them."""
        while held and not self._stopped.is_set():
            try:
                taken = self._taken([one.message for one in held])
            except Error as error:
                log.error("messages wait for the database", error=str(error), messages=len(held))
                connection.close()
                time.sleep(RETRY_S)
                continue
            self.taken += taken.new
            early = {id(message) for message in taken.early}
            for one in held:
                if id(one.message) in early:
                    self._early.append((taken.at + timedelta(milliseconds=1), one))
                elif one.mid:
                    self._client.ack(one.mid, 1)
            close_old_connections()
            return


def listen(endpoint: Endpoint, news: Endpoint | None = None) -> None:
    """Take messages from a broker, and tell news to another or the same, until SIGINT or SIGTERM."""
    subscriber = Subscriber(endpoint)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, subscriber.stop)
    if news is None:
        subscriber.run()
        return
    publisher = Publisher(news)
    thread = threading.Thread(target=publisher.run, name="news")
    thread.start()
    try:
        subscriber.run()
    finally:
        publisher.stop()
        thread.join()
