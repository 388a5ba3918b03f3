"""Whether a bundle is what was sealed; if not, what is changed, missing or extra."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .archive import unpacked
from .bundle import (
    CHECKPOINT,
    FORMAT,
    MANIFEST,
    RECORDS,
    RESERVED,
    Bundle,
    File,
    Manifest,
    origin_leaf,
    read_checkpoint,
    record_leaf,
)
from .merkle import Tree, leaf_hash
from .problems import SealError


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as sealed: a file (by path), or a ``record`` (by id) of one."""

    path: str
    what: Literal["changed", "missing", "extra"]
    record: str = ""
    note: str = ""

    def __str__(self) -> str:
        place = f'{self.path}, record "{self.record}"' if self.record else self.path
        return f"{place}: {self.what}" + (f" ({self.note})" if self.note else "")


def verify(bundle: str | Path, checkpoint: str | None = None) -> tuple[Difference, ...]:
    """Everything in a bundle (folder or ZIP) that is not as sealed; empty when it is whole.

    ``checkpoint`` is the text known from elsewhere, such as the printed report. Without it a bundle
    that was changed throughout, checkpoint included, cannot be told from another bundle.

    Raises SealError when there is no folder or file, or the checkpoint given is none.
    """
    contents, damage = _opened(Path(bundle))
    found = [Difference(Path(bundle).name, "changed", note=damage)] if damage else []
    return (*_checked(contents, checkpoint), *found)


def read(bundle: str | Path, checkpoint: str | None = None) -> Bundle:
    """The bundle in a folder or ZIP. Raises SealError, listing what differs, unless it is whole."""
    found = verify(bundle, checkpoint)
    if found:
        raise SealError("\n".join(map(str, found)))
    contents, _ = _opened(Path(bundle))
    manifest = _manifest(contents[MANIFEST])
    if isinstance(manifest, Difference):
        raise SealError(str(manifest))
    return Bundle(manifest, contents)


def _opened(place: Path) -> tuple[dict[str, bytes], str]:
    """All files of a bundle, and what is wrong with the ZIP itself."""
    if place.is_dir():
        return _folder(place), ""
    if place.is_file():
        archive = unpacked(place.read_bytes())
        return archive.files, archive.damage
    raise SealError(f"{place} is neither a folder nor a file")


def _folder(place: Path) -> dict[str, bytes]:
    """All that is in a folder; a link counts as a file with its target's name, which never agrees."""
    contents = {}
    for path in sorted(place.rglob("*")):
        name = path.relative_to(place).as_posix()
        if path.is_symlink():
            contents[name] = b"link to " + str(path.readlink()).encode()
        elif not path.is_dir():
            contents[name] = path.read_bytes()
    return contents


def _checked(contents: Mapping[str, bytes], trusted: str | None) -> list[Difference]:
    given = None if trusted is None else read_checkpoint(trusted)
    missing = [name for name in RESERVED if name not in contents]
    if missing:
        return [Difference(name, "missing") for name in missing]
    manifest = _manifest(contents[MANIFEST])
    stated = _stated(contents[CHECKPOINT])
    if isinstance(manifest, Difference) or isinstance(stated, Difference):
        return [d for d in (manifest, stated) if isinstance(d, Difference)]
    if (manifest.origin, manifest.tree.size, manifest.tree.root) != stated:
        return [_disagreement(contents, manifest, stated, known=given == stated)]
    found = [*_files(contents, manifest), *_records(contents[RECORDS], manifest)]
    if given is not None and given != stated:
        note = "the bundle's root is not the one that was made known"
        found.insert(0, Difference(CHECKPOINT, "changed", note=note))
    return found


def _manifest(data: bytes) -> Manifest | Difference:
    """The manifest; a difference unless it is written exactly as one is."""
    try:
        text = data.decode()
        content: Any = json.loads(text)
        files = tuple(File(f["path"], f["sha256"], f["size"]) for f in content["files"])
        records = tuple((r["id"], bytes.fromhex(r["leaf"])) for r in content["records"])
        manifest = Manifest(content["origin"], files, records)
        if content["format"] == FORMAT and manifest.text == text:
            return manifest
        note = "not as this format writes it"
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        note = "not readable"
    return Difference(MANIFEST, "changed", note=note)


def _stated(data: bytes) -> tuple[str, int, bytes] | Difference:
    try:
        return read_checkpoint(data.decode())
    except (SealError, UnicodeDecodeError):
        return Difference(CHECKPOINT, "changed", note="not readable")


def _disagreement(
    contents: Mapping[str, bytes],
    manifest: Manifest,
    stated: tuple[str, int, bytes],
    *,
    known: bool,
) -> Difference:
    """Which of manifest and checkpoint was changed: the one that the contents do not bear out.

    Unless the checkpoint is the one ``known`` from elsewhere.
    """
    origin, size, root = stated
    names = sorted(name for name in contents if name not in RESERVED)
    held = [leaf_hash(File.of(name, contents[name]).leaf) for name in names]
    held += [leaf_hash(record_leaf(line)) for line in _lines(contents[RECORDS])]
    tree = Tree.of_hashes([leaf_hash(origin_leaf(origin)), *held])
    if (tree.size, tree.root) == (size, root):
        return Difference(MANIFEST, "changed", note="the contents agree with the checkpoint")
    if known:
        note = "it does not lead to the checkpoint's root; contents may have been changed with it"
        return Difference(MANIFEST, "changed", note=note)
    tree = Tree.of_hashes([leaf_hash(origin_leaf(manifest.origin)), *held])
    if tree.root == manifest.tree.root:
        return Difference(CHECKPOINT, "changed", note="the contents agree with the manifest")
    return Difference(MANIFEST, "changed", note="neither the checkpoint nor the contents agree")


def _files(contents: Mapping[str, bytes], manifest: Manifest) -> list[Difference]:
    listed = {file.path: file for file in manifest.files}
    found = []
    for path, file in listed.items():
        if path not in contents:
            found.append(Difference(path, "missing"))
        elif File.of(path, contents[path]) != file:
            size = len(contents[path])
            note = "" if size == file.size else f"{size} bytes instead of {file.size}"
            found.append(Difference(path, "changed", note=note))
    extra = sorted(set(contents) - set(listed) - set(RESERVED))
    return [*found, *(Difference(path, "extra") for path in extra)]


def _lines(data: bytes) -> list[bytes]:
    """The lines of records; what stands after the last line end is a line, too."""
    lines = data.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def _records(data: bytes, manifest: Manifest) -> list[Difference]:
    lines = _lines(data)
    hashes = [leaf_hash(record_leaf(line)) for line in lines]
    if hashes == [found for _, found in manifest.records]:
        return _ids(lines, manifest, ended=data.endswith(b"\n") or not lines)
    there, sealed = set(hashes), {found for _, found in manifest.records}
    ids = {name for name, found in manifest.records if found not in there}
    strays = [(k, _id(line)) for k, line in enumerate(lines) if hashes[k] not in sealed]
    changed = {name for _, name in strays} & ids
    even = len(lines) == len(manifest.records)
    changed |= {manifest.records[k][0] for k, _ in strays if even} & ids
    result = [
        Difference(RECORDS, "changed" if name in changed else "missing", name)
        for name, _ in manifest.records
        if name in ids
    ]
    for k, name in strays:
        if not (name in changed or (even and manifest.records[k][0] in changed)):
            result.append(Difference(RECORDS, "extra", name, f"line {k + 1}"))
    return result or [Difference(RECORDS, "changed", note="records doubled or in another order")]


def _ids(lines: list[bytes], manifest: Manifest, *, ended: bool) -> list[Difference]:
    """Records that are sealed as they are, under ids that the manifest might not give right."""
    for line, (name, _) in zip(lines, manifest.records, strict=True):
        if _id(line) != name:
            return [Difference(MANIFEST, "changed", name, "the record has another id")]
    return [] if ended else [Difference(RECORDS, "changed", note="the last line has no end")]


def _id(line: bytes) -> str:
    try:
        return str(json.loads(line)["id"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
