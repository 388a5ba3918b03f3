"""Rows of entities: which columns an answer needs, and JSON as the API writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sankul.field.streams.rules.odata import Kind, Options, Property, format_instant, format_period

from .sources import Source

Row = Mapping[str, Any]
ALWAYS = frozenset({"resultTime"})
"""Optional properties that are told even where they are null (OGC 18-088, table 11)."""


def columns_of(source: Source, options: Options) -> list[str]:
    """The columns that the answer to a request needs: the key, properties, and what links to one entity that is asked for."""
    wanted = [*_selected(source, options.select)]
    columns = ["pk", *(column for one in wanted for column in source.columns[one.name])]
    ones = [expand.name for expand in options.expand if not _is_many(source, expand.name)]
    columns += [f"{source.links[name]}_id" for name in ones]
    return list(dict.fromkeys(columns))


def _is_many(source: Source, name: str) -> bool:
    return source.entity.link_named[name].is_many


def _selected(source: Source, select: Sequence[str] | None) -> list[Property]:
    if select is None:
        return list(source.entity.properties)
    return [one for one in source.entity.properties if one.name in select]


@dataclass(frozen=True)
class Writer:
    """Writes rows of one entity type as JSON, under the address ``root`` of the service."""

    source: Source
    options: Options
    root: str

    def write(self, row: Row, inside: Mapping[str, Any]) -> dict[str, Any]:
        """A row as an entity, with what stands ``inside`` it by link, and addresses of its other links."""
        address = f"{self.root}/{self.source.entity.plural}({row['pk']})"
        made: dict[str, Any] = {}
        self._identify(made, row, address)
        for one in _selected(self.source, self.options.select):
            value = value_of(row, self.source, one)
            if value is not None or one.is_required or one.name in ALWAYS:
                made[one.name] = value
        self._link(made, inside, address)
        return made

    def _identify(self, made: dict[str, Any], row: Row, address: str) -> None:
        select = self.options.select
        if select is None or "id" in select or "@iot.id" in select:
            made["@iot.id"] = row["pk"]
        if select is None or "@iot.selfLink" in select:
            made["@iot.selfLink"] = address

    def _link(self, made: dict[str, Any], inside: Mapping[str, Any], address: str) -> None:
        select = self.options.select
        expanded = {expand.name for expand in self.options.expand}
        for name in self.source.entity.link_named:
            if name in expanded:
                continue
            if select is None or name in select:
                made[f"{name}@iot.navigationLink"] = f"{address}/{name}"
        made.update(inside)


def value_of(row: Row, source: Source, one: Property) -> Any:
    """The value of a property as JSON has it; None where there is none."""
    columns = source.columns[one.name]
    if one.kind is Kind.RESULT:
        return result_of(*(row[column] for column in columns))
    value = row[columns[0]]
    if value is None or one.kind in (Kind.TEXT, Kind.GEOMETRY):
        return value
    return _WRITTEN[one.kind](value, *(row[column] for column in columns[1:]))


def result_of(number: float | None, other: Any) -> Any:
    """A result: a number (whole ones without a point, up to 2⁵³), or what stands beside it."""
    if other is not None:
        return other.get("result")
    if number is not None and number.is_integer() and abs(number) <= 2**53:
        return int(number)
    return number


def _time(start: datetime, end: datetime | None = None) -> str:
    return format_period(start, end)


def _json(value: Any) -> Any:
    return None if value == {} else value


_WRITTEN: dict[Kind, Callable[..., Any]] = {
    Kind.TIME: _time,
    Kind.INSTANT: format_instant,
    Kind.JSON: _json,
}
