"""How easy it is to get time on an instrument, and how well instruments are used: what the figures mean.

No figure tells of fewer than five people: it is suppressed, and with it the next smallest beside it, from which a total would
give it away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from .words import State

FEWEST = 5
"""Figures of fewer people are suppressed."""
PROMPT = timedelta(hours=48)
"""The time in which a request should be answered."""
SERVING = 10
"""So many institutions that serve others are what the programme asks for (outcome 6)."""
HOUR = timedelta(hours=1)


class Asked(NamedTuple):
    """A request as the figures see it: ``withdrawn_at`` is when its user took it back before an answer."""

    host_id: int
    user_id: int
    requested_at: datetime
    decided_at: datetime | None
    withdrawn_at: datetime | None
    starts_at: datetime | None
    state: str
    reason: str


class Waits(NamedTuple):
    """Hours from request to answer, of requests that were answered, and of those that were not so far."""

    answered: list[float]
    unanswered: list[float]


class Share(NamedTuple):
    """So many of so many; ``value`` is None of none."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share, 0 to 1."""
        return self.part / self.whole if self.whole else None


def waits(asked: Iterable[Asked], at: datetime) -> Waits:
    """How long requests waited, seen at ``at``.

    A request without an answer is censored at the moment of reckoning, also where its slot went by (``expired``): so that silence
    cannot look fast. One that its user took back is censored when that was.
    """
    found = Waits([], [])
    for one in asked:
        if one.decided_at is not None and one.decided_at <= at:
            found.answered.append((one.decided_at - one.requested_at) / HOUR)
        else:
            found.unanswered.append((min(one.withdrawn_at or at, at) - one.requested_at) / HOUR)
    return found


def prompt(asked: Iterable[Asked], at: datetime, within: timedelta = PROMPT) -> Share:
    """Requests answered within the time, of those answered or waiting longer.

    Who still waits within the time, or took the request back within it, is not counted yet: nobody can tell.
    """
    part = whole = 0
    for one in asked:
        waited = (one.decided_at or min(one.withdrawn_at or at, at)) - one.requested_at
        part += one.decided_at is not None and waited <= within
        whole += one.decided_at is not None or waited > within
    return Share(part, whole)


def ahead(asked: Iterable[Asked]) -> list[float]:
    """Hours from a favourable answer to the slot."""
    return [
        (one.starts_at - one.decided_at) / HOUR
        for one in asked
        if one.decided_at and one.starts_at and one.state != State.REFUSED
        and one.starts_at >= one.decided_at
    ]  # fmt: skip


def refusals(asked: Iterable[Asked]) -> dict[str, list[Asked]]:
    """Refused requests by the code of the reason, the commonest first."""
    found: dict[str, list[Asked]] = {}
    for one in asked:
        if one.state == State.REFUSED:
            found.setdefault(one.reason, []).append(one)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def people(asked: Iterable[Asked]) -> int:
    """How many people asked."""
    return len({one.user_id for one in asked})


def concentration(amounts: Collection[float]) -> float | None:
    """The Herfindahl–Hirschman index of amounts, 0 to 10,000: the sum of squared percentages; None of nothing.

    10,000 is one user institution alone; equal use by n institutions is 10,000 ÷ n (Hirschman, Am. Econ. Rev. 54, 1964).
    """
    total = sum(amounts)
    return 10_000 * sum((one / total) ** 2 for one in amounts) if total else None


@dataclass(frozen=True)
class Usage:
    """Hours of some instruments over some time: open, down (of those), booked, used, by others than the host; and people.

    ``open_hours`` are the opening hours of all units less closures. Bookings are those that stood: confirmed, in use, completed,
    and those to which nobody came.
    """

    open_hours: float = 0
    down_hours: float = 0
    booked_hours: float = 0
    used_hours: float = 0
    external_hours: float = 0
    people: int = 0

    @property
    def idle_hours(self) -> float:
        """Neither down nor booked."""
        return max(self.open_hours - self.down_hours - self.booked_hours, 0)

    @property
    def booked_share(self) -> float | None:
        """Booked of what was open and not down."""
        usable = self.open_hours - self.down_hours
        return self.booked_hours / usable if usable > 0 else None

    @property
    def used_share(self) -> float | None:
        """Used of what was booked."""
        return self.used_hours / self.booked_hours if self.booked_hours else None

    @property
    def external_share(self) -> float | None:
        """Booked by other institutions, of what was booked."""
        return self.external_hours / self.booked_hours if self.booked_hours else None

    @property
    def is_small(self) -> bool:
        """Whether it tells of somebody, but of fewer than five people."""
        return 0 < self.people < FEWEST


Cell = tuple[int, int]
"""Row and column of a table of counts of people."""


def suppressed(people: Mapping[Cell, int]) -> set[Cell]:
    """The cells that a table with totals does not tell: those of 1 to 4 people, and for each row and column in which one alone is
    left out the next smallest, until no total gives any away (complementary suppression)."""
    hidden = {cell for cell, number in people.items() if 0 < number < FEWEST}
    while more := _giving_away(people, hidden):
        hidden |= more
    return hidden


def _giving_away(people: Mapping[Cell, int], hidden: set[Cell]) -> set[Cell]:
    for axis in (0, 1):
        for line in sorted({cell[axis] for cell in hidden}):
            inside = [cell for cell in hidden if cell[axis] == line]
            others = [cell for cell, n in people.items() if cell[axis] == line and n and cell not in hidden]  # fmt: skip
            if len(inside) == 1 and others:
                return {min(others, key=lambda cell: (people[cell], cell))}
    return set()
