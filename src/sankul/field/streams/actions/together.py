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


class _Line:
    """Those who wait, the first of whom has the turn."""

    def __init__(self) -> None:
        self.waiting: deque[_Waiting] = deque()
        self._lock = threading.Lock()
        self._is_busy = False

    def is_first(self, own: _Waiting) -> bool:
        """Put it last, and take the turn if nobody has it."""
        with self._lock:
            self.waiting.append(own)
            was_busy, self._is_busy = self._is_busy, True
        return not was_busy

    def hand_over(self) -> None:
        """Give the turn to who waits first."""
        with self._lock:
            self._is_busy = bool(self.waiting)
            if self.waiting:
                self.waiting[0].woken.set()

    def gathered(self) -> list[_Waiting]:
        """What waits first, and what follows it from the same sender."""
        first = self.waiting.popleft()
        taken, size = [first], len(first.batch)
        while self.waiting and _goes_with(first, self.waiting[0]):
            size += len(self.waiting[0].batch)
            if size > MOST:
                break
            taken.append(self.waiting.popleft())
        return taken


_line = _Line()


def ingest_together(*, batch: Batch, sender: Sender, at: datetime) -> Ingested:
    """``ingest``, in one transaction with what other threads of this process hand over meanwhile from the same sender."""
    own = _Waiting(batch, sender, at)
    if not _line.is_first(own):
        own.woken.wait()
    if not own.done.done():
        try:
            _take_in(_line.gathered())
        finally:
            _line.hand_over()
    return own.done.result()


def _goes_with(first: _Waiting, other: _Waiting) -> bool:
    """Whether rights and needs are the same, and no unit is named that could differ from another's."""
    one, two = first.batch, other.batch
    alike = one.units == two.units and one.needs_feature == two.needs_feature
    return alike and first.sender.is_same(other.sender)


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
