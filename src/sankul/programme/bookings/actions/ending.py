"""What ends bookings from outside: an instrument that is withdrawn."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.programme.bookings.models import Booking, Waiting
from sankul.programme.bookings.rules import AHEAD, State, Wait
from sankul.programme.facilities.models import Instrument

from .taking import locked, record


@transaction.atomic
def withdraw(*, instrument_id: int, at: datetime) -> int:
    """Cancel what is ahead on a withdrawn instrument, without a fee; each user is told. How many they were."""
    row = locked(Instrument(pk=instrument_id))
    ahead = Booking.objects.whole().filter(instrument=row, state__in=AHEAD, ends_at__gt=at)
    found = list(ahead.select_for_update(of=("self",)))
    for booking in found:
        booking.state, booking.cancelled_at, booking.changed_at = State.CANCELLED, at, at
        booking.hold_until = None
        booking.end_note = _t("The instrument was withdrawn.")
        booking.sequence += 1
        booking.save()
        record(None, "booking.cancelled", booking, at, withdrawn=True)
    waits = Waiting.objects.filter(instrument=row, state=Wait.WAITING)
    waits.update(state=Wait.PASSED, ended_at=at)
    return len(found)
