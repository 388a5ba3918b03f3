"""Verifying a sealed bundle on a machine without a database."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

from rich.console import Console

from sankul.engines import composite, seal

DIFFERS: Final = 1
UNREADABLE: Final = 2
FOLDER: Final = "evaluation"
RELATIVE: Final = 1e-9


def is_bundle(path: Path) -> bool:
    """Whether this is, or should be, a sealed bundle: a file, or a folder with a bundle's manifest or checkpoint."""
    return path.is_file() or any(
        (path / name).is_file() for name in ("manifest.json", "checkpoint.txt", "records.jsonl")
    )


def verify_bundle(path: Path, checkpoint: Path | None) -> None:
    """Check every leaf and the root, recompute scores and ranks from the package inside, and compare.

    Ends with exit code 1 and names what was changed, is missing or additional, or is not what the package gives; with 2 where
    there is no bundle to read.
    """
    try:
        known = None if checkpoint is None else checkpoint.read_text("utf-8")
        found = seal.verify(path, known)
        if found:
            _fail(DIFFERS, "Not as it was sealed:", *map(str, found))
        whole = seal.read(path, known)
    except (seal.SealError, OSError, UnicodeDecodeError) as error:
        _fail(UNREADABLE, str(error))
    wrong = list(_recomputed(whole))
    if wrong:
        _fail(DIFFERS, "Sealed, but not what its own package gives:", *wrong)
    _tell(whole, known)


def _recomputed(whole: seal.Bundle) -> Iterator[str]:
    """What in a whole bundle does not follow from the package inside, in words."""
    with tempfile.TemporaryDirectory(prefix="sankul-") as place:
        for name, content in whole.contents.items():
            if name.startswith(f"{FOLDER}/"):
                (Path(place) / name).parent.mkdir(parents=True, exist_ok=True)
                (Path(place) / name).write_bytes(content)
        folder = Path(place) / FOLDER
        try:
            mismatch = composite.verify(folder)
            package = composite.read(folder / "package")
        except composite.PackageError as error:
            yield str(error)
            return
    if mismatch is not None:
        yield f"{FOLDER}/{mismatch}"
    result = composite.run(package.spec, package.frame)
    rows = dict(_records(whole))
    standings = {name: row for name, row in rows.items() if name.startswith("standing/")}
    for unit in sorted(set(result.units) ^ {row["cluster"] for row in standings.values()}):
        yield f"standing/{unit}: it is in the records or in the package, not in both"
    for name, row in standings.items():
        if row["cluster"] in result.units:
            yield from _differences(name, row, result)
    if rows.get("run", {}).get("input_sha256") != package.digest:
        yield f"run: it names another input than the package, whose digest is {package.digest}"


def _differences(name: str, row: Mapping[str, Any], result: composite.Result) -> Iterator[str]:
    unit, root = row["cluster"], result.root
    given = {"score": result.scores.at(unit, root), "rank": result.ranks.at(unit, root)}
    for what, expected in given.items():
        told = row[what]
        if (told is None) != (expected is None) or (
            told is not None
            and expected is not None
            and abs(told - expected) > RELATIVE * max(1, abs(expected))
        ):
            yield f"{name}: {what} is {told}, the package gives {expected}"


def _records(whole: seal.Bundle) -> Iterator[tuple[str, dict[str, Any]]]:
    for line in whole.contents["records.jsonl"].splitlines():
        told = json.loads(line)
        yield told["id"], told["record"]


def _tell(whole: seal.Bundle, known: str | None) -> None:
    console = Console(highlight=False, soft_wrap=True, markup=False)
    size = whole.manifest.tree.size
    console.print(f"Whole: {size} leaves under the root {whole.root.hex()}.")
    console.print("Scores and ranks were recomputed from the package inside, and agree.")
    console.print("Checkpoint:")
    console.print(whole.checkpoint, end="")
    if known is None:
        console.print(
            "Compare it with the one that was made known, or give that as --checkpoint FILE: "
            "a bundle that was made anew throughout is whole, too."
        )


def _fail(code: int, *lines: str) -> NoReturn:
    console = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
    for line in lines:
        console.print(line, style="bold red")
    raise SystemExit(code)
