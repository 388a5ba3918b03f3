"""The area facilities as a Django app."""

from django.apps import AppConfig


class FacilitiesConfig(AppConfig):
    """Instruments and services of the institutions: what there is, what it costs, who may use it."""

    name = "sankul.programme.facilities"
    label = "facilities"
