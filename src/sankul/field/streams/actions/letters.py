"""Dead letters: what was refused is kept as it came, until somebody mends it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from sankul.core.rules.roles import Actor, ScopeKind
from sankul.field.streams.models import DeadLetter
from sankul.field.streams.queries.sending import Known, Sender
from sankul.field.streams.rules import RECORD_STREAMS, RefusalCode
from sankul.field.streams.rules.batches import Batch, Letter
from sankul.field.streams.rules.numbers import moment
from sankul.field.streams.rules.uploads import Wrong


def keep(
    *,
    batch: Batch,
    letters: Sequence[Letter],
    streams: Mapping[int, Known],
    sender: Sender,
    at: datetime,
) -> None:
    """Keep what was refused of a batch, each row with its reason."""
    DeadLetter.objects.bulk_create(
        _letter(batch, letter, streams.get(int(batch.stream_ids[letter.row])), sender, at)
        for letter in letters
    )


def keep_text(*, text: str, reason: str, place: str, sender: Sender, at: datetime) -> DeadLetter:
    """Keep a message that could not be read at all; of a long one its beginning."""
    return DeadLetter.objects.create(
        door=sender.door,
        code=RefusalCode.UNREADABLE,
        reason=reason,
        place=place[:200].replace("\0", "\N{REPLACEMENT CHARACTER}"),
        payload={"text": text[:10_000].replace("\0", "\N{REPLACEMENT CHARACTER}")},
        received_at=at,
        **_holder(None, sender),
    )


def keep_unread(*, unread: Iterable[Wrong], sender: Sender, at: datetime) -> None:
    """Keep cells of a table that could not be read, each with its place."""
    DeadLetter.objects.bulk_create(
        DeadLetter(
            door=sender.door,
            code=RefusalCode.UNREADABLE,
            reason=wrong.reason,
            place=wrong.place[:200],
            payload={"text": wrong.text},
            received_at=at,
            **_holder(None, sender),
        )
        for wrong in unread
    )


def _letter(
    batch: Batch, letter: Letter, stream: Known | None, sender: Sender, at: datetime
) -> DeadLetter:
    return DeadLetter(
        door=sender.door,
        code=letter.code,
        reason=letter.reason,
        place=letter.place[:200],
        payload=_payload(batch, letter.row),
        stream_id=stream.id if stream and sender.may_know(stream) else None,
        received_at=at,
        **_holder(stream, sender),
    )


def _payload(batch: Batch, row: int) -> dict[str, Any]:
    """One observation as JSON; a value that JSON has no form for is told as text."""
    value, us = float(batch.values[row]), int(batch.time_us[row])
    stream_id = int(batch.stream_ids[row])
    sent: dict[str, Any] = {"stream": stream_id, "time": _time(us)}
    sent["value"] = value if np.isfinite(value) else str(value)
    if stream_id in batch.units:
        sent["unit"] = batch.units[stream_id]
    for name, detail in batch.details.get(row, {}).items():
        sent[name] = detail.isoformat() if isinstance(detail, datetime) else detail
    return sent


def _time(us: int) -> str | int:
    try:
        return moment(us).isoformat()
    except OverflowError:
        return us


def _holder(stream: Known | None, sender: Sender) -> dict[str, Any]:
    """Who may mend it: where the stream is held, or else where the sender is."""
    device, actor = sender.device, sender.actor
    user = actor.user_id if actor else None
    held: dict[str, Any] = {"device_id": device.pk if device else None, "sent_by_id": user}
    if stream and sender.may_send(stream):
        return held | {"cluster_id": stream.cluster_id, "organisation_id": stream.organisation_id}
    if device:
        return held | {"cluster_id": device.cluster_id, "organisation_id": device.organisation_id}
    return held | (_place(actor) if actor else {})


def _place(actor: Actor) -> dict[str, Any]:
    """Where somebody records streams: of several clusters or organisations the first."""
    scopes = sorted(actor.scopes(RECORD_STREAMS), reverse=True)
    kinds = (ScopeKind.CLUSTER, ScopeKind.ORGANISATION)
    return {f"{scope.kind}_id": scope.id for scope in scopes if scope.kind in kinds}
