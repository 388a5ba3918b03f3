"""The area registry as a Django app."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Programmes, clusters, organisations, people and bodies."""

    name = "sankul.programme.registry"
    label = "registry"
