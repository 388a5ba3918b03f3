"""Tables of bookings."""

from .around import CalendarToken, Consumption, Order, Use, Waiting
from .bookings import NEVER_TWICE, Booking, BookingQuerySet, Series

__all__ = [
    "NEVER_TWICE",
    "Booking",
    "BookingQuerySet",
    "CalendarToken",
    "Consumption",
    "Order",
    "Series",
    "Use",
    "Waiting",
]
