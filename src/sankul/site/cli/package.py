"""Evaluating and verifying a package of plain files, with no database behind it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from sankul.engines import composite


def evaluate_package(package: Path, out: Path, draws: int, seed: int) -> None:
    """Evaluate the package, print its ranking and write the result, with a report, to ``out``.

    With ``draws`` above 0 the ranking has intervals, and sensitivity indices are computed. Exit
    code 1, and nothing written, when the package or the folder cannot be used.
    """
    with _errors_as_exit():
        composite.refuse_foreign(out)
        read = composite.read(package)
        result = composite.run(read.spec, read.frame)
        spread = _uncertainty(read, draws, seed) if draws else None
        indices = _sensitivity(read, draws, seed) if draws else None
        readable = composite.report(read, result, spread, indices)
        composite.write(read, result, spread, out, sensitivity=indices, report=readable)
    console = Console()
    console.print(_ranking(read, result, spread))
    if result.not_ranked:
        console.print(_not_ranked(read, result))
    console.print(f"Package {read.digest}", highlight=False, soft_wrap=True)
    console.print(f"Written to {out}", highlight=False, markup=False, soft_wrap=True)


def verify_folder(folder: Path) -> None:
    """Recompute the result in the folder; exit code 1 names the first file and cell that differ."""
    with _errors_as_exit():
        mismatch = composite.verify(folder)
        digest = composite.read(folder / "package").digest
    if mismatch is not None:
        _fail(f"Does not agree: {mismatch}")
    drawn = ("report.html", "report.pdf")  # from the other files, so not compared
    files = sum(path.is_file() and path.name not in drawn for path in folder.rglob("*"))
    console = Console()
    console.print(f"All agrees: {files} files recomputed and compared.", highlight=False)
    console.print(f"Package {digest}", highlight=False, soft_wrap=True)


def _uncertainty(package: composite.Package, draws: int, seed: int) -> composite.Uncertainty:
    with _progress("Draws", draws) as advance:
        return composite.uncertainty(
            package.spec, package.frame, draws=draws, seed=seed, progress=advance
        )


def _sensitivity(package: composite.Package, draws: int, seed: int) -> composite.Sensitivity:
    """Indices from about as many evaluations as there were draws, a power of two a sample."""
    factors = max(len(package.spec.vary), 1)
    size = max(64, 2 ** int(math.log2(max(draws / (factors + 2), 1))))
    with _progress("Sensitivity", size * (factors + 2)) as advance:
        return composite.sensitivity(
            package.spec, package.frame, draws=size, seed=seed, progress=advance
        )


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)


def _ranking(
    package: composite.Package, result: composite.Result, spread: composite.Uncertainty | None
) -> Table:
    table = Table(title=Text(package.spec.title), title_justify="left")
    for heading in ("Rank", "Unit", "Name", "Score"):
        table.add_column(heading, justify="right" if heading in ("Rank", "Score") else "left")
    if spread is not None:
        table.add_column("Rank 5–95 %", justify="right")
        table.add_column("Score 5–95 %", justify="right")
    for unit in result.ranking():
        row = package.frame.units.index(unit)
        cells = [
            f"{result.ranks.at(unit, result.root):.0f}",
            unit,
            package.frame.names[row],
            f"{result.scores.at(unit, result.root):.2f}",
        ]
        if spread is not None:
            low, _, high = spread.rank_interval[row]
            cells.append(f"{low:.0f}–{high:.0f}")
            low, _, high = spread.score_interval[row]
            cells.append(f"{low:.2f}–{high:.2f}")
        table.add_row(*map(Text, cells))
    return table


def _not_ranked(package: composite.Package, result: composite.Result) -> Table:
    table = Table(title="Not ranked", title_justify="left")
    for heading in ("Unit", "Name", "Coverage", "Reason"):
        table.add_column(heading, justify="right" if heading == "Coverage" else "left")
    for unit, why in result.not_ranked.items():
        name = package.frame.names[package.frame.units.index(unit)]
        cells = (unit, name, f"{why['coverage']:.0%}", str(why["reason"]))
        table.add_row(*map(Text, cells))
    return table


@contextmanager
def _errors_as_exit() -> Iterator[None]:
    try:
        yield
    except (composite.PackageError, OSError) as error:
        _fail(str(error))


def _fail(message: str) -> None:
    Console(stderr=True).print(message, style="bold red", markup=False, soft_wrap=True)
    raise SystemExit(1)
