"""Observations to take away: table by table in bounded memory, with what tells them."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any, Literal

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
from django.utils.translation import gettext as _t
from numpy.typing import NDArray
from pyarrow import csv, parquet

from sankul.core.doors import harmless
from sankul.field.streams.models import Datastream, DayCount, Detail, SpanFile, Thing, Version
from sankul.field.streams.rules import SpanState
from sankul.field.streams.rules.dictionary import FIELDS, NAMES, About, Edition, file_name
from sankul.field.streams.rules.numbers import micros, midnight
from sankul.field.streams.rules.rows import Rows, together

from .plots import counted
from .reading import read

CHUNK_ROWS = 50_000
SCHEMA = pa.schema(
    [
        pa.field("stream_id", pa.int32()),
        pa.field("stream", pa.string()),
        pa.field("property", pa.string()),
        pa.field("unit", pa.string()),
        pa.field("time", pa.timestamp("us", "UTC")),
        pa.field("value", pa.float64()),
        pa.field("result", pa.string()),
        pa.field("flag", pa.int8()),
        pa.field("is_corrected", pa.bool_()),
        pa.field("is_demonstration", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class Asked:
    """What is taken away: some streams of a thing, from ``since`` to before ``until``, in an edition."""

    thing: Thing
    streams: Sequence[Datastream]
    since: datetime
    until: datetime
    edition: Edition = Edition.CURRENT

    @property
    def what(self) -> str:
        """What the file is called after."""
        one = self.streams[0] if len(self.streams) == 1 else None
        return f"stream-{one.pk}" if one else f"thing-{self.thing.pk}"

    def name(self, form: str) -> str:
        """The name of the file, the same for the same question."""
        return file_name(self.what, self.since, self.until, self.edition, form)

    @property
    def is_demonstration(self) -> bool:
        """Whether the thing is of the demonstration."""
        cluster = self.thing.cluster
        return bool(cluster and cluster.programme.is_demonstration)


def rows_about(asked: Asked) -> int:
    """How many observations the days of it have."""
    found = counted([one.pk for one in asked.streams], asked.since, asked.until)
    return sum(n for n, _ in found.values())


def about(asked: Asked) -> About:
    """What the file says of itself."""
    return About(
        title=asked.thing.name,
        licence=licence(asked.thing),
        source=asked.thing.cluster.name if asked.thing.cluster else "",
        since=asked.since,
        until=asked.until,
        edition=asked.edition,
        streams=[
            {
                "id": one.pk,
                "name": one.name,
                "property": one.observed_property.name,
                "definition": one.observed_property.definition,
                "unit": one.unit,
                "sensor": one.sensor.name,
            }
            for one in asked.streams
        ],
        is_demonstration=asked.is_demonstration,
    )


def licence(thing: Thing) -> str:
    """The licence that the thing's properties state, else that none is stated."""
    told = thing.properties.get("licence") or thing.properties.get("license")
    return str(told) if told else "not stated"


def tables(asked: Asked) -> Iterator[pa.Table]:
    """The observations in tables of some 50,000 rows, by stream and time."""
    for stream in asked.streams:
        for since, until in _windows(stream, asked.since, asked.until):
            if (made := _table(asked, stream, since, until)).num_rows:
                yield made


def _windows(
    stream: Datastream, since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Stretches of days of at most ``CHUNK_ROWS`` observations, or a day where that alone has more."""
    days = DayCount.objects.filter(stream=stream, day__gte=since.date(), day__lte=until.date())
    begin, rows = since, 0
    for day, count in days.order_by("day").values_list("day", "count").iterator(chunk_size=2000):
        if rows and rows + count > CHUNK_ROWS and midnight(day) > begin:
            yield begin, midnight(day)
            begin, rows = midnight(day), 0
        rows += count
    if rows or _was_withdrawn(stream, begin, until):
        yield begin, until


def _was_withdrawn(stream: Datastream, since: datetime, until: datetime) -> bool:
    return Version.objects.filter(stream_id=stream.pk, time__gte=since, time__lt=until).exists()


@dataclass(frozen=True)
class _First:
    """Observations of a window that have versions, as they were received."""

    rows: Rows
    results: dict[int, Any]


def _first(stream: Datastream, since: datetime, until: datetime) -> _First:
    found = Version.objects.filter(stream_id=stream.pk, number=0, time__gte=since, time__lt=until)
    columns = list(
        zip(*found.order_by("time").values_list("observation_id", "time", "value", "flag", "result"), strict=True)
    )  # fmt: skip
    ids, times, values, flags, results = columns or [(), (), (), (), ()]
    rows = Rows(
        np.array(ids, np.int64),
        np.array([micros(at) for at in times], np.int64),
        np.array(values, np.float64),
        np.full(len(ids), stream.pk, np.int64),
        np.array(flags, np.int8),
        np.array([one is not None for one in results], bool),
    )
    return _First(rows, dict(zip(ids, results, strict=True)))


def _table(asked: Asked, stream: Datastream, since: datetime, until: datetime) -> pa.Table:
    rows, first = read([stream.pk], since, until), _first(stream, since, until)
    changed = first.rows.ids
    if asked.edition == Edition.RECEIVED and len(changed):
        rows = together([rows.at(~np.isin(rows.ids, changed)), first.rows])
    results = _results(rows, first if asked.edition == Edition.RECEIVED else None)
    n = len(rows.ids)

    def same(text: str) -> pa.Array:
        return pa.array([text] * n, pa.string())

    value = pa.array(rows.values, mask=~np.isfinite(rows.values))
    columns = [
        pa.array(rows.stream_ids.astype(np.int32)),
        same(stream.name),
        same(stream.observed_property.name),
        same(stream.unit_symbol),
        pa.array(rows.time_us).cast(pa.timestamp("us", "UTC")),
        value,
        pa.array(results, pa.string()),
        pa.array(rows.flags.astype(np.int8)),
        pa.array(np.isin(rows.ids, changed)),
        pa.array(np.full(n, asked.is_demonstration)),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _results(rows: Rows, first: _First | None) -> list[str | None]:
    """Results that are no numbers, as JSON."""
    found: dict[int, Any] = {}
    if rows.is_detailed.any():
        ids = rows.ids[rows.is_detailed].tolist()
        found = dict(Detail.objects.filter(pk__in=ids).values_list("pk", "result"))
    found |= first.results if first else {}
    told = {pk: json.dumps(one["result"], ensure_ascii=False) for pk, one in found.items() if one}
    return [told.get(pk) for pk in rows.ids.tolist()] if told else [None] * len(rows.ids)


def csv_lines(asked: Asked) -> Iterator[bytes]:
    """The observations as CSV, in pieces: UTF-8 with a byte order mark, times as 2026-11-22T06:30:00Z."""
    yield ("\ufeff" + ",".join(NAMES) + "\r\n").encode()
    for table in tables(asked):
        yield _csv(table)


def _csv(table: pa.Table) -> bytes:
    us: NDArray[np.int64] = table["time"].cast(pa.int64()).to_numpy()
    finest: Literal["s", "us"] = "s" if not (us % 1_000_000).any() else "us"
    time = np.datetime_as_string(us.view("datetime64[us]"), unit=finest, timezone="UTC")
    shown = table.set_column(SCHEMA.get_field_index("time"), "time", pa.array(time))
    for name in ("stream", "property", "unit", "result"):
        place = SCHEMA.get_field_index(name)
        harmful = {one: harmless(one) for one in shown[name].unique().to_pylist()}
        if any(before != after for before, after in harmful.items()):
            safe = pa.array([harmful[one] for one in shown[name].to_pylist()], pa.string())
            shown = shown.set_column(place, name, safe)
    out = io.BytesIO()
    options = csv.WriteOptions(include_header=False, quoting_style="needed", eol="\r\n")
    csv.write_csv(shown, out, options)
    return out.getvalue()


def write_parquet(asked: Asked, file: IO[bytes]) -> int:
    """Write the observations as Parquet (zstd) with what tells them in the schema's metadata; how many there are."""
    told = about(asked)
    meanings = {field.name: str(field.meaning) for field in FIELDS}
    metadata = {
        "title": told.title,
        "licence": told.licence,
        "source": told.source,
        "edition": told.edition.value,
        "since": told.since.isoformat(),
        "until": told.until.isoformat(),
        "streams": json.dumps(list(told.streams), ensure_ascii=False),
        "dictionary": json.dumps(meanings, ensure_ascii=False),
        "is_demonstration": str(told.is_demonstration).lower(),
    }
    written = 0
    with parquet.ParquetWriter(file, SCHEMA.with_metadata(metadata), compression="zstd") as writer:
        for table in tables(asked):
            writer.write_table(table)
            written += table.num_rows
    return written


def etag(asked: Asked, form: str) -> str:
    """What stays the same while the file does: told only of days that are all closed, whose files have checksums; else empty."""
    last = asked.until - timedelta(microseconds=1)
    spans = SpanFile.objects.filter(start__lte=last.date(), end__gt=asked.since.date())
    found = list(spans.values_list("start", "state", "sha256"))
    if not found or any(state == SpanState.OPEN for _, state, _ in found):
        return ""
    told: list[Any] = [form, asked.name(form), [str(start) + digest for start, _, digest in found]]
    told += [about(asked).streams, licence(asked.thing), asked.thing.name]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:40]


MOST_ROWS = 20_000_000


def why_not(asked: Asked) -> str:
    """Why so much is not given in one file by the site, empty if it is."""
    rows = rows_about(asked)
    if rows <= MOST_ROWS:
        return ""
    told = _t("These are %(rows)d observations; a file has %(most)d at most. Take a shorter time.")
    return told % {"rows": rows, "most": MOST_ROWS}
