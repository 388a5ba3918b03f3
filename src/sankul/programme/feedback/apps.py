"""The area feedback as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    """The 360-degree survey on the ease of doing science and technology."""

    name = "sankul.programme.feedback"
    label = "feedback"

    def ready(self) -> None:
        """Declare which documents it shows."""
        import_module(f"{self.name}.queries.documents")
