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
        }
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

METHODS: MethodTable = {
    "none": Entry(_none, rowwise=True),
    "zero": Entry(_zero, rowwise=True),
    "mean": Entry(_by(np.mean)),
    "median": Entry(_by(np.median)),
    "group_mean": Entry(_by_group(np.mean), _GROUP),
    "group_median": Entry(_by_group(np.median), _GROUP),
}
