"""The publisher: looks what is new while somebody asks for it, and tells it to the topics that were asked for."""

from __future__ import annotations

import threading
import time

import structlog
from django.db import Error, connection
from django.utils import timezone
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from sankul.field.streams.api.sta.news import messages
from sankul.field.streams.queries.sta.news import News

from .asked import LOG, Asked
from .broker import Endpoint

CLIENT_ID = "sankul-news"
MARK = ("sankul", "news")
"""The user property of what is told, by which the subscriber on the same broker knows that it is no request."""
LOOK_S = 0.25
IDLE_S = 1.0
"""How long it waits between two looks while somebody asks for news, and while nobody does."""
REST = 3
"""It rests so many times as long as a look took: telling takes a quarter of a core at most from those who take in."""
log = structlog.get_logger("sankul.streams")


class Publisher:
    """Tells news to a broker until it is stopped: at most once (QoS 0), so that nothing waits for who is away."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.is_ready = threading.Event()
        self.asked = Asked()
        self._endpoint = endpoint
        self._news = News()
        self._stopped = threading.Event()
        self._client = self._made()

    def run(self) -> None:
        """Tell news until ``stop``."""
        self._client.connect(self._endpoint.host, self._endpoint.port)
        self._client.loop_start()
        try:
            while not self._stopped.is_set():
                began = time.monotonic()
                is_asked = self._look()
                self._stopped.wait(REST * (time.monotonic() - began))
                if self.asked.changed.wait(LOOK_S if is_asked else IDLE_S):
                    self.asked.changed.clear()
        finally:
            self._client.disconnect()
            self._client.loop_stop()
            connection.close()

    def stop(self) -> None:
        """Stop after what is being told."""
        self._stopped.set()
        self.asked.changed.set()

    def _look(self) -> bool:
        """Tell what is new; whether anybody asks for it."""
        topics = self.asked.topics()
        try:
            changes = self._news.look(topics)
            now = timezone.now()
            for topic in topics if changes else ():
                for message in messages(topic=topic, changes=changes, at=now):
                    self._client.publish(topic.text, message, qos=0, properties=_marked())
        except Error as error:
            log.error("news wait for the database", error=str(error))
            connection.close()
            return False
        return bool(topics)

    def _made(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2, client_id=CLIENT_ID, protocol=MQTTProtocolVersion.MQTTv5
        )
        client.username_pw_set(self._endpoint.user, self._endpoint.password)
        client.on_connect = lambda told, *_: told.subscribe(f"{LOG}#")
        client.on_subscribe = lambda *_: self.is_ready.set()
        client.on_message = self._received
        return client

    def _received(self, _client: Client, _userdata: object, got: MQTTMessage) -> None:
        kind, line = got.topic.removeprefix(LOG), got.payload.decode("utf-8", "replace")
        if kind in ("E", "W"):
            log.warning("the broker of news says", line=line)
        self.asked.hear(kind, line, timezone.now())


def _marked() -> Properties:
    made = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    made.UserProperty = [MARK]
    return made
