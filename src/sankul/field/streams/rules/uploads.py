"""How a table of observations is laid out: a row for each observation, or a column for each stream."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _t

from sankul.core.tables import Table, Unreadable, Why, cells
from sankul.core.tables.cells import Misread

HEADED = re.compile(r"^(?P<stream>.*?)\s*(?:\[(?P<unit>[^\[\]]*)\])?$")
TIME_HEADS = ("time", "phenomenontime", "datetime", "timestamp", "date and time")


class Said(NamedTuple):
    """One observation as a table says it: the place, the stream, the time's cell, the value (None: missing), and a unit."""

    place: str
    stream_id: int
    time: Any
    value: float | None
    unit: str


class Wrong(NamedTuple):
    """One cell that could not be read: its place, why, and what stands there."""

    place: str
    reason: str
    text: str


Names = Mapping[str, int]
Lines = Iterator[Said | Wrong]


def said(table: Table, names: Names) -> Lines:
    """What a table says, observation by observation; ``names`` has the ids of streams that can be told by name.

    Columns are ``stream``, ``time``, ``value`` and perhaps ``unit``; or ``time`` and one column for each stream, headed by its
    number or name, with the unit in brackets: ``12 [NTU]``. Raises Unreadable for another heading.
    """
    heads = [cells.plain(head).casefold() for head in table.head]
    time = next((place for place, head in enumerate(heads) if head in TIME_HEADS), None)
    if time is None:
        expected = _t(
            "The heading has no column “time”. Expected: stream, time, value; or time and a column for each stream."
        )
        raise Unreadable(Why.HEADING, expected)
    if "stream" in heads and "value" in heads:
        return _long(table, heads, time, names)
    return _wide(table, time, names)


def _long(table: Table, heads: Sequence[str], time: int, names: Names) -> Lines:
    stream, value = heads.index("stream"), heads.index("value")
    unit = heads.index("unit") if "unit" in heads else None
    for line, row in table.rows:
        told = (
            cells.plain(str(row[unit]))
            if unit is not None and not cells.is_empty(row[unit])
            else ""
        )
        yield _tried(
            lambda place: table.place(line, place),  # noqa: B023  used at once
            row,
            (stream, lambda cell: _stream(cell, names)),
            (value, _value),
            time,
            told,
        )


def _wide(table: Table, time: int, names: Names) -> Lines:
    columns = [
        (place, *_head(table, place, names)) for place in range(len(table.head)) if place != time
    ]
    if not columns:
        raise Unreadable(Why.HEADING, _t("There is no column of values beside “time”."))
    for line, row in table.rows:
        for place, stream_id, unit in columns:
            if not cells.is_empty(row[place]):
                yield _tried(
                    lambda at: table.place(line, at),  # noqa: B023  used at once
                    row,
                    (place, lambda _: stream_id),  # noqa: B023
                    (place, _value),
                    time,
                    unit,
                )


def _tried(
    place: Callable[[int], str],
    row: Sequence[Any],
    stream: tuple[int, Callable[[Any], int]],
    value: tuple[int, Callable[[Any], float | None]],
    time: int,
    unit: str,
) -> Said | Wrong:
    column = stream[0]
    try:
        stream_id = stream[1](row[column])
        column = value[0]
        return Said(place(column), stream_id, row[time], value[1](row[column]), unit)
    except Misread as error:
        reason = f"{error.wrong} {_t('Expected: %s.') % error.expected}"
        return Wrong(place(column), reason, cells.shown(row[column]))


def _head(table: Table, place: int, names: Names) -> tuple[int, str]:
    found = HEADED.match(cells.plain(table.head[place]))
    stream, unit = (found["stream"], found["unit"] or "") if found else ("", "")
    try:
        return _stream(stream, names), unit
    except Misread as error:
        told = {"place": table.place(table.head_line, place), "wrong": error.wrong}
        raise Unreadable(Why.HEADING, _t("%(place)s: %(wrong)s") % told) from None


def _stream(cell: Any, names: Names) -> int:
    told = cells.shown(cell)
    if told.isascii() and told.isdecimal() and len(told) < 10:
        return int(told)
    if told in names:
        return names[told]
    raise Misread(
        _t("There is no one stream “%s” that you may send to.") % told,
        _t("the number of a stream, or its name"),
    )


def _value(cell: Any) -> float | None:
    if cells.is_empty(cell):
        return None
    if isinstance(cell, str):
        try:
            return float(cells.plain(cell))
        except ValueError:
            pass
    return float(cells.number(cell))
