"""Rows of the table of observations, in the database's binary form: as fast as they come out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from sankul.field.streams.rules.rows import NAMES, Rows, from_binary

Streams = Sequence[int] | None


def rows_in(table: str) -> Rows:
    """All rows of a partition (a name of ours), sorted by (stream, time)."""
    return _copied(f"SELECT {NAMES} FROM {table} ORDER BY stream_id, time")


def rows_between(stream_ids: Streams, since: datetime, until: datetime) -> Rows:
    """Rows of open spans from ``since`` to before ``until``, of some streams or of all, sorted by (stream, time)."""
    chosen = "" if stream_ids is None else "stream_id = ANY(%s) AND"
    values = [] if stream_ids is None else [list(stream_ids)]
    return _copied(
        f"SELECT {NAMES} FROM streams_observation WHERE {chosen} time >= %s AND time < %s"
        " ORDER BY stream_id, time",
        *values, since, until,
    )  # fmt: skip


def _copied(select: str, *values: object) -> Rows:
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(_bound(cursor, f"COPY ({select}) TO STDOUT (FORMAT binary)", values)) as copied,
    ):
        return from_binary(b"".join(copied))


def _bound(cursor: Any, statement: str, values: tuple[object, ...]) -> Any:
    """The statement with its values in it: a cursor that counts statements takes no others to copy."""
    return cursor.mogrify(statement, values) if values else statement
