"""The area facilities as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class FacilitiesConfig(AppConfig):
    """Instruments and services of the institutions: what there is, what it costs, who may use it."""

    name = "sankul.programme.facilities"
    label = "facilities"

    def ready(self) -> None:
        """Declare which documents it shows."""
        import_module(f"{self.name}.queries.catalogue")
