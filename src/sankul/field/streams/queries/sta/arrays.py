"""Observations as data arrays (OGC 18-088, clause 12.1): by Datastream, rows of components."""

from __future__ import annotations

from typing import Any

from sankul.field.streams.rules.odata import Options
from sankul.field.streams.rules.odata.resources import Resource

from .reading import Reader
from .rows import value_of
from .sources import SOURCES


def in_arrays(reader: Reader, resource: Resource, options: Options) -> dict[str, Any]:
    """A page of observations as data arrays, with its count and the address of the next page where they are due."""
    source = SOURCES["Observation"]
    known = [one for one in source.entity.properties if _is_asked(one.name, options)]
    components = [*(["id"] if _is_asked("id", options) else []), *(one.name for one in known)]
    page, rows = reader.page(resource, options, ["pk", "stream_id"])
    groups: dict[int, list[list[Any]]] = {}
    for row in rows:
        key = [row["pk"]] if components[:1] == ["id"] else []
        values = [value_of(row, source, one) for one in known]
        groups.setdefault(row["stream_id"], []).append(key + values)
    page["value"] = [
        {
            "Datastream@iot.navigationLink": f"{reader.root}/Datastreams({stream})",
            "components": components,
            "dataArray@iot.count": len(group),
            "dataArray": group,
        }
        for stream, group in groups.items()
    ]
    return page


def _is_asked(name: str, options: Options) -> bool:
    return options.select is None or name in options.select or f"@iot.{name}" in options.select
