"""What a picture is: its specification and the numbers behind it; and pieces that pictures share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Spec = dict[str, Any]
Words = Callable[[str], str]
"""Says an English text in the reader's language, as ``gettext.gettext`` does."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a picture's table: its key in the rows, its head, and whether it holds numbers."""

    key: str
    label: str
    numeric: bool = False


@dataclass(frozen=True)
class Picture:
    """What is drawn, and the numbers behind it.

    ``key`` names the kind of picture (letters, digits and hyphens). ``spec`` is a Vega-Lite view (a
    single view or layers) without width, in the colours of ``look.LIGHT``; a height of
    ``{"step": s, "rows": n}`` is n rows of s pixels, and 14 more for each further line of a name.
    ``columns`` and ``rows`` are the numbers as a table, ``absent`` being what None means there.
    """

    key: str
    spec: Mapping[str, Any]
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    absent: str = ""


def tips(labels: Mapping[str, str]) -> list[Spec]:
    """What an interactive view shows on pointing: field by field, with its label."""
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
