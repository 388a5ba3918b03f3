"""Recomputing a written result from its own package, and finding the first cell that differs."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from . import canonical
from .archive import FORMAT, LOG, REPORTS, texts
from .methods import is_number
from .package import Package, read
from .pipeline import run
from .problems import PackageError
from .robustness import uncertainty
from .sensitivity import sensitivity

RELATIVE: Final = 1e-9
ABSOLUTE: Final = 1e-12  # near zero a relative difference means nothing

# Facts about the machine, not about the result.
_FREE: Final = ("versions",)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The first difference: the file, its row (unit) and column, what was expected and found."""

    file: str
    row: str
    column: str
    expected: str
    found: str
    note: str = ""

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.file, self.row, self.column) if part)
        note = f" ({self.note})" if self.note else ""
        return (
            f"{place}: expected {self.expected or 'nothing'}, found {self.found or 'nothing'}{note}"
        )


def verify(folder: str | Path) -> Mismatch | None:
    """Recompute the result in a folder from the package copied there; None if all agrees.

    Numbers agree within 1e-9 relative. A missing or additional file, row or column is a mismatch.
    Raises PackageError when the folder holds no result or its package cannot be read.
    """
    target = Path(folder)
    log = _read_log(target)
    package = read(target / "package", period=log.get("period") or None)
    changed = _changed_package(package, log)
    expected = _recomputed(package, log)
    result = _first_difference(target, expected)
    if changed is None:
        return result
    note = f"it changes {result}" if result else "no result changes"
    return Mismatch(changed.file, "", "", changed.expected, changed.found, note)


def _read_log(target: Path) -> Mapping[str, Any]:
    path = target / LOG
    try:
        log: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PackageError.one(str(path), "missing", "a folder written by an evaluation") from None
    except ValueError as error:
        raise PackageError.one(str(path), f"not JSON: {error}", "the log as written") from error
    if not isinstance(log, Mapping) or log.get("format") != FORMAT:
        raise PackageError.one(f"{path} format", "not the log of an evaluation", FORMAT)
    draws, seed = log.get("draws"), log.get("seed")
    if not isinstance(draws, int) or draws < 0 or (draws and not isinstance(seed, int)):
        raise PackageError.one(f"{path} draws", f"{draws!r} with seed {seed!r}", "whole numbers")
    return log


def _changed_package(package: Package, log: Mapping[str, Any]) -> Mismatch | None:
    """The first file of the package whose content is no longer what the log says."""
    files: Any = log.get("files")
    logged = files if isinstance(files, Mapping) else {}
    for name in canonical.FILES:
        there = canonical.file_digest(package.texts[name]) if name in package.texts else ""
        if there != logged.get(name, ""):
            return Mismatch(f"package/{name}", "", "", _sha(str(logged.get(name, ""))), _sha(there))
    return None


def _sha(digest: str) -> str:
    return f"SHA-256 {digest[:12]}…" if digest else "no such file"


def _recomputed(package: Package, log: Mapping[str, Any]) -> dict[str, str]:
    result = run(package.spec, package.frame)
    draws = log["draws"]
    spread = (
        uncertainty(package.spec, package.frame, draws=draws, seed=log["seed"], outranking=False)
        if draws
        else None
    )
    indices = (
        sensitivity(package.spec, package.frame, draws=asked["draws"], seed=asked["seed"])
        if (asked := _sensitivity_asked(log))
        else None
    )
    return texts(package, result, spread, indices)


def _sensitivity_asked(log: Mapping[str, Any]) -> dict[str, int] | None:
    """The draws and seed of the logged sensitivity, or None where there was none."""
    entries = log.get("sensitivity")
    if not entries:
        return None
    entry = entries[0] if isinstance(entries, list) and isinstance(entries[0], Mapping) else {}
    draws, seed = entry.get("draws"), entry.get("seed")
    if not (isinstance(draws, int) and isinstance(seed, int) and draws > 1 and seed >= 0):
        raise PackageError.one(
            f"{LOG} sensitivity", f"{draws!r} draws with seed {seed!r}", "whole numbers"
        )
    return {"draws": draws, "seed": seed}


def _first_difference(target: Path, expected: Mapping[str, str]) -> Mismatch | None:
    for name, text in expected.items():
        path = target / name
        if not path.is_file():
            return Mismatch(name, "", "", "this file", "")
        try:
            found = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            return Mismatch(name, "", "", "UTF-8 text", "other bytes")
        compare = _json_difference if name == LOG else _csv_difference
        difference = compare(name, text, found)
        if difference is not None:
            return difference
    return _additional_file(target, expected)


def _additional_file(target: Path, expected: Mapping[str, str]) -> Mismatch | None:
    known = {*expected, *REPORTS, *(f"package/{name}" for name in canonical.FILES)}
    for path in sorted(target.rglob("*")):
        name = path.relative_to(target).as_posix()
        if path.is_file() and name not in known:
            return Mismatch(name, "", "", "", "an additional file")
    return None


def _csv_difference(name: str, expected: str, found: str) -> Mismatch | None:
    want = list(csv.reader(io.StringIO(expected, newline="")))
    have = list(csv.reader(io.StringIO(found, newline="")))
    if not have or have[0] != want[0]:
        return _header_difference(name, want[0], have[0] if have else [])
    for k, row in enumerate(want[1:], start=1):
        if k >= len(have):
            return Mismatch(name, row[0], "", "this row", "")
        if len(have[k]) != len(row):
            return Mismatch(name, row[0], "", f"{len(row)} cells", f"{len(have[k])} cells")
        for column, one, other in zip(want[0], row, have[k], strict=True):
            if not _agree(one, other):
                return Mismatch(name, row[0], column, one, other)
    if len(have) > len(want):
        return Mismatch(
            name, have[len(want)][0] if have[len(want)] else "", "", "", "an additional row"
        )
    return None


def _header_difference(name: str, want: list[str], have: list[str]) -> Mismatch:
    for column in want:
        if column not in have:
            return Mismatch(name, "", column, "this column", "")
    for column in have:
        if column not in want:
            return Mismatch(name, "", column, "", "an additional column")
    return Mismatch(name, "", "", ", ".join(want), ", ".join(have))


def _agree(expected: str, found: str) -> bool:
    if expected == found:
        return True
    try:
        return _near(float(expected), float(found))
    except ValueError:
        return False


def _near(expected: float, found: float) -> bool:
    return math.isclose(expected, found, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def _json_difference(name: str, expected: str, found: str) -> Mismatch | None:
    want, have = (dict(_leaves(json.loads(text))) for text in (expected, found))
    for key in (*want, *have):
        one, other = want.get(key), have.get(key)
        if not _same(one, other) or (key in want) != (key in have):
            return Mismatch(name, key, "", _shown(key, want), _shown(key, have))
    return None


def _same(expected: object, found: object) -> bool:
    if is_number(expected) and is_number(found):
        return _near(float(expected), float(found))
    return expected == found and type(expected) is type(found)


def _shown(key: str, leaves: Mapping[str, Any]) -> str:
    return json.dumps(leaves[key], ensure_ascii=False) if key in leaves else ""


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a JSON document with its path; facts about the machine are left out."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            if key not in _FREE:
                yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for k, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{k}]")
    else:
        yield path, value
