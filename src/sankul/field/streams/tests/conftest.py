"""Fixtures of the area's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker, Settings

from .sta import Service, small_city


@pytest.fixture
def sta(settings: Settings) -> Service:
    """The SensorThings API of a trial server, on which everybody writes."""
    settings.STA_OPEN = True
    settings.ROOT_URLCONF = "sankul.field.streams.tests.sta_urls"
    return Service()


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Service]:
    """A small city, made once for tests that only read."""
    trial = override_settings(STA_OPEN=True, ROOT_URLCONF="sankul.field.streams.tests.sta_urls")
    with django_db_blocker.unblock(), trial, transaction.atomic():
        yield small_city(Service())
        transaction.set_rollback(True)
