"""Datasets: what the site gives away, as CSV, JSON and Parquet from one query, with a dictionary."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import IO, TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from psycopg.pq import ExecStatus

from sankul.core.doors import csv_download
from sankul.core.rules.roles import Actor

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
    from psycopg.pq.abc import PGconn

FORMATS = ("csv", "json", "parquet")


class Type(StrEnum):
    """The types of columns, in words that readers of the dictionary know."""

    TEXT = "text"
    DATE = "date"
    WHOLE = "whole number"
    NUMBER = "number"
    DECIMAL = "decimal number"
    TRUTH = "true or false"


@dataclass(frozen=True)
class Field:
    """A column of a dataset: its name, its type, what it means and in which unit; ``path`` is where it comes from."""

    name: str
    type: Type
    meaning: StrOrPromise
    path: str = ""


@dataclass(frozen=True)
class Dataset:
    """A table that the site gives away: ``rows(actor)`` is what this actor may see of it."""

    slug: str
    title: StrOrPromise
    description: StrOrPromise
    fields: Sequence[Field]
    rows: Callable[[Actor], QuerySet[Any]]

    @property
    def names(self) -> list[str]:
        """The columns' names, in order."""
        return [field.name for field in self.fields]

    def lines(self, actor: Actor) -> QuerySet[Any, Any]:
        """The rows as tuples in the order of the columns."""
        return self.rows(actor).values_list(*(field.path or field.name for field in self.fields))


def download(dataset: Dataset, actor: Actor, form: str) -> HttpResponseBase:
    """The dataset as a file in one of ``FORMATS``, streamed in bounded memory."""
    lines = dataset.lines(actor)
    if form == "parquet":
        return FileResponse(
            parquet(lines, dataset.fields),
            as_attachment=True,
            filename=f"{dataset.slug}.parquet",
            content_type="application/vnd.apache.parquet",
        )
    rows = lines.iterator(chunk_size=5000)
    if form == "csv":
        return csv_download(f"{dataset.slug}.csv", dataset.names, rows)
    response = StreamingHttpResponse(_json(dataset.names, rows), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{dataset.slug}.json"'
    return response


def parquet(lines: QuerySet[Any, Any], fields: Sequence[Field]) -> IO[bytes]:
    """The rows as an open Parquet file that goes away when closed."""
    with tempfile.TemporaryDirectory(prefix="sankul-") as folder:
        text = Path(folder) / "rows.csv"
        with text.open("wb") as file:
            copy(lines, file)
        return parquet_of(text, fields, Path(folder) / "rows.parquet").open("rb")


def parquet_of(text: Path, fields: Sequence[Field], target: Path) -> Path:
    """Turn a CSV file without a head into Parquet, streaming; decimals have 10 places."""
    import polars as pl  # noqa: PLC0415  takes longer to load than a page to answer

    types: dict[Type, pl.DataType | type[pl.DataType]] = {
        Type.TEXT: pl.String, Type.DATE: pl.Date, Type.WHOLE: pl.Int64, Type.NUMBER: pl.Float64,
        Type.DECIMAL: pl.Decimal(30, 10), Type.TRUTH: pl.String,
    }  # fmt: skip
    truths = [field.name for field in fields if field.type == Type.TRUTH]
    schema = pl.Schema({field.name: types[field.type] for field in fields})
    raw = pl.scan_csv(text, has_header=False, schema=schema)
    raw.with_columns(pl.col(truths) == "t").sink_parquet(target, compression="zstd")
    return target


def copy(lines: QuerySet[Any, Any], file: IO[bytes]) -> None:
    """Append the rows to a file as CSV, straight from the database in one statement."""
    query, parameters = lines.query.sql_with_params()
    with connection.cursor() as cursor:
        statement = cursor.mogrify(query, parameters)
        with cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv)"):
            file.writelines(_arriving(connection.connection.pgconn))


def _arriving(pgconn: PGconn) -> Iterator[memoryview]:
    """The rows of a COPY as they arrive; psycopg's own iterator takes three times as long a row."""
    with DefaultSelector() as server:
        server.register(pgconn.socket, EVENT_READ)
        while True:
            size, row = pgconn.get_copy_data(1)
            if size < 0:
                break
            if size:
                yield row
            else:
                server.select()
                pgconn.consume_input()
    failure = None
    while result := pgconn.get_result():
        if result.status != ExecStatus.COMMAND_OK:
            failure = result.get_error_message()
    if failure is not None:
        raise OperationalError(failure)


def _json(names: list[str], rows: Iterator[Sequence[Any]]) -> Iterator[str]:
    encoder = DjangoJSONEncoder(ensure_ascii=False)
    yield "["
    for count, row in enumerate(rows):
        line = encoder.encode(dict(zip(names, row, strict=True)))
        yield f"{',' if count else ''}\n{line}"
    yield "\n]\n"
