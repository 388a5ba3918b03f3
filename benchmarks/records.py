"""A programme as large as asked, written past the triggers that keep each row true one by one.

Its rows hold what the triggers would have written: chronological, two credits a claim, nine claims in ten documented.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from .ground import superuser

if TYPE_CHECKING:
    import psycopg

    from sankul.programme.registry.models import Period

SLUG = "benchmark"
ORGANISATIONS = 400
FIRST_YEAR = 2021
STATISTICS = ("sum", "count", "mean", "distinct_organisations", "per_month", "sum")


@dataclass(frozen=True)
class Size:
    """How much there is: ``rows`` measure rows over all clusters, years and measures."""

    clusters: int
    years: int
    measures: int
    rows: int

    @property
    def words(self) -> str:
        """The size as the tables say it."""
        return (
            f"{self.clusters:,} clusters × {self.years} years × {self.measures} indicators, "
            f"{self.rows:,} measure rows"
        )


def codes(size: Size) -> list[str]:
    """The benchmark's own kinds, one a measure."""
    return [f"bench_{number:02}" for number in range(size.measures)]


def declare(size: Size) -> None:
    """Declare the measures of the benchmark's kinds, as the outcomes area declares its own."""
    from sankul.core.measures import MEASURES
    from sankul.core.measures import declare as known
    from sankul.programme.outcomes.measures import measure_of
    from sankul.programme.outcomes.rules import Kind, Unit

    for code in codes(size):
        if code not in MEASURES:
            known(measure_of(Kind(code, 1, code, Unit.COUNT, code)))


def write(size: Size) -> None:
    """Programme, periods, clusters, organisations, claims and credits, unless they are there."""
    from sankul.programme.registry.models import Cluster, Organisation, Period, Programme

    if Programme.objects.filter(slug=SLUG).exists():
        return
    programme = Programme.objects.create(
        slug=SLUG, name="Benchmark", starts_on=date(FIRST_YEAR, 4, 1), is_demonstration=True
    )
    Period.objects.bulk_create(
        Period(
            programme=programme,
            label=f"{year}-{(year + 1) % 100:02}",
            starts_on=date(year, 4, 1),
            ends_on=date(year + 1, 3, 31),
        )
        for year in range(FIRST_YEAR, FIRST_YEAR + size.years)
    )
    clusters = Cluster.objects.bulk_create(
        Cluster(programme=programme, slug=f"cluster-{k:04}", name=f"Cluster {k}", place="Nowhere")
        for k in range(size.clusters)
    )
    organisations = Organisation.objects.bulk_create(
        Organisation(slug=f"body-{k:03}", name=f"Body {k}", kind="academia", is_demonstration=True)
        for k in range(ORGANISATIONS)
    )
    with superuser() as connection:
        _fill(connection, size, programme.pk, clusters[0].pk, organisations[0].pk)


def periods() -> list[Period]:
    """The benchmark's years, first to last."""
    from sankul.programme.registry.models import Period

    return list(
        Period.objects.filter(programme__slug=SLUG)
        .select_related("programme")
        .order_by("starts_on")
    )


def framework(size: Size) -> str:
    """A framework file of one indicator a measure below twelve outcomes, as the default one is made."""
    nodes = [("index", ""), *((f"o{k}", "index") for k in range(1, 13))]
    lines = ['[framework]\nid = "benchmark"\ntitle = "Benchmark"\nversion = "1"\n']
    for code, parent in nodes:
        above = f'parent = "{parent}"\n' if parent else ""
        lines.append(f'[[node]]\nid = "{code}"\ntitle = "{code}"\n{above}')
    for number, code in enumerate(codes(size)):
        statistic = STATISTICS[number % len(STATISTICS)]
        high = {"sum": 40_000, "count": 60, "mean": 1000, "per_month": 3000}.get(statistic, 60)
        divided = number % 20 == 0
        lines.append(
            f'[[indicator]]\nid = "i{number:02}"\ntitle = "Indicator {number}"\n'
            f'parent = "o{1 + number % 12}"\nunit = "items"\nmeasure = "{code}"\n'
            f'statistic = "{statistic}"\ngoalposts = [0, {4 if divided else high}]\n'
            + (f'denominator = "{codes(size)[number + 1]}"\n' if divided else "")
        )
    lines.append(
        '[[step]]\ndo = "denominate"\n[[step]]\ndo = "screen"\nmin_coverage = 0.66\n'
        '[[step]]\ndo = "normalise"\nmethod = "goalposts"\n'
        '[[step]]\ndo = "aggregate"\nmethod = "arithmetic"\n'
    )
    return "\n".join(lines)


def _fill(
    connection: psycopg.Connection[Any], size: Size, programme: int, cluster: int, organisation: int
) -> None:
    numbers = {
        "programme": programme, "cluster": cluster, "organisation": organisation,
        "clusters": size.clusters, "organisations": ORGANISATIONS, "measures": size.measures,
        "claims": size.rows // 2, "first": f"{FIRST_YEAR}-04-01",
        "days": (date(FIRST_YEAR + size.years, 4, 1) - date(FIRST_YEAR, 4, 1)).days,
    }  # fmt: skip
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET maintenance_work_mem = '512MB'")
    with _without_indexes(connection, "outcomes_claim"):
        _execute(connection, CLAIMS, numbers)
    with _without_indexes(connection, "outcomes_credit"):
        _execute(connection, CREDITS, numbers)
    for table in ("outcomes_claim", "outcomes_credit"):
        connection.execute(f"VACUUM (ANALYZE) {table}".encode())
    connection.execute(
        "SELECT setval(pg_get_serial_sequence('outcomes_claim', 'id'), max(id)) FROM outcomes_claim"
    )


def _execute(connection: psycopg.Connection[Any], query: str, numbers: dict[str, Any]) -> None:
    connection.execute(query.encode(), numbers)


CLAIMS = """
INSERT INTO outcomes_claim (id, programme_id, cluster_id, kind, reference, title, detail, "on", quantity,
    status, is_evidenced, recorded_at, submitted_at, facts, judgement)
SELECT i, %(programme)s, %(cluster)s + abs(hashint8extended(i, 1) %% %(clusters)s),
    'bench_' || lpad((abs(hashint8extended(i, 2) %% %(measures)s))::text, 2, '0'), 'B-' || i, 'Result ' || i, '',
    %(first)s::date + (i * %(days)s / (%(claims)s + 1))::int, 1 + abs(hashint8extended(i, 3) %% 1000),
    'submitted', hashint8extended(i, 4) %% 10 <> 0, now(), now(), '{}', ''
FROM generate_series(1::bigint, %(claims)s) i
"""
CREDITS = """
INSERT INTO outcomes_credit (claim_id, cluster_id, organisation_id, role, share, kind, "on", quantity, stands, counts)
SELECT c.id, %(cluster)s + (c.cluster_id - %(cluster)s + part.away) %% %(clusters)s,
    %(organisation)s + abs((hashint8extended(c.id, 5) + part.away) %% %(organisations)s), part.role, part.share,
    c.kind, c."on", c.quantity * part.share, TRUE, c.is_evidenced
FROM outcomes_claim c, (VALUES ('led', 0.6, 0), ('contributed', 0.4, 37)) part (role, share, away)
"""


@contextmanager
def _without_indexes(connection: psycopg.Connection[Any], table: str) -> Iterator[None]:
    """Fill a table without its keys and indexes, which are built again at the end, as a bulk load does."""
    keys = connection.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = %s::regclass AND contype = 'u'", [table]
    ).fetchall()  # fmt: skip
    for name, _definition in keys:
        connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'.encode())
    indexes = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = %s::regclass AND NOT indisprimary", [table]
    ).fetchall()  # fmt: skip
    for name, _definition in indexes:
        connection.execute(f"DROP INDEX {name}".encode())
    yield
    for _name, definition in indexes:
        connection.execute(definition.encode())
    for name, definition in keys:
        connection.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}'.encode())
