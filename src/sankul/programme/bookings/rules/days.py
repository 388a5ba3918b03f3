"""A day of an instrument as pieces of time: free, taken, closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from .slots import Span


class Kind(StrEnum):
    """What a piece of time is to somebody who would book it."""

    FREE = "free"
    TAKEN = "taken"
    CLOSED = "closed"
    PAST = "past"


class Piece(NamedTuple):
    """A piece of a day; neighbours differ in kind."""

    kind: Kind
    starts_at: datetime
    ends_at: datetime


def pieces(
    day: Span, windows: Iterable[Span], busy: Mapping[int, Sequence[Span]], first: datetime
) -> list[Piece]:
    """The pieces of a day: free where it is open and some unit is, from ``first`` on (now, and as long ahead as must be)."""
    opened = [_clip(one, day) for one in windows if _touches(one, day)]
    taken = [[_clip(one, day) for one in spans if _touches(one, day)] for spans in busy.values()]
    edges = {*day, *(edge for spans in (opened, *taken) for span in spans for edge in span)}
    if day[0] < first < day[1]:
        edges.add(first)
    found: list[Piece] = []
    for since, until in pairwise(sorted(edges)):
        kind = _kind(since, opened, taken, first)
        if found and found[-1].kind == kind:
            found[-1] = Piece(kind, found[-1].starts_at, until)
        else:
            found.append(Piece(kind, since, until))
    return found


def _kind(at: datetime, opened: list[Span], taken: list[list[Span]], first: datetime) -> Kind:
    if not any(since <= at < until for since, until in opened):
        return Kind.CLOSED
    if not taken or all(any(a <= at < b for a, b in spans) for spans in taken):
        return Kind.TAKEN
    return Kind.PAST if at < first else Kind.FREE


def _touches(span: Span, day: Span) -> bool:
    return span[0] < day[1] and day[0] < span[1]


def _clip(span: Span, day: Span) -> Span:
    return max(span[0], day[0]), min(span[1], day[1])
