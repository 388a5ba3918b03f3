"""Pictures of what a sensor said: a line over time with its flags and limits, or steps of a long time from least to greatest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from .look import LIGHT
from .picture import Column, Picture, Spec, Words, tips

HEIGHT: Final = 230
ROOM: Final = 0.06
"""Part of the range of values that is left free above and below."""
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Said:
    """A value at a time: milliseconds of the reader's clock since 1970, and as text; None breaks the line.

    ``mark`` is "suspect" or "fail", or empty where there is nothing to say; failed values are marked, and no part of the line.
    """

    at: int
    time: str
    value: float | None
    mark: str = ""
    flag: str = ""


@dataclass(frozen=True)
class Step:
    """A stretch of a long time: the least, the mean and the greatest of its values; None where there were none."""

    at: int
    time: str
    low: float | None
    mean: float | None
    high: float | None


@dataclass(frozen=True)
class Level:
    """A limit that is drawn as a level line, with its name; ``is_hard`` for one that must not be passed."""

    value: float
    name: str
    is_hard: bool = False


def readings(
    said: Sequence[Said],
    *,
    unit: str,
    begin: int,
    end: int,
    levels: Sequence[Level] = (),
    clock: str = "",
    months: Sequence[str] = MONTHS,
    gettext: Words = str,
) -> Picture:
    """Values from ``begin`` to ``end`` as a line; suspect ones as triangles, failed ones as crosses at the edge if far off."""
    line = [{"at": one.at, "value": None if one.mark == "fail" else one.value} for one in said]
    low, high = _range([one["value"] for one in line], levels)
    marked = [asdict(one) | {"shown": min(max(one.value, low), high)}
              for one in said if one.mark and one.value is not None]  # fmt: skip
    x, y = _across(begin, end, clock, months), _up(low, high, unit)
    told = {
        "time": gettext("Time"),
        "value": _headed(gettext("Value"), unit),
        "flag": gettext("Flag"),
    }
    drawn: Spec = {
        "data": {"values": line},
        "mark": {"type": "line", "color": LIGHT["accent"], "strokeWidth": 1.4, "clip": True,
                 "point": {"size": 14, "color": LIGHT["accent"]} if len(line) < 60 else False},
        "encoding": {"x": x, "y": y | {"field": "value"}},
    }  # fmt: skip
    layers = [drawn, *_levels(levels, low, high)]
    if marked:
        layers.append(_marks(marked, x, y, told, gettext))
    columns = [Column("time", told["time"]), Column("value", told["value"], numeric=True),
               Column("flag", told["flag"])]  # fmt: skip
    rows = [{"time": one.time, "value": one.value, "flag": one.flag} for one in said if one.flag]
    spec: Spec = {"height": HEIGHT, "layer": layers}
    return Picture("readings", spec, columns, rows, gettext("missing"))


def steps(
    found: Sequence[Step],
    *,
    unit: str,
    begin: int,
    end: int,
    levels: Sequence[Level] = (),
    clock: str = "",
    months: Sequence[str] = MONTHS,
    gettext: Words = str,
) -> Picture:
    """Stretches from ``begin`` to ``end``: a band from least to greatest, and the mean as a line."""
    values = [asdict(one) for one in found]
    low, high = _range([one[k] for one in values for k in ("low", "high")], levels)
    x, y = _across(begin, end, clock, months), _up(low, high, unit)
    told = {"time": gettext("From"), "low": _headed(gettext("Least"), unit),
            "mean": _headed(gettext("Mean"), unit), "high": _headed(gettext("Greatest"), unit)}  # fmt: skip
    band: Spec = {
        "mark": {"type": "area", "color": LIGHT["heat-3"], "opacity": 0.7, "clip": True},
        "encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}},
    }
    line: Spec = {
        "mark": {"type": "line", "color": LIGHT["accent"], "strokeWidth": 1.2, "clip": True},
        "encoding": {"x": x, "y": y | {"field": "mean"}},
    }
    columns = [Column(key, label, numeric=key != "time") for key, label in told.items()]
    rows = [{key: one[key] for key in told} for one in values if one["mean"] is not None]
    drawn = [{key: one[key] for key in ("at", "low", "mean", "high")} for one in values]
    layers = [band, line, *_levels(levels, low, high)]
    spec: Spec = {"height": HEIGHT, "data": {"values": drawn}, "layer": layers}
    return Picture("readings", spec, columns, rows)


def _headed(word: str, unit: str) -> str:
    return f"{word} ({unit})" if unit else word


def _range(values: Sequence[float | None], levels: Sequence[Level]) -> tuple[float, float]:
    """What the upright axis shows: all values of the line, and limits that are not farther off than they reach."""
    told = [value for value in values if value is not None]
    if not told:
        told = [level.value for level in levels] or [0.0, 1.0]
    low, high = min(told), max(told)
    reach = (high - low) or abs(high) or 1.0
    near = [level.value for level in levels if low - reach <= level.value <= high + reach]
    low, high = min([low, *near]), max([high, *near])
    room = ((high - low) or abs(high) or 1.0) * ROOM
    return low - room, high + room


def _across(begin: int, end: int, clock: str, months: Sequence[str]) -> Spec:
    axis = {
        "title": clock or None,
        "labelExpr": _time_label(months),
        "labelOverlap": "greedy",
        "tickCount": {"expr": "width < 360 ? 4 : 8"},
    }
    scale = {"type": "utc", "domain": [begin, end], "nice": False}
    return {"field": "at", "type": "temporal", "axis": axis, "scale": scale}


def _time_label(months: Sequence[str]) -> str:
    """A time on the axis by its largest whole unit: 2026, Nov, 24 Nov, 18:30, 18:30:15."""
    month = f"{json.dumps(list(months), ensure_ascii=False)}[utcmonth(datum.value)]"
    first = f"utcmonth(datum.value) ? {month} : utcyear(datum.value)"
    day = f"utcdate(datum.value) > 1 ? utcdate(datum.value) + ' ' + {month} : {first}"
    clock = "utcseconds(datum.value) ? '%H:%M:%S' : '%H:%M'"
    return f"datum.value % 86400000 ? utcFormat(datum.value, {clock}) : {day}"


def _up(low: float, high: float, unit: str) -> Spec:
    axis = {"title": unit or None, "grid": True, "tickCount": 5}
    scale = {"domain": [low, high], "nice": False, "zero": False}
    return {"type": "quantitative", "axis": axis, "scale": scale}


def _levels(levels: Sequence[Level], low: float, high: float) -> list[Spec]:
    """Limits that are in sight, those that must not be passed drawn strongest."""
    seen = [asdict(level) for level in levels if low <= level.value <= high]
    if not seen:
        return []
    hard = "datum.is_hard"
    rule: Spec = {
        "mark": {"type": "rule", "strokeDash": [5, 3]},
        "encoding": {
            "y": {"field": "value", "type": "quantitative"},
            "color": {"condition": {"test": hard, "value": LIGHT["problem"]}, "value": LIGHT["attention"]},
        },
    }  # fmt: skip
    name: Spec = {
        "mark": {"type": "text", "align": "left", "baseline": "bottom", "dx": 4, "dy": -2, "fontSize": 11},
        "encoding": {
            "x": {"value": 0},
            "y": {"field": "value", "type": "quantitative"},
            "text": {"field": "name"},
            "color": {"condition": {"test": hard, "value": LIGHT["problem"]}, "value": LIGHT["attention"]},
        },
    }  # fmt: skip
    return [{"data": {"values": seen}, "layer": [rule, name]}]


def _marks(marked: list[Spec], x: Spec, y: Spec, told: dict[str, str], gettext: Words) -> Spec:
    """Suspect and failed values, told apart by shape and by colour."""
    words = {"suspect": gettext("Suspect"), "fail": gettext("Failed")}
    values = [one | {"mark": words[one["mark"]]} for one in marked]
    present = [word for word in words.values() if any(one["mark"] == word for one in values)]
    colours = {words["suspect"]: LIGHT["attention"], words["fail"]: LIGHT["problem"]}
    shapes = {words["suspect"]: "triangle-up", words["fail"]: "M-.7,-.7L.7,.7M-.7,.7L.7,-.7"}
    return {
        "data": {"values": values},
        "mark": {"type": "point", "size": 46, "strokeWidth": 1.6, "clip": False},
        "encoding": {
            "x": x,
            "y": y | {"field": "shown"},
            "color": {"field": "mark", "type": "nominal",
                      "scale": {"domain": present, "range": [colours[word] for word in present]}},
            "shape": {"field": "mark", "type": "nominal",
                      "scale": {"domain": present, "range": [shapes[word] for word in present]}},
            "tooltip": tips(told),
        },
    }  # fmt: skip
