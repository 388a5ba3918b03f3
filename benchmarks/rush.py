"""Many at the same moment: everybody has a connection open and a request ready, and all send together."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection

PATIENCE_S = 1800


@dataclass(frozen=True)
class Ask:
    """One request."""

    method: str
    path: str
    head: dict[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True)
class Answer:
    """What came of it; status 0 where the connection broke."""

    status: int
    seconds: float
    body: str

    @property
    def size(self) -> int:
        """Bytes of the body, as text."""
        return len(self.body.encode())


def at_once(port: int, asks: Sequence[Ask]) -> list[Answer]:
    """The answers to all of them, sent in the same moment."""
    gate = threading.Barrier(len(asks))
    with ThreadPoolExecutor(len(asks)) as crowd:
        return list(crowd.map(lambda ask: _sent(port, ask, gate), asks))


def one(port: int, ask: Ask) -> Answer:
    """The answer to a request that nobody disturbs."""
    return _sent(port, ask, threading.Barrier(1))


def _sent(port: int, ask: Ask, gate: threading.Barrier) -> Answer:
    http = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    gate.wait()
    begun = time.perf_counter()
    try:
        http.request(ask.method, ask.path, ask.body or None, ask.head)
        answer = http.getresponse()
        body = answer.read().decode(errors="replace")
        return Answer(answer.status, time.perf_counter() - begun, body)
    except OSError as error:
        return Answer(0, time.perf_counter() - begun, repr(error))
    finally:
        http.close()
