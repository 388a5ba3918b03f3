"""Batches that arrive at the same moment are taken in together: one transaction for many small messages.

A message of one observation costs nearly as much as one of a hundred: it is the transaction that takes time. The first thread to
come takes in whatever has gathered while the one before it was busy, and tells the others what became of theirs. Nobody waits for
company: without it a batch is taken in at once.
"""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime

from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules.batches import Batch, joined

from .ingest import Ingested, ingest

MOST = 20_000
"""Observations that are taken in together at most, unless a single batch has more."""


@dataclass(frozen=True, eq=False)
class _Waiting:
    batch: Batch
    sender: Sender
    at: datetime
    done: Future[Ingested] = field(default_factory=Future)
    woken: threading.Event = field(default_factory=threading.Event)
    """Set when its thread shall look again: what it sent is taken in, or it is its turn to take in what waits."""


_queue: deque[_Waiting] = deque()
_lock = threading.Lock()
_is_busy = False


def ingest_together(*, batch: Batch, sender: Sender, at: datetime) -> Ingested:
    """``ingest``, in one transaction with what other threads of this process hand over meanwhile from the same sender."""
    own = _Waiting(batch, sender, at)
    if not _is_first(own):
        own.woken.wait()
    if not own.done.done():
        try:
            _take_in(_gathered())
        finally:
            _hand_over()
    return own.done.result()


def _is_first(own: _Waiting) -> bool:
    """Put it last, and take the turn if nobody has it."""
    global _is_busy
    with _lock:
        _queue.append(own)
        was_busy, _is_busy = _is_busy, True
    return not was_busy


def _hand_over() -> None:
    """Give the turn to who waits first."""
    global _is_busy
    with _lock:
        _is_busy = bool(_queue)
        if _queue:
            _queue[0].woken.set()


def _gathered() -> list[_Waiting]:
    """What waits first, and what follows it from the same sender."""
    first = _queue.popleft()
    taken, size = [first], len(first.batch)
    while _queue and _goes_with(first, _queue[0]) and size + len(_queue[0].batch) <= MOST:
        size += len(_queue[0].batch)
        taken.append(_queue.popleft())
    return taken


def _goes_with(first: _Waiting, other: _Waiting) -> bool:
    """Whether rights are the same, and no unit is named that could differ from another's."""
    return first.sender.is_same(other.sender) and first.batch.units == other.batch.units


def _take_in(waiting: list[_Waiting]) -> None:
    try:
        batch = joined([one.batch for one in waiting])
        done = ingest(batch=batch, sender=waiting[0].sender, at=waiting[0].at)
    except BaseException as error:
        if len(waiting) > 1:  # one of them may be to blame: each on its own
            for one in waiting:
                _take_in([one])
            return
        waiting[0].done.set_exception(error)
        waiting[0].woken.set()
        return
    start = 0
    for one in waiting:
        end = start + len(one.batch)
        one.done.set_result(done.part(start, end))
        one.woken.set()
        start = end
