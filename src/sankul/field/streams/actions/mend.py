"""Dead letters mended: sent again as they are or corrected, or put away with a note."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.field.streams.models import DeadLetter
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import RECORD_STREAMS, DoorName
from sankul.field.streams.rules.batches import Batch, Details
from sankul.field.streams.rules.numbers import micros

from .ingest import ingest

KNOWN_DETAILS = {"result", "parameters", "quality", "feature_id"}
TIMES = {"ends_at", "result_at", "valid_from", "valid_until"}


@transaction.atomic
def replay(
    *, actor: Actor, letter: DeadLetter, changes: dict[str, Any], note: str, at: datetime
) -> DeadLetter:
    """Send a dead letter again as the actor, with ``changes`` to its payload (stream, time, value); the letter stays as it came.

    Raises Refused with the reason if it is refused again; then nothing is written.
    """
    letter = _waiting(actor, letter)
    sent = letter.payload | changes
    sender = Sender(DoorName(letter.door), actor=actor)
    done = ingest(batch=_batch(sent), sender=sender, at=at)
    for refused in done.letters:
        raise Refused(refused.reason)
    letter.observation_id = int(done.ids[0])
    return _settle(actor, letter, "dead_letter.replayed", note, at)


@transaction.atomic
def put_away(*, actor: Actor, letter: DeadLetter, note: str, at: datetime) -> DeadLetter:
    """Put a dead letter away; the note says why it is not needed."""
    letter = _waiting(actor, letter)
    if not note.strip():
        raise Refused(_t("Say why this is not needed."))
    return _settle(actor, letter, "dead_letter.put_away", note, at)


def _waiting(actor: Actor, letter: DeadLetter) -> DeadLetter:
    rows = DeadLetter.objects.visible_to(actor).select_for_update(of=("self",))
    letter = rows.select_related("cluster").get(pk=letter.pk)
    require(actor, RECORD_STREAMS, *actor.scopes(RECORD_STREAMS))
    if letter.settled_at is not None:
        raise Refused(_t("This was settled already."))
    return letter


def _settle(actor: Actor, letter: DeadLetter, verb: str, note: str, at: datetime) -> DeadLetter:
    letter.settled_at, letter.settled_by, letter.note = at, actor.user, note.strip()
    letter.save(update_fields=["settled_at", "settled_by", "note", "observation_id"])
    scopes = letter.cluster.scopes if letter.cluster else ()
    data = {"observation": letter.observation_id}
    events.record(actor=actor, verb=verb, subject=letter, at=at, scopes=scopes, data=data)
    return letter


def _batch(sent: dict[str, Any]) -> Batch:
    try:
        stream_id, time = int(sent["stream"]), _time(sent["time"])
        details: dict[str, Any] = {name: sent[name] for name in KNOWN_DETAILS if name in sent}
        details |= {name: _time(sent[name]) for name in TIMES if name in sent}
        value = float("nan") if "result" in details else float(sent["value"])
    except (KeyError, TypeError, ValueError):
        raise Refused(
            _t("Give the number of a stream, a time with its zone, and a value.")
        ) from None
    kept: dict[int, Details] = {0: Details(**details)} if details else {}  # type: ignore[typeddict-item]
    units = {stream_id: str(sent["unit"])} if "unit" in sent else {}
    return Batch(np.array([stream_id]), np.array([micros(time)]), np.array([value]), kept, units)


def _time(told: Any) -> datetime:
    found = parse_datetime(str(told))
    if found is None or found.tzinfo is None:
        raise ValueError(told)
    return found
