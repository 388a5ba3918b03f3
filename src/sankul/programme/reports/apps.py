"""The area reports as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Annual reports of a programme."""

    name = "sankul.programme.reports"
    label = "reports"

    def ready(self) -> None:
        """Declare which documents it shows."""
        import_module(f"{self.name}.queries.reports")
