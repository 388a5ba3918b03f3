"""The one way in: every door hands its observations over as a batch.

A batch is one transaction. The streams that it names are locked by their ``Latest``, so no other batch adds to them
meanwhile: what is newer than a stream's last observation cannot be there yet, and what is not is looked up. The rest is copied
straight into the partitions of its days. What is wrong is refused by name and kept as a dead letter; the rest lands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils.translation import gettext as _t
from numpy.typing import NDArray
from psycopg.errors import CheckViolation, UndefinedTable

from sankul.core.rules.verdicts import Forbidden
from sankul.field.streams.models import Detail, SpanFile
from sankul.field.streams.queries.existing import Stored, stored
from sankul.field.streams.queries.sending import Known, Sender, locked
from sankul.field.streams.rules import RefusalCode
from sankul.field.streams.rules.batches import (
    Batch,
    Details,
    Ints,
    Letter,
    Sieve,
    clock_letters,
    device_window,
    in_order,
)
from sankul.field.streams.rules.numbers import DAY_US, micros, moment, observation_ids
from sankul.field.streams.rules.rows import Rows

from . import allowance, hindsight, letters, partitions, spans, tallies
from .flagging import flagged
from .numbering import numbers
from .sta.places import Nowhere, feature_of

FEW = 200
"""Rows that are written by one statement with their tallies; more are copied, which begins slower and goes on faster."""
Spans = Mapping[int, SpanFile]
"""The open span of each day since 1970."""


@dataclass(frozen=True)
class Ingested:
    """What became of a batch: ``ids`` of its rows (0 where refused), which of them ``is_new``, and why others were refused."""

    ids: Ints
    is_new: NDArray[np.bool_]
    letters: list[Letter]

    @property
    def new(self) -> int:
        """How many observations were added."""
        return int(self.is_new.sum())

    def part(self, start: int, end: int) -> Ingested:
        """What became of rows ``start`` to before ``end``, which were a batch of their own."""
        found = [
            letter._replace(row=letter.row - start)
            for letter in self.letters
            if start <= letter.row < end
        ]
        return Ingested(self.ids[start:end], self.is_new[start:end], found)


def ingest(*, batch: Batch, sender: Sender, at: datetime) -> Ingested:
    """Take in a batch of observations; sent twice, it is the same as once.

    A row is an observation of a stream at a time. One that is there already with the same result is the same observation, and its
    id is told; with another result it is refused as a conflict. Refused rows become dead letters.

    Raises Forbidden if the sender may not write at all, and TooFast for a device that sends more than it may: then nothing is
    kept, and it may send the batch again later.
    """
    sender.why_not.enforce(Forbidden)
    try:
        return _ingested(batch, sender, at)
    except (ProgrammingError, IntegrityError) as error:
        if not isinstance(error.__cause__, UndefinedTable | CheckViolation):
            raise
    spans.forget()
    partitions.mend()  # a day was closed in between, or its partition is gone
    return _ingested(batch, sender, at)


def _ingested(batch: Batch, sender: Sender, at: datetime) -> Ingested:
    sieve = Sieve.of(batch)
    if sender.device:
        sieve.drop(clock_letters(batch, device_window(at), at))
    open_spans = _spans(batch, sieve, at)
    with transaction.atomic():
        streams = locked(np.unique(batch.stream_ids).tolist(), with_place=batch.needs_feature)
        _refuse_streams(sieve, streams, sender)
        _place(sieve, streams)
        _refuse_deleted_days(sieve, open_spans)
        done = _landed(sieve, streams, open_spans, at)
        letters.keep(batch=batch, letters=done.letters, streams=streams, sender=sender, at=at)
        if sender.device:  # last, so that others with the same token wait for the commit alone
            allowance.take(device=sender.device, observations=len(batch), at=at)
    return done


def _spans(batch: Batch, sieve: Sieve, at: datetime) -> Spans:
    days = np.unique(batch.time_us[sieve.rows] // DAY_US).tolist()
    epoch = date(1970, 1, 1)
    found = spans.believed_open([epoch + timedelta(days=day) for day in days], at)
    return {(day - epoch).days: span for day, span in found.items()}


def _refuse_streams(sieve: Sieve, streams: Mapping[int, Known], sender: Sender) -> None:
    """Refuse what goes to streams that are not there, not the sender's, or of another unit."""
    batch = sieve.batch
    for stream_id in np.unique(batch.stream_ids[sieve.rows]).tolist():
        if wrong := _why_not_stream(streams.get(stream_id), batch.units.get(stream_id), sender):
            rows = sieve.rows[batch.stream_ids[sieve.rows] == stream_id]
            code, reason = wrong[0], wrong[1] % {"id": stream_id}
            sieve.refuse(rows, code, lambda row, reason=reason: reason)  # type: ignore[misc]


def _why_not_stream(
    stream: Known | None, unit: str | None, sender: Sender
) -> tuple[RefusalCode, str] | None:
    if stream is None or not sender.may_know(stream):
        told = _t("There is no stream %(id)d that this sender may send to.")
        return RefusalCode.UNKNOWN_STREAM, told
    if not sender.may_send(stream):
        return RefusalCode.FORBIDDEN, _t("Stream %(id)d is not one that this sender may send to.")
    if unit is not None and unit not in stream.unit:
        told = _t("The unit is %(sent)s; stream %%(id)d is in %(own)s.")
        return RefusalCode.UNIT, told % {"sent": unit, "own": stream.unit[0] or stream.unit[1]}
    return None


def _place(sieve: Sieve, streams: Mapping[int, Known]) -> None:
    """Give rows the feature of interest that they need, where it is not their stream's own."""
    batch = sieve.batch
    placed: dict[int, Details] = {}
    for stream_id in [known.id for known in streams.values() if known.is_settled is False]:
        own = sieve.rows[batch.stream_ids[sieve.rows] == stream_id].tolist()
        rows = [row for row in own if "feature_id" not in batch.details.get(row, {})]
        try:
            feature = feature_of(stream_id) if rows else None
        except Nowhere as nowhere:
            reason = str(nowhere)
            sieve.refuse(np.array(rows), RefusalCode.UNREADABLE, lambda _, reason=reason: reason)  # type: ignore[misc]
            continue
        if feature is not None:
            placed |= {row: {**batch.details.get(row, {}), "feature_id": feature} for row in rows}
    if placed:
        sieve.batch = replace(batch, details={**batch.details, **placed})


def _refuse_deleted_days(sieve: Sieve, open_spans: Spans) -> None:
    days = sieve.batch.time_us[sieve.rows] // DAY_US
    told = _t(
        "Observations of %s are not taken any more: they are deleted, or their file is damaged."
    )
    sieve.refuse(
        sieve.rows[~np.isin(days, list(open_spans))],
        RefusalCode.RETENTION,
        lambda row: told % moment(int(sieve.batch.time_us[row])).date(),
    )


def _landed(
    sieve: Sieve, streams: Mapping[int, Known], open_spans: Spans, at: datetime
) -> Ingested:
    """Add what is new of the rows that are left; tell what was there."""
    batch = sieve.batch
    order = in_order(batch.stream_ids, batch.time_us, sieve.rows)
    there = _there(batch, order.rows, streams)
    rows = order.rows[~np.isin(order.rows, list(there))] if there else order.rows
    found = flagged(batch, rows, streams)
    added = _added(batch, rows, found.flags)
    _write(batch, rows, added, open_spans, at)
    hindsight.flag(spikes=found.spikes, at=at)
    ids, is_new = np.zeros(len(batch), np.int64), np.zeros(len(batch), bool)
    ids[rows], is_new[rows] = added.ids, True
    for row, known in there.items():
        ids[row] = known.id
        _refuse_conflict(sieve, row, _same(batch, row, known))
    for row, first in zip(order.again.tolist(), order.first.tolist(), strict=True):
        ids[row] = ids[first]
        _refuse_conflict(sieve, row, _result(batch, row) == _result(batch, first))
    ids[~sieve.left] = 0
    return Ingested(ids, is_new, sorted(sieve.letters))


def _there(batch: Batch, rows: Ints, streams: Mapping[int, Known]) -> dict[int, Stored]:
    """Which of these rows are there already; only what is not newer than its stream's last observation can be."""
    ids = np.array(sorted(streams), np.int64)
    last = np.array([_last(streams[each]) for each in ids.tolist()], np.int64)
    old = (
        rows[batch.time_us[rows] <= last[np.searchsorted(ids, batch.stream_ids[rows])]]
        if len(ids)
        else rows[:0]
    )
    keys = batch.stream_ids[old].tolist(), batch.time_us[old].tolist()
    found = stored(*keys)
    return {
        row: found[key]
        for row, key in zip(old.tolist(), zip(*keys, strict=True), strict=True)
        if key in found
    }


def _last(stream: Known) -> int:
    return np.iinfo(np.int64).min if stream.last_us is None else stream.last_us


def _added(batch: Batch, rows: Ints, flags: NDArray[np.int8]) -> Rows:
    """The rows as the table gets them, with their flags and ids."""
    time_us, values = batch.time_us[rows], batch.values[rows]
    is_detailed = np.zeros(len(batch), bool)
    is_detailed[list(batch.details)] = True
    return Rows(
        observation_ids(time_us // DAY_US, numbers(len(rows))),
        time_us,
        values,
        batch.stream_ids[rows],
        flags,
        is_detailed[rows],
    )


def _write(batch: Batch, rows: Ints, added: Rows, open_spans: Spans, at: datetime) -> None:
    until_us, result_us = batch.time_us[rows], batch.time_us[rows]
    if batch.details:
        _write_details(batch, rows, added, until_us, result_us)
    is_few = len(rows) <= FEW
    for table, part in () if is_few else _by_table(added, open_spans):
        partitions.copy(table, part)
    tallies.add(rows=added, until_us=until_us, result_us=result_us, at=at, with_rows=is_few)


def _write_details(batch: Batch, rows: Ints, added: Rows, until_us: Ints, result_us: Ints) -> None:
    """Keep what some rows have beyond a number, and put into the columns where their times end and when they resulted."""
    place = {row: place for place, row in enumerate(rows.tolist()) if row in batch.details}
    for row, at in place.items():
        details = batch.details[row]
        until_us[at] = micros(details.get("ends_at", moment(int(until_us[at]))))
        result_us[at] = micros(details.get("result_at", moment(int(until_us[at]))))
    Detail.objects.bulk_create(
        _detail(batch, row, int(added.ids[at]), batch.details[row]) for row, at in place.items()
    )


def _by_table(added: Rows, open_spans: Spans) -> list[tuple[str, Rows]]:
    days = added.time_us // DAY_US
    tables: dict[str, list[int]] = {}
    for day in np.unique(days).tolist():
        tables.setdefault(open_spans[day].table, []).append(day)
    if len(tables) == 1:
        return [(table, added) for table in tables]
    return [(table, added.at(np.isin(days, own))) for table, own in tables.items()]


def _detail(batch: Batch, row: int, observation_id: int, details: Any) -> Detail:
    fields = dict(details)
    if "result" in fields:
        fields["result"] = {"result": fields["result"]}
    stream_id, time = int(batch.stream_ids[row]), moment(int(batch.time_us[row]))
    return Detail(observation_id=observation_id, stream_id=stream_id, time=time, **fields)


def _result(batch: Batch, row: int) -> Any:
    details = batch.details.get(row, {})
    return {"result": details["result"]} if "result" in details else float(batch.values[row])


def _same(batch: Batch, row: int, known: Stored) -> bool:
    own = known.value if known.result is None else known.result
    return bool(_result(batch, row) == own)


def _refuse_conflict(sieve: Sieve, row: int, is_same: bool) -> None:
    if not is_same:
        reason = _t(
            "There is another result of this stream at this time. Correct it, with a reason."
        )
        sieve.refuse(np.array([row]), RefusalCode.CONFLICT, lambda _: reason)
