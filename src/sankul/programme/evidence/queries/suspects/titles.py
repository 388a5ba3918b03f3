"""Titles that are nearly the same within some days.

Different titles are compared once a day, however many claims bear them. The database cuts each into its three-letter pieces; an
engine rules out nearly all pairs by 64 bits each; the database compares what is left piece by piece.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from sankul.engines.likeness import BITS, close_pairs

if TYPE_CHECKING:
    from . import Asked

TITLES, PAIRS = "plausibility_title", "plausibility_pair"
MOST_PAIRS = 2_000_000
AT_ONCE = 50_000
TABLES = f"""
    CREATE TEMP TABLE IF NOT EXISTS {TITLES} (early bigint, id bigint, kind text, "on" date, title text, is_asked boolean,
        place bigint, pieces int, mark bigint) ON COMMIT DROP;
    CREATE TEMP TABLE IF NOT EXISTS {PAIRS} (later bigint, early bigint) ON COMMIT DROP;
    TRUNCATE {TITLES}, {PAIRS}
"""


def fill(asked: Asked) -> str:
    """The statement that cuts the titles into pieces: a ``place`` is a kind and a day, ``early`` the order of submission."""
    near = (
        """WHERE (kind, "on") IN (SELECT s.kind, s."on" + away FROM subject s
                                 CROSS JOIN generate_series(-%(days)s, %(days)s) AS away)"""
        if asked.narrowed
        else ""
    )
    only = "id = ANY(%(claims)s)" if asked.narrowed else "TRUE"
    return f"""
        , told AS (
            SELECT id, kind, "on", lower(title) AS title, submitted_at, locked_at IS NULL AND {only} AS is_asked
            FROM live {near}
        ), titles AS (
            SELECT kind, "on", title, bool_or(is_asked) AS is_asked, (array_agg(id ORDER BY submitted_at, id))[1] AS id,
                   min(submitted_at) AS submitted_at
            FROM told GROUP BY kind, "on", title
        )
        SELECT row_number() OVER (ORDER BY t.submitted_at, t.id), t.id, t.kind, t."on", t.title, t.is_asked,
               array_position(%(kinds)s::text[], t.kind::text) * 1000000 + (t."on" - date '1900-01-01'), m.pieces, m.mark
        FROM titles t CROSS JOIN LATERAL (
            SELECT count(*)::int AS pieces, bit_or(1::bigint << (hashtext(piece) & {BITS - 1})) AS mark
            FROM unnest(show_trgm(t.title)) AS piece
        ) AS m
        WHERE m.pieces > 0
    """


def prepare(text: str, given: Mapping[str, Any]) -> None:
    """Put the titles into one table of this transaction, and the pairs that may be alike into another.

    ``text`` is the whole statement that ``fill`` is the end of. Raises TooManyPairs where nearly everything is alike.
    """
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        cursor.execute(f"INSERT INTO {TITLES} {text}", given)
    early, place, pieces, mark, is_asked = _read()
    one, other = close_pairs(
        place,
        pieces.astype(np.int32),
        mark.view(np.uint64),
        window=given["days"],
        likeness=given["likeness"],
        most=MOST_PAIRS,
    )
    later = np.where(early[one] > early[other], one, other)
    first = np.where(early[one] > early[other], other, one)
    wanted = is_asked[later] == 1
    _write(early[later[wanted]], early[first[wanted]])


def _read() -> list[NDArray[np.int64]]:
    """Columns of the titles, by place."""
    parts = [np.empty((0, 5), dtype=np.int64)]
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            f"SELECT early, place, pieces, mark, is_asked::int FROM {TITLES} ORDER BY place, early"
        )
        while rows := cursor.fetchmany(AT_ONCE):
            parts.append(np.array(rows, dtype=np.int64))
    return [np.ascontiguousarray(column) for column in np.concatenate(parts).T]


def _write(later: NDArray[np.int64], early: NDArray[np.int64]) -> None:
    with connection.cursor() as cursor:
        for start in range(0, len(later), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            cursor.execute(
                f"INSERT INTO {PAIRS} SELECT * FROM unnest(%s::bigint[], %s::bigint[])",
                [later[part].tolist(), early[part].tolist()],
            )
        cursor.execute(f"ANALYZE {TITLES}; ANALYZE {PAIRS}")


def same_title(asked: Asked) -> str:
    """Each claim is asked about the likest title that was there before it."""
    only = "AND s.id = ANY(%(claims)s)" if asked.narrowed else ""
    return f"""
        , alike AS (
            SELECT a.kind, a."on", a.title, b.early, b.id AS other, abs(a."on" - b."on") AS days,
                   similarity(a.title, b.title) AS likeness
            FROM {PAIRS} p JOIN {TITLES} a ON a.early = p.later JOIN {TITLES} b ON b.early = p.early
            WHERE similarity(a.title, b.title) >= %(likeness)s
        ), likest AS (
            SELECT DISTINCT ON (s.id) s.id, a.other, a.days, a.likeness
            FROM alike a JOIN live s ON s.kind = a.kind AND s."on" = a."on" AND lower(s.title) = a.title
            WHERE s.locked_at IS NULL {only}
            ORDER BY s.id, a.likeness DESC, a.early
        )
        SELECT id, 'claim/' || other, ARRAY[other],
               jsonb_build_object('days', days, 'likeness', round(likeness::numeric, 3))
        FROM likest
    """


CHECKS = {"same_title": same_title}
