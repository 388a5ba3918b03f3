"""The earliest free slot of instruments: told by whoever keeps the bookings, who declares it here.

Facilities do not know bookings. Without a declaration, nobody knows of a free slot, and lists leave the column out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from sankul.programme.facilities.models import Instrument

Earliest = Callable[[Collection[Instrument], int | None, datetime], Mapping[int, datetime]]
"""From instruments (with their facilities), minutes (None: each one's shortest booking) and the moment to free starts by id."""
DECLARED: list[Earliest] = []


def declare(earliest: Earliest) -> Earliest:
    """Make the way to find free slots known. Raises ValueError if there is another."""
    if earliest not in DECLARED:
        if DECLARED:
            raise ValueError("earliest free slots are declared twice")
        DECLARED.append(earliest)
    return earliest


def is_known() -> bool:
    """Whether anybody can tell free slots."""
    return bool(DECLARED)


def earliest(
    instruments: Collection[Instrument], at: datetime, minutes: int | None = None
) -> Mapping[int, datetime]:
    """When each instrument is free first, in UTC, by its id; those never free within their horizon are left out."""
    return DECLARED[0](instruments, minutes, at) if DECLARED and instruments else {}
