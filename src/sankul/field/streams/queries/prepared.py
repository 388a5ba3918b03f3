"""Statements that the database plans once for a connection, not each time: what every message asks, however small it is."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import connection


def rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows that a fixed statement answers (none if it answers none), prepared on first use.

    Planning the statements of one observation takes longer than doing them. Django plans each anew, because a pool of
    connections that changes them between transactions would not find a plan again; one that keeps them for a session does.
    """
    connection.ensure_connection()
    raw = connection.connection
    threshold = raw.prepare_threshold
    with connection.wrap_database_errors:
        raw.prepare_threshold = 0
        try:
            with psycopg.Cursor(raw) as cursor:
                cursor.execute(statement, values, prepare=True)
                return cursor.fetchall() if cursor.description else []
        finally:
            raw.prepare_threshold = threshold
