"""Comparing times: instants and periods, as OGC 18-088 (table 24) names it, in SQL.

An instant lies before a period if it lies before its begin; a period lies before what begins at its end or later, since the end
is not part of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sankul.field.streams.rules.odata import Period, Unreadable

from .pieces import Piece, Sort, Typed, condition, given, moment

KEY_BLUR = timedelta(milliseconds=1)
"""By how much the key of an observation may lie after its begin."""
FLIPPED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}


def compared(operator: str, left: Typed, right: Typed) -> Piece:
    """``left`` against ``right`` by lt, gt, le, ge, eq or ne."""
    exact = _compared(operator, left, right)
    for one, other, word in ((left, right, operator), (right, left, FLIPPED[operator])):
        if one.key is not None and other.literal is not None and word != "ne":
            return condition("({0} AND {1})", exact, _on_key(word, one.key, other.literal))
    return exact


def _compared(operator: str, left: Typed, right: Typed) -> Piece:
    if left.beside is None and right.beside is None:
        sign = {"lt": "<", "gt": ">", "le": "<=", "ge": ">=", "eq": "=", "ne": "<>"}[operator]
        return condition(f"({{0}} {sign} {{1}})", left.sql, right.sql)
    if operator in ("gt", "ge"):
        return _compared(FLIPPED[operator], right, left)
    ends = (left.sql, _end(left), right.sql, _end(right))
    if operator == "lt":
        if left.beside is None:
            return condition("({0} < {1})", left.sql, right.sql)
        return condition("({1} < {2} OR ({4} IS NOT NULL AND {1} <= {2}))", *ends, left.beside)
    if operator == "le":
        return condition("({0} <= {2} AND {1} <= {3})", *ends)
    same = "({0} = {2} AND {1} = {3})"
    return condition(same if operator == "eq" else f"(NOT {same})", *ends)


def _on_key(operator: str, key: Any, literal: Any) -> Piece:
    """What a comparison implies for the indexed column: it narrows to a range without changing the answer."""
    start, end = literal if isinstance(literal, Period) else (literal, literal)
    if operator in ("lt", "le"):
        return condition("({0} <= {1})", key, given(end + KEY_BLUR, "timestamptz"))
    if operator in ("gt", "ge"):
        return condition("({0} >= {1})", key, given(start, "timestamptz"))
    return condition(
        "({0} BETWEEN {1} AND {2})",
        key,
        given(start, "timestamptz"),
        given(start + KEY_BLUR, "timestamptz"),
    )


def _end(time: Typed) -> Any:
    return time.sql if time.beside is None else moment("COALESCE({0}, {1})", time.beside, time.sql)


def _before(one: Typed, other: Typed) -> Piece:
    return compared("lt", one, other)


def _after(one: Typed, other: Typed) -> Piece:
    return compared("gt", one, other)


def _meets(one: Typed, other: Typed) -> Piece:
    return condition("({0} = {3} OR {1} = {2})", one.sql, _end(one), other.sql, _end(other))


def _during(one: Typed, other: Typed) -> Piece:
    if other.beside is None:
        raise Unreadable("during", "a period as the second argument")
    starts = (one.sql, _end(one), other.sql, other.beside)
    if one.beside is None:
        return condition("({2} <= {0} AND {0} < {3})", *starts)
    return condition(
        "({2} <= {0} AND CASE WHEN {4} IS NULL THEN {0} < {3} ELSE {1} <= {3} END)",
        *starts,
        one.beside,
    )


def _overlaps(one: Typed, other: Typed) -> Piece:
    return condition(
        "({0} = {2} OR ({0} < {2} AND {2} < {1}) OR ({2} < {0} AND {0} < {3}))",
        one.sql,
        _end(one),
        other.sql,
        _end(other),
    )


def _starts(one: Typed, other: Typed) -> Piece:
    return condition("({0} = {1})", one.sql, other.sql)


def _finishes(one: Typed, other: Typed) -> Piece:
    return condition("({0} = {1})", _end(one), _end(other))


RELATIONS: dict[str, Callable[[Typed, Typed], Piece]] = {
    "before": _before,
    "after": _after,
    "meets": _meets,
    "during": _during,
    "overlaps": _overlaps,
    "starts": _starts,
    "finishes": _finishes,
}


def shifted(time: Typed, duration: Any, sign: str) -> Typed:
    """A time moved by a duration; a period is moved whole."""
    start = moment(f"({{0}} {sign} {{1}})", time.sql, duration)
    if time.beside is None:
        return Typed(Sort.TIME, start)
    return Typed(Sort.TIME, start, moment(f"({{0}} {sign} {{1}})", time.beside, duration))


def apart(one: Typed, other: Typed) -> Typed:
    """How long lies between two instants; null where one is a period."""
    instants = [_instant(time) for time in (one, other)]
    return Typed(Sort.DURATION, moment("({0} - {1})", *instants))


def _instant(time: Typed) -> Any:
    if time.beside is None:
        return time.sql
    return moment("(CASE WHEN {1} IS NULL THEN {0} END)", time.sql, time.beside)
