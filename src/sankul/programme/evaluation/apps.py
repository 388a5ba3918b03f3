"""The area evaluation as a Django app."""

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """Runs, scores, ranks and their explanation."""

    name = "sankul.programme.evaluation"
    label = "evaluation"
