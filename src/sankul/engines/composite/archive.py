"""Writing a result to a folder, all of it or nothing."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import numpy as np

from . import canonical
from .frame import Table
from .package import Package, save
from .problems import PackageError
from .result import Result
from .robustness import Uncertainty
from .sensitivity import Sensitivity

FORMAT: Final = "sankul evaluation 1"
LOG: Final = "log.json"
REPORTS: Final = ("report.html", "report.pdf")  # drawn from the figures, not compared


def write(
    package: Package,
    result: Result,
    uncertainty: Uncertainty | None,
    folder: str | Path,
    *,
    sensitivity: Sensitivity | None = None,
    report: Mapping[str, bytes] | None = None,
) -> None:
    """Write scores, ranks, intervals, acceptability, sensitivity, stages, log and the package.

    A node under Copeland's rule has its matrix in ``outranking/``, named after the node.

    ``report`` holds the readable files made from these, by name (see ``report.files``).

    The files appear together: they are written into a folder beside and moved into place. An
    earlier result in ``folder`` is replaced; any other folder that is not empty is refused with
    PackageError.
    """
    target = Path(folder)
    refuse_foreign(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = _beside(target)
    try:
        save(package, fresh / "package")
        for name, text in texts(package, result, uncertainty, sensitivity).items():
            (fresh / name).parent.mkdir(exist_ok=True)
            (fresh / name).write_text(text, encoding="utf-8", newline="\n")
        for name in REPORTS:
            if report is not None and name in report:
                (fresh / name).write_bytes(report[name])
        _into_place(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def texts(
    package: Package,
    result: Result,
    uncertainty: Uncertainty | None,
    sensitivity: Sensitivity | None = None,
) -> dict[str, str]:
    """The text of every file of a result, by its name in the folder, apart from the package."""
    tables = {"scores.csv": result.scores, "ranks.csv": result.ranks}
    if uncertainty is not None:
        tables |= {"intervals.csv": _intervals(uncertainty)}
        tables |= {"acceptability.csv": _acceptability(uncertainty)}
    tables |= {f"stages/{do}.csv": stage for do, stage in result.stages.items()}
    tables |= {
        f"outranking/{_file_name(node)}.csv": matrix for node, matrix in result.outranking.items()
    }
    log = json.dumps(
        _log(package, result, uncertainty, sensitivity),
        indent=1,
        ensure_ascii=False,
        allow_nan=False,
    )
    written = {name: _csv(table) for name, table in tables.items()}
    if sensitivity is not None:
        written["sensitivity.csv"] = _sensitivity(sensitivity)
    return written | {LOG: log + "\n"}


def _file_name(id_: str) -> str:
    """The id, with what file names may not hold on any system in its percent code."""
    return re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|%]', lambda found: quote(found.group(), safe=""), id_)


def _csv(table: Table) -> str:
    rows = (
        [unit, *map(canonical.number, row)]
        for unit, row in zip(table.units, table.values.tolist(), strict=True)
    )
    return canonical.table(["unit", *table.columns], rows)


def _intervals(uncertainty: Uncertainty) -> Table:
    columns = tuple(f"{what}_{p}" for what in ("score", "rank") for p in ("p05", "p50", "p95"))
    values = [uncertainty.score_interval, uncertainty.rank_interval]
    if uncertainty.probability_below is not None:
        columns += ("probability_below",)
        values.append(uncertainty.probability_below[:, None])
    return Table(uncertainty.units, columns, np.hstack(values))


def _acceptability(uncertainty: Uncertainty) -> Table:
    ranks = tuple(str(rank) for rank in range(1, len(uncertainty.units) + 1))
    return Table(uncertainty.units, ranks, uncertainty.acceptability)


def _sensitivity(sensitivity: Sensitivity) -> str:
    """A row for every unit (* for the mean shift of ranks), factor, and output."""
    ends = ("", "_p05", "_p95")
    header = ["unit", "factor", "of", *(f"{o}{e}" for o in ("first", "total") for e in ends)]
    outputs = [
        *((unit, "score", sensitivity.scores, k) for k, unit in enumerate(sensitivity.units)),
        *((unit, "rank", sensitivity.ranks, k) for k, unit in enumerate(sensitivity.units)),
        ("*", "mean rank shift", sensitivity.shift, 0),
    ]
    rows = (
        [unit, factor, of]
        + [canonical.number(v) for v in (*indices.first[f, k], *indices.total[f, k])]
        for unit, of, indices, k in outputs
        for f, factor in enumerate(sensitivity.factors)
    )
    return canonical.table(header, rows)


def _log(
    package: Package,
    result: Result,
    uncertainty: Uncertainty | None,
    sensitivity: Sensitivity | None,
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "digest": package.digest,
        "period": package.frame.period,
        "files": {name: canonical.file_digest(text) for name, text in package.texts.items()},
        "draws": uncertainty.draws if uncertainty else 0,
        "seed": uncertainty.seed if uncertainty else None,
        "steps": list(result.log),
        "uncertainty": list(uncertainty.log) if uncertainty else [],
        "sensitivity": list(sensitivity.log) if sensitivity else [],
        "effective_weights": dict(result.effective_weights),
        "coverage": dict(result.coverage),
        "not_ranked": {unit: dict(why) for unit, why in result.not_ranked.items()},
    }


def is_result(folder: Path) -> bool:
    """Whether the folder holds an earlier result."""
    try:
        log: Any = json.loads((folder / LOG).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(log, Mapping) and log.get("format") == FORMAT


def refuse_foreign(folder: str | Path) -> None:
    """Raise PackageError unless a result may be written there (new, empty or an earlier result)."""
    target = Path(folder)
    if not target.exists():
        return
    if not target.is_dir():
        raise PackageError.one(str(target), "a file is in the way", "a folder, or nothing there")
    if any(target.iterdir()) and not is_result(target):
        raise PackageError.one(
            str(target),
            "the folder holds something other than an earlier result",
            "a new or empty folder",
        )


def _beside(target: Path) -> Path:
    """A new hidden folder on the same file system."""
    folder = target.parent / f".{target.name}-{secrets.token_hex(8)}"
    folder.mkdir()
    return folder


def _into_place(fresh: Path, target: Path) -> None:
    """Rename; an earlier result steps aside first, and comes back should the rename fail."""
    if not target.exists():
        fresh.rename(target)
        return
    aside = _beside(target)
    try:
        earlier = target.rename(aside / "earlier")
        try:
            fresh.rename(target)
        except OSError:
            earlier.rename(target)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
