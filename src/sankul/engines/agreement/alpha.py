"""Krippendorff's alpha: agreement of any number of raters, with missing ratings.

Krippendorff, Content Analysis, 4th ed. (2018), ch. 12; Computing Krippendorff's
Alpha-Reliability (2011); Hayes and Krippendorff, Answering the call for a standard reliability
measure for coding data, Communication Methods and Measures 1 (2007).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from .problems import AgreementError, Floats, ratings_of

Level = Literal["nominal", "ordinal", "interval", "ratio"]
LEVELS: Final = ("nominal", "ordinal", "interval", "ratio")
BATCH: Final = 2_000_000  # counts held at once while drawing


@dataclass(frozen=True, slots=True)
class Alpha:
    """Krippendorff's alpha; 1 is full agreement, 0 what chance gives, below 0 is systematic.

    ``units`` have two ratings or more, ``pairable`` is the number of their ratings. ``low`` and
    ``high`` are percentiles of ``draws`` bootstrap draws (None without any), and ``below`` says for
    each standard asked about what share of draws fell short of it.
    """

    value: float
    level: str
    units: int
    pairable: int
    low: float | None = None
    high: float | None = None
    confidence: float = 0.95
    draws: int = 0
    below: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How the interval is made: so many draws, by chance from ``rng``.

    ``resample`` "units" draws whole units anew and computes alpha of each draw; draws in which all
    ratings are the same have no alpha and are left out (Zapf, Castell, Morawietz and Karch, BMC
    Medical Research Methodology 16, 2016, who found its coverage good from about 50 units on).
    "pairs" draws observed disagreements pair by pair, as many as pairs were compared, over the
    expected disagreement of all data (Hayes and Krippendorff 2007; Krippendorff, Bootstrapping
    distributions for alpha, 2006, without its limit of 25 draws for each kind of pair); pairs of
    one unit are not independent, so that this interval is often too short.
    """

    rng: np.random.Generator
    draws: int = 2000
    resample: Literal["units", "pairs"] = "units"
    confidence: float = 0.95
    standards: tuple[float, ...] = (0.667, 0.8)


def krippendorff_alpha(
    ratings: Sequence[Sequence[float | None]] | Floats,
    level: Level = "nominal",
    bootstrap: Bootstrap | None = None,
) -> Alpha:
    """Alpha = 1 − observed over expected disagreement, of ``ratings[units × raters]``.

    Categories are numbers; None or NaN is a missing rating, and units with fewer than two ratings
    do not count.

    Raises AgreementError when no unit has two ratings, when all ratings are the same (alpha is
    undefined: whether raters can agree was not put to the test), for values below zero at ratio
    level, and for an unknown level.
    """
    if level not in LEVELS:
        raise AgreementError(f'level "{level}"; expected one of ' + ", ".join(LEVELS))
    values = ratings_of(ratings)
    values = values[(~np.isnan(values)).sum(axis=1) >= 2]
    if not values.size:
        raise AgreementError("no unit has two ratings")
    categories, counts = _counts(values)
    if level == "ratio" and categories[0] < 0:
        raise AgreementError("a ratio scale has no values below zero")
    value = float(_alphas(counts[None], categories, level)[0])
    if np.isnan(value):
        wrong = "all ratings are the same: whether raters can agree was not put to the test"
        raise AgreementError(wrong)
    made = Alpha(value, level, len(values), int(counts.sum()))
    return made if bootstrap is None else _with_interval(made, counts, categories, level, bootstrap)


def _with_interval(
    made: Alpha, counts: Floats, categories: Floats, level: Level, bootstrap: Bootstrap
) -> Alpha:
    draw = _drawn_units if bootstrap.resample == "units" else _drawn_pairs
    drawn = draw(counts, categories, level, bootstrap.draws, bootstrap.rng)
    drawn = drawn[~np.isnan(drawn)]
    if not drawn.size:
        raise AgreementError("no draw of units has two different ratings; there are too few units")
    tail = (1 - bootstrap.confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    below = tuple((standard, float(np.mean(drawn < standard))) for standard in bootstrap.standards)
    return replace(
        made,
        low=float(low),
        high=float(high),
        confidence=bootstrap.confidence,
        draws=int(drawn.size),
        below=below,
    )


def _counts(values: Floats) -> tuple[Floats, Floats]:
    """The categories in ascending order, and how often each unit was given each [units × c]."""
    there = ~np.isnan(values)
    categories, codes = np.unique(values[there], return_inverse=True)
    counts = np.zeros((len(values), categories.size))
    np.add.at(counts, (np.nonzero(there)[0], codes), 1.0)
    return categories, counts


def _coincidences(counts: Floats) -> Floats:
    """How often two categories meet in a unit, over m − 1, [… × c × c] of [… × units × c]."""
    weighted = counts / (counts.sum(axis=-1, keepdims=True) - 1)
    met = np.swapaxes(weighted, -1, -2) @ counts
    at = np.arange(counts.shape[-1])
    met[..., at, at] -= weighted.sum(axis=-2)
    return np.asarray(met)


def _alphas(counts: Floats, categories: Floats, level: Level) -> Floats:
    """Alpha of each set of units ``[sets × units × c]``; NaN where all ratings are the same."""
    met = _coincidences(counts)
    totals = met.sum(axis=-1)
    distance = _distance(categories, totals, level)
    observed = np.sum(met * distance, axis=(-1, -2))
    expected = np.einsum("si,sij,sj->s", totals, distance, totals) / (totals.sum(axis=-1) - 1)
    ratio = np.full(observed.shape, np.nan)
    np.divide(observed, expected, out=ratio, where=expected > 0)
    return np.asarray(1 - ratio)


def _distance(categories: Floats, totals: Floats, level: Level) -> Floats:
    """Squared differences of categories at a level of measurement, [sets × c × c]."""
    one, other = categories[:, None], categories[None, :]
    if level == "ordinal":
        middle = np.cumsum(totals, axis=-1) - totals / 2
        return np.asarray((middle[:, :, None] - middle[:, None, :]) ** 2)
    if level == "nominal":
        flat = (one != other).astype(np.float64)
    elif level == "interval":
        flat = (one - other) ** 2
    else:
        summed = one + other
        flat = np.divide(one - other, summed, out=np.zeros(summed.shape), where=summed > 0) ** 2
    return np.broadcast_to(flat, (len(totals), *flat.shape))


def _drawn_units(
    counts: Floats, categories: Floats, level: Level, draws: int, rng: np.random.Generator
) -> Floats:
    found = []
    batch = max(1, BATCH // max(1, counts.size))
    for start in range(0, draws, batch):
        rows = rng.integers(len(counts), size=(min(batch, draws - start), len(counts)))
        found.append(_alphas(counts[rows], categories, level))
    return np.concatenate(found)


def _drawn_pairs(
    counts: Floats, categories: Floats, level: Level, draws: int, rng: np.random.Generator
) -> Floats:
    met = _coincidences(counts)
    totals = met.sum(axis=-1)
    distance = _distance(categories, totals[None], level)[0]
    expected = float(totals @ distance @ totals) / (totals.sum() * (totals.sum() - 1))
    each = counts.sum(axis=1)
    pairs = round(float(np.sum(each * (each - 1) / 2)))
    drawn = rng.multinomial(pairs, (met / met.sum()).ravel(), size=draws)
    return np.asarray(1 - drawn @ distance.ravel() / pairs / expected)
