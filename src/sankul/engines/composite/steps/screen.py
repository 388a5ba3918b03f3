"""Setting apart units that have too few values to be ranked: missing is not zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..frame import Floats
from ..methods import Entry, MethodTable, Parameter
from ..spec import Step
from .state import State


def coverage_of(state: State, *, count_imputed: bool) -> Floats:
    """The share of indicators [units] that have a value, each by the share its evidence supports.

    Without coverage.csv every value counts whole. With ``count_imputed`` an imputed value counts
    as any other.
    """
    there = ~np.isnan(state.values)
    if not count_imputed:
        there &= ~state.imputed
    shares = there.astype(np.float64)
    if state.frame.coverage is not None:
        known = ~np.isnan(state.frame.coverage) & ~state.imputed
        shares = np.where(known, there * np.nan_to_num(state.frame.coverage), shares)
    return np.asarray(shares.mean(axis=1))


def screen(state: State, step: Step) -> dict[str, Any]:
    """Take units below the floors out of all later steps, and say why.

    Screening before imputation counts observed values alone. After imputation it counts the
    values then present, imputed ones among them, unless ``count`` is "observed".
    """
    given = step.method.parameters
    coverage = coverage_of(state, count_imputed=given["count"] == "present")
    with np.errstate(invalid="ignore"):
        present = ~np.isnan(state.values)
        nonzero = (present & (state.values != 0)).sum(axis=1) / np.maximum(present.sum(axis=1), 1)
    done: dict[str, Any] = {}
    for row, unit in enumerate(state.frame.units):
        if not state.active[row]:
            continue
        reason = _why_not(unit, float(coverage[row]), float(nonzero[row]), **given)
        done[unit] = {"coverage": float(coverage[row])}
        if reason is not None:
            done[unit] |= {"not_ranked": reason}
            state.reasons[unit] = {"reason": reason, "coverage": float(coverage[row])}
            state.active[row] = False
            state.values[row] = np.nan
    return done


def _why_not(
    unit: str,
    coverage: float,
    nonzero: float,
    *,
    min_coverage: float,
    min_nonzero: float,
    include: Sequence[str],
    exclude: Sequence[str],
    count: str,
) -> str | None:
    if unit in exclude:
        return "excluded by the framework"
    if unit in include:
        return None
    if coverage < min_coverage:
        kind = "observed" if count == "observed" else "present"
        return f"evidence missing: coverage {coverage:.4g} ({kind}) is below {min_coverage:.4g}"
    if nonzero < min_nonzero:
        return f"share of values that are not zero, {nonzero:.4g}, is below {min_nonzero:.4g}"
    return None


METHODS: MethodTable = {
    "coverage": Entry(
        screen,
        {
            "min_coverage": Parameter("number", 0.0, 0, 1),
            "min_nonzero": Parameter("number", 0.0, 0, 1),
            "include": Parameter("texts", ()),
            "exclude": Parameter("texts", ()),
            "count": Parameter("text", "present"),
        },
        rowwise=True,
    )
}
