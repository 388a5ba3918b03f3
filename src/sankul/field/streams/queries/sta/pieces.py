"""Pieces of SQL with parameters, and values with the sort of thing that they are.

Nothing that a client sent becomes SQL: names come from ``sources``, values are parameters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any

from django.db.models import BooleanField, DateTimeField, Field, FloatField, Func, TextField, Value

from sankul.field.streams.rules.odata import Geometry, Period, Unreadable

_SLOT = re.compile(r"\{(\d)\}")


class Piece(Func):
    """SQL with numbered slots, as in ``"({0} < {1})"``, for other expressions."""

    def __init__(self, template: str, *parts: Any, output_field: Field[Any, Any]) -> None:
        super().__init__(*parts, output_field=output_field)
        self.template_text = template

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **extra: Any
    ) -> tuple[str, list[Any]]:
        """The template with its slots filled, and the parameters in their order."""
        filled = [compiler.compile(part) for part in self.source_expressions]
        params: list[Any] = []

        def fill(slot: re.Match[str]) -> str:
            sql, given = filled[int(slot[1])]
            params.extend(given)
            return str(sql)

        return _SLOT.sub(fill, self.template_text), params


class Sort(Enum):
    """What a value is."""

    NULL = "null"
    NUMBER = "a number"
    TEXT = "a text"
    BOOLEAN = "true or false"
    TIME = "a time"
    DURATION = "a duration"
    DAY = "a day"
    CLOCK = "a time of day"
    JSON = "a JSON value"
    RESULT = "a result"
    GEOMETRY = "a geometry"


@dataclass(frozen=True)
class Typed:
    """An SQL expression and its sort.

    ``beside`` is a time's end (None for what is an instant for sure), or what a result is if it is no number. ``key`` is the
    indexed column that lies within a millisecond of a time's begin. ``literal`` is the value if it stood in the request.
    """

    sort: Sort
    sql: Any
    beside: Any = None
    key: Any = None
    literal: Any = None


def number(template: str, *parts: Any) -> Typed:
    """A number."""
    return Typed(Sort.NUMBER, Piece(template, *parts, output_field=FloatField()))


def text(template: str, *parts: Any) -> Typed:
    """A text."""
    return Typed(Sort.TEXT, Piece(template, *parts, output_field=TextField()))


def condition(template: str, *parts: Any) -> Piece:
    """A condition."""
    return Piece(template, *parts, output_field=BooleanField())


def moment(template: str, *parts: Any) -> Piece:
    """An instant."""
    return Piece(template, *parts, output_field=DateTimeField())


def given(value: Any, cast: str) -> Piece:
    """A value of the request as a parameter of an SQL type."""
    return Piece(f"{{0}}::{cast}", Value(value), output_field=TextField())


def storable(value: str) -> str:
    """A text without the character that the database does not keep: nothing stored can be like it."""
    return value.replace("\x00", "\ufffd")


def literal(value: Any) -> Typed:
    """A value that stood in the request."""
    if value is None:
        return Typed(Sort.NULL, None)
    if isinstance(value, Period):
        start, end = (given(one, "timestamptz") for one in value)
        return Typed(Sort.TIME, start, end, literal=value)
    if isinstance(value, Geometry):
        return Typed(Sort.GEOMETRY, None, literal=value)
    if isinstance(value, str):
        return Typed(Sort.TEXT, given(storable(value), "text"), literal=value)
    sort, cast = next(found for kind, found in _SORTS if isinstance(value, kind))
    sent = float(value) if sort is Sort.NUMBER else value
    return Typed(sort, given(sent, cast), literal=value)


_SORTS: tuple[tuple[type, tuple[Sort, str]], ...] = (
    (bool, (Sort.BOOLEAN, "boolean")),
    (int, (Sort.NUMBER, "float8")),
    (float, (Sort.NUMBER, "float8")),
    (datetime, (Sort.TIME, "timestamptz")),
    (date, (Sort.DAY, "date")),
    (time, (Sort.CLOCK, "time")),
    (timedelta, (Sort.DURATION, "interval")),
)


def as_number(value: Typed, place: str) -> Any:
    """The value as a number; null where JSON holds something else. Raises Unreadable for what is none."""
    if value.sort is Sort.NUMBER:
        return value.sql
    if value.sort is Sort.JSON:
        return _number_in(value.sql)
    if value.sort is Sort.RESULT:
        other = Piece("({0} -> 'result')", value.beside, output_field=TextField())
        return Piece("COALESCE({0}, {1})", value.sql, _number_in(other), output_field=FloatField())
    if isinstance(value.literal, str):
        try:
            return given(float(value.literal), "float8")
        except ValueError:
            pass
    raise Unreadable(place, f"a number, and not {value.sort.value}")


def _number_in(json: Any) -> Piece:
    return Piece(
        "(CASE jsonb_typeof({0}) WHEN 'number' THEN ({0})::float8 END)",
        json,
        output_field=FloatField(),
    )


def as_text(value: Typed, place: str) -> Any:
    """The value as a text. Raises Unreadable for what is none and cannot be read as one."""
    if value.sort is Sort.TEXT:
        return value.sql
    if value.sort is Sort.JSON:
        return Piece("({0} #>> '{}')", value.sql, output_field=TextField())
    if value.sort is Sort.RESULT:
        return Piece(
            "COALESCE({1} ->> 'result', {0}::text)",
            value.sql,
            value.beside,
            output_field=TextField(),
        )
    if value.sort is Sort.NUMBER:
        return Piece("({0})::text", value.sql, output_field=TextField())
    raise Unreadable(place, f"a text, and not {value.sort.value}")


def as_condition(value: Typed, place: str) -> Any:
    """The value as a condition; null where JSON holds something else. Raises Unreadable for what is none."""
    if value.sort is Sort.BOOLEAN:
        return condition("{0}", value.sql)
    if value.sort is Sort.NULL:
        return condition("NULL::boolean")
    if value.sort in (Sort.JSON, Sort.RESULT):
        json = value.sql if value.sort is Sort.JSON else result_json(value)
        return condition("(CASE jsonb_typeof({0}) WHEN 'boolean' THEN ({0})::boolean END)", json)
    raise Unreadable(place, f"a condition, and not {value.sort.value}")


def result_json(value: Typed) -> Piece:
    """What a result is if it is no number, as JSON."""
    return Piece("({0} -> 'result')", value.beside, output_field=TextField())


def sort_keys(value: Typed, place: str) -> list[Any]:
    """What a value is put in order by: texts by their characters' numbers, results as numbers and then as texts."""
    if value.sort in (Sort.NULL, Sort.GEOMETRY):
        raise Unreadable(place, "something that can be put in order")
    if value.sort in (Sort.TEXT, Sort.JSON):
        return [_in_c(as_text(value, place))]
    if value.sort is Sort.RESULT:
        return [value.sql, _in_c(as_text(value, place))]
    return [value.sql] if value.beside is None else [value.sql, value.beside]


def _in_c(sql: Any) -> Piece:
    return Piece('{0} COLLATE "C"', sql, output_field=TextField())
