"""The area panel as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class PanelConfig(AppConfig):
    """Third-party experts who score what cannot be counted."""

    name = "sankul.programme.panel"
    label = "panel"

    def ready(self) -> None:
        """Declare what it counts and which documents it shows."""
        import_module(f"{self.name}.measures")
        import_module(f"{self.name}.queries.documents")
