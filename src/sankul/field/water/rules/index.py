"""The water-quality index of the Central Pollution Control Board.

0.31 DO + 0.28 faecal coliforms + 0.22 pH + 0.19 BOD, each a sub-index: Maharashtra Pollution Control Board, Water Quality
Status of Maharashtra 2023-24, after the index of the National Sanitation Foundation modified by the Central Board.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

WEIGHTS: Final[Mapping[str, float]] = {
    "oxygen": 0.31,
    "faecal_coliform": 0.28,
    "ph": 0.22,
    "bod": 0.19,
}
SATURATED: Final = 6.5  # mg/L of oxygen that the index takes for saturation
MOST_SATURATED: Final = 140.0  # %; beyond, no sub-index is published
CLASSES: Final[tuple[tuple[float, str, StrOrPromise], ...]] = (
    (63, "A", _("Good to excellent: not polluted")),
    (50, "B", _("Medium to good: not polluted")),
    (38, "C", _("Bad: polluted")),
    (0, "D/E", _("Bad to very bad: heavily polluted")),
)


@dataclass(frozen=True)
class Index:
    """``value`` from 0 to 100, unrounded; ``grade`` A, B, C or D/E with what it means; the four sub-indices."""

    value: float
    grade: str
    meaning: StrOrPromise
    parts: Mapping[str, float]


@dataclass(frozen=True)
class Uncomputable:
    """No index: the parameters that are missing, and those at which no sub-index is published."""

    missing: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()


def water_quality_index(values: Mapping[str, float | None]) -> Index | Uncomputable:
    """The index of one sample by parameter: oxygen and BOD in mg/L, faecal coliforms per 100 mL, pH.

    Never a partial index: with one of the four missing it is Uncomputable, and so with oxygen above 140 % of 6.5 mg/L.
    Fewer than one coliform counts as one.
    """
    given = {name: values.get(name) for name in WEIGHTS}
    if missing := tuple(name for name, value in given.items() if value is None):
        return Uncomputable(missing=missing)
    known = {name: float(value) for name, value in given.items() if value is not None}
    if known["oxygen"] / SATURATED * 100 > MOST_SATURATED:
        return Uncomputable(beyond=("oxygen",))
    parts = {name: SUB_INDICES[name](value) for name, value in known.items()}
    value = sum(WEIGHTS[name] * part for name, part in parts.items())
    grade, meaning = next(
        (grade, told) for least, grade, told in CLASSES if value >= least or not least
    )
    return Index(value, grade, meaning, parts)


def _oxygen(mg_per_l: float) -> float:
    saturation = 100 * mg_per_l / SATURATED
    if saturation <= 40:
        return 0.18 + 0.66 * saturation
    if saturation <= 100:
        return -13.55 + 1.17 * saturation
    return 163.34 - 0.62 * saturation


def _coliforms(count: float) -> float:
    if count > 1e5:
        return 2.0
    log = log10(max(count, 1.0))
    return 97.2 - 26.6 * log if count <= 1e3 else 42.33 - 7.75 * log


def _ph(ph: float) -> float:
    if not 2 <= ph <= 12:
        return 0.0
    if ph <= 5:
        return 16.1 + 7.35 * ph
    if ph <= 7.3:
        return -142.67 + 33.5 * ph
    return 316.96 - 29.85 * ph if ph <= 10 else 96.17 - 8.0 * ph


def _bod(mg_per_l: float) -> float:
    if mg_per_l <= 10:
        return 96.67 - 7.0 * mg_per_l
    return 38.9 - 1.23 * mg_per_l if mg_per_l <= 30 else 2.0


SUB_INDICES: Final = {
    "oxygen": _oxygen,
    "faecal_coliform": _coliforms,
    "ph": _ph,
    "bod": _bod,
}
