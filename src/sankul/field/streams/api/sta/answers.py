"""What is asked of the service and what it answers, apart from HTTP: a request of a batch is the same as one by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from sankul.core.rules.roles import Actor
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules.odata import Unreadable

PROBLEM = "application/problem+json"
JSON = "application/json"
GEO_JSON = "application/geo+json"
TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Asked:
    """One request: ``path`` below the service, the ``query`` as it stands in the address, who asks and when.

    ``actor`` reads; ``sender`` writes, and is None for one who may not write at all.
    """

    method: str
    path: str
    query: str
    body: Any
    actor: Actor
    sender: Sender | None
    at: datetime
    root: str
    is_patch: bool = False


@dataclass(frozen=True)
class Answer:
    """What is answered: ``body`` is a JSON value, a text if ``kind`` says so, bytes, or None."""

    status: int
    body: Any = None
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        """The body as bytes."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if self.kind == TEXT else dump(self.body)


def dump(value: Any) -> bytes:
    """A JSON value as bytes, whole numbers of any size among it."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def load(content: bytes) -> Any:
    """The JSON value of a body. Raises Unreadable, also for NaN and infinity, which JSON does not have."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        place = f"body, line {error.lineno}, column {error.colno}"
        raise Unreadable(place, "JSON (RFC 8259)") from None


def problem(status: int, title: str, detail: str, **more: Any) -> Answer:
    """A refusal as a problem document (RFC 9457), with the keys that SensorThings clients look for beside it."""
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "code": status,
        "message": detail,
    }
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return Answer(status, body | more, PROBLEM, headers)
