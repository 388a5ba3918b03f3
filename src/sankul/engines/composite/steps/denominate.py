"""Dividing indicators by the size of the unit, such as its population."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..methods import Entry, MethodTable
from ..spec import Step
from .state import State


def denominate(state: State, step: Step) -> dict[str, Any]:
    """Divide every indicator that names a denominator by that column of units.csv.

    A unit whose denominator is empty has no value afterwards; the log names it.
    """
    done: dict[str, Any] = {}
    for column in state.columns(step, METHODS):
        name = column.indicator.denominator
        if name is None:
            continue
        sizes = state.frame.denominators[name][state.active]
        before = column.values
        column.put(before / sizes)
        lost = np.isnan(sizes) & ~np.isnan(before)
        done[column.indicator.id] = {"denominator": name}
        if lost.any():
            done[column.indicator.id]["without_denominator"] = [
                unit for unit, gone in zip(column.units, lost, strict=True) if gone
            ]
    return done


METHODS: MethodTable = {"divide": Entry(denominate, rowwise=True)}
