"""A database with both seed programmes, evaluated and published, made once a session and shared by modules."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker


@contextmanager
def _using(name: str) -> Iterator[None]:
    """The default database is another one inside."""
    settings, before = connection.settings_dict, connection.settings_dict["NAME"]
    connection.close()
    settings["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        settings["NAME"] = before


@pytest.fixture(scope="session")
def _seeded_name(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    creation = connection.creation
    assert "test" in connection.settings_dict["NAME"], "mark the tests django_db"
    name = creation.get_test_db_clone_settings("seeded")["NAME"]
    with django_db_blocker.unblock():
        creation.clone_test_db("seeded", verbosity=0)
        with _using(name):
            _seed()
    yield name
    with django_db_blocker.unblock():
        creation.destroy_test_db(suffix="seeded", verbosity=0)


def _seed() -> None:
    from sankul.site.cli import setup  # noqa: PLC0415  it sets Django up as the commands do

    setup.data.console.quiet = True
    setup.seed_if_missing()
    setup.evaluate_if_missing()


@pytest.fixture(scope="module")
def seeded(_seeded_name: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The module's tests find what a first start leaves behind, and what they change is rolled back.

    They are marked `django_db`: by that mark alone pytest-django knows that there are to be databases for tests.
    """
    with _using(_seeded_name), django_db_blocker.unblock():
        yield
