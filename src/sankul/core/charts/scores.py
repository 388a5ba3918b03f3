"""Pictures of scores: contributions, strengths beside the peers' median, and slopes of change."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

from django.utils.translation import gettext

from sankul.core import formats
from sankul.core.charts.chart import Chart
from sankul.core.charts.marks import About, Spec, names_down, tips, told
from sankul.core.charts.theme import palette
from sankul.core.ui.tables import Column

# Pixels that keep two labels of a slope apart, and that the axis keeps free above and below.
LABEL, MARGIN = 17, 12


@dataclass(frozen=True)
class Contribution:
    """A part of a score, in points; the points of all parts add up to the score."""

    name: str
    points: float


@dataclass(frozen=True)
class Strength:
    """A unit's score on one indicator beside the median of its peers; None where not computable."""

    name: str
    score: float | None
    median: float | None


@dataclass(frozen=True)
class Change:
    """A unit's figure in two periods; None where there was none."""

    name: str
    before: float | None
    after: float | None


def contributions(
    parts: Sequence[Contribution], *, unit: str = "", **about: Unpack[About]
) -> Chart:
    """Horizontal bars in the given order, each with its points at its end; ``unit`` names the points."""
    axis = {"title": unit or gettext("Points"), "orient": "top", "tickCount": 5}
    least = min([0.0, *(part.points for part in parts)])
    most = max([0.0, *(part.points for part in parts)])
    room = 0.3 * ((most - least) or 1)
    scale = {"domain": [least - room * (least < 0), most + room], "nice": False}
    values = [vars(part) | {"label": formats.number(part.points, 1)} for part in parts]
    spec: Spec = {
        "data": {"values": values},
        "height": {"step": 26},
        "encoding": {
            "y": names_down(part.name for part in parts),
            "x": {"field": "points", "type": "quantitative", "axis": axis, "scale": scale},
        },
        "layer": _bar_layers(),
    }
    columns = [Column("name", gettext("Part")), Column("points", gettext("Points"), numeric=True)]
    return told(about, spec, columns, [vars(part) for part in parts], key="contributions")


def _bar_layers() -> list[Spec]:
    colour = palette("light")
    below = {"test": "datum.points < 0", "value": colour["series-2"]}
    said = tips({"name": gettext("Part"), "points": gettext("Points")})
    bars: Spec = {
        "mark": {"type": "bar", "height": 16},
        "encoding": {"color": {"condition": below, "value": colour["series-1"]}, "tooltip": said},
    }
    ends = (("datum.points >= 0", "left", 5), ("datum.points < 0", "right", -5))
    labels: list[Spec] = [
        {
            "transform": [{"filter": side}],
            "mark": {"type": "text", "align": align, "dx": shift},
            "encoding": {"text": {"field": "label"}},
        }
        for side, align, shift in ends
    ]
    return [bars, *labels]


def strengths(strengths: Sequence[Strength], *, unit_name: str, **about: Unpack[About]) -> Chart:
    """A unit's scores (0 to 100) as dots beside the median of its peers as ticks, by indicator."""
    median = gettext("Median of peers")
    axis = {"orient": "top", "values": [0, 25, 50, 75, 100], "title": gettext("Score, 0 to 100")}
    x: Spec = {"type": "quantitative", "scale": {"domain": [0, 100]}, "axis": axis}
    unknown = [one.name for one in strengths if one.score is None]
    spec: Spec = {
        "data": {"values": [vars(one) for one in strengths if one.score is not None]},
        "height": {"step": 26},
        "encoding": {"y": names_down(one.name for one in strengths)},
        "layer": [*_strength_layers(x, unit_name, median), *_absent(unknown, x)],
    }
    columns = [
        Column("name", gettext("Indicator")),
        Column("score", unit_name, numeric=True),
        Column("median", median, numeric=True),
    ]
    rows = [vars(one) for one in strengths]
    absent = gettext("not computable")
    return told(about, spec, columns, rows, key="strengths", absent=absent)


def _strength_layers(x: Spec, unit_name: str, median: str) -> list[Spec]:
    colour = palette("light")
    both = [unit_name, median]
    hues = {"domain": both, "range": [colour["accent"], colour["series-2"]]}
    shapes = {"domain": both, "range": ["circle", "stroke"]}
    kinds = {
        who: {
            "color": {"type": "nominal", "scale": hues, "datum": who},
            "shape": {"type": "nominal", "scale": shapes, "datum": who},
        }
        for who in both
    }
    said = tips({"name": gettext("Indicator"), "score": unit_name, "median": median})
    between = {"type": "rule", "strokeWidth": 3, "color": colour["line"]}
    tick = {"type": "point", "size": 240, "strokeWidth": 3, "angle": 90, "opacity": 1}
    dot = {"type": "point", "filled": True, "size": 110, "opacity": 1}
    score, peers = x | {"field": "score"}, x | {"field": "median"}
    return [
        {"mark": between, "encoding": {"x": score, "x2": {"field": "median"}}},
        {
            "mark": tick,
            "transform": [{"filter": "isValid(datum.median)"}],
            "encoding": {"x": peers, **kinds[median]},
        },
        {"mark": dot, "encoding": {"x": score, **kinds[unit_name], "tooltip": said}},
    ]


def _absent(names: Sequence[str], x: Spec) -> list[Spec]:
    if not names:
        return []
    text = {"type": "text", "align": "left", "fontStyle": "italic", "color": palette("light")["ink-2"],
            "text": gettext("not computable")}  # fmt: skip
    values = [{"name": name, "at": 1} for name in names]
    return [{"data": {"values": values}, "mark": text, "encoding": {"x": x | {"field": "at"}}}]


def slopes(
    changes: Sequence[Change],
    *,
    before: str,
    after: str,
    highlight: Collection[str] = (),
    ranks: bool = False,
    **about: Unpack[About],
) -> Chart:
    """Lines from a figure ``before`` to one ``after``, named at their ends, some of them highlighted.

    ``ranks`` turns the axis round, so that rank 1 is on top. Units that lack one of the two are in
    the table only.
    """
    drawn = [one for one in changes if one.before is not None and one.after is not None]
    height = max(200, 28 * len(drawn))
    spec: Spec = {
        "data": {"values": _ends(drawn, height, ranks=ranks)},
        "height": height,
        "layer": [*_slope_layers(highlight, ranks=ranks), *_slope_heads(before, after)],
    }
    columns = [
        Column("name", gettext("Cluster")),
        Column("before", before, numeric=True),
        Column("after", after, numeric=True),
    ]
    rows = [vars(one) for one in changes]
    return told(about, spec, columns, rows, key="change", absent=gettext("evidence missing"))


ACROSS: Spec = {
    "field": "at",
    "type": "quantitative",
    "axis": None,
    "scale": {"domain": [-0.22, 1.95], "nice": False},
}


def _slope_layers(highlight: Collection[str], *, ranks: bool) -> list[Spec]:
    colour = palette("light")
    named = {"field": "name", "oneOf": list(highlight)}

    def either(strong: Any, plain: Any) -> Spec:
        return {"condition": {"test": named, "value": strong}, "value": plain}

    scale = {"zero": False, "reverse": ranks, "padding": MARGIN}
    y: Spec = {"field": "value", "type": "quantitative", "axis": None, "scale": scale}
    hue = either(colour["accent"], colour["line-strong"])
    ink = either(colour["accent-strong"], colour["ink"])
    place: Spec = {"x": ACROSS, "y": y, "color": hue}
    said: Spec = {
        "x": ACROSS,
        "y": y | {"field": "label_at"},
        "text": {"field": "label"},
        "color": ink,
    }
    lines = {"detail": {"field": "name"}, "strokeWidth": either(3, 1.5)}
    return [
        {"mark": {"type": "line"}, "encoding": place | lines},
        {
            "mark": {"type": "circle", "size": 60, "opacity": 1},
            "encoding": place
            | {"tooltip": tips({"name": gettext("Name"), "value": gettext("Figure")})},
        },
        *(
            {
                "transform": [{"filter": f"datum.at == {side}"}],
                "mark": {"type": "text", "align": align, "dx": shift},
                "encoding": said,
            }
            for side, align, shift in ((0, "right", -9), (1, "left", 9))
        ),
    ]


def _slope_heads(before: str, after: str) -> list[Spec]:
    look = {"type": "text", "baseline": "bottom", "dy": -4, "color": palette("light")["ink-2"]}
    return [
        {
            "data": {"values": [{"at": at, "label": label}]},
            "mark": look | {"align": align},
            "encoding": {"x": ACROSS, "y": {"value": 0}, "text": {"field": "label"}},
        }
        for at, label, align in ((0, before, "right"), (1, after, "left"))
    ]


def _ends(drawn: Sequence[Change], height: int, *, ranks: bool) -> list[dict[str, Any]]:
    sides = [[float((one.after if at else one.before) or 0) for one in drawn] for at in (0, 1)]
    reach = max(map(max, sides), default=0) - min(map(min, sides), default=0)
    apart = LABEL * (reach or 1) / (height - 2 * MARGIN)
    return [
        {"name": one.name, "at": at, "value": value, "label_at": label_at,
         "label": _end_label(one.name, value, at=at, places=0 if ranks else 1)}
        for at, heights in enumerate(sides)
        for one, value, label_at in zip(drawn, heights, spread(heights, apart), strict=True)
    ]  # fmt: skip


def _end_label(name: str, value: float, *, at: int, places: int) -> str:
    figure = formats.number(value, places)
    return f"{figure}  {name}" if at else figure


def spread(heights: Sequence[float], apart: float) -> list[float]:
    """Heights for labels: as near to the given ones as a distance of ``apart`` between them allows.

    Labels that would touch are moved together as a block around their own mean (pool adjacent
    violators), which keeps their order.
    """
    order = sorted(range(len(heights)), key=lambda index: heights[index])
    blocks: list[tuple[float, int]] = []
    for place, index in enumerate(order):
        block = (heights[index] - apart * place, 1)
        while blocks and blocks[-1][0] > block[0]:
            mean, size = blocks.pop()
            total = size + block[1]
            block = ((mean * size + block[0] * block[1]) / total, total)
        blocks.append(block)
    flat = [mean for mean, size in blocks for _ in range(size)]
    placed = [0.0] * len(heights)
    for place, index in enumerate(order):
        placed[index] = flat[place] + apart * place
    return placed
