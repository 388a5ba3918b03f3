"""The records behind the indicators of outcome 6, open to everybody as figures are, without the person."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from sankul.programme.bookings.models import Booking
from sankul.programme.bookings.rules import State
from sankul.programme.facilities.rules import Relation


def counted() -> QuerySet[Booking]:
    """Uses and requests of other institutions."""
    rows = Booking.objects.select_related("instrument__facility__organisation", "use")
    kept = Q(state=State.COMPLETED) | Q(requested_at__isnull=False)
    return rows.filter(kept).exclude(relation=Relation.OWN)
