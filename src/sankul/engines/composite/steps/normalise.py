"""Bringing indicators to a common scale on which more is better.

Every function takes the values of one indicator that are there (no NaN), after its direction is
applied (multiplied by -1 when less is better), and returns their normalised values. It works along
the last axis, so that many draws of the same units are normalised at once. Formulas:
OECD/JRC, Handbook on Constructing Composite Indicators (2008), chapter 5.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..frame import Floats
from ..methods import Entry, MethodTable, Parameter
from ..problems import PackageError, Problems
from ..ranking import ascending_ranks
from ..spec import Step
from .state import Column, State


def normalise(state: State, step: Step) -> dict[str, Any]:
    """Normalise the active values of every indicator; a column without any value is left empty."""
    done: dict[str, Any] = {}
    problems = Problems()
    for column in state.columns(step, METHODS):
        try:
            done[column.indicator.id] = {"method": column.method.name} | _normalised(column)
        except PackageError as error:
            problems.found += error.problems
    problems.stop()
    return done


def _normalised(column: Column) -> dict[str, Any]:
    values = column.values.copy()
    known = ~np.isnan(values[(0,) * (values.ndim - 1)])  # in every draw the same units
    if not known.any():
        return {"left_empty": "no unit has a value"}
    directed = values[..., known] * column.indicator.direction
    _refuse_constant(column, directed)
    found = column.finite(column.call(directed))
    values[..., known] = found
    column.put(values)
    return {"lowest": float(found.min()), "highest": float(found.max())}


def _refuse_constant(column: Column, values: Floats) -> None:
    same = values.min(axis=-1) == values.max(axis=-1)
    if column.table[column.method.name].spread and same.any():
        value = abs(float(values[same].flat[0]))
        raise column.error(
            f"every unit has the same value, {value:g}, so {column.method.name} "
            "cannot tell them apart",
            "two different values, or goalposts for this indicator",
        )


def _refuse_transformed(column: Column) -> None:
    if column.indicator.id in column.state.transformed:
        raise column.error(
            "treatment turned it into logarithms, so figures in its raw unit no longer apply",
            'treat = "winsorise" or treat = "none" for this indicator',
        )


def _goalposts(values: Floats, column: Column, *, low: float, high: float) -> Floats:
    _refuse_transformed(column)
    posts = column.indicator.goalposts or (0.0, 1.0)
    worst, best = sorted(post * column.indicator.direction for post in posts)
    return low + (high - low) * np.clip((values - worst) / (best - worst), 0, 1)


def _ends(values: Floats) -> tuple[Floats, Floats]:
    return values.min(axis=-1, keepdims=True), values.max(axis=-1, keepdims=True)


def _min_max(values: Floats, column: Column, *, low: float, high: float) -> Floats:
    least, most = _ends(values)
    return np.asarray((values - least) / (most - least) * (high - low) + low)


def _z_score(values: Floats, column: Column, *, mean: float, sd: float) -> Floats:
    scaled = values / np.abs(values).max(axis=-1, keepdims=True)
    middle = scaled.mean(axis=-1, keepdims=True)
    spread = scaled.std(axis=-1, ddof=1, keepdims=True)
    return np.asarray((scaled - middle) / spread * sd + mean, dtype=np.float64)


def _rank(values: Floats, column: Column) -> Floats:
    return ascending_ranks(values).astype(np.float64)


def _borda(values: Floats, column: Column) -> Floats:
    return ascending_ranks(values).astype(np.float64) - 1


def _percentile_rank(values: Floats, column: Column) -> Floats:
    n = values.shape[-1]
    if n < 2:
        raise column.error("one unit alone has no percentile rank", "two or more units")
    return np.asarray((ascending_ranks(values) - 1.0) / (n - 1))


def _fraction_of_max(values: Floats, column: Column) -> Floats:
    best = values.max(axis=-1, keepdims=True)
    if (best <= 0).any():
        raise column.error(
            "fraction_of_max has no meaning when the best value, after direction, is zero or less",
            'a positive best value, or another method such as "distance_to_max"',
        )
    return np.asarray(values / best)


def _distance_to_max(values: Floats, column: Column) -> Floats:
    least, most = _ends(values)
    return np.asarray(1 - (most - values) / (most - least))


def _towards(values: Floats, point: Floats | float, cap: bool, column: Column) -> Floats:
    """1 at the point, 0 at the worst value; above 1 beyond the point unless capped."""
    worst = values.min(axis=-1, keepdims=True)
    if (point <= worst).any():
        raise column.error(
            "the value to measure distance to is not better than the worst unit's",
            "a better target or reference",
        )
    share = 1 - (point - values) / (point - worst)
    return np.asarray(np.minimum(share, 1) if cap else share)


def _distance_to_reference(values: Floats, column: Column, *, cap: bool) -> Floats:
    unit = column.indicator.reference
    missing = column.error(f'the reference unit "{unit}" has no value', "a unit that has one")
    if unit not in column.units:
        raise missing
    place = column.units.index(unit)
    point = column.values[..., place, None] * column.indicator.direction
    if np.isnan(point).any():
        raise missing
    return _towards(values, point, cap, column)


def _distance_to_target(values: Floats, column: Column, *, cap: bool) -> Floats:
    _refuse_transformed(column)
    target = column.indicator.target or 0.0
    return _towards(values, target * column.indicator.direction, cap, column)


def _scaled(values: Floats, column: Column, *, lower: float, upper: float) -> Floats:
    if upper <= lower:
        raise column.error("scaled has upper not above lower", "lower < upper")
    return (values - lower) / (upper - lower) * 100


def _categorical(values: Floats, column: Column) -> Floats:
    _refuse_transformed(column)
    bounds = np.array([bound for bound, _ in column.indicator.categories])
    scores = np.array([score for _, score in column.indicator.categories])
    place = np.searchsorted(bounds, values * column.indicator.direction, side="right") - 1
    if place.min() < 0:
        raise column.error(
            "a value lies below its first category", f"values of {bounds[0]:g} or more"
        )
    return scores[place]


_SCALE = {"low": Parameter("number", 0.0), "high": Parameter("number", 100.0)}
_CAP = {"cap": Parameter("boolean", False)}


METHODS: MethodTable = {
    "goalposts": Entry(_goalposts, _SCALE, needs=("goalposts",)),
    "min_max": Entry(_min_max, _SCALE, spread=True),
    "z_score": Entry(
        _z_score,
        {"mean": Parameter("number", 0.0), "sd": Parameter("number", 1.0, 0)},
        spread=True,
    ),
    "rank": Entry(_rank),
    "percentile_rank": Entry(_percentile_rank),
    "borda": Entry(_borda),
    "fraction_of_max": Entry(_fraction_of_max),
    "distance_to_max": Entry(_distance_to_max, spread=True),
    "distance_to_reference": Entry(_distance_to_reference, _CAP, needs=("reference",)),
    "distance_to_target": Entry(_distance_to_target, _CAP, needs=("target",)),
    "scaled": Entry(
        _scaled,
        {"lower": Parameter("number", 0.0), "upper": Parameter("number", 100.0)},
    ),
    "categorical": Entry(_categorical, needs=("categories",)),
}
