"""Core as a Django app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    """Identity and rights, event log, documents, measures, UI kit."""

    name = "sankul.core"
    label = "core"

    def ready(self) -> None:
        """Load every area's measures, so that the indicators find them."""
        autodiscover_modules("measures")
