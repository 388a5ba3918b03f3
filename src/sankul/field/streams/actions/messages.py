"""Messages of devices, as a broker hands them over: many are taken in together, and told apart when one is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import DataError
from django.utils.translation import gettext as _t

from sankul.field.streams.models import Device
from sankul.field.streams.queries import devices
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch, joined
from sankul.field.streams.rules.messages import NoMessage, batch_of

from . import device as device_actions
from . import letters
from .allowance import Revoked, TooFast
from .ingest import ingest


class Message(NamedTuple):
    """A message: its topic, the token that stands beside it (or within), the stream that the topic names, and its body."""

    topic: str
    body: bytes
    token: str = ""
    stream_id: int | None = None


Pair = tuple[Message, Batch]


class Taken(NamedTuple):
    """How many observations of some messages were new, and the messages that are too early: to be handed over again ``at``."""

    new: int
    early: list[Message]
    at: datetime


def take_in(*, messages: Sequence[Message], at: datetime) -> Taken:
    """Take in messages; when this returns, all but the early ones are settled: in the store, or among the dead letters.

    A message that the database cannot hold (NUL in a text) is a dead letter too, and keeps no other from landing. Another failure
    of the database is raised, and then the same messages can be handed over again: what landed already is the same.
    """
    of_device: dict[int, list[Pair]] = {}
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


def _taken(found: dict[int, Device], of_device: dict[int, list[Pair]], at: datetime) -> Taken:
    new, early, again = 0, [], at
    for key, pairs in of_device.items():
        sender = Sender(DoorName.MQTT, device=found[key])
        try:
            for some in _alike(pairs):
                new += _landed(some, sender, at)
        except TooFast as error:
            early += [message for message, _ in pairs]
            again = max(again, at + timedelta(seconds=error.wait_s))
            continue
        except Revoked as error:  # since it was shown
            for message, _ in pairs:
                _refuse(message, error.reason, "", at)
            continue
        device_actions.note_seen(device=found[key], at=at)
    return Taken(new, early, again)


def _landed(pairs: Sequence[Pair], sender: Sender, at: datetime) -> int:
    """How many observations of these messages were new; one that cannot be stored is found by taking in each alone."""
    try:
        return ingest(batch=joined([batch for _, batch in pairs]), sender=sender, at=at).new
    except DataError:
        if len(pairs) > 1:
            return sum(_landed([pair], sender, at) for pair in pairs)
        reason = _t("What was sent cannot be stored: NUL in a text, or a number out of range.")
        _refuse(pairs[0][0], reason, "", at)
        return 0


def _alike(pairs: Iterable[Pair]) -> Iterable[list[Pair]]:
    """Messages that name the same units, and so can be one batch."""
    alike: dict[tuple[tuple[int, str], ...], list[Pair]] = {}
    for pair in pairs:
        alike.setdefault(tuple(sorted(pair[1].units.items())), []).append(pair)
    return alike.values()


def _refuse(message: Message, reason: str, place: str, at: datetime) -> None:
    letters.keep_text(
        text=message.body.decode("utf-8", "replace"),
        reason=reason,
        place=f"{message.topic} {place}".strip(),
        sender=Sender(DoorName.MQTT),
        at=at,
    )
