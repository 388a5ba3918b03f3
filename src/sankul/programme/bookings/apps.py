"""The area bookings as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """Who uses which instrument when: bookings, approvals, use, calendars."""

    name = "sankul.programme.bookings"
    label = "bookings"

    def ready(self) -> None:
        """Tell the facilities which slot is free first, and who is affected when an instrument is down; declare the measures."""
        import_module(f"{self.name}.queries.told")
        import_module(f"{self.name}.measures")
