"""Weights that people gave: points to allocate, and comparisons in pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any, Final

import numpy as np

from .frame import Floats
from .problems import PackageError
from .spec import Node, Spec

Weigher = Callable[[Spec, Node], tuple[list[float], dict[str, Any]]]

# Mean consistency index of random reciprocal matrices of order 1 to 15, scale 1 to 9.
# Saaty, The Analytic Hierarchy Process (1980), p. 21; from 11 on, Saaty (2000).
RANDOM_INDEX: Final = (
    *(0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49),
    *(1.51, 1.48, 1.56, 1.57, 1.59),
)
ACCEPTED_RATIO: Final = 0.1


def budget_allocation(spec: Spec, node: Node) -> tuple[list[float], dict[str, Any]]:
    """The mean share of each expert's points that a child received.

    Each child's ``budget`` lists the points of every expert in the same order. OECD/JRC, Handbook
    on Constructing Composite Indicators (2008), 6.2.3 (budget allocation).
    """
    by_id = {element.id: element for element in spec.elements}
    budgets = [by_id[child].budget for child in spec.children[node.id]]
    place = f'node "{node.id}"'
    if not budgets[0] or len({len(budget) for budget in budgets}) != 1:
        found = ", ".join(str(len(budget)) for budget in budgets)
        wrong = f"its children have the points of {found} experts"
        raise PackageError.one(place, wrong, "a budget by the same experts for every child")
    points = np.array(budgets)
    totals = points.sum(axis=0)
    if (points < 0).any() or (totals <= 0).any():
        wrong = "an expert's points are negative or all zero"
        raise PackageError.one(place, wrong, "points of zero or more, one above zero")
    shares = points / totals
    spread = [float(v) for v in shares.max(axis=1) - shares.min(axis=1)]
    children = spec.children[node.id]
    note = {"experts": len(totals), "spread": dict(zip(children, spread, strict=True))}
    return [float(share) for share in shares.mean(axis=1)], note


def ahp(spec: Spec, node: Node) -> tuple[list[float], dict[str, Any]]:
    """Analytic hierarchy process: the principal eigenvector of the comparisons in pairs.

    The node's ``comparisons`` hold, once for each pair of children, how many times as important
    the first is as the second. The consistency ratio is (λ − k)/(k − 1) over Saaty's random
    index; at most 0.1 is usually accepted. Saaty, The Analytic Hierarchy Process (1980).

    >>> weights, ratio = principal(np.array([[1, 2, 4], [1/2, 1, 2], [1/4, 1/2, 1]]))
    >>> [round(7 * w, 9) for w in weights.tolist()], abs(round(ratio, 9))
    ([4.0, 2.0, 1.0], 0.0)
    """
    children = spec.children[node.id]
    given = _pairs(node, children)
    matrix = np.ones((len(children), len(children)))
    for i, j in combinations(range(len(children)), 2):
        matrix[i, j] = given[children[i], children[j]]
        matrix[j, i] = 1 / matrix[i, j]
    weights, ratio = principal(matrix)
    note = {"consistency_ratio": ratio, "consistent": ratio <= ACCEPTED_RATIO}
    return weights.tolist(), note


def principal(matrix: Floats) -> tuple[Floats, float]:
    """The principal eigenvector, summing to 1, and the consistency ratio of a reciprocal matrix."""
    k = len(matrix)
    values, vectors = np.linalg.eig(matrix)
    largest = int(values.real.argmax())
    weights = np.abs(vectors[:, largest].real)
    index = (float(values[largest].real) - k) / max(k - 1, 1)
    random = RANDOM_INDEX[min(k, len(RANDOM_INDEX)) - 1]
    return np.asarray(weights / weights.sum()), max(index / random, 0.0) if random else 0.0


def _pairs(node: Node, children: tuple[str, ...]) -> Mapping[tuple[str, str], float]:
    place = f'node "{node.id}" comparisons'
    given: dict[tuple[str, str], float] = {}
    for one, other, times in node.comparisons:
        for name in (one, other):
            if name not in children:
                raise PackageError.one(place, f'"{name}" is no child', ", ".join(children))
        if (one, other) in given or one == other:
            raise PackageError.one(place, f"{one} and {other} compared twice", "each pair once")
        given[one, other], given[other, one] = times, 1 / times
    for pair in combinations(children, 2):
        if pair not in given:
            wrong = f"{pair[0]} and {pair[1]} are not compared"
            raise PackageError.one(place, wrong, "every pair of children once")
    return given


METHODS: dict[str, Weigher] = {"budget_allocation": budget_allocation, "ahp": ahp}
