"""The front doors as a Django app, so that their templates and translations are found."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Site-wide templates, static files and commands."""

    name = "sankul.site"
    label = "front"
