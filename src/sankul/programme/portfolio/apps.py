"""The area portfolio as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    """City problems, the projects that answer them, where they are deployed, and what was learned."""

    name = "sankul.programme.portfolio"
    label = "portfolio"

    def ready(self) -> None:
        """Declare what it counts, and which documents it shows."""
        import_module(f"{self.name}.measures")
        import_module(f"{self.name}.queries.lessons")
