"""How long an annual report takes: gathered from the database, put into words, its pictures drawn, typeset and kept.

    python -m benchmarks.reports [--quick] [--json FILE] [--data FOLDER]

A programme of 8 clusters and one of 100 (with --quick 8 alone), with 600 results a cluster of which a fifth are confirmed, is
evaluated by the default framework and published; then its report is made in English and in Hindi by the action behind the
button. The aims are 10 s for 8 clusters and 60 s for 100.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

from . import figures, records
from .figures import Stopwatch, Table, apart
from .ground import enter, ground, superuser

SIZES, QUICK = (8, 100), (8,)
AIMS_S = {8: 10, 100: 60}
RESULTS = 600
STEPS = ("contents", "words", "pictures", "typesetting", "keeping")
CONFIRMED = """
UPDATE outcomes_claim SET status = 'verified', verified_quantity = quantity, judged_at = now()
WHERE is_evidenced AND id % 5 = 0;
INSERT INTO outcomes_attachment (claim_id, url, suffices, proves)
SELECT id, 'https://example.org/result/' || id, TRUE, 'the result' FROM outcomes_claim WHERE is_evidenced AND id % 5 = 0
"""


def prepared(folder: str, clusters: int) -> dict[str, Any]:
    """Records of the kinds that the default framework counts, evaluated and published, unless they are there."""
    enter(Path(folder))
    from django.utils import timezone

    from sankul.programme.evaluation.actions import runs
    from sankul.programme.evaluation.models import Run

    if Run.objects.exists():
        return {}
    kinds = _kinds()
    records.write(records.Size(clusters, 1, len(kinds), 2 * RESULTS * clusters))
    _name_and_confirm(kinds)
    (period,) = records.periods()
    run = runs.compute(
        actor=None, period=period, framework=_framework(), at=timezone.now(), draws=1000
    )
    runs.publish(actor=None, run=run, at=timezone.now())
    return {}


def _source() -> str:
    from importlib.resources import files

    place = files("sankul.programme.indicators") / "frameworks" / "default-2.toml"
    return place.read_text("utf-8")


def _kinds() -> list[str]:
    """What the default framework counts, and what it divides by."""
    import tomllib

    rows = tomllib.loads(_source())["indicator"]
    named = {row["measure"] for row in rows} | {row.get("denominator", "") for row in rows}
    from sankul.core.measures import MEASURES

    return sorted(one for one in named | {"operating_cost"} if one in MEASURES)


def _name_and_confirm(kinds: list[str]) -> None:
    """Give the records the names of these kinds, and confirm a fifth with a link as evidence."""
    with superuser() as connection:
        connection.execute("SET session_replication_role = replica")
        for table in ("outcomes_claim", "outcomes_credit"):
            connection.execute(
                f"UPDATE {table} SET kind = (%s::text[])[1 + substr(kind, 7)::int]".encode(),
                [kinds],
            )
        for statement in CONFIRMED.split(";"):
            connection.execute(statement.encode())
        connection.execute("VACUUM (ANALYZE) outcomes_claim, outcomes_credit, outcomes_attachment")


def _framework() -> Any:
    from django.utils import timezone

    from sankul.programme.indicators.actions import frameworks
    from sankul.programme.registry.models import Programme

    programme, at = Programme.objects.get(slug=records.SLUG), timezone.now()
    drafted = frameworks.draft(actor=None, programme=programme, source=_source(), at=at)
    frameworks.illustrate(framework=drafted, at=at)
    drafted.refresh_from_db()
    return drafted


def made(folder: str, language: str) -> dict[str, Any]:
    """Make the report: seconds of each step, pages, size and memory of this process."""
    enter(Path(folder))
    from django.utils import timezone

    from sankul.programme.evaluation.models import Run
    from sankul.programme.reports.actions import press, reports

    watch = Stopwatch()
    watch.watch(reports, "contents", "contents")
    watch.watch(reports, "chapters", "words")
    watch.watch(press, "_drawn", "pictures")
    watch.watch(press, "_typeset", "typesetting")
    watch.watch(reports, "_kept", "keeping")
    run = Run.objects.select_related("programme", "period", "framework__decision").get()
    begun = time.perf_counter()
    report = reports.make(actor=None, run=run, language=language, at=timezone.now())
    seconds = time.perf_counter() - begun
    with report.document.open() as file:
        content = file.read()
    return {
        "seconds": seconds,
        "steps": watch.seconds,
        "cpu": sum(watch.cpu.values()),
        "pages": len(re.findall(rb"/Type\s*/Page\b", content)),
        "bytes": len(content),
        "peak_mib": figures.own_peak_mib(),
    }


TASKS = {"prepared": prepared, "made": made}


def main(given: list[str] | None = None) -> int:
    """Make the reports, print, write."""
    asked = figures.arguments(__doc__ or "").parse_args(given)
    if asked.task:
        name, *rest = json.loads(asked.task)
        print(json.dumps(TASKS[name](*rest)))
        return 0
    table = Table("Annual reports, seconds")
    for clusters in QUICK if asked.quick else SIZES:
        with ground(asked.data, f"reports-{clusters}") as folder:
            apart("benchmarks.reports", "prepared", str(folder), clusters)
            for language in ("en", "hi"):
                found = apart("benchmarks.reports", "made", str(folder), language)
                table.add(
                    clusters=f"{clusters}, {language}",
                    **{step: found["steps"].get(step, 0.0) for step in STEPS},
                    all=found["seconds"],
                    cpu=found["cpu"],
                    aim=AIMS_S[clusters],
                    pages=found["pages"],
                    MB=found["bytes"] / 1e6,
                    peak_mib=round(found["peak_mib"]),
                )
    return figures.finish([table], asked.json)


if __name__ == "__main__":
    raise SystemExit(main())
