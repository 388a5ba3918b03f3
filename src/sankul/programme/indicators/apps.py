"""The area indicators as a Django app."""

from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    """Frameworks and the values of their indicators."""

    name = "sankul.programme.indicators"
    label = "indicators"
