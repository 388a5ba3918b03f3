"""A full evaluation of a large programme, step by step, beside a plain script over the same rows.

    python -m benchmarks.evaluation [--quick] [--json FILE] [--data FOLDER] [--draws N]

Every year of the programme is evaluated by ``evaluation.actions.runs.compute``, the very action behind the button:
tallies from the database, the frozen records as Parquet, the engine, the uncertainty draws, and storing the run.
The peer is what an analyst would write: the same rows exported as CSV, read and grouped by pandas or Polars. It counts
(sum, count, mean, different organisations of what is evidenced) and neither freezes nor ranks nor stores.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import composite, figures, records
from .figures import Memory, Stopwatch, Table, apart
from .ground import enter, ground, servers

FULL = records.Size(clusters=1000, years=5, measures=60, rows=10_000_000)
QUICK = records.Size(clusters=200, years=5, measures=60, rows=400_000)
STEPS = (
    "records copied",
    "records to Parquet",
    "tallies",
    "package",
    "engine",
    "uncertainty",
    "documents",
    "storing",
)


def evaluated(folder: str, quick: bool, draws: int) -> dict[str, Any]:
    """Seconds of each step over all years, and the peak memory of this process."""
    enter(Path(folder))
    from django.utils import timezone

    from sankul.engines import composite as engine
    from sankul.programme.evaluation.actions import package, runs
    from sankul.programme.indicators.models import Framework

    records.declare(_size(quick))
    framework = Framework.objects.get(programme__slug=records.SLUG)
    watch = Stopwatch(_processor_seconds())
    watch.watch(runs, "values", "tallies")
    watch.watch(package, "records", "records copied")
    watch.watch(package, "frozen", "records to Parquet")
    watch.watch(package, "assemble", "package")
    watch.watch(engine, "run", "engine")
    watch.watch(engine, "uncertainty", "uncertainty")
    watch.watch(runs.documents, "keep", "documents")
    watch.watch(runs, "_store", "storing")
    for period in records.periods():
        with watch.running("all"):
            runs.compute(
                actor=None, period=period, framework=framework, at=timezone.now(), draws=draws
            )
    return {"seconds": watch.seconds, "cpu": watch.cpu, "peak_mib": figures.own_peak_mib()}


def _processor_seconds() -> Callable[[], float]:
    """The processor time of this process and of the database process that serves it."""
    import psutil
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = psutil.Process(cursor.fetchone()[0])
    return lambda: time.process_time() + sum(server.cpu_times()[:2])


def exported(folder: str, quick: bool, target: str) -> dict[str, Any]:
    """Write the rows of all measures as one CSV file, as an analyst would ask the database for them."""
    enter(Path(folder))
    from django.db import connection

    query = (
        "COPY (SELECT t.kind, c.slug, o.slug, t.\"on\", t.quantity, t.role, 'claim/' || t.claim_id, t.counts "
        "FROM outcomes_credit t JOIN registry_cluster c ON c.id = t.cluster_id "
        "JOIN registry_organisation o ON o.id = t.organisation_id WHERE t.stands) TO STDOUT (FORMAT csv)"
    )
    before = time.perf_counter()
    with connection.cursor() as cursor, Path(target).open("wb") as file, cursor.copy(query) as copy:
        for block in copy:
            file.write(block)
    return {"seconds": time.perf_counter() - before, "bytes": Path(target).stat().st_size}


def prepared(folder: str, quick: bool) -> dict[str, Any]:
    """Write the records and the framework, unless they are there."""
    enter(Path(folder))
    from django.utils import timezone

    from sankul.programme.indicators.actions import frameworks
    from sankul.programme.indicators.models import Framework
    from sankul.programme.registry.models import Programme

    size = _size(quick)
    records.declare(size)
    records.write(size)
    programme = Programme.objects.get(slug=records.SLUG)
    if not Framework.objects.filter(programme=programme).exists():
        source = records.framework(size)
        drafted = frameworks.draft(
            actor=None, programme=programme, source=source, at=timezone.now()
        )
        frameworks.illustrate(framework=drafted, at=timezone.now())
    return {}


TASKS = {"prepared": prepared, "evaluated": evaluated, "exported": exported}


def _size(quick: bool) -> records.Size:
    return QUICK if quick else FULL


def main(given: list[str] | None = None) -> int:
    parser = figures.arguments(__doc__ or "")
    parser.add_argument("--draws", type=int, default=10_000, help="draws a run (10,000)")
    asked = parser.parse_args(given)
    if asked.task:
        name, *rest = json.loads(asked.task)
        print(json.dumps(TASKS[name](*rest)))
        return 0
    size = _size(asked.quick)
    with ground(asked.data, "large") as folder:
        apart("benchmarks.evaluation", "prepared", str(folder), asked.quick)
        own = Table(f"Evaluation: {size.words}, {asked.draws:,} draws a year")
        with Memory(lambda: servers(folder)) as server:
            found = apart(
                "benchmarks.evaluation", "evaluated", str(folder), asked.quick, asked.draws
            )
        _add(own, found, server.peak_mib)
        return figures.finish([own, _peers(folder, asked.quick, size, found)], asked.json)


def _add(table: Table, found: dict[str, Any], server_mib: float) -> None:
    seconds, cpu = found["seconds"], found["cpu"]
    for step in STEPS:
        table.add(step=step, seconds=seconds[step], cpu_s=cpu[step])
    table.add(step="all years", seconds=seconds["all"], cpu_s=cpu["all"])
    table.note = (
        f"Peak memory: {found['peak_mib']:,.0f} MiB in the evaluating process, {server_mib:,.0f} MiB in the "
        "database's processes beside its shared buffers (256 MB). The Parquet file is written in a thread while the records are "
        "tallied: their processor times overlap."
    )


def _peers(folder: Path, quick: bool, size: records.Size, own: dict[str, Any]) -> Table:
    table = Table(
        "The same rows tallied by a plain script: no frozen records, no draws, no ranks, nothing stored"
    )
    text = folder / "rows.csv"
    out = apart("benchmarks.evaluation", "exported", str(folder), quick, str(text))
    table.add(who="export as CSV", seconds=out["seconds"], peak_mib=None, ratio=None)
    seconds = own["seconds"]
    for library, python in (("polars", sys.executable), ("pandas", composite.peers_python())):
        found = figures.script(python, Path(__file__).with_name("plain.py"), library, str(text))
        both = out["seconds"] + found["seconds"]
        table.add(
            who=f"{library}, with the export", seconds=both, peak_mib=found["peak_mib"],
            ratio=both / seconds["tallies"],
        )  # fmt: skip
    text.unlink()
    table.add(
        who="sankul, tallies alone", seconds=seconds["tallies"], peak_mib=own["peak_mib"], ratio=1.0
    )
    return table


if __name__ == "__main__":
    raise SystemExit(main())
