"""Who is affected when an instrument cannot be used: told by whoever keeps the bookings, who declares it here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from sankul.core.models import User
from sankul.programme.facilities.models import Instrument, Unit
from sankul.programme.registry.models import Organisation


class Ahead(NamedTuple):
    """A use that is booked: when, by whom, for which organisation, and where one reads of it."""

    starts_at: datetime
    ends_at: datetime
    user: User
    organisation: Organisation
    href: str


Affected = Callable[[Instrument, Unit | None, datetime, datetime | None], Sequence[Ahead]]
"""From an instrument (and one of its units, or None for all) to the uses that touch an interval, open where it has no end."""
DECLARED: list[Affected] = []


def declare(affected: Affected) -> Affected:
    """Make the way to find uses ahead known. Raises ValueError if there is another."""
    if affected not in DECLARED:
        if DECLARED:
            raise ValueError("uses ahead are declared twice")
        DECLARED.append(affected)
    return affected


def ahead(
    instrument: Instrument,
    starts_at: datetime,
    ends_at: datetime | None = None,
    unit: Unit | None = None,
) -> Sequence[Ahead]:
    """The uses booked on an instrument from a moment to a moment (None: without end), in order of time."""
    return DECLARED[0](instrument, unit, starts_at, ends_at) if DECLARED else ()
