"""The product-limit estimate of the share still waiting, its confidence band, and its quantiles with limits."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Quantile:
    """The time by which a share has ended, with its confidence limits; None where the curve does not fall that far."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Waiting:
    """Kaplan–Meier estimate: at ``times`` (ascending) the share still waiting falls to ``shares``, within ``low`` and ``high``.

    ``ended`` waits are over, ``going_on`` are censored.
    """

    times: Floats
    shares: Floats
    low: Floats
    high: Floats
    ended: int
    going_on: int

    def quantile(self, share: float) -> Quantile:
        """By when this share (0 to 1) has ended: the first time at which as much or less than the rest still waits.

        The limits are the first times at which the band does (Brookmeyer and Crowley, Biometrics 38, 1982: inverting the
        pointwise band). A band that never falls that far leaves its limit open. Raises ValueError outside 0 to 1.
        """
        if not 0 < share < 1:
            raise ValueError(f"{share} is no share between 0 and 1")
        rest = 1 - share
        return Quantile(
            self._first(self.shares, rest),
            self._first(self.low, rest),
            self._first(self.high, rest),
        )

    def share_at(self, time: float) -> float:
        """The share that still waits at a time."""
        before = np.searchsorted(self.times, time, side="right")
        return float(self.shares[before - 1]) if before else 1.0

    def _first(self, curve: Floats, rest: float) -> float | None:
        under = np.flatnonzero(curve <= rest + 1e-12)  # a quarter reached by rounding is reached
        return float(self.times[under[0]]) if under.size else None


def waiting(
    ended: Sequence[float], going_on: Sequence[float], *, confidence: float = 0.95
) -> Waiting | None:
    """The estimate from waits that ended and waits that go on, in any one unit; None without any.

    The product-limit estimate of Kaplan and Meier (J. Am. Stat. Assoc. 53, 1958) with Greenwood's variance and the band on the
    scale of log(−log), which stays between 0 and 1 (Kalbfleisch and Prentice 1980), as ``scipy.stats.ecdf`` has them. Where
    nothing has ended, everybody waits, and nothing is known but that. Raises ValueError for a wait below 0.
    """
    from scipy import stats  # noqa: PLC0415 (slow to import)

    if any(wait < 0 for wait in (*ended, *going_on)):
        raise ValueError("a wait cannot be negative")
    if not ended and not going_on:
        return None
    data = stats.CensoredData(uncensored=list(ended), right=list(going_on))
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # where all or none wait; see _known
        curve = stats.ecdf(data).sf
        band = curve.confidence_interval(confidence_level=confidence, method="log-log")
    shares = np.asarray(curve.probabilities, float)
    low, high = (
        _known(np.asarray(one.probabilities, float), shares) for one in (band.low, band.high)
    )
    times = np.asarray(curve.quantiles, float)
    return Waiting(times, shares, low, high, len(ended), len(going_on))


def _known(limit: Floats, shares: Floats) -> Floats:
    """Limits, also where the formula has none: before the first end everybody waits, after the last of all nobody does."""
    return np.where(np.isnan(limit), shares, limit)
