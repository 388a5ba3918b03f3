"""The JSON API of the area bookings."""

from ninja import Router

router = Router(tags=["bookings"])
