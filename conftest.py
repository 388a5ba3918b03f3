"""What every test shares: files of its own, a log that can be emptied, and the seeded database."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path

import pgtrigger
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase, override_settings
from pytest_django.plugin import DjangoDbBlocker
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

SEEDED = "seeded"


class ByFile(LoadScopeScheduling):
    """Tests of one file stay on one worker, and so do all that need the seeded database, which takes long to make."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return SEEDED if file.startswith("tests/browser/") or _says_seeded(file) else file


@cache
def _says_seeded(file: str) -> bool:
    return SEEDED in (Path(__file__).parent / file).read_text("utf-8")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """How tests are given to the workers of ``-n 2``."""
    return ByFile(config, log)


@pytest.fixture(autouse=True, scope="session")
def _files_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Pages name static files as they stand in the tree; documents, files and mail go to a folder of the session."""
    home = tmp_path_factory.mktemp("files")
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    on_disk = "django.core.files.storage.FileSystemStorage"
    storages = {
        "default": {"BACKEND": on_disk, "OPTIONS": {"location": home / "files"}},
        "documents": {"BACKEND": on_disk, "OPTIONS": {"location": home / "documents"}},
        "staticfiles": plain,
    }
    (home / "static").mkdir()
    with override_settings(
        STORAGES={**settings.STORAGES, **storages},
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        STATIC_ROOT=home / "static",
        EMAIL_FILE_PATH=home / "mail",
    ):
        yield


@pytest.fixture(autouse=True, scope="session")
def _the_log_of_events_is_emptied_between_tests() -> Iterator[None]:
    """Tests that commit are followed by emptied tables; the log, which nobody may empty, is let go for that alone."""
    flush = TransactionTestCase._fixture_teardown

    def flush_all(test: TransactionTestCase) -> None:
        with pgtrigger.ignore("core.Event:never_emptied"):
            flush(test)
        written = import_module("sankul.field.water.migrations.0002_limits_of_is_10500")
        written.record(apps, None)  # what a migration wrote is there for the next test again

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", flush_all)
        yield


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
    """A database with both seed programmes, evaluated and published, made once a session."""
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

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(setup.data.console, "quiet", True)
        setup.seed_if_missing()
        setup.evaluate_if_missing()


@pytest.fixture(scope="module")
def seeded(_seeded_name: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The module's tests find what a first start leaves behind, and what they change is rolled back.

    They are marked `django_db`: by that mark alone pytest-django knows that there are to be databases for tests.
    """
    with _using(_seeded_name), django_db_blocker.unblock():
        yield
