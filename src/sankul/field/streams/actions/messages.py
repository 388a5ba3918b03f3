"""Messages of devices, as a broker hands them over: many are taken in together, and told apart when one is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sankul.field.streams.models import Device
from sankul.field.streams.queries import devices
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch, joined
from sankul.field.streams.rules.messages import NoMessage, batch_of

from . import device as device_actions
from . import letters
from .allowance import TooFast
from .ingest import ingest


class Message(NamedTuple):
    """A message: its topic, the token that stands beside it (or within), the stream that the topic names, and its body."""

    topic: str
    body: bytes
    token: str = ""
    stream_id: int | None = None


class Taken(NamedTuple):
    """How many observations of some messages were new, and the messages that are too early: to be handed over again ``at``."""

    new: int
    early: list[Message]
    at: datetime


def take_in(*, messages: Sequence[Message], at: datetime) -> Taken:
    """Take in messages; when this returns, all but the early ones are settled: in the store, or among the dead letters.

    A failure of the database is raised, and then the same messages can be handed over again: what landed already is the same.
    """
    of_device: dict[int, list[tuple[Message, Batch]]] = {}
    known: dict[str, devices.Shown] = {}
    found: dict[int, Device] = {}
    for message in messages:
        try:
            batch, told = batch_of(message.body, message.stream_id)
        except NoMessage as error:
            _refuse(message, error.reason, error.place, at)
            continue
        token = message.token or told
        shown = known.setdefault(token, known.get(token) or devices.shown(token))
        if shown.device is None or not shown.verdict:
            _refuse(message, shown.verdict.reason, "token", at)
            continue
        found[shown.device.pk] = shown.device
        of_device.setdefault(shown.device.pk, []).append((message, batch))
    return _taken(found, of_device, at)


def _taken(
    found: dict[int, Device], of_device: dict[int, list[tuple[Message, Batch]]], at: datetime
) -> Taken:
    new, early, again = 0, [], at
    for key, pairs in of_device.items():
        sender = Sender(DoorName.MQTT, device=found[key])
        try:
            for batch in _joined(batch for _, batch in pairs):
                new += ingest(batch=batch, sender=sender, at=at).new
        except TooFast as error:
            early += [message for message, _ in pairs]
            again = max(again, at + timedelta(seconds=error.wait_s))
            continue
        device_actions.note_seen(device=found[key], at=at)
    return Taken(new, early, again)


def _joined(batches: Iterable[Batch]) -> list[Batch]:
    """One batch of those that name the same units."""
    alike: dict[tuple[tuple[int, str], ...], list[Batch]] = {}
    for batch in batches:
        alike.setdefault(tuple(sorted(batch.units.items())), []).append(batch)
    return [joined(some) for some in alike.values()]


def _refuse(message: Message, reason: str, place: str, at: datetime) -> None:
    letters.keep_text(
        text=message.body.decode("utf-8", "replace"),
        reason=reason,
        place=f"{message.topic} {place}".strip(),
        sender=Sender(DoorName.MQTT),
        at=at,
    )
