"""Pictures of a result as SVG, drawn by Vega-Lite without a browser."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from .coherence import pearson
from .frame import Table
from .package import Package
from .result import Result
from .robustness import Uncertainty
from .sensitivity import Sensitivity

FONT: Final = "Mukta"
WIDTH: Final = 640
Spec = dict[str, Any]


@cache
def font_folder() -> Path:
    """The folder of the font of pictures and reports, which has Latin and Devanagari letters."""
    import fontpkg_mukta  # type: ignore[import-untyped]  # noqa: PLC0415

    return Path(fontpkg_mukta.ROOT) / "files"


def draw(spec: Spec) -> str:
    """The SVG of a Vega-Lite specification in the common type and size."""
    import vl_convert  # noqa: PLC0415 (slow to import)

    vl_convert.register_font_directory(str(font_folder()))
    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": WIDTH - 200,
        "config": {"font": FONT, "view": {"stroke": None}, "background": None},
    } | spec
    drawn: str = vl_convert.vegalite_to_svg(whole)
    return drawn


def _down(names: Sequence[str]) -> Spec:
    axis = {"title": None, "labelLimit": 190, "domain": False, "ticks": False}
    return {"field": "name", "type": "nominal", "sort": list(names), "axis": axis}


def _names(package: Package, units: Sequence[str]) -> list[str]:
    """The names of units, with their ids where two have the same name."""
    by_id = dict(zip(package.frame.units, package.frame.names, strict=True))
    names = list(by_id.values())
    return [f"{by_id[u]} ({u})" if names.count(by_id[u]) > 1 else by_id[u] for u in units]


def ranking(package: Package, result: Result, spread: Uncertainty | None) -> Spec:
    """The score of every ranked unit as a dot, on a bar from its 5th to its 95th percentile."""
    units = result.ranking()
    rows = []
    for unit, name in zip(units, _names(package, units), strict=True):
        row: Spec = {"name": name, "score": result.scores.at(unit, result.root)}
        if spread is not None:
            low, _, high = spread.score_interval[spread.units.index(unit)].tolist()
            row |= {"low": low, "high": high}
        rows.append(row)
    x = {"field": "score", "type": "quantitative", "scale": {"zero": False}, "title": "Score"}
    dot = {"mark": {"type": "circle", "size": 60, "color": "#1f4e79"}, "encoding": {"x": x}}
    bar = {
        "mark": {"type": "bar", "height": 8, "color": "#a9c4dd"},
        "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}},
    }
    return {
        "data": {"values": rows},
        "height": {"step": 18},
        "encoding": {"y": _down([row["name"] for row in rows])},
        "layer": [dot] if spread is None else [bar, dot],
    }


def acceptability(package: Package, result: Result, spread: Uncertainty) -> Spec:
    """The share of draws in which each unit takes each rank, as a heat map."""
    units = result.ranking()
    names = _names(package, units)
    rows = [
        {"name": name, "rank": rank, "share": share}
        for unit, name in zip(units, names, strict=True)
        for rank, share in enumerate(spread.acceptability[spread.units.index(unit)].tolist(), 1)
        if share > 0
    ]
    scale = {"scheme": "blues", "domain": [0, 1]}
    return {
        "data": {"values": rows},
        "height": {"step": 14},
        "mark": "rect",
        "encoding": {
            "y": _down(names),
            "x": {"field": "rank", "type": "ordinal", "title": "Rank", "axis": _few(len(units))},
            "color": {
                "field": "share",
                "type": "quantitative",
                "scale": scale,
                "legend": {"title": "Share of draws", "format": "%"},
            },
        },
    }


def _few(count: int) -> Spec:
    step = max(1, round(count / 12))
    return {"labelAngle": 0, "values": [1, *range(step, count + 1, step)] if step > 1 else None}


def contributions(package: Package, result: Result) -> Spec:
    """The score of every unit, stacked from what each child of the root contributed."""
    units = result.ranking()
    names = _names(package, units)
    spec = package.spec
    titles = {element.id: element.title or element.id for element in spec.elements}
    shares = result.contributions[result.root]
    rows = [
        {"name": name, "part": titles[child], "points": points}
        for child in spec.children[result.root]
        for unit, name in zip(units, names, strict=True)
        if np.isfinite(
            points := float(shares.values[shares.units.index(unit), _below(spec, child)].sum())
        )
    ]
    legend = {"title": None, "orient": "top", "columns": 3, "labelLimit": 200}
    return {
        "data": {"values": rows},
        "height": {"step": 16},
        "mark": "bar",
        "encoding": {
            "y": _down(names),
            "x": {"field": "points", "type": "quantitative", "title": "Points of the score"},
            "color": {"field": "part", "type": "nominal", "legend": legend},
        },
    }


def _below(spec: Any, id_: str) -> list[int]:
    place = {indicator.id: k for k, indicator in enumerate(spec.indicators)}
    if id_ in place:
        return [place[id_]]
    return [k for child in spec.children[id_] for k in _below(spec, child)]


def weights(package: Package, result: Result) -> Spec:
    """The tree from the root (left) to the indicators, each as high as its effective weight."""
    spec = package.spec
    titles = {element.id: element.title or element.id for element in spec.elements}
    rows: list[Spec] = []

    def place(id_: str, top: float, depth: int) -> None:
        share = result.effective_weights[id_]
        text = f"{titles[id_]} {share:.1%}" if share >= 0.015 else ""
        row = {"title": text, "top": top, "bottom": top + share, "left": depth, "right": depth + 1}
        rows.append(row | {"middle": top + share / 2, "text": depth + 0.03, "depth": depth})
        for child in spec.children.get(id_, ()):
            place(child, top, depth + 1)
            top += result.effective_weights[child]

    place(result.root, 0.0, 0)
    deepest = max(row["right"] for row in rows)
    x = {"field": "left", "type": "quantitative", "axis": None, "scale": {"domain": [0, deepest]}}
    scale = {"domain": [1, 0]}
    y = {"field": "top", "type": "quantitative", "axis": None, "scale": scale}
    shade = {"field": "depth", "type": "ordinal", "legend": None, "scale": {"scheme": "blues"}}
    box = {
        "mark": {"type": "rect", "stroke": "white", "opacity": 0.55},
        "encoding": {
            "x": x,
            "x2": {"field": "right"},
            "y": y,
            "y2": {"field": "bottom"},
            "color": shade,
        },
    }
    label = {
        "mark": {"type": "text", "align": "left", "fontSize": 8, "limit": WIDTH / deepest - 8},
        "encoding": {
            "x": x | {"field": "text"},
            "y": y | {"field": "middle"},
            "text": {"field": "title"},
        },
    }
    height = max(220, 13 * sum(row["right"] == deepest for row in rows))
    return {
        "data": {"values": rows},
        "width": WIDTH,
        "height": height,
        "layer": [box, label],
    }


def sensitivity(found: Sensitivity) -> Spec:
    """First-order and total indices of the mean shift of ranks, by what varies."""
    rows = [
        {"name": factor, "order": order, "low": low, "high": high, "index": value}
        for order, indices in (("first order", found.shift.first), ("total", found.shift.total))
        for factor, (value, low, high) in zip(found.factors, indices[:, 0].tolist(), strict=True)
        if np.isfinite([value, low, high]).all()
    ]
    x = {"field": "index", "type": "quantitative", "title": "Share of the variance of rank shifts"}
    shared = {
        "y": _down(found.factors),
        "yOffset": {"field": "order"},
        "color": {"field": "order", "type": "nominal", "legend": {"title": None}},
    }
    rule = {"x": x | {"field": "low"}, "x2": {"field": "high"}, "color": {"value": "#333333"}}
    return {
        "data": {"values": rows},
        "height": {"step": 16},
        "encoding": shared,
        "layer": [
            {"mark": {"type": "bar", "opacity": 0.7}, "encoding": {"x": x}},
            {"mark": "rule", "encoding": rule},
        ],
    }


def correlations(table: Table) -> Spec:
    """Pearson's correlation of every pair of columns, as a heat map."""
    r = pearson(table)
    rows = [
        {"name": a, "other": b, "r": float(r[i, j])}
        for i, a in enumerate(table.columns)
        for j, b in enumerate(table.columns)
        if np.isfinite(r[i, j])
    ]
    step = max(7, min(24, 440 // max(len(table.columns), 1)))
    axis = {"title": None, "labelFontSize": min(10, step + 1), "labelAngle": -90}
    order = list(table.columns)
    return {
        "data": {"values": rows},
        "width": {"step": step},
        "height": {"step": step},
        "mark": "rect",
        "encoding": {
            "y": _down(order) | {"axis": axis | {"labelAngle": 0}},
            "x": {"field": "other", "type": "nominal", "sort": order, "axis": axis},
            "color": {
                "field": "r",
                "type": "quantitative",
                "scale": {"scheme": "redblue", "domain": [-1, 1]},
                "legend": {"title": "r"},
            },
        },
    }
