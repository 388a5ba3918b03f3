"""The working state of one run, handed from step to step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..frame import Floats, Frame, time_of
from ..methods import MethodTable
from ..problems import PackageError
from ..spec import Indicator, Method, Spec, Step


@dataclass(slots=True, eq=False)
class State:
    """Values as they stand, [units × indicators]; which are imputed; which units still take part.

    Where many draws are normalised at once the values are [draws × units × indicators].

    ``transformed`` names indicators whose values a treatment replaced by a transform of
    themselves. ``memo`` keeps what a method computed for all indicators at once.
    """

    spec: Spec
    frame: Frame
    values: Floats
    imputed: NDArray[np.bool_]
    active: NDArray[np.bool_]
    reasons: dict[str, dict[str, Any]] = field(default_factory=dict)
    transformed: set[str] = field(default_factory=set)
    memo: dict[Method, Any] = field(default_factory=dict)

    @classmethod
    def begin(cls, spec: Spec, frame: Frame, values: Floats | None = None) -> State:
        """The state before the first step; ``values`` replaces those of the frame."""
        start = np.array(frame.values if values is None else values, dtype=np.float64)
        return cls(
            spec=spec,
            frame=frame,
            values=start,
            imputed=np.zeros(start.shape, dtype=np.bool_),
            active=np.ones(len(frame.units), dtype=np.bool_),
        )

    def copy(self, spec: Spec) -> State:
        """A state of its own with the same content, for another specification."""
        return State(
            spec=spec,
            frame=self.frame,
            values=self.values.copy(),
            imputed=self.imputed.copy(),
            active=self.active.copy(),
            reasons=dict(self.reasons),
            transformed=set(self.transformed),
        )

    def columns(self, step: Step, table: MethodTable) -> Iterator[Column]:
        """The active part of every indicator's column, with the method that applies to it."""
        for position, indicator in enumerate(self.spec.indicators):
            method = self.spec.method_of(indicator, step)
            yield Column(self, indicator, position, method, table)


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One indicator's column during one step."""

    state: State
    indicator: Indicator
    position: int
    method: Method
    table: MethodTable
    note: dict[str, Any] = field(default_factory=dict)

    @property
    def values(self) -> Floats:
        """The values of the active units, NaN where missing."""
        values: Floats = self.state.values[..., self.state.active, self.position]
        return values

    @property
    def units(self) -> tuple[str, ...]:
        """The ids of the active units, in the order of ``values``."""
        active = self.state.active
        return tuple(u for u, on in zip(self.state.frame.units, active, strict=True) if on)

    def observed(self) -> Floats:
        """The values of all indicators for the active units, imputed ones left out."""
        state = self.state
        return np.where(state.imputed, np.nan, state.values)[state.active]

    def panel(self) -> list[tuple[float, Floats]]:
        """The time of every period with the active units' values, denominated as these are."""
        state, frame = self.state, self.state.frame
        divided = self.indicator.denominator if state.spec.step("denominate") else None
        sizes = frame.denominators[divided] if divided else np.ones(len(frame.units))
        return [
            (time_of(period), (values[:, self.position] / sizes)[state.active])
            for period, values in frame.panel.items()
        ]

    def group(self, name: str) -> NDArray[np.str_]:
        """The group of each active unit in a column of units.csv."""
        return np.array(self.state.frame.groups[name])[self.state.active]

    def call(self, values: Floats) -> Any:
        """Apply the method's function to some values of this column."""
        function = self.table[self.method.name].function
        return function(values, self, **self.method.parameters)

    def put(self, values: Floats) -> None:
        """Store new values for the active units; NaN leaves a cell empty."""
        self.finite(values[~np.isnan(values)])
        self.state.values[..., self.state.active, self.position] = values

    def finite(self, values: Floats) -> Floats:
        """The values, unless one of them became too large to be held as a number."""
        if not np.isfinite(values).all():
            raise self.error("a result too large to be held as a number", "smaller values")
        return values

    def error(self, wrong: str, expected: str) -> PackageError:
        """An error that names this indicator."""
        return PackageError.one(f'indicator "{self.indicator.id}"', wrong, expected)
