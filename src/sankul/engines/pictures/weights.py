"""The tree of an index with its weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from .look import LIGHT
from .picture import Column, Picture, Spec, Words, tips

STEPS: Final = (0.03, 0.06, 0.2)
"""Shares of the index at which a box takes the next tone."""
MANY: Final = 30
"""Indicators beyond which a share stands on one line with its name."""


@dataclass(frozen=True)
class Branch:
    """A node or indicator with its share of the index (0 to 1), and what stands below it."""

    name: str
    share: float
    below: tuple[Branch, ...] = ()

    @property
    def leaves(self) -> int:
        """How many indicators stand below, itself if it is one."""
        return sum(branch.leaves for branch in self.below) or 1

    @property
    def depth(self) -> int:
        """How many levels there are from here on."""
        return 1 + max((branch.depth for branch in self.below), default=0)


def weights(root: Branch, *, gettext: Words = str) -> Picture:
    """The tree from its groups (left) to its indicators (right), each with its share of the index.

    The root, which is the whole, is not drawn.
    """
    deepest = max(root.depth - 1, 1)
    boxes: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    _place(root.below, 0, 0, deepest, boxes, rows)
    whole: Spec = {"type": "quantitative", "axis": None}
    ends: Spec = {"domain": [0, deepest], "nice": False}
    x = whole | {"scale": ends}
    y = whole | {"scale": {"domain": [root.leaves, 0], "nice": False}}
    dense = root.leaves > MANY
    spec: Spec = {
        "data": {"values": boxes},
        "height": {"step": 20 if dense else 42, "rows": root.leaves},
        "layer": [_boxes(x, y, gettext), *_labels(x, y, dense=dense)],
    }
    columns = [
        Column("name", gettext("Group, outcome or indicator")),
        Column("level", gettext("Level"), numeric=True),
        Column("share", gettext("Share of the index"), numeric=True),
    ]
    return Picture("weights", spec, columns, rows)


def _place(
    branches: Sequence[Branch],
    top: int,
    level: int,
    deepest: int,
    boxes: list[dict[str, Any]],
    rows: list[dict[str, Any]],
) -> None:
    for branch in branches:
        right = level + 1 if branch.below else deepest
        boxes.append({
            "name": branch.name, "share": branch.share, "left": level, "right": right,
            "top": top, "bottom": top + branch.leaves, "middle": top + branch.leaves / 2,
        })  # fmt: skip
        rows.append({"name": branch.name, "level": level + 1, "share": branch.share})
        _place(branch.below, top, level + 1, deepest, boxes, rows)
        top += branch.leaves


def _boxes(x: Spec, y: Spec, gettext: Words) -> Spec:
    tones = [LIGHT[f"heat-{n}"] for n in range(1, 5)]
    scale = {"type": "threshold", "domain": list(STEPS), "range": tones}
    share = {"field": "share", "title": gettext("Share of the index"), "format": ".1%"}
    return {
        "mark": {"type": "rect", "stroke": LIGHT["paper"], "strokeWidth": 2, "cornerRadius": 2},
        "encoding": {
            "x": x | {"field": "left"},
            "x2": {"field": "right"},
            "y": y | {"field": "top"},
            "y2": {"field": "bottom"},
            "color": {"field": "share", "type": "quantitative", "scale": scale, "legend": None},
            "tooltip": [*tips({"name": gettext("Name")}), share],
        },
    }


def _labels(x: Spec, y: Spec, *, dense: bool) -> list[Spec]:
    """The share in bold above the name, both centred in the height of the box; or side by side."""
    look = {
        "type": "text", "align": "left", "baseline": "top", "color": LIGHT["on-heat-low"],
        "dx": {"expr": "width < 360 ? 4 : 7"}, "fontSize": {"expr": "width < 360 ? 10.5 : 12"},
        "limit": {"expr": f"width * (datum.right - datum.left) / {x['scale']['domain'][1]} - 6"},
        "lineBreak": "\n", "lineHeight": 14,
    }  # fmt: skip
    share = "format(100 * datum.share, '.1f') + '\u00a0%'"
    text = f"{share} + '  ' + datum.name" if dense else "datum.name"
    lines = "length(split(datum.name, '\\n'))"
    above, below = ({"dy": {"expr": f"-7 * ({lines} {shift})"}} for shift in ("+ 1", "- 1"))
    where = {"x": x | {"field": "left"}, "y": y | {"field": "middle"}}
    layers = [(share, look | above | {"fontWeight": 600}), (text, look | below)]
    if dense:
        layers = [(text, look | {"dy": {"expr": f"-7 * {lines}"}})]
    return [
        {
            "transform": [{"calculate": words, "as": f"said_{place}"}],
            "mark": mark,
            "encoding": where | {"text": {"field": f"said_{place}"}},
        }
        for place, (words, mark) in enumerate(layers)
    ]
