"""Running numbers of observations, a block of them kept in hand so that a message of one need not ask for its own."""

from __future__ import annotations

import os
import threading

import numpy as np

from sankul.core.queries import prepared
from sankul.field.streams.rules.batches import Ints

BLOCK = 1000
"""Numbers that are kept in hand: what of them is not used when a process ends, nobody gets."""


class _Hand(threading.local):
    """The numbers that a thread has in hand."""

    def __init__(self) -> None:
        self.process = 0
        self.numbers: Ints = np.zeros(0, np.int64)


_hand = _Hand()


def numbers(count: int) -> Ints:
    """As many running numbers, which nobody else gets."""
    if count > BLOCK // 2:
        return _asked(count)
    if _hand.process != os.getpid() or len(_hand.numbers) < count:
        _hand.process, _hand.numbers = os.getpid(), _asked(BLOCK)
    taken, _hand.numbers = _hand.numbers[:count], _hand.numbers[count:]
    return taken


def _asked(count: int) -> Ints:
    [(first, last, found)] = prepared.rows(NUMBERS, count)
    return np.arange(first, last + 1) if found is None else np.array(found, np.int64)


NUMBERS = """
SELECT min(n), max(n), CASE WHEN max(n) - min(n) + 1 <> count(*) THEN array_agg(n) END
FROM (SELECT nextval('streams_observation_number') AS n FROM generate_series(1, %s)) numbers
"""
