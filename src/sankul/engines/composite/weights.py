"""The weights of children within their node: given, elicited from people, or read off the data.

Every method but ``given`` and ``equal`` works node by node, from the indicators upward. Where a node
has one weighted child, nothing needs weighing and its weight stays. ``nodes`` names the nodes
whose children are weighed; the others keep the given weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import elicited, statistical, tree
from .frame import Floats
from .means import AGGREGATORS
from .methods import Entry, MethodTable, Parameter
from .problems import PackageError
from .spec import Method, Node, Spec


@dataclass(frozen=True, slots=True)
class Weighing:
    """The weight of every node and indicator, relative to its siblings, and notes for the log."""

    weights: Mapping[str, float]
    notes: Mapping[str, Any] = field(default_factory=dict)


def weigh(spec: Spec, method: Method, values: Floats) -> Weighing:
    """Weights by that method; ``values`` are normalised, [units × indicators]."""
    weighing: Weighing = METHODS[method.name].function(spec, values, **method.parameters)
    return weighing


def needs_values(method: Method) -> bool:
    """Whether the weights depend on the data, so that they change when data vary."""
    return method.name in statistical.METHODS


def effective(spec: Spec, weights: Mapping[str, float]) -> dict[str, float]:
    """The share of the root's weight that each node and indicator carries (the root: 1)."""
    shares = {spec.root.id: 1.0}
    for node in reversed(spec.bottom_up):
        children = spec.children[node.id]
        total = sum(weights[child] for child in children)
        for child in children:
            shares[child] = shares[node.id] * weights[child] / total if total else 0.0
    return shares


def _given(spec: Spec, values: Floats) -> Weighing:
    return Weighing(spec.weights)


def _equal(spec: Spec, values: Floats) -> Weighing:
    return Weighing(dict.fromkeys(spec.weights, 1.0))


def _elicited(weigh_node: elicited.Weigher) -> Callable[..., Weighing]:
    def weigh_all(spec: Spec, values: Floats, *, nodes: tuple[str, ...]) -> Weighing:
        weights, notes = dict(spec.weights), {}
        for node in _chosen(spec, nodes):
            found, note = weigh_node(spec, node)
            weights |= dict(zip(spec.children[node.id], found, strict=True))
            notes[node.id] = note
        return Weighing(weights, notes)

    return weigh_all


def _statistical(weigh_node: statistical.Weigher) -> Callable[..., Weighing]:
    def weigh_all(spec: Spec, values: Floats, *, nodes: tuple[str, ...]) -> Weighing:
        weights, notes = dict(spec.weights), {}
        step = next(step for step in spec.steps if step.do == "aggregate")
        everything = np.full((len(values), len(spec.ids)), np.nan)
        everything[:, : values.shape[1]] = values
        chosen = {node.id for node in _chosen(spec, nodes)}
        for branch in tree.branches(spec, step.method):
            x = everything[:, branch.children]
            used = [k for k, name in enumerate(branch.names) if spec.weights[name] > 0]
            if branch.node.id in chosen and len(used) > 1:
                complete = _complete(x[:, used], branch.node)
                names = [branch.names[k] for k in used]
                found, note = weigh_node(_children(spec, branch, names, complete))
                weights |= dict(zip(names, found, strict=True))
                notes[branch.node.id] = {"units": len(complete), **note}
            given = np.array([weights[name] for name in branch.names])
            everything[:, branch.position] = tree.score(branch, x, given)[0]
        return Weighing(weights, notes)

    return weigh_all


def _children(spec: Spec, branch: tree.Branch, names: list[str], x: Floats) -> statistical.Children:
    mean = AGGREGATORS[branch.method.name].mean
    by_id = {element.id: element for element in spec.elements}
    return statistical.Children(
        node=branch.node.id,
        names=tuple(names),
        x=x,
        importances=tuple(by_id[name].importance for name in names),
        mean=lambda w: mean(x, w, **branch.method.parameters),
    )


def _complete(x: Floats, node: Node) -> Floats:
    rows = x[~np.isnan(x).any(axis=1)]
    if len(rows) < 3:
        raise PackageError.one(
            f'node "{node.id}"',
            f"{len(rows)} units have a value for every child, too few to read weights off the data",
            "three units or more, imputed values, or another method of weights",
        )
    return rows


def _chosen(spec: Spec, nodes: tuple[str, ...]) -> list[Node]:
    known = {node.id for node in spec.nodes}
    for name in nodes:
        if name not in known:
            raise PackageError.one("step weights nodes", f'no node "{name}"', ", ".join(known))
    chosen = [node for node in spec.nodes if not nodes or node.id in nodes]
    return [node for node in chosen if len(spec.children[node.id]) > 1]


_NODES = {"nodes": Parameter("texts", ())}

METHODS: MethodTable = {
    "given": Entry(_given),
    "equal": Entry(_equal),
    **{name: Entry(_elicited(by), _NODES) for name, by in elicited.METHODS.items()},
    **{name: Entry(_statistical(by), _NODES) for name, by in statistical.METHODS.items()},
}

GIVEN = Method("given")
