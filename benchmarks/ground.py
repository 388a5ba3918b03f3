"""The ground a benchmark stands on: a data folder and a database server of its own, never the developer's."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg


@contextmanager
def ground(kept: Path | None) -> Iterator[Path]:
    """A data folder with a running, migrated database; removed at the end unless it is to be ``kept``.

    Django is set up for it. Leave DATABASE_URL unset: the server is the embedded one.
    """
    folder = (kept or Path(tempfile.gettempdir()) / f"sankul-bench-{os.getpid()}").resolve()
    enter(folder)
    from django.core.management import call_command
    from django.db import connections

    from sankul.site import postgres

    try:
        call_command("migrate", verbosity=0, interactive=False)
        yield folder
    finally:
        connections.close_all()
        postgres.leave()
        if kept is None:
            postgres.remove()


def enter(folder: Path) -> None:
    """Set Django up for the data in a folder, in this process and those it starts."""
    import django

    os.environ.pop("DATABASE_URL", None)
    os.environ["SANKUL_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "sankul.site.settings"
    django.setup()


def superuser() -> psycopg.Connection[Any]:
    """A connection that may load rows past triggers and checks."""
    from sankul.site import postgres

    return psycopg.connect(postgres.status().url, user="postgres", autocommit=True)


def servers(folder: Path) -> list[psutil.Process]:
    """The processes of the database server in a data folder."""
    place = str((folder / "postgres").resolve())
    found = []
    for process in psutil.process_iter(["name"]):
        try:
            if process.info["name"] == "postgres" and process.cwd() == place:
                found.append(process)
        except psutil.Error:
            continue
    return found
