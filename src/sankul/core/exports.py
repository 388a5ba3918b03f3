"""Datasets: what the site gives away, as CSV, JSON, XLSX and Parquet from one query, with a dictionary."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import IO, TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from psycopg.pq import ExecStatus

from sankul.core.doors import csv_download
from sankul.core.rules.roles import Actor
from sankul.core.tables.writing import spreadsheet

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
    from psycopg.pq.abc import PGconn

FORMATS = ("csv", "json", "xlsx", "parquet")

FILES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
"""Formats that are made as a file before the first byte is sent, with their media types."""
CHUNK = 5000


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
    """A table that the site gives away: ``rows(actor)`` is what this actor may see of it.

    It is a query, or what is worked out row by row, as tuples in the order of the columns.
    """

    slug: str
    title: StrOrPromise
    description: StrOrPromise
    fields: Sequence[Field]
    rows: Callable[[Actor], QuerySet[Any] | Iterable[Sequence[Any]]]

    @property
    def names(self) -> list[str]:
        """The columns' names, in order."""
        return [field.name for field in self.fields]

    def lines(self, actor: Actor) -> Lines:
        """What this actor may see, as tuples in the order of the columns."""
        found = self.rows(actor)
        return self.of(found) if isinstance(found, QuerySet) else found

    def of(self, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
        """Some of its rows as tuples in the order of the columns, as a list has narrowed them."""
        return rows.values_list(*(field.path or field.name for field in self.fields))


def download(dataset: Dataset, actor: Actor, form: str) -> HttpResponseBase:
    """All of the dataset that the actor may see, as a file; see ``answer``."""
    return answer(dataset, dataset.lines(actor), form)


Lines = QuerySet[Any, Any] | Iterable[Sequence[Any]]
"""Rows as tuples in the order of the columns: a query of values, or what is computed from one row by row."""


def answer(dataset: Dataset, lines: Lines, form: str) -> HttpResponseBase:
    """Rows of a dataset as a file in one of ``FORMATS``, streamed in bounded memory.

    Raises Refused for more rows than a spreadsheet can do with.
    """
    if form in FILES:
        make = parquet if form == "parquet" else xlsx
        return FileResponse(
            make(lines, dataset),
            as_attachment=True,
            filename=f"{dataset.slug}.{form}",
            content_type=FILES[form],
        )
    rows = _each(lines)
    if form == "csv":
        return csv_download(f"{dataset.slug}.csv", dataset.names, rows)
    response = StreamingHttpResponse(_json(dataset.names, rows), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{dataset.slug}.json"'
    return response


def _each(lines: Lines) -> Iterator[Sequence[Any]]:
    return lines.iterator(chunk_size=CHUNK) if isinstance(lines, QuerySet) else iter(lines)


def xlsx(lines: Lines, dataset: Dataset) -> IO[bytes]:
    """The rows as an open spreadsheet that goes away when closed, with the dictionary on its second sheet."""
    seen = _Demonstration(dataset.names)
    with tempfile.TemporaryDirectory(prefix="sankul-") as folder:
        made = spreadsheet(
            Path(folder) / "rows.xlsx",
            title=str(dataset.title),
            head=dataset.names,
            rows=map(seen.row, _each(lines)),
            about=lambda: _dictionary(dataset),
            mark=seen.mark,
        )
        return made.open("rb")


class _Demonstration:
    """Watches rows go by, for one that is marked as fictional."""

    def __init__(self, names: Sequence[str]) -> None:
        self._place = names.index("is_demonstration") if "is_demonstration" in names else -1
        self._is_seen = False

    def row(self, row: Sequence[Any]) -> Sequence[Any]:
        self._is_seen = self._is_seen or (self._place >= 0 and row[self._place] is True)
        return row

    def mark(self) -> str:
        told = _("Demonstration: rows marked is_demonstration are fictional.")
        return told if self._is_seen else ""


def _dictionary(dataset: Dataset) -> Iterator[tuple[str, str, str]]:
    yield _("column"), _("type"), _("meaning")
    for field in dataset.fields:
        yield field.name, str(field.type), str(field.meaning)
    yield "", "", ""
    yield _("table"), str(dataset.title), str(dataset.description)


def parquet(lines: Lines, dataset: Dataset) -> IO[bytes]:
    """The rows as an open Parquet file that goes away when closed; of computed rows, no text is an empty text."""
    with tempfile.TemporaryDirectory(prefix="sankul-") as folder:
        text = Path(folder) / "rows.csv"
        if isinstance(lines, QuerySet):
            with text.open("wb") as file:
                copy(lines, file)
        else:
            with text.open("w", encoding="utf-8", newline="") as plain:
                csv.writer(plain, quoting=csv.QUOTE_ALL).writerows(map(_as_copied, lines))
        return parquet_of(text, dataset.fields, Path(folder) / "rows.parquet").open("rb")


def _as_copied(row: Sequence[Any]) -> list[Any]:
    """Values as COPY writes them: truth as t and f."""
    return [("t" if it else "f") if isinstance(it, bool) else it for it in row]


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
