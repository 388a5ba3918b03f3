"""The rules of a series: which tests, with which limits. Frozen, versioned, of one canonical form."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any, Final

from .problems import QualityError

SCHEME: Final = 1  # of the mapping and of what the tests mean; raised when either changes
PERIODS: Final = ("year", "quarter", "month", "week", "dayofyear", "dayofweek", "hour")
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class GrossRange:
    """Fails outside ``fail`` (what the sensor can measure), is suspect outside ``suspect``.

    Both in the series' unit; ``suspect`` lies within ``fail``.
    """

    fail: Span
    suspect: Span | None = None


@dataclass(frozen=True, slots=True)
class Season:
    """Limits of a part of the year or day, in the series' unit; ``span`` holds both its ends.

    ``period`` names what ``span`` counts, in UTC: year, quarter,
    month, week (ISO), dayofyear, dayofweek (0 is Monday) or hour. Where seasons overlap, the last
    one counts.
    """

    period: str
    span: tuple[float, float]
    suspect: Span
    fail: Span | None = None


@dataclass(frozen=True, slots=True)
class Spike:
    """How far a value may lie from its two neighbours, in the series' unit.

    ``average``: from their mean. ``differential``: the smaller of both steps, where they go in opposite directions.
    """

    suspect: float | None = None
    fail: float | None = None
    method: str = "average"


@dataclass(frozen=True, slots=True)
class RateOfChange:
    """How fast a value may differ from the one before, in the series' unit per second."""

    suspect_per_s: float
    fail_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class FlatLine:
    """For how long, in seconds, values may stay within less than ``tolerance`` of each other."""

    suspect_s: int
    fail_s: int
    tolerance: float


@dataclass(frozen=True, slots=True)
class Attenuated:
    """The least spread, in the series' unit, of the values of the last ``period_s`` seconds.

    ``spread`` is the standard deviation (std, of a population) or the range. With fewer than
    ``minimum`` values in the period the test is not evaluated.
    """

    suspect: float
    fail: float
    period_s: int
    spread: str = "std"
    minimum: int = 3


@dataclass(frozen=True, slots=True)
class Gap:
    """The longest time, in seconds, since the observation before."""

    fail_s: int


@dataclass(frozen=True)
class Rules:
    """The tests of one series. A test that is None is not made.

    ``interval_s`` is the time from one observation to the next as deployed; without it the median
    of the series is taken, in whole seconds.
    """

    gross_range: GrossRange | None = None
    climatology: tuple[Season, ...] = ()
    spike: Spike | None = None
    rate_of_change: RateOfChange | None = None
    flat_line: FlatLine | None = None
    attenuated: Attenuated | None = None
    gap: Gap | None = None
    interval_s: int | None = None

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], place: str = "rules") -> Rules:
        """The rules that a mapping (of a TOML or JSON file) tells, under the names of the fields.

        Raises QualityError, which names the key, what is wrong and what was expected.
        """
        _refuse_unknown(mapping, {*(item.name for item in fields(cls)), "scheme"}, place)
        if mapping.get("scheme", SCHEME) != SCHEME:
            raise QualityError(f"{place}.scheme", repr(mapping["scheme"]), str(SCHEME))
        read = {
            name: reader(mapping[name], f"{place}.{name}")
            for name, reader in _READERS.items()
            if mapping.get(name) is not None
        }
        return cls(**read)

    @cached_property
    def mapping(self) -> dict[str, Any]:
        """The mapping that ``from_mapping`` reads back as the same rules."""
        made = {name: _plain(getattr(self, name)) for name in _READERS}
        return {"scheme": SCHEME, **{name: value for name, value in made.items() if value}}

    @cached_property
    def canonical(self) -> str:
        """The one spelling of these rules: JSON, keys in order, without spaces."""
        return json.dumps(self.mapping, sort_keys=True, separators=(",", ":"))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical spelling: the version of the rules that a flag was given by."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @cached_property
    def memory_s(self) -> int:
        """How many seconds before a new value the tests look back; two values at least, always."""
        spans = [0]
        if self.flat_line:
            spans.append(self.flat_line.fail_s + 3 * (self.interval_s or 0))
        if self.attenuated:
            spans.append(self.attenuated.period_s)
        return max(spans)


def _plain(part: Any) -> Any:
    if isinstance(part, tuple):
        return [_plain(item) for item in part]
    if hasattr(part, "__dataclass_fields__"):
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(part).items()
            if value is not None
        }
    return part


def _refuse_unknown(mapping: Any, known: set[str], place: str) -> None:
    if not isinstance(mapping, Mapping):
        raise QualityError(place, repr(mapping), "a table of keys and values")
    for key in mapping:
        if key not in known:
            raise QualityError(
                f"{place}.{key}", "unknown key", "one of " + ", ".join(sorted(known))
            )


def _number(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise QualityError(place, repr(value), "a finite number")
    return float(value)


def _above_zero(value: Any, place: str) -> float:
    if (number := _number(value, place)) <= 0:
        raise QualityError(place, repr(value), "a number above 0")
    return number


def _whole(value: Any, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise QualityError(place, repr(value), "a whole number of 1 or more")
    return value


def _span(value: Any, place: str) -> Span:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise QualityError(place, repr(value), "two numbers, the lower first")
    low, high = (_number(item, f"{place}[{at}]") for at, item in enumerate(value))
    if low > high:
        raise QualityError(place, f"{low:g} is above {high:g}", "two numbers, the lower first")
    return low, high


def _optional(mapping: Mapping[str, Any], key: str, read: Callable[..., Any], place: str) -> Any:
    return None if mapping.get(key) is None else read(mapping[key], f"{place}.{key}")


def _needed(mapping: Mapping[str, Any], key: str, read: Callable[..., Any], place: str) -> Any:
    if mapping.get(key) is None:
        raise QualityError(f"{place}.{key}", "not given", "a value")
    return read(mapping[key], f"{place}.{key}")


def _spans(mapping: Mapping[str, Any], place: str) -> tuple[Any, Any]:
    fail, suspect = (_optional(mapping, key, _span, place) for key in ("fail", "suspect"))
    if fail and suspect and not (fail[0] <= suspect[0] and suspect[1] <= fail[1]):
        raise QualityError(f"{place}.suspect", str(suspect), f"a span within fail, {fail}")
    return fail, suspect


def _gross_range(value: Any, place: str) -> GrossRange:
    _refuse_unknown(value, {"fail", "suspect"}, place)
    _needed(value, "fail", _span, place)
    fail, suspect = _spans(value, place)
    return GrossRange(fail, suspect)


def _one_of(*words: str) -> Callable[[Any, str], str]:
    def read(value: Any, place: str) -> str:
        if value not in words:
            raise QualityError(place, repr(value), "one of " + ", ".join(words))
        return str(value)

    return read


def _climatology(value: Any, place: str) -> tuple[Season, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise QualityError(place, repr(value), "a list of seasons")
    return tuple(_season(item, f"{place}[{at}]") for at, item in enumerate(value))


def _season(value: Any, place: str) -> Season:
    _refuse_unknown(value, {"period", "span", "suspect", "fail"}, place)
    period = _needed(value, "period", _one_of(*PERIODS), place)
    span = _needed(value, "span", _span, place)
    _needed(value, "suspect", _span, place)
    fail, suspect = _spans(value, place)
    return Season(period, span, suspect, fail)


def _two_limits(value: Any, place: str, suspect: str, fail: str) -> tuple[Any, Any]:
    """A limit of suspicion and one of failure, which must not be the lower."""
    low, high = (_optional(value, key, _above_zero, place) for key in (suspect, fail))
    if low is not None and high is not None and high < low:
        raise QualityError(f"{place}.{fail}", f"{high:g}", f"no less than {suspect}, {low:g}")
    return low, high


def _spike(value: Any, place: str) -> Spike:
    _refuse_unknown(value, {"suspect", "fail", "method"}, place)
    method = _one_of("average", "differential")(value.get("method", "average"), f"{place}.method")
    suspect, fail = _two_limits(value, place, "suspect", "fail")
    if suspect is None and fail is None:
        raise QualityError(place, "no limit", "suspect, fail or both")
    return Spike(suspect, fail, method)


def _rate_of_change(value: Any, place: str) -> RateOfChange:
    _refuse_unknown(value, {"suspect_per_s", "fail_per_s"}, place)
    _needed(value, "suspect_per_s", _above_zero, place)
    return RateOfChange(*_two_limits(value, place, "suspect_per_s", "fail_per_s"))


def _flat_line(value: Any, place: str) -> FlatLine:
    _refuse_unknown(value, {"suspect_s", "fail_s", "tolerance"}, place)
    suspect, fail = (_needed(value, key, _whole, place) for key in ("suspect_s", "fail_s"))
    if fail < suspect:
        raise QualityError(f"{place}.fail_s", str(fail), f"no less than suspect_s, {suspect}")
    return FlatLine(suspect, fail, _needed(value, "tolerance", _above_zero, place))


def _attenuated(value: Any, place: str) -> Attenuated:
    _refuse_unknown(value, {"suspect", "fail", "period_s", "spread", "minimum"}, place)
    suspect, fail = (_needed(value, key, _number, place) for key in ("suspect", "fail"))
    if not 0 <= fail <= suspect:
        raise QualityError(f"{place}.fail", f"{fail:g}", f"0 to suspect, {suspect:g}")
    return Attenuated(
        suspect,
        fail,
        _needed(value, "period_s", _whole, place),
        _one_of("std", "range")(value.get("spread", "std"), f"{place}.spread"),
        _whole(value.get("minimum", 3), f"{place}.minimum"),
    )


def _gap(value: Any, place: str) -> Gap:
    _refuse_unknown(value, {"fail_s"}, place)
    return Gap(_needed(value, "fail_s", _whole, place))


_READERS: Final[Mapping[str, Callable[[Any, str], Any]]] = {
    "gross_range": _gross_range,
    "climatology": _climatology,
    "spike": _spike,
    "rate_of_change": _rate_of_change,
    "flat_line": _flat_line,
    "attenuated": _attenuated,
    "gap": _gap,
    "interval_s": _whole,
}
