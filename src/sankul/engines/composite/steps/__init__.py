"""The steps of an evaluation, in the order in which they may follow one another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .. import weights
from ..means import AGGREGATORS
from ..methods import Entry, MethodTable
from ..spec import Step
from . import denominate, impute, normalise, screen, treat
from .state import State


@dataclass(frozen=True, slots=True)
class StepKind:
    """A kind of step: its place in the order, its methods, and which one is meant by default.

    Steps of the same ``place`` may stand in either order. ``apply`` changes the state and returns
    what it did; weights and aggregate are applied by the run itself.
    """

    place: int
    methods: MethodTable
    default: str | None = None
    apply: Callable[[State, Step], dict[str, Any]] | None = None


_AGGREGATES: MethodTable = {
    name: Entry(aggregator.mean, aggregator.parameters) for name, aggregator in AGGREGATORS.items()
}

STEPS: Mapping[str, StepKind] = {
    "denominate": StepKind(0, denominate.METHODS, "divide", denominate.denominate),
    "screen": StepKind(1, screen.METHODS, "coverage", screen.screen),
    "impute": StepKind(1, impute.METHODS, None, impute.impute),
    "treat": StepKind(2, treat.METHODS, None, treat.treat),
    "normalise": StepKind(3, normalise.METHODS, "goalposts", normalise.normalise),
    "weights": StepKind(4, weights.METHODS, "given"),
    "aggregate": StepKind(5, _AGGREGATES, "arithmetic"),
}

__all__ = ["STEPS", "State", "StepKind"]
