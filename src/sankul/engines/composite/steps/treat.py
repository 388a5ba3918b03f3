"""Treating outliers: winsorising and transforming indicators that are skewed and heavy-tailed.

An indicator passes, and is left alone, when |G1| < ``max_abs_skewness`` or G2 <
``max_excess_kurtosis``, with G1 and G2 the sample-corrected skewness and excess kurtosis
(Joanes and Gill 1998; the thresholds 2 and 3.5 are those of the JRC's COIN Tool).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..frame import Floats
from ..methods import Entry, MethodTable, Parameter
from ..spec import Step
from .state import Column, State

FEWEST_VALUES = 4  # excess kurtosis G2 is undefined below


def treat(state: State, step: Step) -> dict[str, Any]:
    """Treat the active values of every indicator that fails the test of shape."""
    done: dict[str, Any] = {}
    for column in state.columns(step, METHODS):
        values = column.values
        known = ~np.isnan(values)
        if known.sum() < FEWEST_VALUES or column.method.name == "none":
            few = "none" if column.method.name == "none" else "fewer than four values"
            done[column.indicator.id] = {"method": column.method.name, "left_alone": few}
            continue
        after, note = column.call(values[known])
        values = values.copy()
        values[known] = column.finite(after)
        column.put(values)
        done[column.indicator.id] = {"method": column.method.name} | note
    return done


def shape(values: Floats) -> tuple[float, float]:
    """Sample-corrected skewness G1 and excess kurtosis G2 of four or more values without NaN.

    Both are 0 for values that are all the same. Joanes and Gill, The Statistician 47 (1998) 183.
    """
    n = len(values)
    deviation = values / max(float(np.abs(values).max()), np.finfo(float).tiny)
    deviation = deviation - deviation.mean()
    largest = float(np.abs(deviation).max())
    if largest <= 1e-14:
        return 0.0, 0.0
    deviation = deviation / largest
    square = float((deviation**2).sum())
    g1 = np.sqrt(n) * float((deviation**3).sum()) / square**1.5
    g2 = n * float((deviation**4).sum()) / square**2 - 3
    skewness = g1 * np.sqrt(n * (n - 1)) / (n - 2)
    kurtosis = ((n + 1) * g2 + 6) * (n - 1) / ((n - 2) * (n - 3))
    return float(skewness), float(kurtosis)


def _passes(values: Floats, max_abs_skewness: float, max_excess_kurtosis: float) -> bool:
    skewness, kurtosis = shape(values)
    return abs(skewness) < max_abs_skewness or kurtosis < max_excess_kurtosis


def _described(values: Floats) -> dict[str, float]:
    skewness, kurtosis = shape(values)
    return {"skewness": skewness, "excess_kurtosis": kurtosis}


def _pull_in(values: Floats) -> tuple[Floats, int]:
    """Replace the extreme value on the skewed side by the next one; tied extremes move together.

    Returns the values and how many stand at the new extreme because they were moved; 0 when the
    move would leave a single repeated value.
    """
    high = shape(values)[0] >= 0
    extreme = values == (values.max() if high else values.min())
    rest = values[~extreme]
    if len(np.unique(rest)) < 2:
        return values, 0
    return np.where(extreme, rest.max() if high else rest.min(), values), int(extreme.sum())


def _winsorise(
    values: Floats,
    column: Column,
    *,
    max_points: float,
    max_abs_skewness: float,
    max_excess_kurtosis: float,
) -> tuple[Floats, dict[str, Any]]:
    before = _described(values)
    points = 0
    while points < max_points and not _passes(values, max_abs_skewness, max_excess_kurtosis):
        values, moved = _pull_in(values)
        if not moved:
            break
        points = moved
    passed = _passes(values, max_abs_skewness, max_excess_kurtosis)
    note = {"before": before, "winsorised_points": points, "passes": passed}
    return values, note | ({"after": _described(values)} if points else {})


def _log(
    values: Floats, column: Column, *, max_abs_skewness: float, max_excess_kurtosis: float
) -> tuple[Floats, dict[str, Any]]:
    before = _described(values)
    if _passes(values, max_abs_skewness, max_excess_kurtosis):
        return values, {"before": before, "passes": True}
    column.state.transformed.add(column.indicator.id)
    least, most = values.min(), values.max()
    values = np.log(values - least + 0.01 * (most - least))
    passed = _passes(values, max_abs_skewness, max_excess_kurtosis)
    return values, {"before": before, "log": True, "after": _described(values), "passes": passed}


def _boxcox(
    values: Floats,
    column: Column,
    *,
    power: float | None,
    max_abs_skewness: float,
    max_excess_kurtosis: float,
) -> tuple[Floats, dict[str, Any]]:
    """(yᵖ − 1)/p with y = (x − min)/(max − min) + 0.01, p by maximum likelihood unless given.

    Box and Cox, Journal of the Royal Statistical Society B 26 (1964) 211.
    """
    from scipy.special import boxcox  # noqa: PLC0415 (slow to import)
    from scipy.stats import boxcox_normmax  # noqa: PLC0415

    before = _described(values)
    if _passes(values, max_abs_skewness, max_excess_kurtosis):
        return values, {"before": before, "passes": True}
    column.state.transformed.add(column.indicator.id)
    least, most = values.min(), values.max()
    raised = (values - least) / (most - least) + 0.01  # without unit, so that none matters
    p = float(boxcox_normmax(raised, method="mle")) if power is None else power
    values = np.asarray(boxcox(raised, p), dtype=np.float64)
    passed = _passes(values, max_abs_skewness, max_excess_kurtosis)
    return values, {
        "before": before,
        "power": p,
        "after": _described(values),
        "passes": passed,
    }


def _winsorise_then_log(
    values: Floats,
    column: Column,
    *,
    max_points: float,
    max_abs_skewness: float,
    max_excess_kurtosis: float,
) -> tuple[Floats, dict[str, Any]]:
    limits = {"max_abs_skewness": max_abs_skewness, "max_excess_kurtosis": max_excess_kurtosis}
    winsorised, note = _winsorise(values, column, max_points=max_points, **limits)
    if note["passes"]:
        return winsorised, note
    after, log_note = _log(values, column, **limits)
    return after, log_note | {"winsorising_was_not_enough": note["winsorised_points"]}


def _none(values: Floats, column: Column) -> tuple[Floats, dict[str, Any]]:
    return values, {}


_LIMITS = {
    "max_abs_skewness": Parameter("number", 2.0, 0),
    "max_excess_kurtosis": Parameter("number", 3.5),
}
_POINTS = {"max_points": Parameter("whole", 5, 0)}

METHODS: MethodTable = {
    "none": Entry(_none, rowwise=True),
    "winsorise": Entry(_winsorise, _POINTS | _LIMITS),
    "log": Entry(_log, _LIMITS),
    "boxcox": Entry(_boxcox, {"power": Parameter("number", None)} | _LIMITS),
    "winsorise_then_log": Entry(_winsorise_then_log, _POINTS | _LIMITS),
}
