"""Outlines that an operator supplies for maps: GeoJSON (RFC 7946) read, checked by place, and simplified."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
import shapely
from django.utils.translation import gettext as _t

from sankul.core.rules.verdicts import Refused

MOST_BYTES = 5 * 2**20
MOST_POSITIONS = 20_000
"""Positions that are kept of an outline: more than any screen shows."""
FINEST = 20_000
"""An outline is simplified by this part of its extent at first: less than a pixel where a fifth of it fills a wide screen."""
DECIMALS = 5
"""Of a degree: about a metre."""
SAME_CRS = ("CRS84", "EPSG::4326", "EPSG:4326")

Line = list[list[float]]
"""Positions [longitude, latitude]."""


class Outline(NamedTuple):
    """Lines to draw, the box around them in degrees, and how many positions the file had."""

    lines: list[Line]
    west: float
    south: float
    east: float
    north: float
    given: int


def read(body: bytes) -> Outline:
    """The lines of a GeoJSON file, at most ``MOST_POSITIONS`` positions; boundaries of areas are lines too.

    Raises Refused naming the place of the first fault, as in ``features[2].geometry.coordinates[0][5]``.
    """
    if len(body) > MOST_BYTES:
        raise Refused(_t("The file has more than 5 MB. Simplify it, or take a smaller region."))
    lines = [list(line) for line in _lines(_loaded(body), "")]
    if not lines:
        raise Refused(_t("There is no line and no area in the file."))
    given = sum(map(len, lines))
    kept = _simplified(lines)
    west, south, east, north = shapely.total_bounds(shapely.multilinestrings(_strings(kept)))
    return Outline(kept, float(west), float(south), float(east), float(north), given)


def _loaded(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except json.JSONDecodeError as error:
        told = _t("Line %(line)d, column %(column)d: this is no JSON: %(why)s")
        where = {"line": error.lineno, "column": error.colno, "why": error.msg}
        raise Refused(told % where) from None
    if not isinstance(found, dict):
        raise Refused(_t("GeoJSON is one object with a type; this is something else."))
    if "crs" in found and not any(name in json.dumps(found["crs"]) for name in SAME_CRS):
        raise Refused(
            _t("crs: RFC 7946 knows longitude and latitude (WGS 84) alone. Convert the file.")
        )
    return found


def _lines(found: Any, place: str) -> Iterator[Line]:
    kind = found.get("type") if isinstance(found, dict) else None
    if kind == "FeatureCollection":
        for n, feature in enumerate(_members(found, "features", place)):
            yield from _lines(feature, f"{place}features[{n}].")
    elif kind == "Feature":
        if found.get("geometry") is not None:  # RFC 7946, 3.2: unlocated features have none
            yield from _drawn(found["geometry"], f"{place}geometry.")
    else:
        yield from _drawn(found, place)


def _drawn(geometry: Any, place: str) -> Iterator[Line]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind == "GeometryCollection":
        for n, part in enumerate(_members(geometry, "geometries", place)):
            if isinstance(part, dict) and part.get("type") == kind:
                raise Refused(
                    _t("%sgeometries: collections within collections are not taken.") % place
                )
            yield from _drawn(part, f"{place}geometries[{n}].")
        return
    depth = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}.get(str(kind))
    if depth is None:
        told = _t("%(place)stype: %(kind)s is no line and no area. Expected: %(known)s.")
        known = "LineString, MultiLineString, Polygon, MultiPolygon"
        raise Refused(told % {"place": place, "kind": json.dumps(kind)[:40], "known": known})
    lines = _at_depth(geometry.get("coordinates"), depth, f"{place}coordinates")
    for where, line in lines:
        yield _checked(line, where, is_ring=str(kind).endswith("Polygon"))


def _members(found: dict[str, Any], name: str, place: str) -> list[Any]:
    members = found.get(name)
    if not isinstance(members, list):
        raise Refused(_t("%(place)s%(name)s: expected a list.") % {"place": place, "name": name})
    return members


def _at_depth(found: Any, depth: int, place: str) -> Iterator[tuple[str, list[Any]]]:
    if not isinstance(found, list):
        raise Refused(_t("%s: expected a list.") % place)
    if depth == 0:
        yield place, found
        return
    for n, part in enumerate(found):
        yield from _at_depth(part, depth - 1, f"{place}[{n}]")


def _checked(line: list[Any], place: str, *, is_ring: bool) -> Line:
    positions = [_position(one, place, n) for n, one in enumerate(line)]
    if is_ring and (len(positions) < 4 or positions[0] != positions[-1]):
        raise Refused(_t("%s: a ring has four positions or more and ends where it begins.") % place)
    if len(positions) < 2:
        raise Refused(_t("%s: a line has two positions or more.") % place)
    return positions


def _position(found: Any, place: str, n: int) -> list[float]:
    told = found[:2] if isinstance(found, list) else []
    if len(told) < 2 or not all(type(one) in (int, float) and math.isfinite(one) for one in told):
        raise Refused(_t("%(place)s[%(n)d]: expected two numbers.") % {"place": place, "n": n})
    lon, lat = float(told[0]), float(told[1])
    if abs(lon) > 180 or abs(lat) > 90:
        raise Refused(
            _t("%(place)s[%(n)d]: expected degrees, longitude first, as in [73.85, 18.52].")
            % {"place": place, "n": n}
        )
    return [lon, lat]


def _strings(lines: list[Line]) -> list[shapely.LineString]:
    return [shapely.LineString(line) for line in lines]


def _simplified(lines: list[Line]) -> list[Line]:
    """The lines with at most ``MOST_POSITIONS`` positions, none farther off than it must be (Douglas and Peucker)."""
    shape = shapely.multilinestrings(_strings(lines))
    west, south, east, north = shapely.total_bounds(shape)
    tolerance = max(east - west, north - south) / FINEST
    made = shapely.simplify(shape, tolerance)
    while shapely.get_num_coordinates(made) > MOST_POSITIONS and tolerance < 360:
        tolerance *= 2
        made = _larger(shapely.simplify(shape, tolerance), tolerance)
    kept = [
        shapely.get_coordinates(part).round(DECIMALS).tolist() for part in shapely.get_parts(made)
    ]
    return [line for line in kept if len(line) > 1]


def _larger(shape: shapely.MultiLineString, tolerance: float) -> shapely.MultiLineString:
    """The lines that are longer than the tolerance: specks go when there is too much to draw."""
    parts = shapely.get_parts(shape)
    return shapely.multilinestrings(parts[shapely.length(parts) > tolerance])
