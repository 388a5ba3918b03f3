"""Which topics are asked for, as the broker's own log tells: who subscribed, who left, who came back."""

from __future__ import annotations

import re
import threading
from datetime import datetime, timedelta

from sankul.field.streams.rules.odata.topics import VERSION, Topic, read_topic

LOG = "$SYS/broker/log/"
"""Where mosquitto publishes its log with ``log_dest topic``; only we may read it."""
MOST = 1000
"""Topics that are told of; beyond, those that were asked for longest ago are forgotten, of who is away first."""
JUST_BEFORE = timedelta(milliseconds=30)
"""How long a line may be on its way from the broker: what began since then is told to who subscribed."""
_ASKED = re.compile(rf"(?P<client>.*) [012] (?P<topic>{re.escape(VERSION)}.*)", re.DOTALL)
_LEFT = re.compile(rf"(?P<client>.*?) (?P<topic>{re.escape(VERSION)}.*)", re.DOTALL)
_GONE = re.compile(
    r"Client (?P<client>.*?) (?:disconnected|closed its connection|has exceeded timeout).*",
    re.DOTALL,
)
_CAME = re.compile(r"New client connected from \S+ as (?P<client>.*) \(p\d, c.*", re.DOTALL)


class Asked:
    """The topics that clients have subscribed to. What clients make the log say can only add topics, never rights."""

    def __init__(self) -> None:
        self.changed = threading.Event()
        self._lock = threading.Lock()
        self._topics: dict[tuple[str, str], Topic] = {}
        self._away: set[str] = set()

    def hear(self, kind: str, line: str, at: datetime) -> None:
        """Take in a line of the broker's log; ``kind`` is the part of its topic after ``LOG``."""
        with self._lock:
            if kind == "M/subscribe" and (found := _ASKED.fullmatch(line)):
                self._ask(found["client"], found["topic"], at)
            elif kind == "M/unsubscribe" and (found := _LEFT.fullmatch(line)):
                self._topics.pop((found["client"], found["topic"]), None)
            elif kind == "N" and (found := _GONE.fullmatch(line)):
                if any(client == found["client"] for client, _ in self._topics):
                    self._away.add(found["client"])
            elif kind == "N" and (found := _CAME.fullmatch(line)):
                self._away.discard(found["client"])

    def topics(self) -> list[Topic]:
        """The topics that somebody who is there asked for, each once, since the first asked."""
        with self._lock:
            there = [one for (client, _), one in self._topics.items() if client not in self._away]
        return list({one.text: one for one in reversed(there)}.values())

    def _ask(self, client: str, text: str, at: datetime) -> None:
        topic = read_topic(text, at - JUST_BEFORE)
        if topic is None:
            return
        self._away.discard(client)
        self._topics.pop((client, text), None)
        self._topics[client, text] = topic
        if len(self._topics) > MOST:
            away = (key for key in self._topics if key[0] in self._away)
            del self._topics[next(away, next(iter(self._topics)))]
            self._away &= {client for client, _ in self._topics}
        self.changed.set()
