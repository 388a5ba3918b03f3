"""The functions of ``$filter`` (OGC 18-088, table 24) except those on geometries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from sankul.field.streams.rules.odata import Unreadable

from .moments import RELATIONS
from .pieces import (
    Piece,
    Sort,
    Typed,
    as_number,
    as_text,
    condition,
    given,
    moment,
    number,
    text,
)

FIRST = datetime(1, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)


class Function(NamedTuple):
    """A function: how many arguments it takes at least and at most, and what it makes of them."""

    least: int
    most: int
    call: Callable[..., Typed]


def call(name: str, arguments: list[Typed], place: str) -> Typed:
    """The value of a function. Raises Unreadable for one that is not known, or takes other arguments."""
    function = FUNCTIONS.get(name)
    if function is None:
        raise Unreadable(place, f"a function that is known; “{name}” is none")
    if not function.least <= len(arguments) <= function.most:
        raise Unreadable(place, f"{function.least} to {function.most} arguments of {name}")
    return function.call(*arguments)


def as_time(value: Typed, name: str) -> Typed:
    """The value if it is a time. Raises Unreadable."""
    if value.sort is not Sort.TIME:
        raise Unreadable(name, f"a time, and not {value.sort.value}")
    return value


def _texts(name: str, template: str, count: int) -> Callable[..., Typed]:
    return lambda *values: text(template, *(as_text(one, name) for one in values[:count]))


def _text_test(name: str, template: str) -> Callable[..., Typed]:
    def made(*values: Typed) -> Typed:
        return Typed(Sort.BOOLEAN, condition(template, *(as_text(one, name) for one in values)))

    return made


def _text_number(name: str, template: str) -> Callable[..., Typed]:
    return lambda *values: number(template, *(as_text(one, name) for one in values))


def _substring(value: Typed, start: Typed, length: Typed | None = None) -> Typed:
    whole, since = as_text(value, "substring"), as_number(start, "substring")
    if length is None:
        return text("substr({0}, GREATEST(({1})::int, 0) + 1)", whole, since)
    return text(
        "substr({0}, GREATEST(({1})::int, 0) + 1, GREATEST(({2})::int, 0))",
        whole,
        since,
        as_number(length, "substring"),
    )


def _part(name: str, template: str) -> Callable[[Typed], Typed]:
    return lambda value: number(template, as_time(value, name).sql)


def _rounded(name: str, template: str) -> Callable[[Typed], Typed]:
    return lambda value: number(template, as_number(value, name))


def _relation(name: str) -> Callable[[Typed, Typed], Typed]:
    def made(one: Typed, other: Typed) -> Typed:
        times = as_time(one, name), as_time(other, name)
        return Typed(Sort.BOOLEAN, RELATIONS[name](*times))

    return made


def _constant(made: Callable[[], Piece]) -> Callable[[], Typed]:
    return lambda: Typed(Sort.TIME, made())


UTC_PART = "date_part('%s', {0} AT TIME ZONE 'UTC')"
FUNCTIONS: dict[str, Function] = {
    "substringof": Function(2, 2, _text_test("substringof", "(strpos({1}, {0}) > 0)")),
    "contains": Function(2, 2, _text_test("contains", "(strpos({0}, {1}) > 0)")),
    "startswith": Function(2, 2, _text_test("startswith", "starts_with({0}, {1})")),
    "endswith": Function(2, 2, _text_test("endswith", "(right({0}, length({1})) = {1})")),
    "length": Function(1, 1, _text_number("length", "length({0})")),
    "indexof": Function(2, 2, _text_number("indexof", "(strpos({0}, {1}) - 1)")),
    "substring": Function(2, 3, _substring),
    "tolower": Function(1, 1, _texts("tolower", "lower({0})", 1)),
    "toupper": Function(1, 1, _texts("toupper", "upper({0})", 1)),
    "trim": Function(1, 1, _texts("trim", "btrim({0}, E' \\t\\n\\r')", 1)),
    "concat": Function(2, 2, _texts("concat", "({0} || {1})", 2)),
    **{
        name: Function(1, 1, _part(name, UTC_PART % name))
        for name in ("year", "month", "day", "hour", "minute")
    },
    "second": Function(1, 1, _part("second", "floor(" + UTC_PART % "second" + ")")),
    "fractionalseconds": Function(
        1,
        1,
        _part(
            "fractionalseconds",
            f"({UTC_PART % 'second'} - floor({UTC_PART % 'second'}))",
        ),
    ),
    "totaloffsetminutes": Function(1, 1, _part("totaloffsetminutes", "({0} IS NULL)::int * 0")),
    "date": Function(
        1,
        1,
        lambda value: Typed(
            Sort.DAY, text("(({0}) AT TIME ZONE 'UTC')::date", as_time(value, "date").sql).sql
        ),
    ),
    "time": Function(
        1,
        1,
        lambda value: Typed(
            Sort.CLOCK, text("(({0}) AT TIME ZONE 'UTC')::time", as_time(value, "time").sql).sql
        ),
    ),
    "now": Function(0, 0, _constant(lambda: moment("now()"))),
    "mindatetime": Function(0, 0, _constant(lambda: given(FIRST, "timestamptz"))),
    "maxdatetime": Function(0, 0, _constant(lambda: given(LAST, "timestamptz"))),
    "round": Function(1, 1, _rounded("round", "round(({0})::numeric)::float8")),
    "floor": Function(1, 1, _rounded("floor", "floor({0})")),
    "ceiling": Function(1, 1, _rounded("ceiling", "ceiling({0})")),
    **{name: Function(2, 2, _relation(name)) for name in RELATIONS},
}
