"""Expressions of ``$filter`` and ``$orderby``, as trees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from .times import Period


@dataclass(frozen=True, slots=True)
class Geometry:
    """A geometry in well-known text; coordinates are longitude and latitude in degrees (WGS 84)."""

    wkt: str


Value = str | int | float | bool | datetime | Period | timedelta | date | time | Geometry | None


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the request."""

    value: Value


@dataclass(frozen=True, slots=True)
class Path:
    """A property, perhaps through links and into JSON: names, and numbers of items of arrays."""

    steps: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """A comparison (eq ne gt ge lt le) or arithmetic (add sub mul div mod)."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Logic:
    """Two or more conditions joined by ``and`` or by ``or``."""

    operator: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """A condition turned round."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Negative:
    """A number with its sign turned round."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Membership:
    """``item in (a, b)``, or ``item in path`` where the path leads to an array."""

    item: Expression
    options: tuple[Expression, ...] | Path


Expression = Literal | Path | Call | Operation | Logic | Not | Negative | Membership
COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
