"""The stage on which a table's lines wait, and what the database finds out about all of them at once.

The stage is made of temporary tables: they belong to one connection, nobody else sees them, and a process that dies takes
them along.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from sankul.core.rules.roles import Actor
from sankul.core.tables import Problem
from sankul.programme.outcomes.models import Claim, Import
from sankul.programme.outcomes.queries.holds import why_not_touched
from sankul.programme.outcomes.queries.imports import unreadable
from sankul.programme.outcomes.rules.imports import MOST_PROBLEMS, Line

MADE = """
CREATE TEMPORARY TABLE import_line (
    line integer PRIMARY KEY, reference varchar(80), title varchar(250), detail text, "on" date, quantity numeric(18, 4),
    facts jsonb, rests_on varchar(80), rests_on_id bigint, project_id bigint, claim_id bigint, credits text, proves varchar(250),
    is_evidenced boolean, is_same boolean NOT NULL DEFAULT FALSE);
CREATE TEMPORARY TABLE import_credit (
    line integer, cluster_id bigint, organisation_id bigint, role varchar(20), share numeric(7, 6));
CREATE TEMPORARY TABLE import_evidence (line integer, document_id varchar(64), url varchar(500))
"""
GONE = "DROP TABLE IF EXISTS import_line, import_credit, import_evidence"
LINE = '(line, reference, title, detail, "on", quantity, facts, rests_on, project_id, credits, proves, is_evidenced)'

TWICE = """
SELECT line, reference, first FROM (
    SELECT line, reference, min(line) OVER (PARTITION BY reference) first FROM import_line) l
WHERE line <> first ORDER BY line LIMIT %(most)s
"""
RESTS = """
UPDATE import_line l SET rests_on_id = c.id FROM outcomes_claim c
WHERE l.rests_on <> '' AND c.cluster_id = %(cluster)s AND c.reference = l.rests_on AND c.kind = ANY(%(kinds)s)
  AND c.status <> 'withdrawn'
"""
RESTLESS = """
SELECT line, rests_on FROM import_line WHERE rests_on <> '' AND rests_on_id IS NULL ORDER BY line LIMIT %(most)s
"""
SAME = """
UPDATE import_line l SET is_same = TRUE FROM outcomes_claim c
WHERE c.cluster_id = %(cluster)s AND c.reference = l.reference AND c.kind = %(kind)s AND c.title = l.title
  AND c.detail = l.detail AND c."on" = l."on" AND c.quantity IS NOT DISTINCT FROM l.quantity AND c.facts = l.facts
  AND c.rests_on_id IS NOT DISTINCT FROM l.rests_on_id AND c.project_id IS NOT DISTINCT FROM l.project_id
  AND l.credits = coalesce((
    SELECT string_agg(concat_ws(':', k.cluster_id, k.organisation_id, k.role, k.share), ';'
        ORDER BY k.cluster_id, k.organisation_id)
    FROM outcomes_credit k WHERE k.claim_id = c.id), '')
"""
OTHER = """
SELECT l.line, l.reference, c.title FROM import_line l
JOIN outcomes_claim c ON c.cluster_id = %(cluster)s AND c.reference = l.reference
WHERE NOT l.is_same ORDER BY l.line LIMIT %(most)s
"""
NIL = """
SELECT DISTINCT ON (l.line) l.line, r.name, p.label FROM import_line l JOIN import_credit k USING (line)
JOIN outcomes_nilreturn n ON n.cluster_id = k.cluster_id AND n.kind = %(kind)s
JOIN registry_period p ON p.id = n.period_id AND l."on" BETWEEN p.starts_on AND p.ends_on
JOIN registry_cluster r ON r.id = n.cluster_id
WHERE NOT l.is_same ORDER BY l.line LIMIT %(most)s
"""
DAYS = """
SELECT DISTINCT ON (p.id) l."on", l.line FROM import_line l
LEFT JOIN registry_period p ON p.programme_id = %(programme)s AND l."on" BETWEEN p.starts_on AND p.ends_on
WHERE NOT l.is_same ORDER BY p.id, l.line
"""


@contextmanager
def stage() -> Iterator[None]:
    """An empty stage, gone at the end."""
    _execute(GONE)
    _execute(MADE)
    try:
        yield
    finally:
        if not connection.needs_rollback:
            _execute(GONE)


def put(lines: Sequence[Line]) -> None:
    """Put lines on the stage: three statements, whatever their number."""
    _copy(f"import_line {LINE}", (_row(line) for line in lines))
    _copy("import_credit", ((line.number, *one) for line in lines for one in line.credits))
    _copy("import_evidence", (row for line in lines for row in _evidence(line)))


def settled() -> None:
    """Tell the planner how much there is."""
    _execute("ANALYZE import_line; ANALYZE import_credit; ANALYZE import_evidence")


def problems(actor: Actor, batch: Import) -> list[Problem]:
    """What only the database can tell of all lines: references, what they rest on, documents, declarations of nothing.

    Marks the lines that are claims already, with the same content.
    """
    asked = {
        "cluster": batch.cluster_id,
        "kind": batch.kind,
        "kinds": list(batch.kind_of.rests_on),
        "most": MOST_PROBLEMS,
    }
    with _as_sets():
        _execute(RESTS, asked)
        _execute("UPDATE import_line SET is_same = FALSE WHERE is_same")
        _execute(SAME, asked)
        found = [*_twice(asked), *_other(asked), *_restless(asked)]
    found += _undocumented(actor, batch)
    return [*found, *_nil(asked), *_held(batch)] if batch.submits else found


@contextmanager
def _as_sets() -> Iterator[None]:
    """Lines and claims are joined as sets: where the planner believes that there are few, it would go through all for each."""
    with transaction.atomic():
        _execute("SET LOCAL enable_nestloop = off")
        yield
        _execute("SET LOCAL enable_nestloop = on")


def tell_planner() -> None:
    """Tell the planner what came, before the database does so by itself."""
    _execute("ANALYZE outcomes_claim; ANALYZE outcomes_credit")


def counts() -> tuple[int, int]:
    """How many lines are new, and how many are there already."""
    rows = _rows(
        "SELECT count(*) FILTER (WHERE NOT is_same), count(*) FILTER (WHERE is_same) FROM import_line"
    )
    return int(rows[0][0]), int(rows[0][1])


def _twice(asked: dict[str, Any]) -> Iterator[Problem]:
    for line, reference, first in _rows(TWICE, asked):
        wrong = _("Line %d has this reference already.") % first
        yield Problem(line, "reference", reference, wrong, _("each reference once"))


def _other(asked: dict[str, Any]) -> Iterator[Problem]:
    for line, reference, title in _rows(OTHER, asked):
        wrong = _("The reference stands for another claim already: “%s”.") % title
        expected = _("the same content, or another reference")
        yield Problem(line, "reference", reference, wrong, expected)


def _restless(asked: dict[str, Any]) -> Iterator[Problem]:
    for line, reference in _rows(RESTLESS, asked):
        wrong = _("Your cluster has no claim with this reference that this can rest on.")
        yield Problem(line, "rests_on", reference, wrong, ", ".join(asked["kinds"]))


def _undocumented(actor: Actor, batch: Import) -> Iterator[Problem]:
    query = "SELECT DISTINCT document_id FROM import_evidence WHERE document_id IS NOT NULL"
    named = [digest for (digest,) in _rows(query)]
    missing: set[str] = set()
    for start in range(0, len(named), 5000):
        missing |= unreadable(actor, batch, named[start : start + 5000])
    query = (
        "SELECT line, document_id FROM import_evidence WHERE document_id = ANY(%(missing)s) "
        "ORDER BY line LIMIT %(most)s"
    )
    for line, digest in _rows(query, {"missing": sorted(missing), "most": MOST_PROBLEMS}):
        wrong = _("There is no such document here, or none that you may read.")
        expected = _("a file sent along, or a document of a claim that you may see")
        yield Problem(line, "documents", digest, wrong, expected)


def _nil(asked: dict[str, Any]) -> Iterator[Problem]:
    for line, cluster, period in _rows(NIL, asked):
        wrong = _("%(cluster)s has declared that it had nothing of this kind in %(period)s.")
        told = wrong % {"cluster": cluster, "period": period}
        yield Problem(line, "date", "", told, _("retract that first"))


def _held(batch: Import) -> Iterator[Problem]:
    """Other areas' reasons, asked once a reporting period: they close what happened in one."""
    programme = batch.cluster.programme_id
    for on, line in _rows(DAYS, {"programme": programme}):
        claim = Claim(
            pk=0, programme_id=programme, cluster_id=batch.cluster_id, kind=batch.kind, on=on
        )
        verdict = why_not_touched(claim)
        if not verdict:
            yield Problem(line, "date", str(on), verdict.reason, "")


def _row(line: Line) -> tuple[Any, ...]:
    facts = json.dumps(line.facts, ensure_ascii=False)
    has_evidence = bool(line.documents or line.links)
    return (
        line.number, line.reference, line.title, line.detail, line.on, line.quantity, facts, line.rests_on,
        line.project_id, line.credit_key, line.proves, has_evidence,
    )  # fmt: skip


def _evidence(line: Line) -> Iterator[tuple[int, str | None, str]]:
    for digest in dict.fromkeys(line.documents):
        yield line.number, digest, ""
    for address in dict.fromkeys(line.links):
        yield line.number, None, address


def _execute(query: str, asked: dict[str, Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, asked)


def _rows(query: str, asked: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _copy(target: str, rows: Iterable[Sequence[Any]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as copying:
        for row in rows:
            copying.write_row(row)
