"""Filling in missing values. Every filled cell is named in the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..frame import Floats
from ..methods import Entry, MethodTable, Parameter
from ..spec import Step
from .state import Column, State

Statistic = Callable[[Floats], "np.floating[Any]"]


def impute(state: State, step: Step) -> dict[str, Any]:
    """Fill missing values of the active units, indicator by indicator.

    A value that the method cannot supply (no unit of the group has one) stays missing.
    """
    done: dict[str, Any] = {}
    for column in state.columns(step, METHODS):
        before = column.values
        missing = np.isnan(before)
        if not missing.any():
            continue
        after = column.call(before)
        column.put(after)
        filled = missing & ~np.isnan(after)
        state.imputed[state.active, column.position] |= filled
        done[column.indicator.id] = {
            "method": column.method.name,
            "filled": {
                u: float(v) for u, v, f in zip(column.units, after, filled, strict=True) if f
            },
            "still_missing": [u for u, v in zip(column.units, after, strict=True) if np.isnan(v)],
        } | column.note
    return done


def _none(values: Floats, column: Column) -> Floats:
    return values


def _zero(values: Floats, column: Column) -> Floats:
    return np.where(np.isnan(values), 0.0, values)


def _by(statistic: Statistic) -> Callable[..., Floats]:
    def fill(values: Floats, column: Column) -> Floats:
        known = values[~np.isnan(values)]
        if not len(known):
            return values
        filling = column.finite(np.asarray(statistic(known)))
        return np.where(np.isnan(values), filling, values)

    return fill


def _by_group(statistic: Statistic) -> Callable[..., Floats]:
    fill_one = _by(statistic)

    def fill(values: Floats, column: Column, *, group: str) -> Floats:
        groups = column.group(group)
        filled = values.copy()
        for name in np.unique(groups):
            members = groups == name
            filled[members] = fill_one(values[members], column)
        return filled

    return fill


_GROUP = {"group": Parameter("text")}


def _last(values: Floats, column: Column) -> Floats:
    """The value of the latest earlier period that has one."""
    filled = values.copy()
    now = column.state.frame.time
    for time, past in sorted(column.panel(), key=lambda item: item[0], reverse=True):
        if time < now:
            filled = np.where(np.isnan(filled), past, filled)
    return filled


def _linear(values: Floats, column: Column) -> Floats:
    """On the straight line between the nearest earlier and the nearest later period."""
    now = column.state.frame.time
    nearest: dict[bool, tuple[Floats, Floats]] = {}
    for later in (False, True):
        value = np.full(len(values), np.nan)
        when = np.full(len(values), np.nan)
        for time, other in sorted(column.panel(), key=lambda item: abs(item[0] - now)):
            if time != now and (time > now) == later:
                fresh = np.isnan(value) & ~np.isnan(other)
                value, when = np.where(fresh, other, value), np.where(fresh, time, when)
        nearest[later] = value, when
    (before, start), (after, end) = nearest[False], nearest[True]
    line = before + (after - before) * (now - start) / (end - start)
    return np.where(np.isnan(values), line, values)


def _knn(matrix: Floats, *, neighbours: int) -> tuple[Floats, dict[str, Any]]:
    """The mean of the nearest units that have the value, by distance over shared indicators.

    Troyanskaya et al., Bioinformatics 17 (2001) 520, on standardised indicators.
    """
    from sklearn.impute import KNNImputer  # noqa: PLC0415 (slow to import)

    return KNNImputer(n_neighbors=neighbours).fit_transform(matrix), {}


def _iterative(matrix: Floats, *, rounds: int) -> tuple[Floats, dict[str, Any]]:
    """Each indicator regressed in turn on all others, until the filled values settle.

    Bayesian ridge regression as in scikit-learn's IterativeImputer; no chance is involved.
    """
    import warnings  # noqa: PLC0415

    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 (slow to import)
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401, PLC0415
    from sklearn.impute import IterativeImputer  # noqa: PLC0415

    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always", ConvergenceWarning)
        filled = IterativeImputer(max_iter=rounds, random_state=0).fit_transform(matrix)
    unsettled = any(issubclass(w.category, ConvergenceWarning) for w in raised)
    return filled, {"settled": not unsettled}


def _by_matrix(fill_matrix: Callable[..., tuple[Floats, dict[str, Any]]]) -> Callable[..., Floats]:
    def fill(values: Floats, column: Column, **parameters: Any) -> Floats:
        """One column of the matrix filled from all observed values of the active units."""
        memo = column.state.memo
        if column.method not in memo:  # once for all indicators
            memo[column.method] = _filled(fill_matrix, column.observed(), parameters)
        filled, note = memo[column.method]
        column.note.update(note)
        return np.where(np.isnan(values), filled[:, column.position], values)

    return fill


def _filled(
    fill_matrix: Callable[..., tuple[Floats, dict[str, Any]]],
    matrix: Floats,
    parameters: dict[str, Any],
) -> tuple[Floats, dict[str, Any]]:
    """The matrix filled on standardised indicators.

    A unit without any value resembles no other, so it stays empty, as does an indicator.
    """
    known = ~np.isnan(matrix)
    cells = np.ix_(known.any(axis=1), known.any(axis=0))
    part = matrix[cells]
    if not part.size:
        return matrix, {}
    middle, spread = np.nanmean(part, axis=0), np.nanstd(part, axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    found, note = fill_matrix((part - middle) / spread, **parameters)
    filled = matrix.copy()
    filled[cells] = found * spread + middle
    return filled, note


METHODS: MethodTable = {
    "none": Entry(_none, rowwise=True),
    "zero": Entry(_zero, rowwise=True),
    "mean": Entry(_by(np.mean)),
    "median": Entry(_by(np.median)),
    "last": Entry(_last),
    "linear": Entry(_linear),
    "knn": Entry(_by_matrix(_knn), {"neighbours": Parameter("whole", 5, 1)}),
    "iterative": Entry(_by_matrix(_iterative), {"rounds": Parameter("whole", 10, 1)}),
    "group_mean": Entry(_by_group(np.mean), _GROUP),
    "group_median": Entry(_by_group(np.median), _GROUP),
}
