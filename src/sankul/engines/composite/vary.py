"""What may change between draws: the variations a framework declares, and how they are drawn.

Every draw is a point of the unit cube, one coordinate for each varied number or choice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from . import weights
from .frame import Floats
from .methods import Parameter
from .spec import Method, Spec, Vary
from .steps import STEPS

VARIATIONS: Final[Mapping[str, Mapping[str, Parameter]]] = {
    "weights": {
        "how": Parameter("text", "noise"),
        "amount": Parameter("number", 0.25, 0, 1),
        "concentration": Parameter("number", 50.0, 1e-3),
        "nodes": Parameter("texts", ()),
    },
    "choice": {"step": Parameter("text")},
    "parameter": {
        "step": Parameter("text"),
        "parameter": Parameter("text"),
        "low": Parameter("number"),
        "high": Parameter("number"),
    },
    "data": {"by": Parameter("text", "value")},
    "indicator": {"indicators": Parameter("texts", ())},
}

TOGETHER: Final = ("value", "unit")
"""Whether every value is drawn by itself, or all values of a unit go up and down together."""

DEFAULT: Final = Vary(
    "weights", {"how": "noise", "amount": 0.25, "concentration": 50.0, "nodes": ()}
)


def declared(spec: Spec) -> tuple[Vary, ...]:
    """The framework's variations; where it declares none, every weight by ±25 %."""
    return spec.vary or (DEFAULT,)


@dataclass(frozen=True, slots=True)
class Setting:
    """The methods and parameters of one draw, apart from weights and data."""

    chosen: tuple[tuple[str, Method], ...]
    tuned: tuple[tuple[str, str, float], ...]

    def of(self, spec: Spec) -> Spec:
        """The specification with these methods and parameters in its steps."""
        methods = dict(self.chosen)
        steps = [replace(step, method=methods.get(step.do, step.method)) for step in spec.steps]
        for do, name, value in self.tuned:
            steps = [
                replace(step, method=_tuned(step.method, name, value)) if step.do == do else step
                for step in steps
            ]
        return replace(spec, steps=tuple(steps))


def _tuned(method: Method, name: str, value: float) -> Method:
    return Method(method.name, {**method.parameters, name: value})


@dataclass(frozen=True, slots=True, eq=False)
class Sibling:
    """A node whose children's weights vary: their positions and the node's variation."""

    positions: NDArray[np.intp]
    vary: Vary


class Plan:
    """How to turn points of the unit cube into settings and weights."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.variations = declared(spec)
        place = {id_: k for k, id_ in enumerate(spec.ids)}
        self.siblings = [
            Sibling(np.array([place[child] for child in spec.children[node.id]]), vary)
            for vary in self._of("weights")
            for node in spec.nodes
            if node.id in (vary.parameters["nodes"] or [n.id for n in spec.nodes])
        ]
        self.choices = self._of("choice")
        self.ranges = self._of("parameter")
        self.dropped = [
            np.array([place[i] for i in vary.parameters["indicators"] or _ids(spec)])
            for vary in self._of("indicator")
        ]
        self.varies_data = bool(self._of("data"))
        self.by_unit = any(vary.parameters["by"] == "unit" for vary in self._of("data"))

    def _of(self, what: str) -> list[Vary]:
        return [vary for vary in self.variations if vary.what == what]

    @property
    def dimensions(self) -> int:
        """How many coordinates a draw needs."""
        discrete = len(self.choices) + len(self.ranges) + len(self.dropped)
        return max(discrete + sum(len(sibling.positions) for sibling in self.siblings), 1)

    def factors(self) -> dict[str, list[int]]:
        """The coordinates of every declared variation, by a name; none for data."""
        columns: dict[int, list[int]] = {id(vary): [] for vary in self.variations}
        order = [*self.choices, *self.ranges, *self._of("indicator")]
        for column, vary in enumerate(order):
            columns[id(vary)].append(column)
        start = len(order)
        for sibling in self.siblings:
            width = len(sibling.positions)
            columns[id(sibling.vary)] += range(start, start + width)
            start += width
        named: dict[str, list[int]] = {}
        for vary in self.variations:
            parts = (vary.what, vary.parameters.get("step"), vary.parameters.get("parameter"))
            name = " ".join(str(part) for part in parts if part)
            same = sum(other.split(" #")[0] == name for other in named)
            named[f"{name} #{same + 1}" if same else name] = columns[id(vary)]
        return named

    def settings(self, points: Floats) -> Iterator[tuple[Setting, NDArray[np.intp]]]:
        """Every setting among the draws, with the rows of the draws that have it."""
        taken = len(self.choices)
        columns = [
            _index(points[:, k], len(vary.parameters["options"])).astype(np.float64)
            for k, vary in enumerate(self.choices)
        ] + [self._between(vary, points[:, taken + k]) for k, vary in enumerate(self.ranges)]
        if not columns:
            yield Setting((), ()), np.arange(len(points))
            return
        rows, inverse = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
        order = np.argsort(inverse, kind="stable")
        members = np.split(order, np.cumsum(np.bincount(inverse))[:-1])
        for row, draws in zip(rows, members, strict=True):
            yield self._setting(row), draws

    def _setting(self, row: Floats) -> Setting:
        """The setting of an option's number for each choice, then a value for each range."""
        chosen = zip(self.choices, row, strict=False)
        tuned = zip(self.ranges, row[len(self.choices) :], strict=True)
        return Setting(
            tuple((v.parameters["step"], v.parameters["options"][int(k)]) for v, k in chosen),
            tuple((v.parameters["step"], v.parameters["parameter"], float(x)) for v, x in tuned),
        )

    def grid(self, most: int) -> Floats | None:
        """One point of the unit cube for every combination, all equally likely.

        None where weights, data or a fraction vary, or there are more combinations than ``most``.
        """
        counts = [len(vary.parameters["options"]) for vary in self.choices]
        counts += [self._whole_numbers(vary) for vary in self.ranges]
        counts += [len(positions) + 1 for positions in self.dropped]
        if self.siblings or self.varies_data or 0 in counts or math.prod(counts) > most:
            return None
        axes = [(np.arange(count) + 0.5) / count for count in counts]
        return np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)

    def _whole_numbers(self, vary: Vary) -> int:
        """How many values a parameter takes; 0 where it varies continuously."""
        if not self._is_whole(vary):
            return 0
        return int(vary.parameters["high"] - vary.parameters["low"]) + 1

    def _between(self, vary: Vary, u: Floats) -> Floats:
        low, high = vary.parameters["low"], vary.parameters["high"]
        if self._is_whole(vary):
            return np.asarray(np.minimum(np.floor(low + u * (high - low + 1)), high))
        return np.asarray(low + u * (high - low))

    def _is_whole(self, vary: Vary) -> bool:
        step = self.spec.step(vary.parameters["step"])
        if step is None:
            return False
        parameters = STEPS[step.do].methods[step.method.name].parameters
        return parameters[vary.parameters["parameter"]].kind == "whole"

    def weights(self, points: Floats, base: Floats) -> Floats:
        """The weights [draws × elements] of every draw; elements are indicators, then nodes.

        ``base`` holds the weights before they are varied, [elements] or [draws × elements].
        """
        drawn = np.broadcast_to(base, (len(points), base.shape[-1])).copy()
        start = len(self.choices) + len(self.ranges)
        for positions in self.dropped:
            out = _index(points[:, start], len(positions) + 1) - 1
            rows = np.flatnonzero(out >= 0)
            drawn[rows, positions[out[rows]]] = 0.0
            start += 1
        for sibling in self.siblings:
            width = len(sibling.positions)
            u = np.clip(points[:, start : start + width], 1e-12, 1 - 1e-12)
            given = drawn[:, sibling.positions]
            how = str(sibling.vary.parameters["how"])
            drawn[:, sibling.positions] = SPREADS[how](given, u, **_spread(sibling.vary))
            start += width
        return drawn


def _ids(spec: Spec) -> list[str]:
    return [indicator.id for indicator in spec.indicators]


def _index(u: Floats, count: int) -> NDArray[np.intp]:
    return np.minimum((u * count).astype(np.intp), count - 1)


def _spread(vary: Vary) -> dict[str, float]:
    return {key: vary.parameters[key] for key in ("amount", "concentration")}


def _noise(w: Floats, u: Floats, *, amount: float, concentration: float) -> Floats:
    """Every weight times 1 ± amount, uniformly."""
    return w * (1 + amount * (2 * u - 1))


def _dirichlet(w: Floats, u: Floats, *, amount: float, concentration: float) -> Floats:
    """Dirichlet around the given weights; the concentration is the sum of its parameters."""
    from scipy.special import gammaincinv  # noqa: PLC0415 (slow to import)

    share = w / np.maximum(w.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    drawn = gammaincinv(np.maximum(share * concentration, 1e-9), u)
    return np.where(w > 0, np.maximum(drawn, 1e-300), 0.0)


def _simplex(w: Floats, u: Floats, *, amount: float, concentration: float) -> Floats:
    """Uniform over all weights that sum to one; a weight of zero stays zero."""
    return np.where(w > 0, -np.log(u), 0.0)


SPREADS: Final[Mapping[str, Callable[..., Floats]]] = {
    "noise": _noise,
    "dirichlet": _dirichlet,
    "simplex": _simplex,
}


def base_weights(spec: Spec, values: Floats) -> Floats:
    """The weights [… × elements] of a specification before they are varied.

    ``values`` are normalised, [… × units × indicators]; weights that depend on data are read off
    every draw's own.
    """
    step = spec.step("weights")
    if step is None:
        return np.array([spec.weights[id_] for id_ in spec.ids])
    if values.ndim == 3 and weights.needs_values(step.method):
        return np.stack([base_weights(spec, own) for own in values])
    own = values if values.ndim == 2 else values[0]
    found = weights.weigh(spec, step.method, own).weights
    return np.array([found[id_] for id_ in spec.ids])


def described(variations: tuple[Vary, ...]) -> list[dict[str, Any]]:
    """The variations as plain values, for the log."""
    return [{"what": vary.what} | dict(_plain(vary)) for vary in variations]


def _plain(vary: Vary) -> Iterator[tuple[str, Any]]:
    for key, value in vary.parameters.items():
        if key == "options":
            yield key, [{"method": option.name, **option.parameters} for option in value]
        else:
            yield key, list(value) if isinstance(value, tuple) else value
