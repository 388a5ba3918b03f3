"""Aggregates over everything that was observed, as one expression that runs on one machine and on many.

Ibis says it once: DuckDB runs it here, Apache Spark runs it over the same files in object storage (docs/scale.md).
"""

from __future__ import annotations

import ibis  # type: ignore[import-untyped]
from ibis.expr import types as ir  # type: ignore[import-untyped]

from sankul.field.streams.models import SpanFile
from sankul.field.streams.rules import Flag, SpanState

from .archive import folder

COUNTED = [int(Flag.GOOD), int(Flag.NOT_EVALUATED), int(Flag.SUSPECT)]


def daily(observations: ir.Table) -> ir.Table:
    """Of every stream and day (UTC): how many values, how many flagged, mean, least and greatest of those that count.

    ``observations`` has the columns of the archive's files. Failed and missing values are counted as flagged and left out of the
    rest.
    """
    counts = observations.flag.isin(COUNTED) & ~observations.value.isnan()
    return (
        observations.mutate(day=observations.time.date(), counted=counts)
        .group_by("stream_id", "day")
        .agg(
            n=lambda rows: rows.count(),
            flagged=lambda rows: rows.flag.isin([int(Flag.SUSPECT), int(Flag.FAIL)]).sum(),
            mean=lambda rows: rows.value.mean(where=rows.counted),
            low=lambda rows: rows.value.min(where=rows.counted),
            high=lambda rows: rows.value.max(where=rows.counted),
        )
        .order_by("stream_id", "day")
    )


def closed_files() -> list[str]:
    """The files of all closed spans, by the manifest: what a cluster of machines is handed."""
    paths = SpanFile.objects.filter(state=SpanState.CLOSED).values_list("path", flat=True)
    return [str(folder() / path) for path in paths]


def daily_here(files: list[str]) -> ir.Table:
    """The daily aggregate of files on this machine, by DuckDB; nothing is computed before it is asked for."""
    duck = ibis.duckdb.connect(threads=2, memory_limit="1GB")
    duck.raw_sql("SET TimeZone = 'UTC'")
    return daily(duck.read_parquet(files))
