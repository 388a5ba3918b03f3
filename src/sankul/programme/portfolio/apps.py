"""The area portfolio as a Django app."""

from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    """City problems, the projects that answer them, where they are deployed, and what was learned."""

    name = "sankul.programme.portfolio"
    label = "portfolio"
