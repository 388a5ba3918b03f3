"""What every test shares."""

from collections.abc import Iterator

import pgtrigger
import pytest
from django.conf import settings
from django.test import TransactionTestCase, override_settings


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

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", flush_all)
        yield
