"""What the house pictures share: how they are told about, and small pieces of specification."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Required, TypedDict

from sankul.core.charts.chart import Chart
from sankul.core.ui.tables import Column

Spec = dict[str, Any]


class About(TypedDict, total=False):
    """What a picture says of itself besides its data; see ``Chart``."""

    title: Required[str]
    finding: Required[str]
    source: str
    demonstration: bool
    key: str


def told(
    about: About,
    spec: Spec,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, Any]],
    *,
    key: str,
    absent: str = "",
) -> Chart:
    """The chart of a house picture, under its own key unless it was given one."""
    return Chart(
        key=about.get("key", key),
        title=about["title"],
        finding=about["finding"],
        spec=spec,
        columns=columns,
        rows=rows,
        source=about.get("source", ""),
        demonstration=about.get("demonstration", False),
        absent=absent,
    )


def tips(labels: Mapping[str, str]) -> list[Spec]:
    """What the interactive view shows on pointing: field by field, with its label."""
    return [{"field": name, "title": label} for name, label in labels.items()]


def names_down(order: Iterable[str]) -> Spec:
    """The vertical axis of names, in this order from the top; names of several lines are centred."""
    listed = list(order)
    lines = "split(datum.label, '\\n')"
    centred = {"test": "true", "expr": f"-7 * (length({lines}) - 1)"}
    return {
        "field": "name",
        "type": "nominal",
        "sort": listed,
        "scale": {"domain": listed},
        "axis": {
            "title": None,
            "offset": 4,
            "labelExpr": lines,
            "labelOffset": {"condition": centred, "value": 0},
        },
    }


def whole_ticks(last: int, most: int = 12) -> list[int]:
    """1, then every so many up to ``last``, no more than about ``most`` of them."""
    step = max(1, -(-last // most))
    return sorted({1, *range(step, last + 1, step)})


def tidy(value: float | None) -> float | int | None:
    """A whole float as int, so that a table reads 3 and not 3.0."""
    return int(value) if value is not None and value == int(value) else value
