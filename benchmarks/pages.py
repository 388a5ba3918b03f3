"""Pages under load: 20 readers at once, on a small and on a hundred times larger demonstration programme.

    python -m benchmarks.pages [--quick] [--json FILE] [--data FOLDER] [--scale N] [--users N] [--seconds S]

The site runs as in production: gunicorn with the site's settings (2 workers of 4 threads), the embedded database, its own data
folder. The readers run in a process of their own on the same machine, with connections kept alive. Each page is measured twice:
"at once" keeps 20 requests under way without a pause, so that a page's time is mostly waiting for a processor; "browsing" lets 20
readers go through all pages in turn, with about a second between two pages. The number of queries is that of the page on
the small and on the large programme; the database's share is that of the same statements, run one after the other by psycopg.
The peer is a Django view that returns as many bytes and does nothing else, under the same gunicorn settings.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from . import figures
from .figures import MIB, Table, apart, percentile
from .ground import enter, environment, ground
from .start import await_answer, free_port

WORKERS = 2
Page = dict[str, Any]


# --- tasks: each in a process of its own --------------------------------------------------------


def seeded(folder: str, scale: int) -> dict[str, Any]:
    """Load and evaluate both seed programmes, unless they are there; seconds of each."""
    enter(Path(folder))
    from django.db import connection
    from django.utils import timezone

    from sankul.programme.outcomes.models import Claim
    from sankul.site.cli import setup
    from sankul.site.seeds import demonstration

    watch = figures.Stopwatch()
    with watch.running("load"):
        demonstration.load(timezone.now(), scale)
    setup.seed_if_missing()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) outcomes_claim, outcomes_credit, outcomes_attachment")
    with watch.running("evaluate"):
        setup.evaluate_if_missing()
    setup.collect_static()
    return {"claims": Claim.objects.count(), **watch.seconds}


def counted(folder: str) -> dict[str, Any]:
    """Every page: its address, who reads it, how many queries it asks and how long they take by themselves."""
    enter(Path(folder))
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, setup_test_environment

    setup_test_environment()
    pages: list[Page] = []
    for name, path, reader in _addresses():
        client = Client(headers={"host": "127.0.0.1"})
        if reader is not None:
            client.force_login(reader, settings.AUTHENTICATION_BACKENDS[0])
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(path)
        queries = [row["sql"] for row in captured]
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status_code}")
        cookies = client.cookies.items()
        pages.append(
            {
                "name": name,
                "path": path,
                "cookie": "; ".join(f"{key}={morsel.value}" for key, morsel in cookies),
                "queries": len(queries),
                "cpu_ms": statistics.median(_processor_ms(client, path) for _repeat in range(7)),
                "sql_ms": 1000 * _seconds(queries),
                "reads": _reads(queries),
            }
        )
    return {"pages": pages}


def _addresses() -> Iterator[tuple[str, str, Any]]:
    """Name, address and reader (None: the public) of every page that is measured."""
    from django.urls import reverse

    from sankul.core.models import User
    from sankul.programme.evaluation.models import Run, Value
    from sankul.programme.outcomes.models import Claim
    from sankul.programme.registry.models import Organisation

    run = (
        Run.objects.filter(programme__slug="demonstration", status="published")
        .select_related("programme", "period")
        .order_by("-period__starts_on")
        .first()
    )
    if run is None:
        raise SystemExit("the demonstration is not evaluated")
    value = Value.objects.filter(run=run).select_related("cluster").order_by("-records", "pk")[0]
    claim = Claim.objects.filter(programme=run.programme, status="submitted", is_evidenced=True)
    claim_id = (
        claim.filter(on__lte=run.period.ends_on).order_by("pk").values_list("pk", flat=True)[0]
    )
    place, cluster = [run.programme.slug, run.period.label], value.cluster.slug
    claims = reverse("claims")
    organisation = Organisation.objects.filter(credits__cluster=value.cluster).order_by("pk")[0]
    yield "home", "/", None
    yield "ranking", reverse("ranking", args=place), None
    yield "standing", reverse("standing", args=[*place, cluster]), None
    yield "value and its records", reverse("value", args=[*place, cluster, value.indicator]), None
    yield "cluster's profile", reverse("cluster", args=[run.programme.slug, cluster]), None
    yield "organisation", reverse("organisation", args=[organisation.slug]), None
    yield "organisations, searched", reverse("organisations") + "?q=inst", None
    yield "claims", claims, None
    yield "claims, page 100", f"{claims}?page=100", None
    yield "claims, searched", f"{claims}?q=leak+detection", None
    yield "claims, searched in vain", f"{claims}?q=zzzyx", None
    yield "claims, filtered", f"{claims}?kind=patent_commercialised", None
    yield "claim", reverse("claim", args=[claim_id]), None
    yield "open data", reverse("data"), None
    yield "API: ranking", f"/api/evaluations/{'/'.join(place)}", None
    for who in ("staff." + cluster, "officer"):
        reader = User.objects.get(email=f"{who}@sankul.example")
        role = who.partition(".")[0]
        yield f"dashboard of {role}", reverse("dashboard"), reader
        yield f"claims for {role}", claims, reader
        yield f"claims for {role}, searched", f"{claims}?q=leak+detection", reader


def _processor_ms(client: Any, path: str) -> float:
    before = time.process_time()
    client.get(path)
    return 1000 * (time.process_time() - before)


def _seconds(statements: list[str]) -> float:
    """The median time of the reading statements among these, run one after the other by psycopg."""
    import psycopg

    from sankul.site import postgres

    reading = [sql for sql in statements if sql.startswith(("SELECT", "WITH"))]
    times = []
    with psycopg.connect(postgres.status().url, autocommit=True) as connection:
        for _repeat in range(5):
            before = time.perf_counter()
            for sql in reading:
                connection.execute(sql.encode()).fetchall()
            times.append(time.perf_counter() - before)
    return statistics.median(times)


def _reads(statements: list[str]) -> list[str]:
    """How the slowest of the statements comes at the rows of the large tables, as PostgreSQL explains it."""
    import psycopg

    from sankul.site import postgres

    slowest = max(statements, key=lambda sql: _seconds([sql]), default="")
    if not slowest.startswith("SELECT"):
        return []
    with psycopg.connect(postgres.status().url) as connection:
        rows = connection.execute(f"EXPLAIN (FORMAT JSON) {slowest}".encode()).fetchone()
    found: list[str] = []
    _scans(rows[0][0]["Plan"] if rows else {}, found)
    return found


def _scans(plan: dict[str, Any], found: list[str]) -> None:
    if "Scan" in plan["Node Type"] and plan.get("Relation Name", "outcomes").startswith("outcomes"):
        found.append(f"{plan['Node Type']} on {plan.get('Index Name') or plan['Relation Name']}")
    for part in plan.get("Plans", []):
        _scans(part, found)


TASKS = {"seeded": seeded, "counted": counted}


# --- the run ------------------------------------------------------------------------------------


@contextmanager
def served(
    application: str, folder: Path, path: str = "/healthz"
) -> Iterator[tuple[int, psutil.Process]]:
    """The application under gunicorn as the site serves it: port and master process."""
    port = free_port()
    shared = folder / "metrics"
    shared.mkdir(exist_ok=True)
    command = ["-m", "gunicorn", "-c", "python:sankul.site.gunicorn", "-b", f"127.0.0.1:{port}"]
    given = environment(folder) | {
        "WEB_CONCURRENCY": str(WORKERS), "PROMETHEUS_MULTIPROC_DIR": str(shared),
    }  # fmt: skip
    with (folder / "requests.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, *command, application], env=given, stdout=log, stderr=log
        )
        try:
            await_answer(port, path, server)
            yield port, psutil.Process(server.pid)
        finally:
            server.terminate()
            server.wait(30)


def crowd(
    port: int, pages: list[Page], users: int, seconds: float, think_s: float
) -> dict[str, Any]:
    """Answers by page: sorted milliseconds and the largest size; and all requests a second."""
    wanted = json.dumps([[page["name"], page["path"], page["cookie"]] for page in pages])
    command = [sys.executable, str(Path(__file__).with_name("crowd.py")), "127.0.0.1", str(port)]
    done = subprocess.run(
        [*command, str(users), str(seconds), str(think_s)],
        input=wanted, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    answers: dict[str, Any] = {"by_page": {}}
    rows = json.loads(done.stdout)
    for name, _begun, took_s, size in rows:
        page = answers["by_page"].setdefault(name, {"ms": [], "bytes": 0})
        page["ms"].append(1000 * took_s)
        page["bytes"] = max(page["bytes"], size)
    for page in answers["by_page"].values():
        page["ms"].sort()
    ends = [begun + took for _name, begun, took, _size in rows]
    answers["per_s"] = len(rows) / (max(ends) - min(row[1] for row in rows))
    return answers


def main(given: list[str] | None = None) -> int:
    parser = figures.arguments(__doc__ or "")
    parser.add_argument("--scale", type=int, help="how often every claim stands (100; quick: 2)")
    parser.add_argument("--users", type=int, default=20, help="readers at once (20)")
    parser.add_argument("--seconds", type=float, help="for each page (10; quick: 2)")
    asked = parser.parse_args(given)
    if asked.task:
        name, *rest = json.loads(asked.task)
        print(json.dumps(TASKS[name](*rest)))
        return 0
    scale = asked.scale or (2 if asked.quick else 100)
    seconds = asked.seconds or (2 if asked.quick else 10)
    with ground(asked.data, "scale-1") as folder:
        apart("benchmarks.pages", "seeded", str(folder), 1)
        small = {page["name"]: page for page in _pages(folder)}
    with ground(asked.data, f"scale-{scale}") as folder:
        loaded = apart("benchmarks.pages", "seeded", str(folder), scale)
        tables = _measured(folder, small, asked.users, seconds, loaded, scale)
    return figures.finish(tables, asked.json)


def _pages(folder: Path) -> list[Page]:
    found: list[Page] = apart("benchmarks.pages", "counted", str(folder))["pages"]
    return found


def _measured(
    folder: Path,
    small: dict[str, Page],
    users: int,
    seconds: float,
    loaded: dict[str, Any],
    scale: int,
) -> list[Table]:
    pages = _pages(folder)
    table = Table(
        f"Pages at seed scale {scale} ({loaded['claims']:,} claims), {users} requests under way, milliseconds"
    )
    bare = Table("A bare Django view of as many bytes under the same gunicorn, milliseconds")
    sizes: dict[str, int] = {}
    with served("sankul.site.wsgi", folder) as (port, master):
        for page in pages:
            answers = crowd(port, [page], users, seconds, 0)
            found = answers["by_page"][page["name"]]
            sizes[page["name"]] = found["bytes"]
            table.add(
                page=page["name"], p50=percentile(found["ms"], 0.5), p95=percentile(found["ms"], 0.95),
                p99=percentile(found["ms"], 0.99), per_s=answers["per_s"], kB=round(found["bytes"] / 1000),
                queries=page["queries"], **{"at 1": small[page["name"]]["queries"]}, sql_ms=page["sql_ms"],
            )  # fmt: skip
        browsing = _browsing(port, pages, users, max(seconds * 3, 10))
        workers = [process.memory_info().rss / MIB for process in master.children()]
    table.note = (
        f"Workers: {', '.join(f'{rss:,.0f} MiB' for rss in workers)} resident each, shared pages included. "
        "queries: on the large programme; at 1: on the small one; cpu_ms: Python's processor time for one answer; sql_ms: its "
        "statements alone, by psycopg."
    )
    with served("benchmarks.bare", folder, "/1") as (port, _master):
        for words, size in (
            ("smallest page", min(sizes.values())),
            ("largest page", max(sizes.values())),
        ):
            page = {"name": words, "path": f"/{size}", "cookie": ""}
            answers = crowd(port, [page], users, seconds, 0)
            found = answers["by_page"][words]
            bare.add(
                page=f"{words}, {size / 1000:,.0f} kB", p50=percentile(found["ms"], 0.5),
                p95=percentile(found["ms"], 0.95), p99=percentile(found["ms"], 0.99), per_s=answers["per_s"],
            )  # fmt: skip
    ratio = _median_rate(bare) / _median_rate(table)
    bare.note = f"It answers {ratio:,.0f} times as many requests a second as the median of the site's pages."
    return [table, browsing, bare, _plans(pages)]


def _plans(pages: list[Page]) -> Table:
    table = Table(
        "How the slowest statement of a page finds claims, credits and attachments",
        note="A Seq Scan here belongs to the count of a list, which stops at 10,001 rows.",
    )
    for page in pages:
        if page["reads"]:
            table.add(page=page["name"], reads="; ".join(page["reads"]))
    return table


def _median_rate(table: Table) -> float:
    return statistics.median(row["per_s"] for row in table.rows)


def _browsing(port: int, pages: list[Page], users: int, seconds: float) -> Table:
    table = Table(
        f"The same pages in turn, {users} readers with about a second between two pages, milliseconds"
    )
    answers = crowd(port, pages, users, seconds, 1.0)
    everything = sorted(ms for found in answers["by_page"].values() for ms in found["ms"])
    worst = max(
        answers["by_page"], key=lambda name: percentile(answers["by_page"][name]["ms"], 0.95)
    )
    for name, times in (
        ("all pages", everything),
        (f"slowest: {worst}", answers["by_page"][worst]["ms"]),
    ):
        table.add(
            page=name, p50=percentile(times, 0.5), p95=percentile(times, 0.95),
            p99=percentile(times, 0.99), per_s=len(times) / len(everything) * answers["per_s"],
        )  # fmt: skip
    return table


if __name__ == "__main__":
    os.umask(0o077)
    raise SystemExit(main())
