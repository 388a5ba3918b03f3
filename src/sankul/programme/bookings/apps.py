"""The area bookings as a Django app."""

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """Who uses which instrument when: bookings, approvals, use, calendars."""

    name = "sankul.programme.bookings"
    label = "bookings"
