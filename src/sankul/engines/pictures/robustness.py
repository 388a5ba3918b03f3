"""How sure a ranking is: which assumption matters, what is likely, and what says the same twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from .look import LIGHT
from .picture import Column, Picture, Spec, Words, names_down, tips

STRONG: Final = 0.92
"""|r| from which two indicators say the same (JRC practice)."""
WEAK: Final = 0.5
Estimate = tuple[float, float, float]
"""A figure with its 5 and 95 % bounds."""


@dataclass(frozen=True)
class Factor:
    """A varied assumption with its first-order and total Sobol index; None where nothing moves."""

    name: str
    first: Estimate | None
    total: Estimate | None


@dataclass(frozen=True)
class Likely:
    """A unit with a probability and its bounds, all from 0 to 1."""

    name: str
    probability: float
    low: float
    high: float


@dataclass(frozen=True)
class Correlation:
    """Two indicators' correlation over ``n`` units; None where it cannot be computed."""

    one: str
    other: str
    r: float | None
    n: int


def sensitivity(factors: Sequence[Factor], *, gettext: Words = str) -> Picture:
    """Sobol indices of every assumption as paired bars with their bounds, in the given order."""
    alone = gettext("Alone (first order)")
    together = gettext("With the others (total)")
    values: list[dict[str, Any]] = [
        {"name": factor.name, "kind": kind, "index": max(index[0], 0.0),
         "low": max(index[1], 0.0), "high": index[2]}
        for factor in factors
        for kind, index in ((alone, factor.first), (together, factor.total))
        if index is not None
    ]  # fmt: skip
    title = gettext("Share of the movement of ranks")
    axis = {"orient": "top", "format": ".0%", "tickCount": 5, "title": title}
    ends = {"domainMin": 0, "domainMax": max([1.0, *(float(v["high"]) for v in values)])}
    x: Spec = {"type": "quantitative", "axis": axis, "scale": ends}
    kinds = [alone, together]
    hues = {"domain": kinds, "range": [LIGHT["series-1"], LIGHT["heat-3"]]}
    spec: Spec = {
        "data": {"values": values},
        "height": {"step": 52, "rows": len(factors)},
        "encoding": {
            "y": names_down(factor.name for factor in factors)
            | {"scale": {"domain": [f.name for f in factors], "paddingInner": 0.25}},
        },
        "layer": [*_index_layers(x, hues, gettext), *_unmoved(factors, x, gettext)],
    }
    columns = [
        Column("name", gettext("What varies")),
        *(Column(f"{key}{end}", f"{kind}{words}", numeric=True)
          for key, kind in (("first", alone), ("total", together))
          for end, words in (("", ""), ("_low", ", 5 %"), ("_high", ", 95 %"))),
    ]  # fmt: skip
    return Picture("sensitivity", spec, columns, [_indices(one) for one in factors],
                   gettext("no rank moves"))  # fmt: skip


def _index_layers(x: Spec, hues: Spec, gettext: Words) -> list[Spec]:
    said = tips({"name": gettext("What varies"), "kind": gettext("Index")})
    share = {"field": "index", "title": gettext("Share"), "format": ".1%"}
    legend = {"columns": {"expr": "width < 360 ? 1 : 2"}}
    colour = {"field": "kind", "type": "nominal", "scale": hues, "legend": legend}
    bounds = {"x": x | {"field": "low"}, "x2": {"field": "high"}}
    pair = {"yOffset": {"field": "kind", "type": "nominal", "sort": hues["domain"]}}
    return [
        {
            "mark": {"type": "bar"},
            "encoding": {"x": x | {"field": "index"}, "color": colour, "tooltip": [*said, share]}
            | pair,
        },
        {
            "mark": {"type": "rule", "color": LIGHT["ink"], "strokeWidth": 1.5},
            "encoding": bounds | pair,
        },
    ]


def _unmoved(factors: Sequence[Factor], x: Spec, gettext: Words) -> list[Spec]:
    values = [{"name": one.name, "at": 0.01} for one in factors if one.total is None]
    text = {"type": "text", "align": "left", "fontStyle": "italic", "color": LIGHT["ink-2"],
            "text": gettext("no rank moves")}  # fmt: skip
    layer = {"data": {"values": values}, "mark": text, "encoding": {"x": x | {"field": "at"}}}
    return [layer] if values else []


def _indices(factor: Factor) -> dict[str, Any]:
    row: dict[str, Any] = {"name": factor.name}
    for key, index in (("first", factor.first), ("total", factor.total)):
        ends = index or (None, None, None)
        row |= dict(zip((key, f"{key}_low", f"{key}_high"), ends, strict=True))
    return row


def probabilities(
    likely: Sequence[Likely], *, title: str = "", bounds: bool = True, gettext: Words = str
) -> Picture:
    """Probabilities as bars with their bounds and their percentage, in the given order."""
    axis = {"orient": "top", "format": ".0%", "tickCount": 5, "title": title or None}
    scale = {"domain": [0, 1.35], "nice": False}
    x: Spec = {
        "type": "quantitative",
        "axis": axis | {"values": [0, 0.25, 0.5, 0.75, 1]},
        "scale": scale,
    }
    rows = [asdict(one) for one in likely]
    values = [row | {"label": said(one.probability)} for row, one in zip(rows, likely, strict=True)]
    bar = {"type": "bar", "height": 16, "color": LIGHT["series-1"]}
    rule = {"type": "rule", "color": LIGHT["ink"], "strokeWidth": 1.5}
    text = {"type": "text", "align": "left", "dx": 6}
    share = {"x": x | {"field": "probability"}}
    whiskers = {"mark": rule, "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}}}
    spec: Spec = {
        "data": {"values": values},
        "height": {"step": 26},
        "encoding": {"y": names_down(one.name for one in likely)},
        "layer": [
            {"mark": bar, "encoding": share},
            *([whiskers] if bounds else []),
            {"mark": text, "encoding": {"x": x | {"field": "high"}, "text": {"field": "label"}}},
        ],
    }
    columns = [
        Column("name", gettext("Cluster")),
        Column("probability", gettext("Probability"), numeric=True),
        Column("low", gettext("Probability, lower 95 % bound"), numeric=True),
        Column("high", gettext("Probability, upper 95 % bound"), numeric=True),
    ]
    return Picture("probabilities", spec, columns, rows)


def said(probability: float) -> str:
    """A probability as a percentage that never claims certainty by rounding: < 0.1 % is not 0 %."""
    if 0 < probability < 0.001:
        return "< 0.1\N{NO-BREAK SPACE}%"
    if 0.999 < probability < 1:
        return "> 99.9\N{NO-BREAK SPACE}%"
    return f"{100 * probability:.{0 if probability in (0, 1) else 1}f}\N{NO-BREAK SPACE}%"


def correlations(
    names: Sequence[str], pairs: Sequence[Correlation], *, gettext: Words = str
) -> Picture:
    """Correlations of every pair as a triangle, indicators numbered in the given order.

    Pairs that say the same (r of 0.92 or more, either way) carry a dot, opposed ones (−0.5 and
    below) a minus, so that neither rests on colour alone.
    """
    place = {name: number for number, name in enumerate(names, start=1)}
    called = {name: f"{number}  {name}" for name, number in place.items()}
    bands = _bands(gettext)
    cells = []
    for pair in pairs:
        if pair.r is None:
            continue
        upper, lower = sorted((pair.one, pair.other), key=place.__getitem__)
        cells.append({"name": called[lower], "column": place[upper], "r": pair.r,
                      "other": upper, "band": _band(pair.r, list(bands)), "sign": _sign(pair.r)})  # fmt: skip
    spec: Spec = {
        "data": {"values": cells},
        "height": {"step": 24 if len(names) <= 30 else 12},
        "encoding": {
            "y": names_down(called[name] for name in names[1:]),
            "x": _numbers(len(names) - 1),
        },
        "layer": _cell_layers(bands, gettext),
    }
    columns = [
        Column("one", gettext("Indicator")),
        Column("other", gettext("Other indicator")),
        Column("r", "r", numeric=True),
        Column("n", gettext("Clusters with both"), numeric=True),
    ]
    known = sorted(pairs, key=lambda pair: -abs(pair.r or 0))
    rows = [asdict(pair) for pair in known]
    return Picture("correlations", spec, columns, rows, gettext("not computable"))


def _bands(gettext: Words) -> dict[str, str]:
    """The bands of r from −1 to 1, each with its colour."""
    return {
        gettext("−1 to −0.92 (the same, reversed)"): LIGHT["series-2"],
        gettext("−0.92 to −0.5 (opposed)"): LIGHT["attention-soft"],
        gettext("−0.5 to 0.5"): LIGHT["heat-1"],
        gettext("0.5 to 0.92"): LIGHT["heat-3"],
        gettext("0.92 to 1 (the same)"): LIGHT["heat-5"],
    }


def _band(r: float, bands: Sequence[str]) -> str:
    return bands[(r > -STRONG) + (r > -WEAK) + (r >= WEAK) + (r >= STRONG)]


def _sign(r: float) -> str:
    if abs(r) >= STRONG:
        return "●"
    return "−" if r <= -WEAK else ""


def _numbers(last: int) -> Spec:
    axis = {"orient": "bottom", "labelAngle": 0, "labelOverlap": "parity", "title": None}
    return {
        "field": "column",
        "type": "ordinal",
        "axis": axis,
        "scale": {"domain": list(range(1, last + 1))},
    }


def _cell_layers(bands: dict[str, str], gettext: Words) -> list[Spec]:
    hues = {"domain": list(bands), "range": list(bands.values())}
    legend = {"columns": {"expr": "width < 360 ? 1 : 3"}, "symbolType": "square", "symbolStrokeColor": LIGHT["line-strong"],
              "symbolStrokeWidth": 0.5}  # fmt: skip
    told = [*tips({"name": gettext("Indicator"), "other": gettext("Other indicator")}),
            {"field": "r", "title": "r", "format": ".2f"}]  # fmt: skip
    fill = {"field": "band", "type": "nominal", "scale": hues, "legend": legend}
    strong = {"test": f"abs(datum.r) >= {STRONG}", "value": LIGHT["on-heat-high"]}
    ink = {"condition": strong, "value": LIGHT["on-heat-low"]}
    return [
        {
            "mark": {"type": "rect", "stroke": LIGHT["paper"], "strokeWidth": 1},
            "encoding": {"color": fill, "tooltip": told},
        },
        {
            "mark": {"type": "text", "fontSize": 12},
            "encoding": {"text": {"field": "sign"}, "color": ink},
        },
    ]
