"""Data that vary: drawn between their bounds, and prepared many draws at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .frame import Floats, Frame
from .pipeline import applied, prepared
from .spec import Spec, Step
from .steps import STEPS, State


def drawn_data(frame: Frame, seed: int, draw: int, by_unit: bool = False) -> Floats:
    """Values drawn between their bounds; a value without bounds stays.

    Each by itself and uniformly; or ``by_unit``, where one cause stands behind all bounds of a unit: one draw moves all its
    values together, from the lower bounds (0) over the values themselves (½) to the upper bounds (1), so that half of the
    draws lie on either side of each value. Draws by themselves would average such a cause away.
    """
    low, high, values = frame.low, frame.high, frame.values
    if low is None or high is None:
        return values
    bounded = ~(np.isnan(low) | np.isnan(high))
    width = 1 if by_unit else values.shape[1]
    u = np.random.default_rng([seed, draw]).random((len(values), width))
    middle = (low + high) / 2
    if by_unit:
        middle = np.where(np.isnan(values), middle, values)
    below = low + 2 * u * (middle - low)
    above = middle + (2 * u - 1) * (high - middle)
    return np.where(bounded, np.where(u < 0.5, below, above), values)


def prepared_draws(spec: Spec, frame: Frame, drawn: Floats) -> Floats:
    """The values before aggregation of ``drawn[draws × units × indicators]``, of the same shape.

    The result is that of preparing each draw alone. Steps in which a unit's values depend on its own
    alone take the units of all draws at once, and normalising takes all draws at once; where
    imputing or treating compares units, or draws leave different units out, each is prepared alone.
    """
    *before, last = [step for step in spec.steps if STEPS[step.do].apply is not None]
    if _is_rowwise(spec, before):
        stacked = State.begin(spec, _repeated(frame, len(drawn)), drawn.reshape(-1, drawn.shape[2]))
        for step in before:
            applied(stacked, step)
        together = _in_draws(stacked, frame, len(drawn))
        if together is not None:
            applied(together, last)
            return together.values
    return np.stack([prepared(spec, frame, values).values for values in drawn])


def _is_rowwise(spec: Spec, steps: Sequence[Step]) -> bool:
    """Whether no step compares units, so that those of several draws can stand side by side."""
    return all(
        STEPS[step.do].methods[spec.method_of(indicator, step).name].rowwise
        for step in steps
        for indicator in spec.indicators
    )


def _in_draws(stacked: State, frame: Frame, draws: int) -> State | None:
    """The state with a draw on its first axis; None where draws miss different values or units."""
    shape = (draws, *frame.values.shape)
    active = stacked.active.reshape(draws, -1)
    missing = np.isnan(stacked.values).reshape(shape)
    if (active != active[0]).any() or (missing != missing[0]).any():
        return None
    return State(
        spec=stacked.spec,
        frame=frame,
        values=stacked.values.reshape(shape),
        imputed=stacked.imputed.reshape(shape),
        active=active[0],
    )


def _repeated(frame: Frame, times: int) -> Frame:
    """The units of the frame, over and over."""
    return replace(
        frame,
        units=frame.units * times,
        names=frame.names * times,
        values=np.empty((len(frame.units) * times, 0)),
        groups={name: group * times for name, group in frame.groups.items()},
        denominators={name: np.tile(size, times) for name, size in frame.denominators.items()},
        low=None,
        high=None,
        coverage=None if frame.coverage is None else np.tile(frame.coverage, (times, 1)),
    )
