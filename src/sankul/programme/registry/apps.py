"""The area registry as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Programmes, clusters, organisations, people and bodies."""

    name = "sankul.programme.registry"
    label = "registry"

    def ready(self) -> None:
        """Declare which documents it shows."""
        import_module(f"{self.name}.queries.governance")
