"""Bringing indicators to a common scale on which more is better.

Every function takes the values of one indicator that are there (no NaN), after its direction is
applied (multiplied by -1 when less is better), and returns their normalised values. Formulas:
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
    known = ~np.isnan(values)
    if not known.any():
        return {"left_empty": "no unit has a value"}
    directed = values[known] * column.indicator.direction
    _refuse_constant(column, directed)
    values[known] = column.finite(column.call(directed))
    column.put(values)
    return {"lowest": float(values[known].min()), "highest": float(values[known].max())}


def _refuse_constant(column: Column, values: Floats) -> None:
    if column.table[column.method.name].spread and values.min() == values.max():
        raise column.error(
            f"every unit has the same value, {abs(values[0]):g}, so {column.method.name} "
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


def _ends(values: Floats) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _min_max(values: Floats, column: Column, *, low: float, high: float) -> Floats:
    least, most = _ends(values)
    return (values - least) / (most - least) * (high - low) + low


def _z_score(values: Floats, column: Column, *, mean: float, sd: float) -> Floats:
    scaled = values / float(np.abs(values).max())
    middle, spread = float(scaled.mean()), float(scaled.std(ddof=1))
    return np.asarray((scaled - middle) / spread * sd + mean, dtype=np.float64)


def _rank(values: Floats, column: Column) -> Floats:
    return ascending_ranks(values).astype(np.float64)


def _borda(values: Floats, column: Column) -> Floats:
    return ascending_ranks(values).astype(np.float64) - 1


def _percentile_rank(values: Floats, column: Column) -> Floats:
    if len(values) < 2:
        raise column.error("one unit alone has no percentile rank", "two or more units")
    return (ascending_ranks(values) - 1.0) / (len(values) - 1)


def _fraction_of_max(values: Floats, column: Column) -> Floats:
    if values.max() <= 0:
        raise column.error(
            "fraction_of_max has no meaning when the best value, after direction, is zero or less",
            'a positive best value, or another method such as "distance_to_max"',
        )
    return values / float(values.max())


def _distance_to_max(values: Floats, column: Column) -> Floats:
    least, most = _ends(values)
    return 1 - (most - values) / (most - least)


def _towards(values: Floats, point: float, cap: bool, column: Column) -> Floats:
    """1 at the point, 0 at the worst value; above 1 beyond the point unless capped."""
    if point <= values.min():
        raise column.error(
            "the value to measure distance to is not better than the worst unit's",
            "a better target or reference",
        )
    share = 1 - (point - values) / (point - float(values.min()))
    return np.minimum(share, 1) if cap else share


def _distance_to_reference(values: Floats, column: Column, *, cap: bool) -> Floats:
    unit = column.indicator.reference
    known = column.values * column.indicator.direction
    if unit not in column.units or np.isnan(known[column.units.index(unit)]):
        raise column.error(f'the reference unit "{unit}" has no value', "a unit that has one")
    return _towards(values, float(known[column.units.index(unit)]), cap, column)


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
    "goalposts": Entry(_goalposts, _SCALE, needs=("goalposts",), rowwise=True),
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
        rowwise=True,
    ),
    "categorical": Entry(_categorical, needs=("categories",), rowwise=True),
}
