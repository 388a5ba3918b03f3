"""Pictures of shared use: how soon requests are answered, when people want to come, and what hours are used for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from .look import LIGHT
from .picture import Column, Picture, Spec, Words, names_down, tips

STEPS: Final = (0.05, 0.2, 0.4, 0.6, 0.8)
"""Parts of the busiest hour at which a cell takes the next tone."""
PARTS: Final = ("used", "booked", "idle", "down")


@dataclass(frozen=True)
class Answered:
    """By how many hours which share (0 to 1) has its answer, with confidence limits."""

    hours: float
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Busy:
    """Hours wanted on a day of the week (by its name) in an hour of the day; None where that is not told."""

    day: str
    hour: int
    wanted: float | None


@dataclass(frozen=True)
class Hours:
    """What became of the open hours of something: used, booked and not used, idle, down; None where that is not told."""

    name: str
    used: float | None
    booked: float | None
    idle: float | None
    down: float | None


def answered_by(
    curve: Sequence[Answered], *, until_hours: float, promised_hours: float, gettext: Words = str
) -> Picture:
    """A stair of the share answered within so many hours, in its confidence band, with the promise as an upright line."""
    first = Answered(0, 0, 0, 0)
    drawn = [first, *(one for one in curve if one.hours <= until_hours)]
    steps = [asdict(one) for one in (*drawn, _at(drawn[-1], until_hours))]
    title = gettext("Hours since the request")
    x: Spec = {"field": "hours", "type": "quantitative", "axis": {"title": title},
               "scale": {"domain": [0, until_hours], "nice": False}}  # fmt: skip
    y: Spec = {"field": "share", "type": "quantitative", "scale": {"domain": [0, 1]},
               "axis": {"title": gettext("Share answered"), "format": ".0%", "grid": True, "tickCount": 5}}  # fmt: skip
    said = {"hours": gettext("Hours"), "share": gettext("Share answered"),
            "low": gettext("At least"), "high": gettext("At most")}  # fmt: skip
    band: Spec = {
        "type": "area",
        "interpolate": "step-after",
        "color": LIGHT["heat-3"],
        "opacity": 0.5,
    }
    line: Spec = {
        "type": "line",
        "interpolate": "step-after",
        "color": LIGHT["accent"],
        "strokeWidth": 2.5,
    }
    spec: Spec = {
        "data": {"values": steps},
        "height": 260,
        "layer": [
            {
                "mark": band,
                "encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}},
            },
            {"mark": line, "encoding": {"x": x, "y": y, "tooltip": tips(said)}},
            *_promise(x, promised_hours, gettext),
        ],
    }
    columns = [Column(key, label, numeric=True) for key, label in said.items()]
    return Picture("answered-by", spec, columns, [asdict(one) for one in curve])


def _at(last: Answered, hours: float) -> Answered:
    return Answered(hours, last.share, last.low, last.high)


def _promise(x: Spec, hours: float, gettext: Words) -> list[Spec]:
    label = gettext("%(hours)s hours") % {"hours": f"{hours:g}"}
    data = {"values": [{"hours": hours, "label": label}]}
    rule = {"type": "rule", "color": LIGHT["attention"], "strokeDash": [4, 3]}
    text = {
        "type": "text",
        "align": "left",
        "baseline": "top",
        "dx": 5,
        "color": LIGHT["attention"],
    }
    said = {"x": x, "y": {"value": 2}, "text": {"field": "label"}}
    return [{"data": data, "mark": rule, "encoding": {"x": x}},
            {"data": data, "mark": text, "encoding": said}]  # fmt: skip


def week_demand(busy: Sequence[Busy], *, gettext: Words = str) -> Picture:
    """Hours wanted by day of the week and hour of the day, as a heat map whose tones are parts of the busiest hour."""
    days = list(dict.fromkeys(one.day for one in busy))
    most = max((one.wanted or 0 for one in busy), default=0) or 1
    cells = [{"name": one.day, "hour": one.hour, "wanted": one.wanted, "part": (one.wanted or 0) / most}
             for one in busy if one.wanted is not None]  # fmt: skip
    tones = [LIGHT[f"heat-{n}"] for n in range(1, 7)]
    fill = {"field": "part", "type": "quantitative", "legend": None,
            "scale": {"type": "threshold", "domain": list(STEPS), "range": tones}}  # fmt: skip
    axis = {"orient": "top", "labelAngle": 0, "values": list(range(0, 24, 3)),
            "title": gettext("Hour of the day; darker is more wanted")}  # fmt: skip
    said = {"name": gettext("Day"), "hour": gettext("Hour"), "wanted": gettext("Hours wanted")}
    spec: Spec = {
        "data": {"values": cells},
        "height": {"step": 28, "rows": len(days)},
        "mark": {"type": "rect", "cornerRadius": 2, "stroke": LIGHT["paper"], "strokeWidth": 1.5},
        "encoding": {
            "y": names_down(days),
            "x": {
                "field": "hour",
                "type": "ordinal",
                "axis": axis,
                "scale": {"domain": list(range(24))},
            },
            "color": fill,
            "tooltip": tips(said),
        },
    }
    hours = [Column(f"h{hour}", f"{hour:02}", numeric=True) for hour in range(24)]
    columns = [Column("name", gettext("Day")), *hours]
    return Picture("week-demand", spec, columns, _table(busy, days), gettext("suppressed"))


def _table(busy: Sequence[Busy], days: Sequence[str]) -> list[dict[str, object]]:
    found = {(one.day, one.hour): one.wanted for one in busy}
    return [
        {"name": day} | {f"h{hour}": found.get((day, hour), 0) for hour in range(24)}
        for day in days
    ]


def use_of_hours(hours: Sequence[Hours], *, gettext: Words = str) -> Picture:
    """What became of open hours, as stacked bars of per cent; what is not told has no bar."""
    words = {"used": gettext("Used"), "booked": gettext("Booked, not used"),
             "idle": gettext("Idle"), "down": gettext("Down")}  # fmt: skip
    rows = [{"name": one.name, "part": words[part], "share": share, "order": order}
            for one in hours for order, (part, share) in enumerate(_shares(one).items())]  # fmt: skip
    colours = [LIGHT[name] for name in ("series-1", "series-6", "heat-2", "series-2")]
    hues = {"domain": list(words.values()), "range": colours}
    axis = {
        "title": gettext("Share of open hours"),
        "orient": "top",
        "format": ".0%",
        "tickCount": 5,
    }
    said = {"name": gettext("Name"), "part": gettext("Hours"), "share": gettext("Share")}
    spec: Spec = {
        "data": {"values": rows},
        "height": {"step": 26},
        "mark": {"type": "bar", "height": 16, "stroke": LIGHT["paper"], "strokeWidth": 1},
        "encoding": {
            "y": names_down(one.name for one in hours),
            "x": {"field": "share", "type": "quantitative", "axis": axis, "scale": {"domain": [0, 1]}},
            "color": {"field": "part", "type": "nominal", "scale": hues,
                      "legend": {"columns": {"expr": "width < 360 ? 2 : 4"}, "title": None}},
            "order": {"field": "order"},
            "tooltip": tips(said),
        },
    }  # fmt: skip
    columns = [Column("name", gettext("Name")),
               *(Column(part, f"{words[part]} (h)", numeric=True) for part in PARTS)]  # fmt: skip
    return Picture(
        "use-of-hours", spec, columns, [asdict(one) for one in hours], gettext("suppressed")
    )


def _shares(one: Hours) -> dict[str, float]:
    told = {part: getattr(one, part) for part in PARTS}
    if None in told.values():
        return {}
    whole = sum(told.values())
    return {part: hours / whole for part, hours in told.items()} if whole else {}
