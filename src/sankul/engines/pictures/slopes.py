"""Change between two years, as slope lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from .look import LIGHT
from .picture import Column, Picture, Spec, Words, tips

LABEL: Final = 17
"""Pixels that keep two labels of a slope apart."""
MARGIN: Final = 12
"""Pixels that the axis keeps free above and below."""
ACROSS: Final[Spec] = {
    "field": "at",
    "type": "quantitative",
    "axis": None,
    "scale": {"domain": [-0.22, 1.95], "nice": False},
}


@dataclass(frozen=True)
class Change:
    """A unit's figure in two periods; None where there was none."""

    name: str
    before: float | None
    after: float | None


def slopes(
    changes: Sequence[Change],
    *,
    before: str,
    after: str,
    highlight: Collection[str] = (),
    ranks: bool = False,
    gettext: Words = str,
) -> Picture:
    """Lines from a figure ``before`` to one ``after``, named at their ends, some of them highlighted.

    ``ranks`` turns the axis round, so that rank 1 is on top. Units that lack one of the two are in
    the table only.
    """
    drawn = [one for one in changes if one.before is not None and one.after is not None]
    height = max(200, 28 * len(drawn))
    layers = _slope_layers(highlight, gettext, ranks=ranks)
    spec: Spec = {
        "data": {"values": _ends(drawn, height, ranks=ranks)},
        "height": height,
        "layer": [*layers, *_slope_heads(before, after)],
    }
    columns = [
        Column("name", gettext("Cluster")),
        Column("before", before, numeric=True),
        Column("after", after, numeric=True),
    ]
    rows = [asdict(one) for one in changes]
    return Picture("change", spec, columns, rows, gettext("evidence missing"))


def _slope_layers(highlight: Collection[str], gettext: Words, *, ranks: bool) -> list[Spec]:
    named = {"field": "name", "oneOf": list(highlight)}

    def either(strong: Any, plain: Any) -> Spec:
        return {"condition": {"test": named, "value": strong}, "value": plain}

    scale = {"zero": False, "reverse": ranks, "padding": MARGIN}
    y: Spec = {"field": "value", "type": "quantitative", "axis": None, "scale": scale}
    hue = either(LIGHT["accent"], LIGHT["line-strong"])
    place: Spec = {"x": ACROSS, "y": y, "color": hue}
    lines = {"detail": {"field": "name"}, "strokeWidth": either(3, 1.5)}
    dots = {"tooltip": tips({"name": gettext("Name"), "value": gettext("Figure")})}
    said = place | {
        "y": y | {"field": "label_at"},
        "text": {"field": "label"},
        "color": either(LIGHT["accent-strong"], LIGHT["ink"]),
    }
    return [
        {"mark": {"type": "line"}, "encoding": place | lines},
        {"mark": {"type": "circle", "size": 60, "opacity": 1}, "encoding": place | dots},
        *(_end_labels(*side, said) for side in ((0, "right", -9), (1, "left", 9))),
    ]


def _end_labels(at: int, align: str, shift: int, encoding: Spec) -> Spec:
    return {
        "transform": [{"filter": f"datum.at == {at}"}],
        "mark": {"type": "text", "align": align, "dx": shift},
        "encoding": encoding,
    }


def _slope_heads(before: str, after: str) -> list[Spec]:
    look = {"type": "text", "baseline": "bottom", "dy": -4, "color": LIGHT["ink-2"]}
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
    figure = f"{value:.{places}f}".replace("-", "\N{MINUS SIGN}")
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
