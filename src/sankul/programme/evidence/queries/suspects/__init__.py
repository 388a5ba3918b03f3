"""The set-based checks that plausibility rules are bound to: each is one statement over the claims of a programme.

A check answers rows (claim, key, others, figure): the claim that must be explained, what else the finding is about, the further
claims that it names, and its numbers. ``subject`` are the claims that can be asked about (standing, not rejected, not locked),
``live`` those that they are compared with; where a check is narrowed to some claims, it reads no more than what can touch them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from django.db import connection

from sankul.engines.likeness import TooManyPairs
from sankul.programme.evidence.rules import MOST_FOUND, PlausibilityRule
from sankul.programme.outcomes.rules import STANDING, ClaimStatus
from sankul.programme.registry.models import Programme

from . import alike, amounts, dates, forms, jumps, titles

TABLE = "plausibility_suspect"
LIVE = sorted(map(str, STANDING - {ClaimStatus.REJECTED}))
"""A rejected claim counts as nothing: nothing about it can mislead any more."""


class Asked(NamedTuple):
    """What is asked of a check: the rule with its parameters, and whether only some claims are asked about."""

    rule: PlausibilityRule
    narrowed: bool


Check = Callable[[Asked], str]
Judge = Callable[[tuple[Any, ...]], bool]
"""Whether a row that a statement brought is one to ask about, where the database cannot tell."""
CHECKS: dict[str, Check] = (
    alike.CHECKS | amounts.CHECKS | dates.CHECKS | forms.CHECKS | jumps.CHECKS | titles.CHECKS
)
JUDGES: Mapping[str, Judge] = forms.JUDGES


def statement(asked: Asked, check: Check | None = None) -> str:
    """The statement of a rule's check: its claims first, then the check itself (that of the rule, unless one is given)."""
    only = "AND id = ANY(%(claims)s)" if asked.narrowed else ""
    return f"""
        WITH live AS NOT MATERIALIZED (
            SELECT id, cluster_id, kind, title, "on", quantity, facts, rests_on_id, project_id, deployment_id,
                   submitted_at, locked_at
            FROM outcomes_claim
            WHERE programme_id = %(programme)s AND status = ANY(%(live)s) AND kind = ANY(%(kinds)s)
        ), subject AS NOT MATERIALIZED (
            SELECT * FROM live WHERE locked_at IS NULL {only}
        ), began AS (
            SELECT starts_on FROM registry_programme WHERE id = %(programme)s
        ) {(check or CHECKS[asked.rule.check])(asked)}
    """


def parameters(
    rule: PlausibilityRule, programme: Programme, claims: Iterable[int] | None
) -> dict[str, Any]:
    """What a statement is run with: the rule's own parameters beside what all share."""
    return {
        **rule.parameters,
        "programme": programme.pk,
        "kinds": list(rule.kinds),
        "live": LIVE,
        "claims": [] if claims is None else sorted(claims),
        "limit": MOST_FOUND + 1,
    }


def gather(rule: PlausibilityRule, programme: Programme, claims: Iterable[int] | None) -> int:
    """Put what a rule finds into a table of this transaction, and tell how many rows; never more than ``MOST_FOUND`` and one."""
    asked = Asked(rule, narrowed=claims is not None)
    given = parameters(rule, programme, claims)
    judge = JUDGES.get(rule.check)
    if rule.check in titles.CHECKS:
        try:
            titles.prepare(statement(asked, titles.fill), given)
        except TooManyPairs:
            return MOST_FOUND + 1
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS {TABLE} "
            "(claim bigint, key text, others bigint[], figure jsonb) ON COMMIT DROP"
        )
        cursor.execute(f"TRUNCATE {TABLE}")
        if judge is None:
            cursor.execute(f"INSERT INTO {TABLE} {statement(asked)} LIMIT %(limit)s", given)
            return int(cursor.rowcount)
        return _judged(cursor, statement(asked), given, judge)


def _judged(cursor: Any, text: str, given: Mapping[str, Any], judge: Judge) -> int:
    """The rows that the judge keeps, read and written in bounded memory."""
    kept = 0
    with connection.chunked_cursor() as reader:
        reader.execute(text, given)
        while rows := reader.fetchmany(2000):
            found = [row for row in rows if judge(row)][: MOST_FOUND + 1 - kept]
            cursor.executemany(f"INSERT INTO {TABLE} VALUES (%s, %s, %s, %s)", found)
            kept += len(found)
    return kept
