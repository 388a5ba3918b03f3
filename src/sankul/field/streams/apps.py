"""The area streams as a Django app."""

from django.apps import AppConfig


class StreamsConfig(AppConfig):
    """Things, data streams, observations, quality flags: the one spine of field systems."""

    name = "sankul.field.streams"
    label = "streams"
