"""Pictures of scores: their intervals, what they are made of, and one unit beside its peers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from .look import LIGHT
from .picture import Column, Picture, Spec, Words, names_down, tips

MOST_PARTS: Final = 6
"""Colours that can be told apart; what is beyond goes together."""
HUNDRED: Final = (0.0, 100.0)


@dataclass(frozen=True)
class Contribution:
    """A part of a score, in points; the points of all parts add up to the score."""

    name: str
    points: float


@dataclass(frozen=True)
class Strength:
    """A unit's score on one indicator beside its peers'; None where there is none.

    ``median``, ``low`` and ``high`` are the peers' median, least and greatest.
    """

    name: str
    score: float | None
    median: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Scored:
    """A unit's score with its interval, where there is one."""

    name: str
    score: float
    low: float | None = None
    high: float | None = None


def score_intervals(
    scored: Sequence[Scored],
    *,
    threshold: float | None = None,
    what: str = "",
    gettext: Words = str,
) -> Picture:
    """Scores, or ``what`` else is measured, as dots on bars that span their intervals, in the given order.

    A ``threshold`` is an upright line with its figure.
    """
    what = what or gettext("Score")
    title = gettext("%(what)s, with its 90 %% interval") % {"what": what}
    axis = {"title": title, "orient": "top", "tickCount": 5}
    x: Spec = {"type": "quantitative", "scale": {"zero": False, "padding": 8}, "axis": axis}
    said = {"name": gettext("Cluster"), "score": what,
            "low": gettext("From"), "high": gettext("To")}  # fmt: skip
    bar = {"type": "rule", "strokeWidth": 10, "strokeCap": "round", "color": LIGHT["heat-3"]}
    dot = {"type": "circle", "size": 110, "opacity": 1, "color": LIGHT["accent"]}
    dots = {"x": x | {"field": "score"}, "tooltip": tips(said)}
    bars = {"x": x | {"field": "low"}, "x2": {"field": "high"}}
    y = names_down(one.name for one in scored)
    layers: list[Spec] = [
        {
            "mark": bar,
            "transform": [{"filter": "isValid(datum.low)"}],
            "encoding": {"y": y, **bars},
        },
        {"mark": dot, "encoding": {"y": y, **dots}},
    ]
    rows = [asdict(one) for one in scored]
    line = [] if threshold is None else _threshold(threshold, x, gettext)
    spec: Spec = {"data": {"values": rows}, "height": {"step": 26}, "layer": [*line, *layers]}
    columns = [
        Column("name", gettext("Cluster")),
        Column("score", what, numeric=True),
        Column("low", gettext("%(what)s, 5 %%") % {"what": what}, numeric=True),
        Column("high", gettext("%(what)s, 95 %%") % {"what": what}, numeric=True),
    ]
    return Picture("score-intervals", spec, columns, rows)


def _threshold(threshold: float, x: Spec, gettext: Words) -> list[Spec]:
    values = [{"at": threshold, "label": gettext("threshold %(at)s") % {"at": f"{threshold:g}"}}]
    rule = {"type": "rule", "color": LIGHT["series-2"], "strokeWidth": 2, "strokeDash": [4, 3]}
    text = {
        "type": "text",
        "align": "left",
        "baseline": "top",
        "dx": 5,
        "color": LIGHT["attention"],
    }
    where = {"x": x | {"field": "at"}}
    bottom = {"y": {"value": {"expr": "height - 14"}}, "text": {"field": "label"}}
    return [
        {"data": {"values": values}, "mark": rule, "encoding": where},
        {"data": {"values": values}, "mark": text, "encoding": where | bottom},
    ]


def contributions(
    parts: Sequence[Contribution], *, unit: str = "", gettext: Words = str
) -> Picture:
    """Horizontal bars in the given order, each with its points at its end; ``unit`` names the points."""
    axis = {"title": unit or gettext("Points"), "orient": "top", "tickCount": 5}
    least = min([0.0, *(part.points for part in parts)])
    most = max([0.0, *(part.points for part in parts)])
    room = 0.3 * ((most - least) or 1)
    scale = {"domain": [least - room * (least < 0), most + room], "nice": False}
    rows = [asdict(part) for part in parts]
    spec: Spec = {
        "data": {"values": rows},
        "height": {"step": 26},
        "encoding": {
            "y": names_down(part.name for part in parts),
            "x": {"field": "points", "type": "quantitative", "axis": axis, "scale": scale},
        },
        "layer": _bar_layers(gettext),
    }
    columns = [Column("name", gettext("Part")), Column("points", gettext("Points"), numeric=True)]
    return Picture("contributions", spec, columns, rows)


def _bar_layers(gettext: Words) -> list[Spec]:
    below = {"test": "datum.points < 0", "value": LIGHT["series-2"]}
    said = tips({"name": gettext("Part"), "points": gettext("Points")})
    bars: Spec = {
        "mark": {"type": "bar", "height": 16},
        "encoding": {"color": {"condition": below, "value": LIGHT["series-1"]}, "tooltip": said},
    }
    figure = {"text": {"field": "points", "type": "quantitative", "format": ",.1f"}}
    ends = (("datum.points >= 0", "left", 5), ("datum.points < 0", "right", -5))
    labels: list[Spec] = [
        {
            "transform": [{"filter": side}],
            "mark": {"type": "text", "align": align, "dx": shift},
            "encoding": figure,
        }
        for side, align, shift in ends
    ]
    return [bars, *labels]


def composition(points: Mapping[str, Mapping[str, float]], *, gettext: Words = str) -> Picture:
    """What several scores are made of: a stacked bar a unit, ``points[unit][part]``.

    Beyond five parts the smaller ones stand together.
    """
    joined = _joined(points, gettext("Other parts"))
    parts = list(dict.fromkeys(part for row in joined.values() for part in row))
    rows = [
        {"name": name, "part": part, "points": row[part], "order": parts.index(part)}
        for name, row in joined.items()
        for part in parts
        if part in row
    ]
    axis = {"title": gettext("Points of the score"), "orient": "top", "tickCount": 5}
    hues = {"domain": parts, "range": [LIGHT[f"series-{n + 1}"] for n in range(len(parts))]}
    legend = {"columns": {"expr": "width < 360 ? 1 : 2"}, "title": None}
    said = {"name": gettext("Cluster"), "part": gettext("Part"), "points": gettext("Points")}
    spec: Spec = {
        "data": {"values": rows},
        "height": {"step": 26},
        "mark": {"type": "bar", "height": 16, "stroke": LIGHT["paper"], "strokeWidth": 1},
        "encoding": {
            "y": names_down(joined),
            "x": {"field": "points", "type": "quantitative", "axis": axis},
            "color": {"field": "part", "type": "nominal", "scale": hues, "legend": legend},
            "order": {"field": "order"},
            "tooltip": tips(said),
        },
    }
    table = [{"name": name, **{f"p{n}": row.get(part) for n, part in enumerate(parts)}}
             for name, row in joined.items()]  # fmt: skip
    heads = [Column(f"p{n}", part, numeric=True) for n, part in enumerate(parts)]
    return Picture("composition", spec, [Column("name", gettext("Cluster")), *heads], table)


def _joined(points: Mapping[str, Mapping[str, float]], other: str) -> dict[str, dict[str, float]]:
    names = list(dict.fromkeys(part for row in points.values() for part in row))
    if len(names) <= MOST_PARTS:
        return {unit: dict(row) for unit, row in points.items()}
    size = {name: sum(abs(row.get(name, 0)) for row in points.values()) for name in names}
    kept = set(sorted(names, key=lambda name: -size[name])[: MOST_PARTS - 1])
    return {
        unit: {name: row[name] for name in names if name in kept and name in row}
        | {other: sum(value for name, value in row.items() if name not in kept)}
        for unit, row in points.items()
    }


def strengths(
    strengths: Sequence[Strength],
    *,
    unit_name: str,
    scale: tuple[float, float] | None = HUNDRED,
    gettext: Words = str,
) -> Picture:
    """A unit's scores as dots beside its peers: their median as ticks, their range as bars.

    ``scale`` holds the ends of the axis; None takes them from the figures.
    """
    median = gettext("Median of peers")
    axis: Spec = {"orient": "top", "title": gettext("Score on the common scale"), "tickCount": 5}
    if scale == HUNDRED:
        axis |= {"title": gettext("Score, 0 to 100"), "values": [0, 25, 50, 75, 100]}
    ends: Spec = {"domain": list(scale)} if scale else {"zero": False}
    x: Spec = {"type": "quantitative", "scale": ends, "axis": axis}
    unknown = [one.name for one in strengths if one.score is None]
    spec: Spec = {
        "data": {"values": [asdict(one) for one in strengths if one.score is not None]},
        "height": {"step": 26},
        "encoding": {"y": names_down(one.name for one in strengths)},
        "layer": [
            *_strength_layers(x, unit_name, median, gettext),
            *_absent(unknown, scale or HUNDRED, x, gettext),
        ],
    }
    columns = [
        Column("name", gettext("Indicator")),
        Column("score", unit_name, numeric=True),
        Column("median", median, numeric=True),
        Column("low", gettext("Least of peers"), numeric=True),
        Column("high", gettext("Greatest of peers"), numeric=True),
    ]
    rows = [asdict(one) for one in strengths]
    return Picture("strengths", spec, columns, rows, gettext("not computable"))


def _strength_layers(x: Spec, unit_name: str, median: str, gettext: Words) -> list[Spec]:
    both = [unit_name, median]
    hues = {"domain": both, "range": [LIGHT["accent"], LIGHT["series-2"]]}
    shapes = {"domain": both, "range": ["circle", "stroke"]}
    legend = {"columns": {"expr": "width < 360 ? 1 : 2"}}
    kinds = {
        who: {
            "color": {"type": "nominal", "scale": hues, "datum": who, "legend": legend},
            "shape": {"type": "nominal", "scale": shapes, "datum": who, "legend": legend},
        }
        for who in both
    }
    said = tips({"name": gettext("Indicator"), "score": unit_name, "median": median})
    spread = {"type": "rule", "strokeWidth": 9, "color": LIGHT["paper-3"]}
    between = {"type": "rule", "strokeWidth": 3, "color": LIGHT["line"]}
    tick = {"type": "point", "size": 240, "strokeWidth": 3, "angle": 90, "opacity": 1}
    dot = {"type": "point", "filled": True, "size": 110, "opacity": 1}
    score, peers = x | {"field": "score"}, x | {"field": "median"}
    known = [{"filter": "isValid(datum.median)"}]
    return [
        {
            "mark": spread,
            "transform": [{"filter": "isValid(datum.low)"}],
            "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}},
        },
        {
            "mark": between,
            "transform": known,
            "encoding": {"x": score, "x2": {"field": "median"}},
        },
        {"mark": tick, "transform": known, "encoding": {"x": peers, **kinds[median]}},
        {"mark": dot, "encoding": {"x": score, **kinds[unit_name], "tooltip": said}},
    ]


def _absent(
    names: Sequence[str], scale: tuple[float, float], x: Spec, gettext: Words
) -> list[Spec]:
    if not names:
        return []
    text = {"type": "text", "align": "left", "fontStyle": "italic", "color": LIGHT["ink-2"],
            "text": gettext("not computable")}  # fmt: skip
    at = scale[0] + 0.01 * (scale[1] - scale[0])
    values = [{"name": name, "at": at} for name in names]
    return [{"data": {"values": values}, "mark": text, "encoding": {"x": x | {"field": "at"}}}]
