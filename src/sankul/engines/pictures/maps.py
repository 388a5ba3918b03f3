"""Maps of places without foreign tiles: marks over outlines, near ones gathered under their number, with a scale.

Mercator's projection, spherical: angles are true, so that a small region looks as it does on every web map (EPSG:3857, cut at
85.05 degrees).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .look import FONT, LIGHT

Floats = NDArray[np.float64]
FARTHEST_LAT: Final = 85.05
LEAST_DEG: Final = 0.004
"""A map shows at least so many degrees (some 400 m)."""
NEAR_PX: Final = 34
"""Marks nearer than this are gathered."""
EARTH_M: Final = 6_371_008.8
"""Mean radius (IUGG)."""
HALF: Final = 8
"""Half of the box in which the shapes of marks are drawn."""


class Box(NamedTuple):
    """A box in degrees."""

    west: float
    south: float
    east: float
    north: float

    def grown(self, factor: float) -> Box:
        """The box about the same centre, so many times as wide and high."""
        lon, lat = (self.west + self.east) / 2, (self.south + self.north) / 2
        half_lon = (self.east - self.west) / 2 * factor
        half_lat = (self.north - self.south) / 2 * factor
        return Box(lon - half_lon, lat - half_lat, lon + half_lon, lat + half_lat).within()

    def moved(self, east: float, north: float) -> Box:
        """The box moved by parts of its own width and height."""
        lon, lat = east * (self.east - self.west), north * (self.north - self.south)
        return Box(self.west + lon, self.south + lat, self.east + lon, self.north + lat).within()

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a place lies in the box."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    def within(self) -> Box:
        """The part of the box that lies on a map."""
        lats = (max(self.south, -FARTHEST_LAT), min(self.north, FARTHEST_LAT))
        return Box(max(self.west, -180), lats[0], min(self.east, 180), lats[1])


@dataclass(frozen=True)
class Spot:
    """A place to mark: its name, degrees, the kind of its mark, and where a click on it leads."""

    name: str
    lon: float
    lat: float
    kind: str
    href: str = ""


@dataclass(frozen=True)
class Kind:
    """How a kind of place is marked: a word, a colour's token, a path in a box of 16; later kinds weigh more in a gathering."""

    word: str
    colour: str
    path: str


@dataclass(frozen=True)
class View:
    """A part of the world on a drawing of ``width`` and ``height`` pixels."""

    x: float
    y: float
    scale: float
    width: int
    height: int

    @classmethod
    def of(cls, box: Box, width: int, height: int, margin: int = 24) -> View:
        """The view in which all of a box is seen, as large as can be."""
        lon, lat = (box.west + box.east) / 2, (box.south + box.north) / 2
        wide = max(box.east - box.west, LEAST_DEG) / 2
        high = max(box.north - box.south, LEAST_DEG) / 2
        (west, east), (south, north) = _mercator(
            np.array([lon - wide, lon + wide]), np.array([lat - high, lat + high])
        )
        scale = min(
            (width - 2 * margin) / float(east - west), (height - 2 * margin) / float(north - south)
        )
        return cls(float(west + east) / 2, float(south + north) / 2, scale, width, height)

    def at(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Pixels from the left and from the top."""
        x, y = _mercator(lon, lat)
        across = self.width / 2 + (x - self.x) * self.scale
        return across, self.height / 2 - (y - self.y) * self.scale

    @property
    def box(self) -> Box:
        """All that the drawing shows."""
        half_x, half_y = self.width / 2 / self.scale, self.height / 2 / self.scale
        west, east = (math.degrees(self.x + sign * half_x) for sign in (-1, 1))
        south, north = (
            math.degrees(math.atan(math.sinh(self.y + sign * half_y))) for sign in (-1, 1)
        )
        return Box(west, south, east, north)

    @property
    def metres(self) -> float:
        """Metres to a pixel, at the middle."""
        return EARTH_M / self.scale / math.cosh(self.y)


def _mercator(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    cut = np.radians(np.clip(lat, -FARTHEST_LAT, FARTHEST_LAT))
    return np.radians(lon), np.arcsinh(np.tan(cut))


@dataclass(frozen=True)
class Mark:
    """What is drawn at a place: the spots (their places in the list) that are gathered there, and where in pixels."""

    x: float
    y: float
    members: NDArray[np.int64]


def gathered(x: Floats, y: Floats, near: float = NEAR_PX) -> list[Mark]:
    """Points in pixels, those near each other as one mark at their mean: no two marks are nearer than ``near``.

    Points of one square of a grid come together first, then marks, the largest first, take in those near them.
    """
    if not len(x):
        return []
    cell = np.stack((np.floor(x / near), np.floor(y / near)), axis=1).astype(np.int64)
    _, group = np.unique(cell, axis=0, return_inverse=True)
    group = group.ravel()
    while True:
        n = int(group.max()) + 1
        size = np.bincount(group, minlength=n)
        mean_x = np.bincount(group, x, n) / size
        mean_y = np.bincount(group, y, n) / size
        merged = _taken_in(mean_x, mean_y, size, near)
        if merged is None:
            break
        group = merged[group]
    order = np.argsort(group, kind="stable")
    members = np.split(order, np.cumsum(size)[:-1])
    return [Mark(float(mean_x[n]), float(mean_y[n]), members[n]) for n in range(len(members))]


def _taken_in(
    x: Floats, y: Floats, size: NDArray[np.int64], near: float
) -> NDArray[np.int64] | None:
    """The new number of each mark when large ones take in those near them; None if all stand apart."""
    owner = np.full(len(x), -1)
    for n in np.argsort(-size, kind="stable"):
        if owner[n] < 0:
            close = (np.hypot(x - x[n], y - y[n]) < near) & (owner < 0)
            owner[close] = n
    kept, number = np.unique(owner, return_inverse=True)
    return None if len(kept) == len(x) else number.ravel()


def place_map(
    spots: Sequence[Spot],
    kinds: Mapping[str, Kind],
    view: View,
    *,
    outlines: Sequence[Sequence[Sequence[Sequence[float]]]] = (),
    zoom: str = "",
    counted: str = "%(count)d places",
) -> str:
    """The inside of an SVG: outlines, marks in the order of their weight, a grid of degrees and a scale.

    ``outlines`` are lists of lines of [longitude, latitude]. ``zoom`` is the address of a nearer map, with ``{box}`` for the box
    of a gathering; ``counted`` names how many it holds.
    """
    x, y = view.at(np.array([s.lon for s in spots]), np.array([s.lat for s in spots]))
    seen = (x >= 0) & (x <= view.width) & (y >= 0) & (y <= view.height)
    places = np.flatnonzero(seen)
    marks = gathered(x[places], y[places])
    rank = {name: n for n, name in enumerate(kinds)}
    drawn = sorted(
        (
            _drawn(mark, [spots[places[m]] for m in mark.members], kinds, rank, zoom, counted)
            for mark in marks
        ),
        key=lambda pair: pair[0],
    )
    parts = [_grid(view), *(_outline(lines, view) for lines in outlines), _scale(view)]
    return "".join(parts) + "".join(text for _, text in drawn)


def _drawn(
    mark: Mark,
    spots: Sequence[Spot],
    kinds: Mapping[str, Kind],
    rank: Mapping[str, int],
    zoom: str,
    counted: str,
) -> tuple[int, str]:
    worst = max(spots, key=lambda spot: rank[spot.kind]).kind
    if len(spots) == 1:
        spot = spots[0]
        told = f"{spot.name}: {kinds[worst].word}"
        inner = _shape(mark.x, mark.y, kinds[worst])
        return rank[worst], _linked(inner, told, spot.href)
    tally = {name: sum(spot.kind == name for spot in spots) for name in kinds}
    each = ", ".join(f"{n} {kinds[name].word}" for name, n in tally.items() if n)
    told = f"{counted % {'count': len(spots)}}: {each}"
    href = zoom.replace("{box}", _told(_around(spots))) if zoom else ""
    return rank[worst], _linked(_many(mark, len(spots), kinds[worst]), told, href)


def _around(spots: Sequence[Spot]) -> Box:
    lons, lats = [spot.lon for spot in spots], [spot.lat for spot in spots]
    return Box(min(lons), min(lats), max(lons), max(lats))


def _told(box: Box) -> str:
    return ",".join(f"{edge:.5f}" for edge in box)


def _linked(inner: str, told: str, href: str) -> str:
    title = f"<title>{escape(told)}</title>"
    if not href:
        return f'<g role="img" aria-label="{escape(told)}">{title}{inner}</g>'
    return f'<a href="{escape(href)}" aria-label="{escape(told)}">{title}{inner}</a>'


def _shape(x: float, y: float, kind: Kind, size: float = 1) -> str:
    halo = (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{(HALF + 3) * size:.1f}" fill="{LIGHT["paper"]}"/>'
    )
    left, top = x - HALF * size, y - HALF * size
    scaled = f" scale({size:g})" if size != 1 else ""
    return (
        f'{halo}<path transform="translate({left:.1f} {top:.1f}){scaled}" fill="{LIGHT[kind.colour]}"'
        f' fill-rule="evenodd" d="{kind.path}"/>'
    )


def _many(mark: Mark, count: int, worst: Kind) -> str:
    radius = 11 + 2.5 * math.log10(count) * 1.6
    colour = LIGHT[worst.colour]
    edge = radius * 0.74
    return (
        f'<circle cx="{mark.x:.1f}" cy="{mark.y:.1f}" r="{radius:.1f}" fill="{LIGHT["paper"]}" stroke="{colour}"'
        ' stroke-width="2.5"/>'
        f'<text x="{mark.x:.1f}" y="{mark.y:.1f}" dy="0.35em" text-anchor="middle" font-family="{FONT}" font-size="12"'
        f' font-weight="600" fill="{LIGHT["ink"]}">{count}</text>'
        + _shape(mark.x + edge, mark.y - edge, worst, 0.6)
    )


def _outline(lines: Sequence[Sequence[Sequence[float]]], view: View) -> str:
    seen = view.box
    paths = []
    for line in lines:
        lonlat = np.asarray(line, float)
        low, high = lonlat.min(axis=0), lonlat.max(axis=0)
        if low[0] > seen.east or high[0] < seen.west or low[1] > seen.north or high[1] < seen.south:
            continue
        x, y = view.at(lonlat[:, 0], lonlat[:, 1])
        paths.append(_path(x, y))
    stroke = f'stroke="{LIGHT["line-strong"]}" stroke-width="1.2" stroke-linejoin="round"'
    return f'<path fill="none" {stroke} d="{"".join(paths)}"/>' if paths else ""


def _path(x: Floats, y: Floats) -> str:
    """A path without points that fall on the pixel before."""
    at = np.stack((x, y), axis=1).clip(-1e5, 1e5).round(1)
    keep = np.ones(len(at), bool)
    keep[1:-1] = np.abs(np.diff(at, axis=0)[:-1]).sum(axis=1) >= 0.5
    return "M" + "L".join(f"{one[0]:g},{one[1]:g}" for one in at[keep].tolist())


STEPS: Final = (30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)


def _grid(view: View) -> str:
    """Lines of degrees, two or more each way, with their labels."""
    box = view.box
    step = next((s for s in STEPS if (box.east - box.west) / s >= 2.5), STEPS[-1])
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    made = []
    for lon in _multiples(box.west, box.east, step):
        x = float(view.at(np.array([lon]), np.array([0.0]))[0][0])
        label = _degrees(lon, places, "EW") if 48 < x < view.width - 48 else ""
        made.append(_grid_line(f"M{x:.1f},0V{view.height}", x + 3, view.height - 5, label))
    for lat in _multiples(box.south, box.north, step):
        y = float(view.at(np.array([0.0]), np.array([lat]))[1][0])
        label = _degrees(lat, places, "NS") if 14 < y < view.height - 16 else ""
        made.append(_grid_line(f"M0,{y:.1f}H{view.width}", 3, y - 3, label))
    return "".join(made)


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step), math.floor(high / step)
    return [n * step for n in range(first, last + 1)]


def _degrees(value: float, places: int, letters: str) -> str:
    return f"{abs(value):.{places}f}° {letters[0] if value >= 0 else letters[1]}"


def _grid_line(path: str, x: float, y: float, label: str) -> str:
    line = f'<path d="{path}" fill="none" stroke="{LIGHT["paper-3"]}"/>'
    if not label:
        return line
    return (
        f'{line}<text x="{x:.1f}" y="{y:.1f}" font-family="{FONT}" font-size="11" fill="{LIGHT["ink-2"]}"'
        f' aria-hidden="true">{label}</text>'
    )


def _scale(view: View) -> str:
    """A bar of a round length, at most a quarter of the width."""
    most = view.width / 4 * view.metres
    power = 10 ** math.floor(math.log10(most))
    metres = next(n * power for n in (5, 2, 1) if n * power <= most)
    right, y = view.width - 12, view.height - 24
    left = right - metres / view.metres
    label = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    return (
        f'<path d="M{left:.1f},{y - 5}V{y}H{right}V{y - 5}" fill="none" stroke="{LIGHT["ink-2"]}" stroke-width="1.5"/>'
        f'<text x="{(left + right) / 2:.1f}" y="{y - 6}" text-anchor="middle" font-family="{FONT}" font-size="11"'
        f' fill="{LIGHT["ink-2"]}" aria-hidden="true">{label}</text>'
    )


def framed(
    inner: str,
    view: View,
    *,
    key: str,
    title: str,
    finding: str,
    attributes: Mapping[str, Any] = {},
) -> str:
    """The whole SVG around the inside, with its title and description."""
    more = "".join(f' {name}="{escape(str(value))}"' for name, value in attributes.items())
    size = f'width="{view.width}" height="{view.height}" viewBox="0 0 {view.width} {view.height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="group" aria-labelledby="{key}-t"{more}>'
        f'<title id="{key}-t">{escape(title)}</title><desc>{escape(finding)}</desc>{inner}</svg>'
    )


def noted(drawn: str, notes: Sequence[str]) -> str:
    """An SVG with lines of text at its upper edge."""
    lines = "".join(
        f'<text x="6" y="{14 * n + 14}" font-family="{FONT}" font-size="11" fill="{LIGHT["ink-2"]}">{escape(note)}</text>'
        for n, note in enumerate(notes)
    )
    return drawn.replace("</svg>", f"{lines}</svg>")
