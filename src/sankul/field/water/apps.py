"""The area water as a Django app."""

from django.apps import AppConfig


class WaterConfig(AppConfig):
    """Water-quality monitoring: parameters, limits, samples, indices, advisories."""

    name = "sankul.field.water"
    label = "water"
