"""The area alerts as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Detectors over streams, alerts, their actions and proof."""

    name = "sankul.field.alerts"
    label = "alerts"

    def ready(self) -> None:
        """Declare who may read proof, and what alerts count."""
        import_module(f"{self.name}.queries.documents")
        import_module(f"{self.name}.measures")
