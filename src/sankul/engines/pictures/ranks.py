"""Pictures of ranks: intervals and acceptability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from .look import LIGHT
from .picture import Column, Picture, Spec, Words, names_down, tidy, tips, whole_ticks

STEPS: Final = (0.01, 0.1, 0.25, 0.5, 0.75)
"""Shares of draws at which a cell of the heat map takes the next tone."""
MOST_LABELLED: Final = 15


@dataclass(frozen=True)
class Ranked:
    """A unit with its rank (1 is best) and the interval of its ranks; None when it is not ranked."""

    name: str
    rank: float | None
    low: float | None = None
    high: float | None = None


def rank_intervals(
    ranked: Sequence[Ranked], *, level: str = "90 %", gettext: Words = str
) -> Picture:
    """Ranks as dots on bars that span their intervals, rank 1 on top; ``level`` is that of the interval.

    Units without a rank stand below, named as such, and never as the last.
    """
    order = sorted(ranked, key=lambda one: (one.rank is None, one.rank or 0))
    known = [one for one in order if one.rank is not None]
    last = int(max([2, len(known), *(one.high or one.rank or 0 for one in known)]))
    axis = gettext("Rank, 1 is best, with its %(level)s interval") % {"level": level}
    unranked = [one.name for one in order if one.rank is None]
    spec: Spec = {
        "data": {"values": [asdict(one) for one in known]},
        "height": {"step": 28},
        "encoding": {"y": names_down(one.name for one in order)},
        "layer": [*_rank_layers(last, axis, gettext), *_unranked(unranked, last, axis, gettext)],
    }
    rows = [
        {key: tidy(value) if key != "name" else value for key, value in asdict(one).items()}
        for one in order
    ]
    columns = [
        Column("name", gettext("Cluster")),
        Column("rank", gettext("Rank"), numeric=True),
        Column("low", gettext("Best rank in the interval"), numeric=True),
        Column("high", gettext("Worst rank in the interval"), numeric=True),
    ]
    return Picture("rank-intervals", spec, columns, rows, gettext("not ranked"))


def _rank_axis(last: int, title: str) -> Spec:
    scale = {"domain": [0.5, last + 0.5], "nice": False, "zero": False}
    ticks = {"orient": "top", "values": whole_ticks(last), "format": "d", "title": title}
    return {"field": "rank", "type": "quantitative", "scale": scale, "axis": ticks}


def _rank_layers(last: int, axis: str, gettext: Words) -> list[Spec]:
    x = _rank_axis(last, axis)
    said = {
        "name": gettext("Cluster"),
        "rank": gettext("Rank"),
        "low": gettext("From"),
        "high": gettext("To"),
    }
    bar: Spec = {"type": "rule", "strokeWidth": 10, "strokeCap": "round", "color": LIGHT["heat-3"]}
    dot: Spec = {"type": "circle", "size": 110, "opacity": 1, "color": LIGHT["accent"]}
    return [
        {"mark": bar, "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}}},
        {"mark": dot, "encoding": {"x": x, "tooltip": tips(said)}},
    ]


def _unranked(names: Sequence[str], last: int, axis: str, gettext: Words) -> list[Spec]:
    if not names:
        return []
    text = {"type": "text", "align": "left", "fontStyle": "italic", "color": LIGHT["ink-2"],
            "text": gettext("not ranked: evidence missing")}  # fmt: skip
    values = [{"name": name, "at": 0.75} for name in names]
    x = _rank_axis(last, axis) | {"field": "at"}
    return [{"data": {"values": values}, "mark": text, "encoding": {"x": x}}]


def rank_acceptability(shares: Mapping[str, Sequence[float]], *, gettext: Words = str) -> Picture:
    """How often each unit took each rank, as a heat map: ``shares[name][rank - 1]`` between 0 and 1.

    The order of ``shares`` is the order from the top. Cells of 1 % and more carry their percentage
    while there is room (up to 15 ranks).
    """
    last = max(len(row) for row in shares.values())
    cells = [
        {"name": name, "rank": rank, "share": share}
        for name, row in shares.items()
        for rank, share in enumerate(row, start=1)
    ]
    spec: Spec = {
        "data": {"values": cells},
        "height": {"step": 28 if last <= MOST_LABELLED else 16},
        "encoding": {"y": names_down(shares), "x": _rank_bands(last, gettext)},
        "layer": _heat_layers(gettext, labelled=last <= MOST_LABELLED),
    }
    rows = [
        {"name": name, **{f"r{n}": share for n, share in enumerate(row, 1)}}
        for name, row in shares.items()
    ]
    ranks = [
        Column(f"r{n}", gettext("Rank %(rank)s") % {"rank": n}, numeric=True)
        for n in range(1, last + 1)
    ]
    columns = [Column("name", gettext("Cluster")), *ranks]
    return Picture("rank-acceptability", spec, columns, rows)


def _rank_bands(last: int, gettext: Words) -> Spec:
    title = gettext("Rank, 1 is best: per cent of draws")
    axis = {"orient": "top", "labelAngle": 0, "values": whole_ticks(last, 15), "title": title}
    return {"field": "rank", "type": "ordinal", "axis": axis}


def _heat_layers(gettext: Words, *, labelled: bool) -> list[Spec]:
    tones = [LIGHT[f"heat-{n}"] for n in range(1, 7)]
    fill = {"field": "share", "type": "quantitative", "legend": None,
            "scale": {"type": "threshold", "domain": list(STEPS), "range": tones}}  # fmt: skip
    said = [*tips({"name": gettext("Cluster"), "rank": gettext("Rank")}),
            {"field": "share", "title": gettext("Share of draws"), "format": ".1%"}]  # fmt: skip
    mark = {"type": "rect", "cornerRadius": 2, "stroke": LIGHT["paper"], "strokeWidth": 2}
    if not labelled:
        return [{"mark": mark | {"strokeWidth": 0.5}, "encoding": {"color": fill, "tooltip": said}}]
    ink = {"condition": {"test": "datum.share >= 0.5", "value": LIGHT["on-heat-high"]},
           "value": LIGHT["on-heat-low"]}  # fmt: skip
    text: Spec = {
        "transform": [{"filter": "datum.share >= 0.005"},
                      {"calculate": "format(100 * datum.share, '.0f')", "as": "percent"}],
        "mark": {"type": "text", "fontSize": 12},
        "encoding": {"text": {"field": "percent"}, "color": ink},
    }  # fmt: skip
    return [{"mark": mark, "encoding": {"color": fill, "tooltip": said}}, text]
