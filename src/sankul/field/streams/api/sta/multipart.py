"""Batches as the standard has them (OGC 18-088, clause 11; OData 4.0, clause 11.7): multipart/mixed with requests inside."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from email.message import Message
from email.parser import BytesParser
from http import HTTPStatus
from typing import Any

from sankul.field.streams.rules.odata import Unreadable

from .answers import Asked, dump, load
from .batches import MOST, Request, Told, run

CRLF = b"\r\n"


def batch(body: bytes, kind: str, asked: Asked, *, goes_on: bool) -> tuple[bytes, str]:
    """The answers to a batch and their media type, each in the place of its request; a change set that is refused has one answer.

    Raises Unreadable for a body that is no batch.
    """
    sets = [_set(part, number) for number, part in enumerate(_parts(_parsed(body, kind), "body"))]
    requests = [request for one in sets for request in one]
    if len(requests) > MOST:
        raise Unreadable("body", f"at most {MOST} requests")
    told = {one["id"]: one for one in run(requests, asked, goes_on=goes_on)}
    parts = [_answers(one, told) for one in sets if one and one[0]["id"] in told]
    return _mixed(parts)


def _parsed(body: bytes, kind: str) -> Message:
    return BytesParser().parsebytes(b"Content-Type: " + kind.encode("latin-1") + CRLF * 2 + body)


def _parts(message: Message, place: str) -> list[Message]:
    parts = message.get_payload()
    if not message.is_multipart() or not isinstance(parts, list):
        raise Unreadable(place, "multipart/mixed with a boundary, and parts between it")
    return [part for part in parts if isinstance(part, Message)]


def _set(part: Message, number: int) -> list[Request]:
    """The requests of a part: of a change set all, in one group, else one."""
    if part.get_content_maintype() != "multipart":
        return [_request(part, str(number))]
    inside = _parts(part, f"part {number + 1}")
    group = {"atomicityGroup": f"changeset {number}"}
    return [_request(one, f"{number}.{at}") | group for at, one in enumerate(inside)]


def _request(part: Message, number: str) -> Request:
    place = f"part {number}"
    if part.get_content_type() != "application/http":
        raise Unreadable(place, "application/http")
    content = part.get_payload(decode=True)
    head, _, body = _split(content if isinstance(content, bytes) else b"")
    first, *lines = head.decode("utf-8", "replace").splitlines() or [""]
    words = first.split(" ")
    if len(words) < 3 or not words[-1].upper().startswith("HTTP/"):
        raise Unreadable(place, "a line as in GET Things(1) HTTP/1.1")
    headers = dict(line.split(":", 1) for line in lines if ":" in line)
    request: dict[str, Any] = {
        "id": str(part.get("Content-ID") or number),
        "method": words[0],
        "url": " ".join(words[1:-1]),
        "headers": {name.strip(): value.strip() for name, value in headers.items()},
    }
    return request | ({"body": load(body.strip())} if body.strip() else {})


def _split(content: bytes) -> tuple[bytes, bytes, bytes]:
    """The head of a request and its body: a blank line stands between them."""
    content = content.lstrip(CRLF).replace(CRLF, b"\n")
    return content.partition(b"\n\n")


def _answers(requests: Sequence[Request], told: dict[str, Told]) -> tuple[bytes, str]:
    answers = [told[one["id"]] for one in requests]
    if "atomicityGroup" not in requests[0]:
        return _http(answers[0]), "application/http"
    failed = next((one for one in answers if one["status"] >= 400 and one["status"] != 424), None)
    if failed is not None:
        return _http(failed), "application/http"
    return _mixed([(_http(one), f"application/http\r\nContent-ID: {one['id']}") for one in answers])


def _http(told: Told) -> bytes:
    return CRLF.join(_lines(told))


def _lines(told: Told) -> Iterator[bytes]:
    yield f"HTTP/1.1 {told['status']} {HTTPStatus(told['status']).phrase}".encode()
    if "location" in told:
        yield f"Location: {told['location']}".encode()
    body = dump(told["body"]) if "body" in told else b""
    if body:
        yield b"Content-Type: application/json"
    yield f"Content-Length: {len(body)}".encode()
    yield b""
    yield body


def _mixed(parts: Sequence[tuple[bytes, str]]) -> tuple[bytes, str]:
    boundary = f"batch_{uuid.uuid4()}"
    made = b"".join(
        f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n".encode() + content + CRLF
        for content, kind in parts
    )
    return made + f"--{boundary}--\r\n".encode(), f"multipart/mixed; boundary={boundary}"
