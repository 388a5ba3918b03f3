"""Cohen's and Fleiss' kappa."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri

from .problems import AgreementError, Floats, complete, ratings_of


@dataclass(frozen=True, slots=True)
class Kappa:
    """Agreement beyond chance: 1 is full, 0 what chance gives.

    ``observed`` is the share of agreement seen, ``expected`` that by chance. ``low`` and ``high``
    are limits by the large-sample standard error; None where there is none.
    """

    value: float
    observed: float
    expected: float
    units: int
    low: float | None
    high: float | None
    confidence: float = 0.95


def cohen_kappa(
    ratings: Sequence[Sequence[float | None]] | Floats,
    *,
    weights: Literal["none", "linear", "quadratic"] = "none",
    confidence: float = 0.95,
) -> Kappa:
    """Cohen's kappa of two raters, ``ratings[units × 2]``, complete.

    Weights count a disagreement by the distance of the categories on the scale of their values, or
    its square (Cohen, Educational and Psychological Measurement 20, 1960; Psychological Bulletin
    70, 1968). Standard error of the estimate by Fleiss, Cohen and Everitt, Psychological Bulletin 72 (1969).

    Raises AgreementError for other than two raters, a missing rating, or a single category.
    """
    values = complete(ratings_of(ratings), "Cohen's kappa")
    if values.shape[1] != 2:
        raise AgreementError(f"Cohen's kappa is of 2 raters, not {values.shape[1]}")
    categories, codes = np.unique(values, return_inverse=True)
    codes = codes.reshape(values.shape)
    table = np.zeros((categories.size, categories.size))
    np.add.at(table, (codes[:, 0], codes[:, 1]), 1 / len(values))
    agree = _agreement(categories, weights)
    row, column = table.sum(axis=1), table.sum(axis=0)
    observed, expected = float(np.sum(table * agree)), float(row @ agree @ column)
    if expected >= 1 - 1e-12:
        raise AgreementError(
            "all ratings are the same: whether raters can agree was not put to the test"
        )
    value = (observed - expected) / (1 - expected)
    mean = (agree @ column)[:, None] + (row @ agree)[None, :]
    spread = np.sum(table * (agree - mean * (1 - value)) ** 2)
    spread -= (value - expected * (1 - value)) ** 2
    error = float(np.sqrt(max(0.0, spread) / len(values))) / (1 - expected)
    z = float(ndtri((1 + confidence) / 2))
    low, high = max(-1.0, value - z * error), min(1.0, value + z * error)
    return Kappa(value, observed, expected, len(values), low, high, confidence)


def _agreement(categories: Floats, weights: Literal["none", "linear", "quadratic"]) -> Floats:
    """How much two categories agree, 1 on the diagonal [c × c]."""
    apart = np.abs(categories[:, None] - categories[None, :])
    if weights == "none":
        return np.asarray(apart == 0, dtype=np.float64)
    if weights not in {"linear", "quadratic"}:
        raise AgreementError(f'weights "{weights}"; expected none, linear or quadratic')
    share = apart / max(float(apart.max()), 1e-300)
    return np.asarray(1 - (share if weights == "linear" else share**2))


def fleiss_kappa(
    ratings: Sequence[Sequence[float | None]] | Floats, *, confidence: float = 0.95
) -> Kappa:
    """Fleiss' kappa of any equal number of raters a unit, who need not be the same persons.

    ``ratings[units × raters]``, complete (Fleiss, Psychological Bulletin 76, 1971). The limits are by a
    jackknife over units, since the published standard error holds only without agreement.

    Raises AgreementError for a missing rating or a single category.
    """
    values = complete(ratings_of(ratings), "Fleiss' kappa")
    categories = np.unique(values)
    counts = (values[:, :, None] == categories).sum(axis=1).astype(np.float64)
    value, observed, expected = _fleiss(counts)
    if np.isnan(value):
        raise AgreementError(
            "all ratings are the same: whether raters can agree was not put to the test"
        )
    units = len(values)
    without = np.array([_fleiss(np.delete(counts, k, axis=0))[0] for k in range(units)])
    if units < 3 or np.isnan(without).any():
        return Kappa(value, observed, expected, units, None, None, confidence)
    error = float(np.sqrt((units - 1) / units * np.sum((without - without.mean()) ** 2)))
    z = float(ndtri((1 + confidence) / 2))
    low, high = max(-1.0, value - z * error), min(1.0, value + z * error)
    return Kappa(value, observed, expected, units, low, high, confidence)


def _fleiss(counts: Floats) -> tuple[float, float, float]:
    raters = float(counts[0].sum())
    observed = float(np.mean((np.sum(counts**2, axis=1) - raters) / (raters * (raters - 1))))
    expected = float(np.sum((counts.sum(axis=0) / counts.sum()) ** 2))
    if expected >= 1 - 1e-12:
        return float("nan"), observed, expected
    return (observed - expected) / (1 - expected), observed, expected
