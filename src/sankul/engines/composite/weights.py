"""The weights of children within their node."""

from __future__ import annotations

from collections.abc import Mapping

from .methods import Entry, MethodTable
from .spec import Method, Spec


def weigh(spec: Spec, method: Method) -> Mapping[str, float]:
    """The weight of every node and indicator, relative to its siblings."""
    weights: Mapping[str, float] = METHODS[method.name].function(spec, **method.parameters)
    return weights


def effective(spec: Spec, weights: Mapping[str, float]) -> dict[str, float]:
    """The share of the root's weight that each node and indicator carries (the root: 1)."""
    shares = {spec.root.id: 1.0}
    for node in reversed(spec.bottom_up):
        children = spec.children[node.id]
        total = sum(weights[child] for child in children)
        for child in children:
            shares[child] = shares[node.id] * weights[child] / total
    return shares


def _given(spec: Spec) -> Mapping[str, float]:
    return spec.weights


def _equal(spec: Spec) -> Mapping[str, float]:
    return dict.fromkeys(spec.weights, 1.0)


METHODS: MethodTable = {"given": Entry(_given), "equal": Entry(_equal)}

GIVEN = Method("given")
