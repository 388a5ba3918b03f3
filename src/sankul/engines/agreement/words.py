"""How to read a coefficient of agreement, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

# Krippendorff, Content Analysis (2018), 12.3: rely on 0.8 and more, draw tentative conclusions from 0.667
ALPHA: Final = ((0.8, "reliable"), (0.667, "tentative"), (0.0, "unreliable"))
# Landis and Koch, Biometrics 33 (1977)
KAPPA: Final = (
    (0.81, "almost perfect"),
    (0.61, "substantial"),
    (0.41, "moderate"),
    (0.21, "fair"),
    (0.0, "slight"),
)
# Koo and Li, Journal of Chiropractic Medicine 15 (2016)
CORRELATION: Final = ((0.9, "excellent"), (0.75, "good"), (0.5, "moderate"), (0.0, "poor"))
SCALES: Final = {"alpha": ALPHA, "kappa": KAPPA, "icc": CORRELATION}

# Below these an interval says little whatever the coefficient: Zapf et al. (2016) found bootstrap
# limits of alpha to hold from about 50 units; Koo and Li advise 30 units and 3 raters.
FEW_UNITS: Final = {"alpha": 50, "kappa": 50, "icc": 30}
FEW_RATERS: Final = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """``grade`` of the value and, where there is one, of the lower limit: what is ``surely`` reached.

    ``warnings`` are "few_units", "few_raters", "no_interval", "wide" (the interval) and
    "below_chance". Pages translate grades and warnings by these words.
    """

    grade: str
    surely: str | None
    warnings: tuple[str, ...]


def read(
    value: float,
    *,
    of: Literal["alpha", "kappa", "icc"],
    units: int,
    raters: int,
    low: float | None = None,
    high: float | None = None,
) -> Reading:
    """The words for a coefficient, and what to beware of.

    The grades are conventions of their authors (see the sources beside the scales), not laws.
    """
    warnings = []
    if units < FEW_UNITS[of]:
        warnings.append("few_units")
    if raters < FEW_RATERS and of != "kappa":
        warnings.append("few_raters")
    if low is None or high is None:
        warnings.append("no_interval")
    elif high - low > 0.3:
        warnings.append("wide")
    if value < 0:
        warnings.append("below_chance")
    surely = None if low is None else _grade(low, of)
    return Reading(_grade(value, of), surely, tuple(warnings))


def _grade(value: float, of: str) -> str:
    for least, word in SCALES[of]:
        if value >= least:
            return word
    return "worse than chance"
