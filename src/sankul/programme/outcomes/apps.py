"""The area outcomes as a Django app."""

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    """The claims that clusters make."""

    name = "sankul.programme.outcomes"
    label = "outcomes"
