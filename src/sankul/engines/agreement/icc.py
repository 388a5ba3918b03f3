"""Intraclass correlations: the six forms of Shrout and Fleiss.

Shrout and Fleiss, Intraclass correlations: uses in assessing rater reliability, Psychological
Bulletin 86 (1979); limits also McGraw and Wong, Psychological Methods 1 (1996).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy.stats import f as f_distribution

from .problems import AgreementError, Floats, complete, ratings_of

Form = Literal["1,1", "2,1", "3,1", "1,k", "2,k", "3,k"]
FORMS: Final = ("1,1", "2,1", "3,1", "1,k", "2,k", "3,k")


@dataclass(frozen=True, slots=True)
class ICC:
    """The share of the ratings' variance that is due to the units.

    Of a single rating (…,1) or the mean of all k raters (…,k). 1: each unit has raters of its own;
    2: the same raters, a sample of all who might rate, and their severity counts as error;
    3: these raters alone, and their severity does not count. ``low`` and ``high`` are by the F
    distribution.
    """

    form: str
    value: float
    low: float
    high: float
    f: float
    degrees: tuple[float, float]
    units: int
    raters: int
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class _Squares:
    units: int
    raters: int
    between: float  # units
    within: float
    judges: float
    residual: float

    @classmethod
    def of(cls, x: Floats) -> _Squares:
        n, k = x.shape
        mean, rows, columns = x.mean(), x.mean(axis=1), x.mean(axis=0)
        between = k * float(np.sum((rows - mean) ** 2)) / (n - 1)
        judges = n * float(np.sum((columns - mean) ** 2)) / (k - 1)
        within = float(np.sum((x - rows[:, None]) ** 2)) / (n * (k - 1))
        rest = x - rows[:, None] - columns[None, :] + mean
        return cls(n, k, between, within, judges, float(np.sum(rest**2)) / ((n - 1) * (k - 1)))


def icc(
    ratings: Sequence[Sequence[float | None]] | Floats, form: Form, *, confidence: float = 0.95
) -> ICC:
    """One form of the intraclass correlation of ``ratings[units × raters]``, complete.

    Raises AgreementError for a missing rating, for units that do not differ, and for an unknown form.
    """
    if form not in FORMS:
        raise AgreementError(f'form "{form}"; expected one of ' + "; ".join(FORMS))
    values = complete(ratings_of(ratings), "an intraclass correlation")
    squares = _Squares.of(values)
    if squares.between <= 1e-12 * max(1.0, float(np.max(np.abs(values)) ** 2)):
        raise AgreementError("all units have the same mean rating: nothing tells them apart")
    single = {"1": _one_way, "2": _two_way_random, "3": _two_way_mixed}[form[0]]
    made = single(squares, (1 - confidence) / 2, confidence)
    return made if form[2] == "1" else _of_mean(made, form)


def _ratio(f: float, k: int) -> float:
    """The single-rating correlation of a variance ratio; 1 where the ratio is infinite."""
    return 1.0 if np.isinf(f) else (f - 1) / (f + k - 1)


def _by_f(squares: _Squares, form: str, error: float, degrees: float, tail: float, c: float) -> ICC:
    n, k = squares.units, squares.raters
    f = squares.between / error if error > 0 else float("inf")
    low = f / float(f_distribution.isf(tail, n - 1, degrees))
    high = f * float(f_distribution.isf(tail, degrees, n - 1))
    return ICC(form, _ratio(f, k), _ratio(low, k), _ratio(high, k), f, (n - 1, degrees), n, k, c)


def _one_way(squares: _Squares, tail: float, confidence: float) -> ICC:
    degrees = squares.units * (squares.raters - 1)
    return _by_f(squares, "1,1", squares.within, degrees, tail, confidence)


def _two_way_mixed(squares: _Squares, tail: float, confidence: float) -> ICC:
    degrees = (squares.units - 1) * (squares.raters - 1)
    return _by_f(squares, "3,1", squares.residual, degrees, tail, confidence)


def _two_way_random(squares: _Squares, tail: float, confidence: float) -> ICC:
    """Limits by Satterthwaite's degrees of freedom (Fleiss and Shrout, Psychometrika 43, 1978)."""
    n, k = squares.units, squares.raters
    b, j, e = squares.between, squares.judges, squares.residual
    value = (b - e) / (b + (k - 1) * e + k * (j - e) / n)
    degrees = float((n - 1) * (k - 1))
    f = b / e if e > 0 else float("inf")
    if e == 0 and j == 0:
        return ICC("2,1", 1.0, 1.0, 1.0, f, (n - 1, degrees), n, k, confidence)
    a = k * value / (n * (1 - value)) if value < 1 else float("inf")
    d = 1 + k * value * (n - 1) / (n * (1 - value))
    v = (a * j + d * e) ** 2 / ((a * j) ** 2 / (k - 1) + (d * e) ** 2 / degrees)
    upper = float(f_distribution.isf(tail, n - 1, v))
    lower = float(f_distribution.isf(tail, v, n - 1))
    rest = k * j + (k * n - k - n) * e
    low = n * (b - upper * e) / (upper * rest + n * b)
    high = n * (lower * b - e) / (rest + n * lower * b)
    return ICC("2,1", value, low, high, f, (n - 1, degrees), n, k, confidence)


def _of_mean(single: ICC, form: str) -> ICC:
    """The form for the mean of all raters, by Spearman and Brown's formula."""
    k = single.raters

    def stepped(r: float) -> float:
        bottom = 1 + (k - 1) * r
        return k * r / bottom if bottom > 1e-12 else float("-inf")

    value, low, high = stepped(single.value), stepped(single.low), stepped(single.high)
    return ICC(form, value, low, high, single.f, single.degrees, single.units, k, single.confidence)
