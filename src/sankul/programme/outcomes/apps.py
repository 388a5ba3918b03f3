"""The area outcomes as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    """The claims that clusters make."""

    name = "sankul.programme.outcomes"
    label = "outcomes"

    def ready(self) -> None:
        """Declare what it counts, and which documents it shows."""
        import_module(f"{self.name}.measures")
        import_module(f"{self.name}.queries.claims")
