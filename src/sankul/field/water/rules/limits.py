"""Values beside limits: acceptable, permissible, by how much too much."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

import numpy as np
from django.utils.translation import gettext as _t
from numpy.typing import NDArray

from sankul.core.rules.verdicts import ALLOWED, Verdict, refused


@dataclass(frozen=True)
class Bound:
    """The limit of a parameter in force from a day until a day, in the parameter's unit.

    ``acceptable`` is what water should have; ``permissible`` what may be in the absence of another source, None: no relaxation.
    Both are highest values, or with ``low`` set ranges that begin there; with ``is_least`` lowest ones.
    """

    parameter: str
    acceptable: Decimal
    permissible: Decimal | None
    from_on: date
    until_on: date | None = None
    low: Decimal | None = None
    is_least: bool = False

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)


class Standing(StrEnum):
    """What a value is by its limit."""

    ACCEPTABLE = "acceptable"
    PERMISSIBLE = "permissible"
    UNSAFE = "unsafe"
    UNJUDGED = "unjudged"


@dataclass(frozen=True)
class Finding:
    """A value judged: ``excess`` is how many times the farthest limit it is over, less one; 0 within it."""

    standing: Standing
    bound: Bound | None = None
    excess: Decimal = Decimal(0)


def judged(
    parameter: str,
    value: Decimal,
    day: date,
    bounds: Iterable[Bound],
    *,
    is_below_detection: bool = False,
) -> Finding:
    """A value beside the limit in force on the day it was taken; unjudged where there is none.

    A value below detection, which is given as the limit of detection, is acceptable unless that limit itself is above
    the acceptable value: then the method cannot tell. What shall not be detectable (germs: 0) is acceptable below
    detection. Below detection of what must be there is unsafe.
    """
    bound = next((one for one in bounds if one.parameter == parameter and one.holds_on(day)), None)
    if bound is None:
        return Finding(Standing.UNJUDGED)
    if is_below_detection and not bound.is_least and value > bound.acceptable:
        cannot_tell = bound.acceptable > 0
        return Finding(Standing.UNJUDGED if cannot_tell else Standing.ACCEPTABLE, bound)
    excess = _excess(bound, value)
    if excess > 0:
        return Finding(Standing.UNSAFE, bound, excess)
    good = value >= bound.acceptable if bound.is_least else value <= bound.acceptable
    return Finding(Standing.ACCEPTABLE if good else Standing.PERMISSIBLE, bound)


def _excess(bound: Bound, value: Decimal) -> Decimal:
    """By how much the farthest limit is passed, relative to it; of zero tolerance the value itself."""
    farthest = bound.acceptable if bound.permissible is None else bound.permissible
    if bound.is_least:
        return farthest / value - 1 if 0 < value < farthest else Decimal(value <= 0)
    if bound.low is not None and value < bound.low:
        return bound.low / value - 1 if value > 0 else Decimal(1)
    if value <= farthest:
        return Decimal(0)
    return value / farthest - 1 if farthest else value


def excesses(bound: Bound, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The excess of each of a sensor's values by one limit: what ``judged`` finds of each, as an array; 0 within it."""
    farthest = float(bound.acceptable if bound.permissible is None else bound.permissible)
    if bound.is_least:
        return _short_of(farthest, values)
    over = np.maximum(values - farthest, 0) / (farthest or 1)
    return over if bound.low is None else over + _short_of(float(bound.low), values)


def _short_of(least: float, values: NDArray[np.float64]) -> NDArray[np.float64]:
    above_zero = np.where(
        values > 0, values, least / 2
    )  # nothing at all counts as half of what should be: an excess of 1
    return np.asarray(np.maximum(least / above_zero - 1, 0), np.float64)


def exceedance_load(findings: Iterable[Finding]) -> Decimal | None:
    """The sum of excesses over the number of judged values; None without any.

    The normalised sum of excursions of the Canadian Council of Ministers of the Environment (CCME Water Quality Index
    1.0, Technical Report, 2001).
    """
    known = [one.excess for one in findings if one.standing != Standing.UNJUDGED]
    return sum(known, Decimal(0)) / len(known) if known else None


def compliance(samples: Iterable[Iterable[Finding]]) -> tuple[int, int]:
    """How many samples have no unsafe value, and how many have a judged value at all."""
    judged_ones = [
        known
        for findings in samples
        if (known := [one.standing for one in findings if one.standing != Standing.UNJUDGED])
    ]
    return sum(Standing.UNSAFE not in known for known in judged_ones), len(judged_ones)


def why_not_limit(
    *,
    acceptable: Decimal,
    permissible: Decimal | None,
    is_least: bool,
    source: str,
    last_from_on: date | None,
    from_on: date,
) -> Verdict:
    """Why a limit cannot follow those before it."""
    if not source.strip():
        return refused(_t("Name the source: the standard, its amendment, the table."))
    if (
        permissible is not None
        and (permissible > acceptable) == is_least
        and permissible != acceptable
    ):
        return refused(_t("The permissible limit is stricter than the acceptable one."))
    if last_from_on is not None and from_on <= last_from_on:
        return refused(
            _t("A limit of that day or later is there already: a newer one begins after it.")
        )
    return ALLOWED
