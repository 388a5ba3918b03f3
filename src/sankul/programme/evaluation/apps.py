"""The area evaluation as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """Runs, scores, ranks and their explanation."""

    name = "sankul.programme.evaluation"
    label = "evaluation"

    def ready(self) -> None:
        """Declare which documents it shows."""
        import_module(f"{self.name}.queries.documents")
