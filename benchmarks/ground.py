"""The ground a benchmark stands on: a data folder and a database server of its own, never the developer's."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg


@contextmanager
def ground(kept: Path | None, name: str = "data") -> Iterator[Path]:
    """A data folder for tasks to ``enter``; it and its database server are gone at the end, unless ``kept``."""
    parent = kept or Path(tempfile.gettempdir()) / f"sankul-bench-{os.getpid()}"
    folder = parent.resolve() / name
    try:
        yield folder
    finally:
        _postgres(folder, "leave" if kept else "remove")
        if kept is None and parent.is_dir() and not any(parent.iterdir()):
            parent.rmdir()


def _postgres(folder: Path, command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sankul.site.postgres", command],
        env=environment(folder), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        print(f"{folder} is left behind: {done.stderr.strip()}", file=sys.stderr)


def environment(folder: Path) -> dict[str, str]:
    """What a process needs to know to serve the data in a folder; whatever else is set for Sankul is left out."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "DATABASE_URL" and not name.startswith("SANKUL_")
    }
    settings = {"SANKUL_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "sankul.site.settings"}
    return kept | settings


def enter(folder: Path) -> None:
    """Set Django up for the data in a folder, with the embedded server running and the database up to date."""
    import django
    from django.core.management import call_command

    wanted = environment(folder)
    os.environ.clear()
    os.environ.update(wanted)
    django.setup()
    logging.getLogger("sankul").setLevel(logging.WARNING)
    call_command("migrate", verbosity=0, interactive=False)


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
