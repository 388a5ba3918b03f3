"""Designated best use of surface water (CPCB, Water Quality Criteria, Table 1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Limits = Mapping[str, tuple[float | None, float | None]]
Ranges = Mapping[str, tuple[float | None, float | None]]
NAMES: Final[Mapping[str, StrOrPromise]] = {
    "A": _("Drinking water source without conventional treatment but after disinfection"),
    "B": _("Outdoor bathing (organised)"),
    "C": _("Drinking water source after conventional treatment and disinfection"),
    "D": _("Propagation of wildlife and fisheries"),
    "E": _("Irrigation, industrial cooling, controlled waste disposal"),
}
CRITERIA: Final[Mapping[str, Limits]] = {
    "A": {"total_coliform": (None, 50), "ph": (6.5, 8.5), "oxygen": (6, None), "bod": (None, 2)},
    "B": {"total_coliform": (None, 500), "ph": (6.5, 8.5), "oxygen": (5, None), "bod": (None, 3)},
    "C": {"total_coliform": (None, 5000), "ph": (6, 9), "oxygen": (4, None), "bod": (None, 3)},
    "D": {"ph": (6.5, 8.5), "oxygen": (4, None), "ammonia_free_n": (None, 1.2)},
    "E": {"ph": (6, 8.5), "conductivity": (None, 2250), "sodium_ratio": (None, 26), "boron": (None, 2)},
}  # fmt: skip
"""Lowest and highest value by class; conductivity in µS/cm at 25 °C, coliforms per 100 mL, the rest in mg/L."""


@dataclass(frozen=True)
class BestUse:
    """``met`` classes; by class what fails it, and what is missing to say."""

    met: tuple[str, ...]
    failing: Mapping[str, tuple[str, ...]]
    missing: Mapping[str, tuple[str, ...]]

    @property
    def best(self) -> str:
        """The best class met, or empty."""
        return self.met[0] if self.met else ""


def best_use(ranges: Ranges) -> BestUse:
    """Which uses water was fit for all the time, by the lowest and highest value of each parameter (None: not known).

    A class is met when every one of its criteria is known and held; with one missing it is neither met nor failed, unless
    another fails.
    """
    failing = {use: _failing(limits, ranges) for use, limits in CRITERIA.items()}
    missing = {use: _missing(limits, ranges) for use, limits in CRITERIA.items()}
    met = tuple(use for use in CRITERIA if not failing[use] and not missing[use])
    return BestUse(met, failing, missing)


def _failing(limits: Limits, ranges: Ranges) -> tuple[str, ...]:
    found = []
    for name, (least, most) in limits.items():
        low, high = ranges.get(name, (None, None))
        too_low = least is not None and low is not None and low < least
        if too_low or (most is not None and high is not None and high > most):
            found.append(name)
    return tuple(found)


def _missing(limits: Limits, ranges: Ranges) -> tuple[str, ...]:
    found = []
    for name, (least, most) in limits.items():
        low, high = ranges.get(name, (None, None))
        if (least is not None and low is None) or (most is not None and high is None):
            found.append(name)
    return tuple(found)
