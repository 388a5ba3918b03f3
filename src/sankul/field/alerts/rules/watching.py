"""How a watch reads what detectors found: occurrences, each with its begin and, if it is over, its end.

**Late observations.** What comes after a later observation was watched makes the detector look again, from a state kept from one
to two days before (``LOOK_BACK``): what it finds then is raised, or widens what was raised, with the times of the observations.
What is older than that raises nothing. An alert is never taken back: it was told.

**A new or changed detector** raises what stands when it is first looked at, not what was before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from sankul.engines.detectors import BEGAN, Event

from .words import DetectorKind

LOOK_BACK = timedelta(days=1)
"""So far back, at least, observations that come late are looked at."""
HISTORY = {DetectorKind.RESIDUAL: timedelta(days=14)}
"""So much of what was before a detector learns from when it is first looked at; others read ``LOOK_BACK``."""


class Occurrence(NamedTuple):
    """Something found: from when to when (None: it goes on), by the observation of which time, its worst value."""

    began_us: int
    found_us: int
    ended_us: int | None
    worst: float
    worst_us: int


def occurrences(events: Sequence[Event]) -> list[Occurrence]:
    """What events of one detector, in order, tell; the first may be the end of what was found before."""
    found: list[Occurrence] = []
    for event in events:
        if event.what == BEGAN:
            found.append(Occurrence(event.began_us, event.at_us, None, event.worst, event.worst_us))
            continue
        known = found.pop().found_us if found and found[-1].ended_us is None else event.began_us
        found.append(Occurrence(event.began_us, known, event.at_us, event.worst, event.worst_us))
    return found


def standing(found: Sequence[Occurrence]) -> list[Occurrence]:
    """Those that go on."""
    return [one for one in found if one.ended_us is None]


def history(kind: str) -> timedelta:
    """How much of what was before a detector of a kind reads when it is first looked at."""
    return HISTORY.get(DetectorKind(kind), LOOK_BACK)
