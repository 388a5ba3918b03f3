"""Running the steps of a specification on a frame."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from . import tree, weights
from .fragile import fragile
from .frame import Floats, Frame, Table, frozen
from .ranking import descending_ranks
from .result import Result
from .spec import Spec, Step
from .steps import STEPS, State
from .steps.screen import coverage_of

KEPT_STATES = 64  # states that a preparation keeps


def run(spec: Spec, frame: Frame) -> Result:
    """Evaluate the frame: apply every step, score and rank every node.

    Raises PackageError, naming the indicator or node, where a step cannot be applied to the data.
    """
    state = State.begin(spec, frame)
    observed = coverage_of(state, count_imputed=False)
    log: list[dict[str, Any]] = [{"do": "engine", "versions": versions()}]
    stages: dict[str, Table] = {}
    weighting = spec.weights
    for number, step in enumerate(spec.steps, start=1):
        done = applied(state, step)
        if step.do == "weights":
            weighing = weights.weigh(spec, step.method, state.values)
            weighting = weighing.weights
            done = {"weights": dict(weighting)} | (
                {"notes": dict(weighing.notes)} if weighing.notes else {}
            )
        log.append(_entry(number, step, done))
        stages[step.do] = Table(frame.units, frame.indicators, frozen(state.values.copy()))
    return _result(state, weighting, stages, log, observed)


def prepared(spec: Spec, frame: Frame, values: Floats | None = None) -> State:
    """The state before aggregation: every step up to normalise applied."""
    state = State.begin(spec, frame, values)
    for step in spec.steps:
        applied(state, step)
    return state


class Preparation:
    """The data before aggregation of many specifications of one frame.

    Specifications that begin with the same steps share what those steps made.
    """

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._made: dict[tuple[Step, ...], State] = {}

    def of(self, spec: Spec) -> Floats:
        """The values [units × indicators] before aggregation."""
        steps = tuple(step for step in spec.steps if STEPS[step.do].apply is not None)
        return self._after(spec, steps).values

    def _after(self, spec: Spec, steps: tuple[Step, ...]) -> State:
        if not steps:
            return State.begin(spec, self.frame)
        state = self._made.pop(steps, None)
        if state is None:
            state = self._after(spec, steps[:-1]).copy(spec)
            applied(state, steps[-1])
        self._made[steps] = state  # at the end: what was used last stays longest
        while len(self._made) > KEPT_STATES:
            self._made.pop(next(iter(self._made)))
        return state


def applied(state: State, step: Step) -> dict[str, Any]:
    """Apply a step; what overflows is caught by name where the step stores its result."""
    apply = STEPS[step.do].apply
    if apply is None:
        return {}
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return apply(state, step)


def versions() -> dict[str, str]:
    """The versions of what computed: of Sankul, Python and NumPy."""
    try:
        own = version("sankul")
    except PackageNotFoundError:
        own = "unknown"
    return {"sankul": own, "python": platform.python_version(), "numpy": np.__version__}


def _entry(number: int, step: Step, done: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "step": number,
        "do": step.do,
        "method": step.method.name,
        "parameters": {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in step.method.parameters.items()
        },
        "done": dict(done),
    }


def _result(
    state: State,
    weighting: Mapping[str, float],
    stages: dict[str, Table],
    log: list[dict[str, Any]],
    observed: Floats,
) -> Result:
    spec, frame = state.spec, state.frame
    step = next(step for step in spec.steps if step.do == "aggregate")
    scored = tree.aggregate(spec, step.method, state.values, weighting, frame.units)
    nodes = tuple(node.id for node in spec.nodes)
    both = np.hstack([state.values, scored.scores])
    stages["aggregate"] = Table(frame.units, frame.indicators + nodes, frozen(both))
    ranks = descending_ranks(scored.scores.T).T.astype(np.float64)
    ranks[ranks == 0] = np.nan
    coverage = {unit: float(c) for unit, c in zip(frame.units, observed, strict=True)}
    return Result(
        scores=Table(frame.units, nodes, frozen(scored.scores)),
        ranks=Table(frame.units, nodes, frozen(ranks)),
        stages=stages,
        contributions={
            node: Table(frame.units, frame.indicators, frozen(scored.contributions[k]))
            for k, node in enumerate(nodes)
        },
        effective_weights=weights.effective(spec, weighting),
        coverage=coverage,
        not_ranked=_not_ranked(state, scored.scores[:, nodes.index(spec.root.id)], coverage),
        log=tuple(log),
        root=spec.root.id,
        outranking={
            node: Table(frame.units, frame.units, frozen(matrix))
            for node, matrix in scored.outranking.items()
        },
        warnings=fragile(spec, int(state.active.sum())),
    )


def _not_ranked(
    state: State, scores: Floats, coverage: Mapping[str, float]
) -> dict[str, dict[str, Any]]:
    unscored = {
        "reason": f"evidence missing: too few values for a score at {state.spec.root.id}",
    }
    return {
        unit: dict(state.reasons.get(unit, unscored | {"coverage": coverage[unit]}))
        for unit, value in zip(state.frame.units, scores, strict=True)
        if np.isnan(value)
    }
