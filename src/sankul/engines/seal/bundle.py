"""A sealed bundle: files and records, a manifest of them, and a checkpoint with the Merkle root.

The tree's leaves are, in this order: the origin, every file by path, every record as given. A leaf is

- ``origin NAME``
- ``file SHA256 SIZE PATH`` (digest in hexadecimal, size in bytes)
- ``record LINE`` (the record's line in records.jsonl, without its line end)

in UTF-8. ``manifest.json`` lists files with digest and size and records with id and leaf hash;
``checkpoint.txt`` has three lines: origin, number of leaves, root in Base64 (the body of a C2SP
checkpoint, https://c2sp.org/tlog-checkpoint, without signatures).
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from .archive import packed
from .merkle import Tree, leaf_hash
from .problems import SealError

FORMAT: Final = "sankul seal 1"
MANIFEST: Final = "manifest.json"
CHECKPOINT: Final = "checkpoint.txt"
RECORDS: Final = "records.jsonl"
RESERVED: Final = (MANIFEST, CHECKPOINT, RECORDS)


@dataclass(frozen=True, slots=True)
class File:
    """A file as the manifest knows it."""

    path: str
    sha256: str
    size: int

    @classmethod
    def of(cls, path: str, content: bytes) -> File:
        """The entry of a file with this content."""
        return cls(path, hashlib.sha256(content).hexdigest(), len(content))

    @property
    def leaf(self) -> bytes:
        """The content of its leaf."""
        return f"file {self.sha256} {self.size} {self.path}".encode()


@dataclass(frozen=True)
class Manifest:
    """What is in the bundle: files in order of path, records (id, leaf hash) in their order."""

    origin: str
    files: tuple[File, ...]
    records: tuple[tuple[str, bytes], ...]

    @cached_property
    def tree(self) -> Tree:
        """The tree over all of it."""
        hashes = [leaf_hash(origin_leaf(self.origin))]
        hashes += [leaf_hash(file.leaf) for file in self.files]
        return Tree.of_hashes([*hashes, *(found for _, found in self.records)])

    @property
    def text(self) -> str:
        """The manifest as written: JSON with keys in order."""
        content = {
            "format": FORMAT,
            "origin": self.origin,
            "files": [{"path": f.path, "sha256": f.sha256, "size": f.size} for f in self.files],
            "records": [{"id": name, "leaf": found.hex()} for name, found in self.records],
        }
        return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    @property
    def checkpoint(self) -> str:
        """Origin, number of leaves and root."""
        return checkpoint_text(self.origin, self.tree.size, self.tree.root)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A sealed bundle in memory; ``contents`` are all its files by path, ready to write."""

    manifest: Manifest
    contents: Mapping[str, bytes]

    @property
    def root(self) -> bytes:
        """The Merkle root, 32 bytes."""
        return self.manifest.tree.root

    @property
    def checkpoint(self) -> str:
        """The text to print on the report and to have time-stamped."""
        return self.manifest.checkpoint

    @property
    def archive(self) -> bytes:
        """The bundle as a ZIP; equal contents give equal bytes."""
        return packed(self.contents)

    def write(self, folder: str | Path) -> None:
        """Write the bundle as a folder, which appears whole or not at all.

        Raises SealError where something is there already: what is sealed is not replaced.
        """
        target = Path(folder)
        if target.exists():
            raise SealError(f"{target} is there already; a sealed bundle is not replaced")
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.parent / f".{target.name}-{secrets.token_hex(8)}"
        try:
            for path, content in self.contents.items():
                place = fresh / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
            fresh.rename(target)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def seal(
    files: Mapping[str, bytes],
    records: Iterable[tuple[str, Mapping[str, Any]]] = (),
    *,
    origin: str,
) -> Bundle:
    """Seal files and records (id and JSON-ready content) under an origin, such as "programme/2026".

    Raises SealError for an unsafe, reserved or doubled path, a doubled or empty record id, content
    that JSON cannot hold, and an origin that is no single line.
    """
    if not origin.strip() or not origin.isprintable():
        raise SealError(f"origin {origin!r}; expected one line of text")
    _refuse_paths(files)
    lines = [_line(name, content) for name, content in records]
    doubled = [name for name, times in Counter(name for name, _ in lines).items() if times > 1]
    if doubled:
        raise SealError(f'record "{doubled[0]}" stands there more than once')
    entries = tuple(File.of(path, files[path]) for path in sorted(files))
    hashes = tuple((name, leaf_hash(record_leaf(line))) for name, line in lines)
    manifest = Manifest(origin, entries, hashes)
    contents = {MANIFEST: manifest.text.encode(), CHECKPOINT: manifest.checkpoint.encode()}
    contents[RECORDS] = b"".join(line + b"\n" for _, line in lines)
    return Bundle(manifest, contents | {path: files[path] for path in sorted(files)})


def origin_leaf(origin: str) -> bytes:
    """The content of the first leaf."""
    return f"origin {origin}".encode()


def record_leaf(line: bytes) -> bytes:
    """The content of a record's leaf."""
    return b"record " + line


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """The three lines of a checkpoint."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def read_checkpoint(text: str) -> tuple[str, int, bytes]:
    """Origin, number of leaves and root of a checkpoint. Raises SealError for any other text."""
    lines = text.split("\n")
    try:
        origin, size, root = lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True)
    except (IndexError, ValueError):
        raise SealError("a checkpoint has three lines: origin, size, root") from None
    if checkpoint_text(origin, size, root) != text or len(root) != 32:
        raise SealError("a checkpoint has three lines: origin, size, root")
    return origin, size, root


def _line(name: str, content: Mapping[str, Any]) -> tuple[str, bytes]:
    if not name or not name.isprintable():
        raise SealError(f"record id {name!r}; expected text without control characters")
    try:
        text = json.dumps(
            {"id": name, "record": content},
            ensure_ascii=False,
            allow_nan=False,
            sort_keys=True,
            separators=(",", ":"),
        )
        return name, text.encode()
    except (TypeError, ValueError) as error:
        raise SealError(f'record "{name}" is not for JSON: {error}') from None


def _refuse_paths(files: Mapping[str, bytes]) -> None:
    seen: dict[str, str] = {}
    for path in sorted(files):
        why = why_not_path(path)
        if why:
            raise SealError(f"path {path!r} {why}")
        other = seen.setdefault(path.casefold(), path)
        if other != path:
            raise SealError(f"paths {other!r} and {path!r} are one file on some machines")
        for k, part in enumerate(path):
            if part == "/" and path[:k].casefold() in seen:
                raise SealError(f"path {path[:k]!r} is a file and a folder")


def why_not_path(path: str) -> str:
    """Why a path cannot be in a bundle; empty when it can."""
    parts = path.split("/")
    if path in RESERVED:
        return "is the bundle's own"
    if not path.isprintable() or "\\" in path or ":" in path:
        return "has characters that not every machine allows"
    if any(part in {"", ".", ".."} for part in parts):
        return "is not relative and plain, such as tables/scores.csv"
    return ""
