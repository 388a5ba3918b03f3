"""The plausibility rules over a million claims, rule by rule, and after one submission and five hundred.

    python -m benchmarks.plausibility [--quick] [--json FILE] [--data FOLDER]

The nightly run (``evidence.actions.plausibility.check_all``) is measured one rule at a time, first over claims that nobody
has looked at, so that findings are made, then again, when nothing changes; then what the follower of the log does after
submissions. The peer is what an analyst would write for nearly the same titles: every pair of claims of a kind within the
days, compared by pg_trgm in one plain join, on the same database.
"""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from typing import Any

from . import figures
from .figures import Memory, Table, apart
from .ground import enter, ground, servers, superuser
from .records import _execute, _without_indexes

SLUG, CLUSTERS, ORGANISATIONS, YEARS = "benchmark", 40, 400, 3
KINDS = (
    "outreach_item", "training_event", "training_attendance", "facility_access", "venture_supported", "jobs_created",
    "graduate_project", "patent", "government_partnership", "deployment", "deployment_users", "sponsored_research",
)  # fmt: skip
WORDS = (
    "sewage", "monitoring", "viruses", "farmers", "lakes", "nitrate", "sensors", "village", "schools", "science", "kits",
    "doctoral", "students", "solar", "cold", "rooms", "bus", "arrival", "forecasts", "residues", "milk", "anaemia",
    "point", "care", "tests", "teacher", "fellowships", "health", "workers", "batteries", "second", "life", "electron",
    "microscope", "open", "measurement", "forest", "fires", "coast", "erosion", "craft", "looms", "charging", "stations",
    "ewaste", "metals", "foot", "ulcers", "transit", "tickets", "groundwater", "salinity", "millet", "storage", "pumps",
)  # fmt: skip
CLAIMS = """
INSERT INTO outcomes_claim (id, programme_id, cluster_id, kind, reference, title, detail, "on", quantity, facts,
    status, is_evidenced, recorded_at, submitted_at, judgement)
SELECT i, %(programme)s, %(cluster)s + (abs(hashint8extended(b, 1)) %% %(clusters)s)::int, kind, 'B-' || i,
    initcap(word[1 + abs(hashint8extended(b, 11)) %% %(words)s]) || ' ' || word[1 + abs(hashint8extended(b, 12)) %% %(words)s]
      || CASE WHEN i = b THEN ' on ' ELSE ': ' END || word[1 + abs(hashint8extended(b, 13)) %% %(words)s] || ' '
      || word[1 + abs(hashint8extended(b, 14)) %% %(words)s] || ' and ' || word[1 + abs(hashint8extended(b, 15)) %% %(words)s]
      || ' for ' || word[1 + abs(hashint8extended(b, 16)) %% %(words)s] || ' ' || b %% 97, '',
    least(%(first)s::date + (b * %(days)s / (%(claims)s + 1))::int + (i <> b)::int, %(last)s::date),
    1 + abs(hashint8extended(b, 3)) %% 100,
    CASE kind WHEN 'patent' THEN jsonb_build_object('office', 'IN', 'application_number', (201810000000 + b)::text)
              WHEN 'venture_supported' THEN jsonb_build_object('venture', 'Venture ' || b)
              WHEN 'facility_access' THEN jsonb_build_object('facility', 'Laboratory ' || b %% 500)
              WHEN 'outreach_item' THEN jsonb_build_object('url', 'https://media.example/' || b)
              WHEN 'training_event' THEN jsonb_build_object('institutions', jsonb_build_array(
                  jsonb_build_object('institution', 'A' || b %% 9), jsonb_build_object('institution', 'B' || b %% 7)))
              WHEN 'training_attendance' THEN jsonb_build_object('attendance', jsonb_build_array(
                  jsonb_build_object('institution', 'A', 'people', 1 + abs(hashint8extended(b, 3)) %% 100),
                  jsonb_build_object('institution', 'B', 'people', 0)))
              ELSE '{}'::jsonb END,
    'submitted', TRUE, now(), %(first)s::timestamptz + make_interval(mins => i::int), ''
FROM generate_series(1::bigint, %(claims)s) i
CROSS JOIN LATERAL (SELECT CASE WHEN i %% 500 = 0 THEN i - 1 ELSE i END AS b) AS base
CROSS JOIN LATERAL (SELECT (%(kinds)s::text[])[1 + abs(hashint8extended(b, 2)) %% %(measures)s] AS kind,
                           %(word)s::text[] AS word) k
"""
CREDITS = """
INSERT INTO outcomes_credit (claim_id, cluster_id, organisation_id, role, share, kind, "on", quantity, stands, counts)
SELECT c.id, c.cluster_id, %(organisation)s + abs(hashint8extended(c.id, 5)) %% %(organisations)s, 'led', 1, c.kind, c."on",
    c.quantity, TRUE, TRUE FROM outcomes_claim c
"""
PLAIN = """
    SELECT count(*) FROM outcomes_claim a JOIN outcomes_claim b
    ON b.kind = a.kind AND b."on" BETWEEN a."on" - 3 AND a."on" + 3 AND b.id < a.id
    WHERE a."on" BETWEEN %s AND %s AND a.kind = ANY(%s) AND similarity(a.title, b.title) >= 0.85
"""
PLAIN_DAYS = 7


def prepared(folder: str, claims: int) -> dict[str, Any]:
    """A programme of so many claims of three years, one in five hundred of them a double; nothing where it is there."""
    enter(Path(folder))
    from sankul.programme.registry.models import Cluster, Organisation, Period, Programme

    if Programme.objects.filter(slug=SLUG).exists():
        return {}
    first = date(2023, 4, 1)
    programme = Programme.objects.create(
        slug=SLUG, name="Benchmark", starts_on=first, is_demonstration=True
    )
    for year in range(2023, 2023 + YEARS):
        Period.objects.create(
            programme=programme, label=str(year), starts_on=date(year, 4, 1), ends_on=date(year + 1, 3, 31)
        )  # fmt: skip
    clusters = Cluster.objects.bulk_create(
        Cluster(programme=programme, slug=f"c{k}", name=f"Cluster {k}", place="Nowhere")
        for k in range(CLUSTERS)
    )
    bodies = Organisation.objects.bulk_create(
        Organisation(slug=f"o{k}", name=f"Body {k}", kind="academia", is_demonstration=True)
        for k in range(ORGANISATIONS)
    )
    last = date(2023 + YEARS, 3, 31)
    numbers = {
        "programme": programme.pk, "cluster": clusters[0].pk, "clusters": CLUSTERS, "claims": claims,
        "organisation": bodies[0].pk, "organisations": ORGANISATIONS, "kinds": list(KINDS), "measures": len(KINDS),
        "word": list(WORDS), "words": len(WORDS), "first": first, "last": last, "days": (last - first).days,
    }  # fmt: skip
    with superuser() as connection:
        connection.execute("SET session_replication_role = replica")
        for table, query in (("outcomes_claim", CLAIMS), ("outcomes_credit", CREDITS)):
            with _without_indexes(connection, table):
                _execute(connection, query, numbers)
            connection.execute(f"VACUUM (ANALYZE) {table}".encode())
    return {}


def checked(folder: str, claims: int) -> dict[str, Any]:
    """Seconds of each rule over everything, first and again; of the rules after one submission and after five hundred."""
    enter(Path(folder))
    from django.utils import timezone

    from sankul.programme.evidence.actions import plausibility
    from sankul.programme.evidence.models import PlausibilityFinding
    from sankul.programme.evidence.rules import PLAUSIBILITY
    from sankul.programme.registry.models import Programme

    programme = Programme.objects.get(slug=SLUG)
    PlausibilityFinding.objects.all().delete()
    rows = []
    for rule in PLAUSIBILITY.values():
        spent = []
        for _ in range(2):
            before = time.perf_counter()
            plausibility.check_all(programme=programme, at=timezone.now(), rules=[rule])
            spent.append(time.perf_counter() - before)
        rows.append([rule.code, *spent, PlausibilityFinding.objects.filter(rule=rule.code).count()])
    after = {}
    for number in (1, 500):
        chosen = [claims // 2 + k * 7 for k in range(number)]
        before = time.perf_counter()
        plausibility.check_claims(programme=programme, claims=chosen, at=timezone.now())
        after[str(number)] = time.perf_counter() - before
    return {"rules": rows, "after": after, "peak_mib": figures.own_peak_mib()}


def plain(folder: str, claims: int) -> dict[str, Any]:
    """The plain join over a week of claims, in the middle of the years."""
    enter(Path(folder))
    from django.db import connection

    from sankul.programme.evidence.rules import PLAUSIBILITY

    kinds = list(PLAUSIBILITY["same_title"].kinds)
    before = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(PLAIN, [date(2024, 10, 1), date(2024, 10, PLAIN_DAYS), kinds])
        found = cursor.fetchone()[0]
    return {"seconds": time.perf_counter() - before, "found": found}


TASKS = {"prepared": prepared, "checked": checked, "plain": plain}


def main(given: list[str] | None = None) -> int:
    """Measure, print, write."""
    asked = figures.arguments(__doc__ or "").parse_args(given)
    if asked.task:
        name, *rest = json.loads(asked.task)
        print(json.dumps(TASKS[name](*rest)))
        return 0
    claims = 50_000 if asked.quick else 1_000_000
    with ground(asked.data, "plausibility") as folder:
        apart("benchmarks.plausibility", "prepared", str(folder), claims)
        with Memory(lambda: servers(folder)) as server:
            found = apart("benchmarks.plausibility", "checked", str(folder), claims)
        peer = apart("benchmarks.plausibility", "plain", str(folder), claims)
    nightly = Table(
        f"All rules over {claims:,} claims of {CLUSTERS} clusters in {YEARS} years, seconds"
    )
    for code, first, again, number in found["rules"]:
        nightly.add(rule=code, first=first, again=again, findings=number)
    nightly.add(
        rule="all", first=sum(row[1] for row in found["rules"]), again=sum(row[2] for row in found["rules"]),
        findings=sum(row[3] for row in found["rules"]),
    )  # fmt: skip
    nightly.note = (
        f"Peak memory: {found['peak_mib']:,.0f} MiB in the process, {server.peak_mib:,.0f} MiB in the database's processes "
        "beside its shared buffers."
    )
    following = Table("After submissions, all rules, seconds")
    for number, seconds in found["after"].items():
        following.add(claims=int(number), seconds=seconds)
    beside = Table("Nearly the same titles by a plain join, seconds")
    whole = peer["seconds"] * 365.25 * YEARS / PLAIN_DAYS
    beside.add(days=PLAIN_DAYS, seconds=peer["seconds"], all_years_at_that_pace=whole)
    return figures.finish([nightly, following, beside], asked.json)


if __name__ == "__main__":
    raise SystemExit(main())
