"""Functions on geometries, worked out with shapely over the rows that come into question.

Coordinates are degrees of longitude and latitude (WGS 84) in a plane, so a distance or a length is in degrees.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import shapely
import shapely.geometry
from django.db.models import F, Q, QuerySet
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from sankul.field.streams.rules.odata import Geometry, Unreadable

from .pieces import Sort, Typed, condition, given, number

MOST_GEOMETRIES = 20_000
MOST_VERTICES = 10_000
PREDICATES: dict[str, Callable[..., Any]] = {
    "geo.intersects": shapely.intersects,
    "st_intersects": shapely.intersects,
    "st_equals": shapely.equals,
    "st_disjoint": shapely.disjoint,
    "st_touches": shapely.touches,
    "st_within": shapely.within,
    "st_overlaps": shapely.overlaps,
    "st_crosses": shapely.crosses,
    "st_contains": shapely.contains,
    "st_relate": shapely.relate_pattern,
}
MEASURES: dict[str, Callable[..., Any]] = {
    "geo.distance": shapely.distance,
    "geo.length": lambda geometries: shapely.length(_lines(geometries)),
}
ARGUMENTS = {"geo.length": 1, "st_relate": 3}


def read_wkt(geometry: Geometry, place: str) -> BaseGeometry:
    """The geometry of a literal. Raises Unreadable for what is no well-known text, or has too many vertices."""
    try:
        made = shapely.from_wkt(geometry.wkt)
    except (ShapelyError, ValueError):
        made = None
    if made is None:
        raise Unreadable(place, "a geometry in well-known text, as in POINT(73.85 18.52)")
    if shapely.get_num_coordinates(made) > MOST_VERTICES:
        raise Unreadable(place, f"at most {MOST_VERTICES} vertices")
    return made


def read_json(value: Any) -> BaseGeometry | None:
    """The geometry of GeoJSON: a geometry, a feature or a collection of features; None for anything else."""
    if not isinstance(value, dict):
        return None
    if value.get("type") == "Feature":
        return read_json(value.get("geometry"))
    if value.get("type") == "FeatureCollection":
        features = value.get("features") or []
        if not isinstance(features, list):
            return None
        parts = [read_json(one) for one in features]
        return shapely.geometrycollections([one for one in parts if one is not None])
    try:
        return shapely.from_geojson(json.dumps(value))
    except (ShapelyError, ValueError, TypeError):
        return None


def answered(
    name: str, rows: QuerySet[Any], column: str, west: str, fixed: Sequence[Any], *, first: bool
) -> dict[int, Any]:
    """What a function gives for each of ``rows`` with a geometry in ``column``, by primary key: true or a number.

    ``fixed`` are the other arguments; the geometry stands ``first`` or second. Raises Unreadable where too many rows come into
    question.
    """
    found = list(
        _near(name, rows, west, fixed).values_list("pk", column).order_by()[: MOST_GEOMETRIES + 1]
    )
    if len(found) > MOST_GEOMETRIES:
        raise Unreadable(name, f"a filter that leaves at most {MOST_GEOMETRIES} geometries")
    geometries = [read_json(value) for _, value in found]
    keys = [pk for (pk, _), one in zip(found, geometries, strict=True) if one is not None]
    known = [one for one in geometries if one is not None]
    if not known:
        return {}
    values = _worked_out(name, known, fixed, first=first)
    return dict(zip(keys, values, strict=True))


def _worked_out(
    name: str, known: list[BaseGeometry], fixed: Sequence[Any], *, first: bool
) -> list[Any]:
    if name == "geo.length":
        return [float(one) for one in MEASURES[name](known)]
    other, *rest = fixed
    pair = (known, other) if first else (other, known)
    made = (PREDICATES.get(name) or MEASURES[name])(*pair, *rest)
    return [one.item() for one in made]


def _near(name: str, rows: QuerySet[Any], west: str, fixed: Sequence[Any]) -> QuerySet[Any]:
    """Only rows whose boxes meet that of the other geometry, where no other row can answer true."""
    if west != "west":
        return rows.filter(**{f"{west}__isnull": False})
    if name in MEASURES or name in ("st_disjoint", "st_relate"):
        return rows.filter(west__isnull=False)
    least_x, least_y, most_x, most_y = fixed[0].bounds
    meets = Q(west__lte=most_x, east__gte=least_x, south__lte=most_y, north__gte=least_y)
    return rows.filter(meets)


def _lines(geometries: Any) -> Any:
    """Polygons have no length here, only lines have."""
    return [one if one.geom_type.endswith("LineString") else shapely.Point() for one in geometries]


def looked_up(name: str, values: dict[int, Any], pk: str, west: str) -> Typed:
    """The answers as a value of each row: ``pk`` and ``west`` lead to its key and to what says that its geometry is known."""
    if name in PREDICATES:
        true = [key for key, value in values.items() if value]
        known = condition(
            "(CASE WHEN {1} IS NOT NULL THEN {0} = ANY({2}) END)",
            F(pk),
            F(west),
            given(true, "bigint[]"),
        )
        return Typed(Sort.BOOLEAN, known)
    table = json.dumps({str(key): value for key, value in values.items()})
    return number("(({0} ->> ({1})::text)::float8)", given(table, "jsonb"), F(pk))
