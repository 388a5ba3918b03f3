"""Statements that the database plans once for a connection, not each time: what every request asks, however small it is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any, TypeVar
from weakref import WeakSet

import psycopg
from django.db import OperationalError, connection
from django.db.models import Model

Row = tuple[Any, ...]
M = TypeVar("M", bound=Model)
_planned_once: WeakSet[psycopg.Connection[Any]] = WeakSet()


def rows(statement: str, *values: Any, **named: Any) -> list[Row]:
    """The rows that a fixed statement answers (none if it answers none), prepared on first use.

    Putting a statement together and planning it take longer than doing a small one. Django does both anew each time, because a
    pool of connections that changes them between transactions would not find a plan again; one that keeps them does.

    A connection that broke since the last request is found by the first statement, and made anew for it, if no transaction has
    begun: so outside of one only questions may be asked. Django would ask something else first, each time.
    """
    is_kept = connection.connection is not None
    try:
        found = _rows(statement, named or values)
    except OperationalError:
        if not is_kept or connection.in_atomic_block or not connection.connection.closed:
            raise
        connection.close()
        found = _rows(statement, named or values)
    connection.health_check_done = True  # type: ignore[attr-defined]
    return found


def columns(model: type[Model], of: str = "") -> str:
    """The columns of a table as ``instances`` reads them, of its alias ``of`` where there are several tables."""
    before = f"{of}." if of else ""
    return ", ".join(f"{before}{field.column}" for field in model._meta.concrete_fields)


def instances(model: type[M], found: list[Row]) -> list[M]:
    """Objects of a table from rows of its ``columns``.

    Raises TypeError for a table of which Django reads a column in a way of its own, such as JSON.
    """
    names = _names(model)
    return [model.from_db("default", names, row) for row in found]


def joined(row: Row, *models: type[Model]) -> Iterator[Any]:
    """An object of each table from one row of their ``columns``, one table after the other."""
    values = iter(row)
    for model in models:
        names = _names(model)
        yield model.from_db("default", names, list(islice(values, len(names))))


@cache
def _names(model: type[Model]) -> list[str]:
    fields = model._meta.concrete_fields
    if any(field.get_db_converters(connection) for field in fields):
        raise TypeError(f"a column of {model.__name__} is not read as the database gives it")
    return [field.attname for field in fields]


def _rows(statement: str, values: Any) -> list[Row]:
    connection.ensure_connection()
    raw = connection.connection
    _plan_once(raw)
    threshold = raw.prepare_threshold
    raw.prepare_threshold = 0
    try:
        with _cursor(raw) as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []
    finally:
        raw.prepare_threshold = threshold


def _cursor(raw: psycopg.Connection[Any]) -> Any:
    """A cursor that leaves values to the server, and is counted and watched as Django's own are, which do not."""
    return connection._prepare_cursor(psycopg.Cursor(raw))  # type: ignore[attr-defined]


def _plan_once(raw: psycopg.Connection[Any]) -> None:
    """Have the database keep one plan of a statement for all values.

    It would plan anew for each, since it thinks that values tell partitions apart: of a hundred partitions that takes longer than
    all else. What a transaction sets is gone if it is rolled back, so it is noted as set outside of one alone.
    """
    if raw in _planned_once:
        return
    with connection.wrap_database_errors:
        raw.execute("SET plan_cache_mode = force_generic_plan")
    if not connection.in_atomic_block:
        _planned_once.add(raw)
