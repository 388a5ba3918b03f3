"""The area alerts as a Django app."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Detectors over streams, alerts, their actions and proof."""

    name = "sankul.field.alerts"
    label = "alerts"
