"""Entities as features (RFC 7946): one flat row each, for maps and tables.

As the answer of FROST-Server to ``$resultFormat=GeoJSON``: names of what stands inside are joined by a stroke, as in
``unitOfMeasurement/symbol``, ``Locations/0/name``; links and what is null are left out; the geometry is the first on the way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .entities import ENTITIES, Entity, Kind

SHAPES = frozenset(
    {
        *("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"),
        "GeometryCollection",
    }
)
FEATURE = "Feature"


def collection_of(
    entity: Entity, rows: Sequence[Mapping[str, Any]], told: Mapping[str, Any]
) -> dict[str, Any]:
    """Entities of a type, as JSON, as a FeatureCollection; with what is ``told`` of the page."""
    features = [_feature(entity, row) for row in rows]
    return {"type": "FeatureCollection", **told, "features": features}


def _feature(entity: Entity, row: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"type": FEATURE, "geometry": None, "properties": {}}
    _collect(made, entity, row, "")
    return made


def _collect(made: dict[str, Any], entity: Entity, row: Mapping[str, Any], before: str) -> None:
    for name in ("@iot.id", "@iot.selfLink", *entity.property_named):
        kind = entity.property_named[name].kind if name in entity.property_named else None
        if kind is not Kind.GEOMETRY or not _shape(made, row.get(name)):
            _flatten(made["properties"], before + name, row.get(name))
    for link in entity.links:
        inside = row.get(link.name)
        many = inside if isinstance(inside, list) else []
        for position, one in enumerate(many):
            _collect(made, ENTITIES[link.target], one, f"{before}{link.name}/{position}/")
        if isinstance(inside, dict):
            _collect(made, ENTITIES[link.target], inside, f"{before}{link.name}/")


def _shape(made: dict[str, Any], value: Any) -> bool:
    """Take a geometry, or a feature with its properties, if this is one and the first; whether it is one."""
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(kind, str) or (kind != FEATURE and kind not in SHAPES):
        return False
    if made["geometry"] is None:
        made["geometry"] = value.get("geometry") if kind == FEATURE else value
        own = value.get("properties") if kind == FEATURE else None
        if isinstance(own, dict):
            made["properties"] = own | made["properties"]
    return True


def _flatten(into: dict[str, Any], name: str, value: Any) -> None:
    if isinstance(value, Mapping):
        for key, inside in value.items():
            _flatten(into, f"{name}/{key}", inside)
    elif isinstance(value, list):
        for position, inside in enumerate(value):
            _flatten(into, f"{name}/{position}", inside)
    elif value is not None:
        into[name] = value
