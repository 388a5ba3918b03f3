"""What the facilities ask of bookings: the earliest free slots, and who is affected when an instrument is down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from psycopg.types.range import TimestamptzRange

from sankul.programme.bookings.models import Booking
from sankul.programme.bookings.rules import AHEAD, State
from sankul.programme.facilities.models import Instrument, Unit
from sankul.programme.facilities.queries import ahead, earliest

from .availability import earliest_slots

earliest.declare(earliest_slots)


@ahead.declare
def affected(
    instrument: Instrument, unit: Unit | None, starts_at: datetime, ends_at: datetime | None
) -> Sequence[ahead.Ahead]:
    """Uses booked, asked for or going on that touch an interval, in order of time."""
    rows = Booking.objects.whole().filter(
        instrument=instrument,
        state__in=(*AHEAD, State.IN_USE),
        occupied__overlap=TimestamptzRange(starts_at, ends_at),
    )
    if unit is not None:
        rows = rows.filter(unit=unit)
    return [
        ahead.Ahead(one.starts_at, one.ends_at, one.user, one.organisation, f"/bookings/{one.pk}/")
        for one in rows
    ]
