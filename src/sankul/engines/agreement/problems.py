"""Errors of agreement, and ratings as arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class AgreementError(ValueError):
    """Ratings from which no agreement can be computed; the message says why."""


def ratings_of(ratings: Sequence[Sequence[float | None]] | Floats, least: int = 2) -> Floats:
    """Ratings as ``[units × raters]``, NaN where missing (None or NaN).

    Raises AgreementError for anything but a table of numbers with ``least`` rows and columns.
    """
    try:
        values = np.array(ratings, dtype=np.float64)
    except (TypeError, ValueError):
        raise AgreementError("ratings are no table of numbers, units by raters") from None
    if values.ndim != 2 or min(values.shape) < least:
        shape = " × ".join(map(str, values.shape))
        raise AgreementError(f"ratings are {shape}; expected {least} units and {least} raters")
    if np.isinf(values).any():
        raise AgreementError("a rating is infinite")
    return values


def complete(values: Floats, name: str) -> Floats:
    """The values; AgreementError where one is missing."""
    gaps = np.argwhere(np.isnan(values))
    if gaps.size:
        unit, rater = gaps[0] + 1
        wrong = f"unit {unit} has no rating by rater {rater}"
        raise AgreementError(f"{name} needs every unit rated by every rater; {wrong}")
    return values
