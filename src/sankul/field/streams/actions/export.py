"""Observations written into a folder, a file a month: what broke off goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sankul.field.streams.queries import export
from sankul.field.streams.queries.export import Asked

MANIFEST = "export.json"
"""What stands in the folder: of each file the digest, and what it was made from."""


class Written(NamedTuple):
    """A file of an export; ``is_new`` unless it was there and is still what would be written."""

    path: Path
    is_new: bool


def to_folder(*, asked: Asked, folder: Path, form: str) -> Iterator[Written]:
    """Write a file for each month (UTC) of a period, and beside them the manifest ``export.json`` with their SHA-256.

    A file is written under another name and renamed when it is whole. Run again, files of days that are closed and have not
    changed since are left as they are; the others are written anew.
    """
    folder.mkdir(parents=True, exist_ok=True)
    manifest = _read(folder)
    for part in months(asked):
        name, tag = part.name(form), export.etag(part, form)
        known = manifest.get(name, {})
        target = folder / name
        if tag and known.get("etag") == tag and target.is_file():
            yield Written(target, is_new=False)
            continue
        _write(part, target, form)
        manifest[name] = {
            "etag": tag,
            "sha256": _sha256(target),
            "licence": export.licence(part.thing),
        }
        _keep(folder, manifest)
        yield Written(target, is_new=True)


def months(asked: Asked) -> Iterator[Asked]:
    """The period month by month (UTC), the first and the last perhaps not whole."""
    since = asked.since
    while since < asked.until:
        year, month = divmod(since.year * 12 + since.month, 12)
        following = datetime(year, month + 1, 1, tzinfo=UTC)
        yield replace(asked, since=since, until=min(following, asked.until))
        since = following


def _write(part: Asked, target: Path, form: str) -> None:
    unfinished = target.with_suffix(target.suffix + ".part")
    with unfinished.open("wb") as file:
        if form == "parquet":
            export.write_parquet(part, file)
        else:
            for piece in export.csv_lines(part):
                file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(target)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(folder: Path) -> dict[str, dict[str, str]]:
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    found: dict[str, dict[str, str]] = json.loads(path.read_text("utf-8"))
    return found


def _keep(folder: Path, manifest: dict[str, dict[str, str]]) -> None:
    unfinished = folder / f"{MANIFEST}.part"
    unfinished.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", "utf-8")
    unfinished.replace(folder / MANIFEST)
