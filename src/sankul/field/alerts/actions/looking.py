"""Moving detectors on over what came in: what each found, and how far it has come then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from sankul.engines import detectors
from sankul.engines.detectors import Absence, Event, Spec, State
from sankul.field.alerts.queries.watching import Due
from sankul.field.alerts.rules import DetectorKind
from sankul.field.alerts.rules.watching import LOOK_BACK, Occurrence, history
from sankul.field.streams.queries.reading import read
from sankul.field.streams.rules.numbers import micros, moment
from sankul.field.streams.rules.rows import Rows

from .states import Kept

HOT = timedelta(hours=2)
"""Detectors that are no farther behind are read together."""
COLD_AT_ONCE = 500
"""So many others are looked at in one watch: each reads a day or more."""


class Looked(NamedTuple):
    """What a look at a detector gave: what it found, its new state, whether it was looked at anew or again, and its rows."""

    due: Due
    spec: Spec
    events: list[Event]
    before: State
    kept: Kept
    is_again: bool
    rows: Rows


@lru_cache(maxsize=50_000)
def spec_of(kind: str, parameters: str) -> Spec:
    """The specification of a detector as it is kept."""
    return detectors.spec(kind, orjson.loads(parameters))


def look(dues: Sequence[Due], at: datetime) -> Iterator[list[Looked]]:
    """Look at detectors, in parts that are read together; those farthest behind come in turn, some in each watch."""
    hot = [due for due in dues if not due.is_new and due.upto and due.upto >= at - HOT]
    known = {due.detector_id for due in hot}
    cold = [due for due in dues if due.detector_id not in known][:COLD_AT_ONCE]
    late: list[Due] = []
    for part in (hot, cold):
        if part:
            looked = _looked(part, at, [_since(due, at) for due in part])
            behind = [one.due for one in looked if _is_late(one)]
            late += behind
            numbers = {due.detector_id for due in behind}
            yield [one for one in looked if one.due.detector_id not in numbers]
    if late:
        yield _looked(late, at, [due.older_at or at for due in late], again=True)


def _since(due: Due, at: datetime) -> datetime:
    """The observation after which a detector reads on."""
    if not due.is_new and due.upto:
        return due.upto
    if due.is_new and due.kind == DetectorKind.ABSENCE:
        return due.last or at
    return at - history(due.kind)


def _is_late(one: Looked) -> bool:
    """Whether the stream has more, or less, than what lies after the observation that was the last."""
    if one.is_again or one.due.is_new or isinstance(one.spec, Absence):
        return False
    more = one.due.received - (one.due.seen_count or 0)
    return more != len(one.rows.ids) and one.due.older_at is not None


def _looked(
    dues: Sequence[Due], at: datetime, since: Sequence[datetime], *, again: bool = False
) -> list[Looked]:
    rows = _read(dues, since)
    found: list[Looked] = []
    order = sorted(range(len(dues)), key=lambda place: _form(dues[place].kind))
    for _form_of, places in groupby(order, key=lambda place: _form(dues[place].kind)):
        own = list(places)
        found += _of_one_form([dues[p] for p in own], [since[p] for p in own], rows, at, again)
    return found


def _read(dues: Sequence[Due], since: Sequence[datetime]) -> Rows:
    streams = sorted({due.stream_id for due in dues})
    until = max((due.last for due in dues if due.last), default=min(since))
    return read(streams, min(since), until + timedelta(microseconds=1))


def _form(kind: str) -> str:
    """What one loop reads: levels above and below are read by the same."""
    return DetectorKind.ABOVE if kind == DetectorKind.BELOW else kind


def _of_one_form(
    dues: list[Due], since: list[datetime], rows: Rows, at: datetime, again: bool
) -> list[Looked]:
    specs = [spec_of(due.kind, due.parameters) for due in dues]
    before = np.array([_state(due, spec, again) for due, spec in zip(dues, specs, strict=True)])
    states, events = before.copy(), [list[Event]() for _ in dues]
    span = _span(dues, since, rows)
    half = _half(dues, span, rows) if again else span.first
    _on(specs, states, detectors.Span(span.first, half), rows, None, events)
    between = states.copy()
    _on(specs, states, detectors.Span(half, span.last), rows, at, events)
    looked = []
    for place, due in enumerate(dues):
        own = rows.at(slice(int(span.first[place]), int(span.last[place])))
        kept = _kept(due, since[place], before[place], states[place])
        if again:
            kept = kept._replace(
                older=before[place], older_at=due.older_at,
                newer=between[place], newer_at=due.newer_at,
            )  # fmt: skip
        looked.append(Looked(due, specs[place], events[place], before[place], kept, again, own))
    return looked


def _on(
    specs: list[Spec],
    states: NDArray[np.float64],
    span: detectors.Span,
    rows: Rows,
    at: datetime | None,
    events: list[list[Event]],
) -> None:
    now_us = None if at is None else micros(at)
    found = detectors.advance_many(
        specs, states, span, rows.time_us, rows.values, rows.flags, now_us
    )
    for place, event in zip(found.detectors.tolist(), found.events, strict=True):
        events[place].append(event)


def _half(dues: Sequence[Due], span: detectors.Span, rows: Rows) -> NDArray[np.int64]:
    """Where the rows lie up to which the newer of the states to begin again from reaches."""
    half = span.first.copy()
    for place, due in enumerate(dues):
        own = rows.time_us[span.first[place] : span.last[place]]
        if due.newer_at is not None:
            half[place] += np.searchsorted(own, micros(due.newer_at), "right")
    return half


def _state(due: Due, spec: Spec, again: bool) -> State:
    if not due.is_new and due.state is not None:
        return np.array(due.older if again and due.older else due.state)
    return detectors.fresh(spec, micros(due.last or due.changed_at))


def _span(dues: Sequence[Due], since: Sequence[datetime], rows: Rows) -> detectors.Span:
    """Where the rows of each detector lie: after ``since`` up to its stream's last observation that is known."""
    streams = np.array([due.stream_id for due in dues])
    low = np.searchsorted(rows.stream_ids, streams)
    high = np.searchsorted(rows.stream_ids, streams, "right")
    first, last = low.copy(), high.copy()
    for place, due in enumerate(dues):
        own = rows.time_us[low[place] : high[place]]
        first[place] += np.searchsorted(own, micros(since[place]), "right")
        until = micros(due.last) if due.last else micros(since[place])
        last[place] = low[place] + np.searchsorted(own, until, "right")
    return detectors.Span(first, np.maximum(first, last))


def _kept(due: Due, since: datetime, before: State, after: State) -> Kept:
    """How far a detector has come: with states to begin again from that lie one to two days back."""
    kept = Kept(due.detector_id, due.version, after, due.last, due.received, due.arrived_at)
    reached = due.last or since
    if due.is_new:
        return kept._replace(older=before, older_at=since, newer=after, newer_at=reached)
    if due.newer_at is None or reached - due.newer_at < LOOK_BACK:
        return kept
    return kept._replace(
        older=np.array(due.newer), older_at=due.newer_at, newer=after, newer_at=reached
    )


def ids_of(one: Looked, found: Occurrence) -> list[int]:
    """The observations from the begin of something to the one by which it was found; of a silence, the last before it."""
    began_us, found_us = found.began_us, found.found_us
    if isinstance(one.spec, Absence):
        return [one.due.last_id] if one.due.last_id and found.ended_us is None else []
    rows = one.rows
    if not len(rows.ids) or rows.time_us[0] > began_us:
        rows = read(
            [one.due.stream_id], moment(began_us), moment(found_us) + timedelta(microseconds=1)
        )
    chosen = (rows.time_us >= began_us) & (rows.time_us <= found_us)
    ids: list[int] = rows.ids[chosen].tolist()
    return ids
