"""The area evidence as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Claims, verified by sampling."""

    name = "sankul.programme.evidence"
    label = "evidence"

    def ready(self) -> None:
        """Declare which documents it shows, and which claims are held."""
        import_module(f"{self.name}.queries.documents")
        import_module(f"{self.name}.queries.holds")
        import_module(f"{self.name}.queries.plausibility")
