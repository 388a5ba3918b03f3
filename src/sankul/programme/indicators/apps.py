"""The area indicators as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    """Frameworks and the values of their indicators."""

    name = "sankul.programme.indicators"
    label = "indicators"

    def ready(self) -> None:
        """Tell what measures are worth."""
        import_module(f"{self.name}.queries.worth")
