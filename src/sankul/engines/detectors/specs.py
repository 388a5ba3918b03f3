"""What detectors look for: one frozen specification a kind, checked when it is made.

Levels are in the unit of the series, times in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, Final, TypeVar

from .problems import DetectorError

MACHINE: Final = 5
"""So many numbers of a state tell where every detector that reads values stands; the others belong to its kind."""
SEASON: Final = 24
"""Parts of a day in which a forecast knows what is usual."""
LONGEST_S: Final = 366 * 86_400.0
S = TypeVar("S", bound="Spec")


@dataclass(frozen=True)
class Spec:
    """What all have in common: made of a mapping, strictly."""

    code: ClassVar[str]
    size: ClassVar[int] = MACHINE

    @classmethod
    def from_mapping(cls: type[S], given: Mapping[str, Any]) -> S:
        """The specification that a mapping tells. Raises DetectorError for what is missing, unknown or out of range."""
        known = {field.name: field for field in fields(cls)}
        for key in given:
            if key not in known:
                raise DetectorError(key, given[key], "one of " + ", ".join(known))
        for key, field in known.items():
            if key not in given and field.default is MISSING:
                raise DetectorError(key, None, "a value")
        return cls(**{key: _number(key, value) for key, value in given.items()})

    def mapping(self) -> dict[str, Any]:
        """Itself as a mapping that ``from_mapping`` reads."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class Above(Spec):
    """Beyond ``raise_at`` for ``for_s`` without a break; over when a value is at ``clear_at`` or farther back.

    Two levels instead of one keep a value that trembles around one from raising again and again (hysteresis, or deadband; and the
    on-delay ``for_s``: ANSI/ISA-18.2-2016, 10.5).
    """

    code: ClassVar[str] = "above"
    raise_at: float
    clear_at: float
    for_s: float = 0.0

    def __post_init__(self) -> None:
        _within("for_s", self.for_s, 0, LONGEST_S)
        if not self._is_in_order():
            raise DetectorError("clear_at", self.clear_at, self._expected())

    def _is_in_order(self) -> bool:
        return self.clear_at <= self.raise_at

    def _expected(self) -> str:
        return f"at most {self.raise_at:g}, where it is raised"


@dataclass(frozen=True)
class Below(Above):
    """The same, below."""

    code: ClassVar[str] = "below"

    def _is_in_order(self) -> bool:
        return self.clear_at >= self.raise_at

    def _expected(self) -> str:
        return f"at least {self.raise_at:g}, where it is raised"


DIRECTIONS: Final = {"either": 0, "rise": 1, "fall": -1}


@dataclass(frozen=True)
class Rate(Spec):
    """Faster than ``raise_at`` in an hour, between two values at least ``over_s`` apart; over when no faster than ``clear_at``.

    Over a gap it is the mean rate, the least that the fastest can have been.
    """

    code: ClassVar[str] = "rate"
    size: ClassVar[int] = MACHINE + 2
    raise_at: float
    clear_at: float
    over_s: float
    direction: str = "either"

    def __post_init__(self) -> None:
        _within("raise_at", self.raise_at, 0, math.inf, above=True)
        _within("clear_at", self.clear_at, 0, self.raise_at)
        _within("over_s", self.over_s, 1, LONGEST_S)
        if self.direction not in DIRECTIONS:
            raise DetectorError("direction", self.direction, "one of " + ", ".join(DIRECTIONS))


@dataclass(frozen=True)
class Residual(Spec):
    """Farther than ``raise_at`` robust scales from what is forecast; over when no farther than ``clear_at``.

    The forecast is a level and what is usual in each hour of the day (UTC), both smoothed exponentially (Holt 1957; Winters,
    Management Science 6, 1960). What stands out moves it little, and the scale is that of the rest (robust smoothing: Gelper,
    Fried and Croux, Journal of Forecasting 29, 2010). ``smooth`` and ``season_smooth`` are the weights of a new value;
    ``least_scale`` is the least scale, in the unit of the series; the first ``warm_up`` values are only learned from.
    """

    code: ClassVar[str] = "residual"
    size: ClassVar[int] = MACHINE + 3 + 2 * SEASON
    raise_at: float
    clear_at: float
    least_scale: float
    for_s: float = 0.0
    smooth: float = 0.05
    season_smooth: float = 0.1
    warm_up: float = 192.0

    def __post_init__(self) -> None:
        _within("raise_at", self.raise_at, 1, 1000)
        _within("clear_at", self.clear_at, 0, self.raise_at)
        _within("least_scale", self.least_scale, 0, math.inf, above=True)
        _within("for_s", self.for_s, 0, LONGEST_S)
        _within("smooth", self.smooth, 0, 1, above=True)
        _within("season_smooth", self.season_smooth, 0, 1)
        _within("warm_up", self.warm_up, 10, 1_000_000)


@dataclass(frozen=True)
class Absence(Spec):
    """Nothing for longer than ``after_s``. A failed value is something; a missing one is nothing."""

    code: ClassVar[str] = "absence"
    size: ClassVar[int] = 2
    after_s: float

    def __post_init__(self) -> None:
        _within("after_s", self.after_s, 1, LONGEST_S)


@dataclass(frozen=True)
class Network(Spec):
    """At least the ``share`` of a group, and ``least`` of them, began to stand out within ``within_s``; over once fewer did."""

    code: ClassVar[str] = "network"
    size: ClassVar[int] = 2
    share: float
    within_s: float
    least: float = 2.0

    def __post_init__(self) -> None:
        _within("share", self.share, 0, 1, above=True)
        _within("within_s", self.within_s, 1, LONGEST_S)
        _within("least", self.least, 1, 1_000_000)


SPECS: Final[dict[str, type[Spec]]] = {
    kind.code: kind for kind in (Above, Below, Rate, Residual, Absence, Network)
}


def spec(kind: str, parameters: Mapping[str, Any]) -> Spec:
    """The specification of a kind by its parameters. Raises DetectorError."""
    if kind not in SPECS:
        raise DetectorError("kind", kind, "one of " + ", ".join(SPECS))
    return SPECS[kind].from_mapping(parameters)


def _number(key: str, value: Any) -> Any:
    if key == "direction":
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise DetectorError(key, value, "a number")
    return float(value)


def _within(key: str, value: float, low: float, high: float, *, above: bool = False) -> None:
    if not (low < value if above else low <= value) or not value <= high:
        bound = f"above {low:g}" if above else f"at least {low:g}"
        raise DetectorError(
            key, value, bound + (f" and at most {high:g}" if high < math.inf else "")
        )
