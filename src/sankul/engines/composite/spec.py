"""The specification of a composite index: its tree, its indicators and its ordered steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True, slots=True)
class Method:
    """A named method with all its parameters, defaults filled in."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.name)


@dataclass(frozen=True, slots=True)
class Node:
    """A point of the tree above the indicators. ``weight`` is relative to its siblings.

    ``aggregate`` overrides the method of the aggregate step here. ``threshold`` is the smallest
    share (0 to 1) of weighted children that must have a value, or the node has none. ``budget``
    lists the points that each expert gave it among its siblings, ``importance`` is the one declared
    for it. ``comparisons`` are (child, other child, how many times as important).
    """

    id: str
    title: str
    parent: str | None
    weight: float
    aggregate: Method | None = None
    threshold: float = 0.0
    description: str = ""
    budget: tuple[float, ...] = ()
    importance: float | None = None
    comparisons: tuple[tuple[str, str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Indicator:
    """A leaf of the tree. ``direction`` is 1 when more is better, -1 when less is better.

    ``goalposts`` are (low, high) in the raw unit; ``target`` is in the raw unit; ``reference`` is
    a unit's id; ``categories`` are (lower bound in the raw unit, score) in ascending order.
    ``overrides`` holds the methods of impute, treat and normalise that differ from the step's.
    """

    id: str
    title: str
    parent: str
    weight: float
    direction: int
    unit: str = ""
    denominator: str | None = None
    goalposts: tuple[float, float] | None = None
    target: float | None = None
    reference: str | None = None
    categories: tuple[tuple[float, float], ...] = ()
    overrides: Mapping[str, Method] = field(default_factory=dict)
    definition: str = ""
    kind: str = ""
    source: str = ""
    measure: str = ""
    statistic: str = ""
    budget: tuple[float, ...] = ()
    importance: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the evaluation: ``do`` names it, ``method`` says how."""

    do: str
    method: Method


@dataclass(frozen=True, slots=True)
class Vary:
    """One assumption that may change: ``what`` kind it is, and its parameters."""

    what: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Spec:
    """A whole framework. Nodes and indicators keep the order in which they were declared.

    ``threshold`` is the score at the root on which a decision hangs.
    """

    id: str
    title: str
    version: str
    nodes: tuple[Node, ...]
    indicators: tuple[Indicator, ...]
    steps: tuple[Step, ...]
    vary: tuple[Vary, ...] = ()
    description: str = ""
    programme: str = ""
    statement: str = ""
    threshold: float | None = None

    @cached_property
    def elements(self) -> tuple[Node | Indicator, ...]:
        """All nodes, then all indicators."""
        return (*self.nodes, *self.indicators)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of all indicators, then of all nodes: the columns of an aggregated table."""
        return tuple(item.id for item in self.indicators) + tuple(item.id for item in self.nodes)

    @cached_property
    def root(self) -> Node:
        """The one node without a parent."""
        return next(node for node in self.nodes if node.parent is None)

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """The ids directly below each node: child nodes first, then indicators."""
        below: dict[str, list[str]] = {node.id: [] for node in self.nodes}
        for element in self.elements:
            if element.parent is not None:
                below[element.parent].append(element.id)
        return {id_: tuple(ids) for id_, ids in below.items()}

    @cached_property
    def bottom_up(self) -> tuple[Node, ...]:
        """The nodes in an order in which every node stands after its children."""
        by_id = {node.id: node for node in self.nodes}
        order: list[Node] = []
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            order.append(node)
            waiting += [by_id[child] for child in self.children[node.id] if child in by_id]
        return tuple(reversed(order))

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """The declared weight of every node and indicator, relative to its siblings."""
        return {element.id: element.weight for element in self.elements}

    def step(self, do: str) -> Step | None:
        """The step that does this, or None."""
        return next((step for step in self.steps if step.do == do), None)

    def method_of(self, indicator: Indicator, step: Step) -> Method:
        """The method that a step applies to this indicator: its own, or the step's."""
        return indicator.overrides.get(step.do, step.method)
