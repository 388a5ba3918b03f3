"""A table of claims from the file to the database: read, checked line by line, taken over, beside a raw COPY of the same rows.

    python -m benchmarks.imports [--quick] [--json FILE] [--data FOLDER]

The table has 100,000 lines of 16 columns, as CSV and as a spreadsheet: partnerships with a day, a number, four facts, two
partners with shares and a link. Each form runs in a process of its own, so that its memory is its own. The COPY writes the claims
and their credits into tables that have the same columns and nothing else: no key, no index, no trigger, no history, no check.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from . import figures
from .figures import Memory, Stopwatch, Table, apart, own_peak_mib
from .ground import enter, ground, servers

LINES, QUICK_LINES = 100_000, 10_000
AIM_ROWS_PER_S = 5000
ORGANISATIONS = 300
HEAD = (
    "reference", "title", "date", "quantity", "detail", "agreement", "level", "starts_on", "value_inr",
    "partner_1_organisation", "partner_1_role", "partner_1_share", "partner_2_organisation", "partner_2_role",
    "partner_2_share", "links",
)  # fmt: skip
LEVELS = ("local", "state", "union")


def lines(count: int) -> Iterator[list[Any]]:
    """The lines of the table, each its own."""
    for k in range(count):
        day = date(2022, 4, 1) + timedelta(k % 1400)
        yield [
            f"B-{k:06}", f"Accord {k} on the water of ward {k % 198}", day.isoformat(), 1,
            f"Signed by both sides; minute {k * 7 % 1000}", f"MoU/{k:06}", LEVELS[k % 3], f"{day:%d-%b-%Y}",
            f"{k % 90 + 10},{k % 100:02},{k % 1000:03}.50", f"body-{k % ORGANISATIONS:03}", "led", "0.6",
            f"body-{(k + 37) % ORGANISATIONS:03}", "contributed", "40%", f"https://example.org/accords/{k}",
        ]  # fmt: skip


def prepared(folder: str, count: int) -> dict[str, Any]:
    """Programme, cluster, members and somebody who may record; the table in both formats."""
    enter(Path(folder))
    from sankul.core.models import Grant, User
    from sankul.core.rules.roles import Role
    from sankul.core.tables import writing
    from sankul.programme.registry.models import Cluster, Membership, Organisation, Programme

    home = Path(folder)
    with (home / "claims.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        writer.writerows(lines(count))
    writing.spreadsheet(
        home / "claims.xlsx", title="Claims", head=HEAD, rows=lines(count), about=lambda: ()
    )
    if not Programme.objects.filter(slug="imports").exists():
        programme = Programme.objects.create(
            slug="imports", name="Imports", starts_on=date(2020, 4, 1), is_demonstration=True
        )
        cluster = Cluster.objects.create(
            programme=programme, slug="imports", name="Imports", place="Nowhere"
        )
        bodies = Organisation.objects.bulk_create(
            Organisation(slug=f"body-{k:03}", name=f"Body {k}", kind="academia", is_demonstration=True)
            for k in range(ORGANISATIONS)
        )  # fmt: skip
        Membership.objects.bulk_create(
            Membership(cluster=cluster, organisation=body, kind="member", from_on=date(2020, 4, 1))
            for body in bodies
        )
        user = User.objects.create(email="staff@example.org", name="Staff")
        Grant.objects.create(
            user=user, role=Role.CLUSTER_STAFF, scope_kind="cluster", scope_id=cluster.pk,
            from_on=date(2020, 1, 1), granted_at=_now(),
        )  # fmt: skip
    sizes = {form: (home / f"claims.{form}").stat().st_size for form in ("csv", "xlsx")}
    return {"bytes": sizes}


def parsed(folder: str, form: str) -> dict[str, Any]:
    """The table read and nothing more."""
    import django

    enter_settings()
    django.setup()
    from sankul.core.tables import opened

    before = time.perf_counter()
    with (Path(folder) / f"claims.{form}").open("rb") as file, opened(file) as table:
        count = sum(1 for _row in table.rows)
    return {"rows": count, "seconds": time.perf_counter() - before, "peak_mib": own_peak_mib()}


def enter_settings() -> None:
    """Settings without a database."""
    from django.conf import settings

    settings.configure(USE_I18N=False, LANGUAGES=[("en", "English")])


def imported(folder: str, form: str) -> dict[str, Any]:
    """A table received, checked and taken over; then sent and checked again, when every line is a claim already."""
    enter(Path(folder))
    from sankul.core.models import User
    from sankul.core.queries.actors import actor
    from sankul.programme.outcomes.actions import imports
    from sankul.programme.outcomes.models import Claim
    from sankul.programme.registry.models import Cluster

    at, watch = _now(), Stopwatch()
    who = actor(User.objects.get(email="staff@example.org"), at)
    cluster = Cluster.objects.select_related("programme").get(slug="imports")
    _forget(cluster.pk)
    peaks = {}
    for step in ("checked", "taken over", "checked again"):
        if step != "taken over":
            with (Path(folder) / f"claims.{form}").open("rb") as file:
                batch = imports.receive(
                    actor=who, cluster=cluster, kind="government_partnership", file=file,
                    name=f"claims.{form}", submits=True, at=at,
                )  # fmt: skip
        act = imports.apply if step == "taken over" else imports.check
        with watch.running(step):
            act(actor=who, batch=batch, at=at, advance=_progress(f"{form} {step}"))
        if batch.problems:
            raise SystemExit(str(list(batch.found.values_list()[:3])))
        peaks[step] = own_peak_mib()
    return {
        "rows": batch.rows, "claims": Claim.objects.filter(cluster=cluster).count(), "same": batch.same,
        "seconds": watch.seconds, "peak_mib": peaks,
    }  # fmt: skip


def copied(folder: str) -> dict[str, Any]:
    """The claims and credits that were taken over, copied into bare tables."""
    enter(Path(folder))
    from django.db import connection

    rows: dict[str, list[tuple[Any, ...]]] = {}
    with connection.cursor() as cursor:
        for name in ("claim", "credit"):
            cursor.execute(f"CREATE TEMPORARY TABLE bare_{name} (LIKE outcomes_{name})")
            cursor.execute(f"SELECT * FROM outcomes_{name}")
            rows[name] = [tuple(map(_plain, row)) for row in cursor.fetchall()]
        before = time.perf_counter()
        for name, found in rows.items():
            with cursor.copy(f"COPY bare_{name} FROM STDIN") as copying:
                for row in found:
                    copying.write_row(row)
        seconds = time.perf_counter() - before
    return {"rows": len(rows["claim"]), "credits": len(rows["credit"]), "seconds": seconds}


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value


def _forget(cluster: int) -> None:
    """What an earlier run took over, gone with its history."""
    from .ground import superuser

    with superuser() as connection:
        connection.execute("SET session_replication_role = replica")
        for table in ("attachment", "credit"):
            connection.execute(f"TRUNCATE outcomes_{table}".encode())
        connection.execute("DELETE FROM outcomes_claim WHERE cluster_id = %s", [cluster])


def _progress(what: str) -> Callable[[int], None]:
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        done += more
        if done % 20_000 < more:
            print(f"{what}: {done:,} lines", file=sys.stderr, flush=True)

    return advance


def _now() -> Any:
    from django.utils import timezone

    return timezone.now()


def main() -> int:
    """Run it and print the figures."""
    asked = figures.arguments(__doc__ or "").parse_args()
    if asked.task:
        name, *given = json.loads(asked.task)
        task: Callable[..., dict[str, Any]] = globals()[name]
        print(json.dumps(task(*given)))
        return 0
    count = QUICK_LINES if asked.quick else LINES
    module = "benchmarks.imports"
    with ground(asked.data, "imports") as folder:
        sizes = apart(module, "prepared", str(folder), count)["bytes"]
        table = Table(
            f"Tables of claims: {count:,} lines of {len(HEAD)} columns, two partners and a link each",
            f"CSV of {sizes['csv'] / 1e6:.1f} MB, spreadsheet of {sizes['xlsx'] / 1e6:.1f} MB; "
            f"aim: {AIM_ROWS_PER_S:,} checked lines a second",
        )
        for form in ("csv", "xlsx"):
            read = apart(module, "parsed", str(folder), form)
            _add(table, f"{form}: read", read["rows"], read["seconds"], read["peak_mib"])
        for form in ("csv", "xlsx"):
            with Memory(lambda: servers(folder)) as server:
                found = apart(module, "imported", str(folder), form)
            if (found["claims"], found["same"]) != (count, count):
                raise SystemExit(f"taken over: {found}")
            for step, seconds in found["seconds"].items():
                _add(table, f"{form}: {step}", count, seconds, found["peak_mib"][step])
            table.rows[-1]["server_mib"] = server.peak_mib
        bare = apart(module, "copied", str(folder))
        _add(table, "COPY of the same rows into bare tables", bare["rows"], bare["seconds"], None)
        return figures.finish([table], asked.json)


def _add(table: Table, step: str, rows: int, seconds: float, peak_mib: float | None) -> None:
    table.add(step=step, seconds=seconds, rows_per_s=round(rows / seconds), peak_mib=peak_mib)


if __name__ == "__main__":
    raise SystemExit(main())
