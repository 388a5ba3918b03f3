"""Partitions of the table of observations, one for each open span."""

from __future__ import annotations

import structlog
from django.db import connection

from sankul.field.streams.models import SpanFile
from sankul.field.streams.rules import SpanState
from sankul.field.streams.rules.rows import NAMES, Rows, binary

log = structlog.get_logger("sankul.streams")


def make(span: SpanFile) -> None:
    """Make the partition of a span, beside the table first so that nobody waits for it."""
    within = f"time >= '{span.start} 00:00+00' AND time < '{span.end} 00:00+00'"
    like = "LIKE streams_observation INCLUDING DEFAULTS INCLUDING CONSTRAINTS"
    bounds = f"FROM ('{span.start} 00:00+00') TO ('{span.end} 00:00+00')"
    with connection.cursor() as cursor:
        for said in (
            f"CREATE TABLE {span.table} ({like}, CONSTRAINT within CHECK ({within}))",
            f"ALTER TABLE streams_observation ATTACH PARTITION {span.table} FOR VALUES {bounds}",
            f"ALTER TABLE {span.table} DROP CONSTRAINT within",
        ):
            cursor.execute(said)


def drop(span: SpanFile) -> None:
    """Drop the partition of a span, with what is in it."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {span.table}")


def mend() -> None:
    """Make the partitions of open spans that are gone, and say so: what was in them has to come from a backup."""
    for span in SpanFile.objects.filter(state=SpanState.OPEN):
        if not exists(span):
            log.error("a partition of observations was missing", table=span.table)
            make(span)


def exists(span: SpanFile) -> bool:
    """Whether a span has its partition."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [span.table])
        return bool(cursor.fetchone()[0])


def copy(table: str, rows: Rows) -> None:
    """Add rows to a partition (a name of ours), within the caller's transaction."""
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({NAMES}) FROM STDIN (FORMAT binary)") as sent,
    ):
        sent.write(binary(rows))
