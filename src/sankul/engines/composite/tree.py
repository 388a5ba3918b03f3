"""Aggregating normalised indicators up the tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from . import copeland
from .frame import Floats
from .means import AGGREGATORS, rescaled
from .problems import PackageError
from .spec import Method, Node, Spec


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """A node with the positions of its children among indicators (0 …) and nodes (after them)."""

    node: Node
    position: int
    children: tuple[int, ...]
    names: tuple[str, ...]
    method: Method


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """``scores`` [units × nodes] and ``contributions`` [nodes × units × indicators].

    ``outranking`` holds, for nodes under Copeland's rule, the matrix [units × units].
    """

    scores: Floats
    contributions: Floats
    outranking: dict[str, Floats]


def branches(spec: Spec, method: Method) -> tuple[Branch, ...]:
    """The nodes, every one after its children, with the method that aggregates each."""
    place = {id_: position for position, id_ in enumerate(spec.ids)}
    return tuple(
        Branch(
            node=node,
            position=place[node.id],
            children=tuple(place[child] for child in spec.children[node.id]),
            names=spec.children[node.id],
            method=node.aggregate or method,
        )
        for node in spec.bottom_up
    )


def score(
    branch: Branch, x: Floats, weights: Floats, units: tuple[str, ...] = ()
) -> tuple[Floats, Floats, Floats]:
    """The node's scores from its children's values ``x[… × children]``, NaN where it has none.

    Also returns the values with absent children as 0, and the rescaled weights.
    """
    there = ~np.isnan(x)
    filled = np.where(there, x, 0.0)
    aggregator = AGGREGATORS[branch.method.name]
    if aggregator.positive and (filled < 0).any():
        raise _below_zero(branch, filled, units)
    w, total = rescaled(weights, there)
    known = total > 0
    if branch.node.threshold > 0:
        weighted = weights > 0
        share = (there & weighted).sum(axis=-1) / np.maximum(weighted.sum(axis=-1), 1)
        known &= share >= branch.node.threshold - 1e-12
    if aggregator.pairwise:
        scores = copeland.scores(x, weights[..., 0, :] if weights.ndim > 1 else weights)
        return np.where(known, scores, np.nan), filled, w
    with np.errstate(over="ignore", invalid="ignore"):
        scores = aggregator.mean(filled, w, **branch.method.parameters)
    return np.where(known, scores, np.nan), filled, w


def _below_zero(branch: Branch, x: Floats, units: tuple[str, ...]) -> PackageError:
    place = np.argwhere(x < 0)[0]
    unit = f' of unit "{units[place[-2]]}"' if units else ""
    return PackageError.one(
        f'node "{branch.node.id}"',
        f'the {branch.method.name} mean meets a value below zero: "{branch.names[place[-1]]}"{unit}',
        "values of zero or more (normalise to a scale that starts at zero or above)",
    )


def aggregate(
    spec: Spec,
    method: Method,
    values: Floats,
    weights: Mapping[str, float],
    units: tuple[str, ...],
) -> Scored:
    """Scores [units × nodes] of normalised ``values[units × indicators]``.

    A missing child drops out and its siblings' weights are rescaled. A node whose share of
    weighted children with a value is below its threshold has no score.
    """
    n, m = values.shape
    everything = np.full((n, m + len(spec.nodes)), np.nan)
    everything[:, :m] = values
    parts: dict[int, Floats] = {}
    outranking: dict[str, Floats] = {}
    for branch in branches(spec, method):
        x = everything[:, branch.children]
        given = np.array([weights[name] for name in branch.names])
        scores, filled, w = score(branch, x, given, units)
        _refuse_infinite(branch, scores)
        everything[:, branch.position] = scores
        if AGGREGATORS[branch.method.name].pairwise:
            outranking[branch.node.id] = copeland.outranking(x, given)
            shares = copeland.contributions(x, given)
            parts[branch.position] = _shared_out(branch, shares, filled, parts, m)
        else:
            slopes = AGGREGATORS[branch.method.name].slopes(filled, w, **branch.method.parameters)
            parts[branch.position] = _traced(branch, slopes, filled, parts, m)
        parts[branch.position][np.isnan(scores)] = np.nan
    contributions = np.stack([parts[m + k] for k in range(len(spec.nodes))])
    return Scored(everything[:, m:], contributions, outranking)


def _refuse_infinite(branch: Branch, scores: Floats) -> None:
    if np.isinf(scores).any():
        raise PackageError.one(
            f'node "{branch.node.id}"', "a score too large to be held as a number", "smaller values"
        )


def _traced(
    branch: Branch,
    slopes: Floats,
    filled: Floats,
    parts: dict[int, Floats],
    m: int,
) -> Floats:
    """Contributions [units × indicators] to this node, through its child nodes' by the chain rule."""
    traced = np.zeros((len(filled), m))
    for k, child in enumerate(branch.children):
        if child < m:
            traced[:, child] += slopes[:, k] * filled[:, k]
        else:
            traced += slopes[:, k, None] * np.nan_to_num(parts[child])
    return traced


def _shared_out(
    branch: Branch,
    shares: Floats,
    filled: Floats,
    parts: dict[int, Floats],
    m: int,
) -> Floats:
    """Contributions [units × indicators] where each child adds ``shares[units × children]``.

    A child node's share goes to its indicators in proportion to what they gave it, or evenly
    where its score is zero.
    """
    traced = np.zeros((len(filled), m))
    for k, child in enumerate(branch.children):
        if child < m:
            traced[:, child] += shares[:, k]
            continue
        below = np.nan_to_num(parts[child])
        used = np.isfinite(parts[child]).any(axis=0) & (below != 0).any(axis=0)
        even = np.broadcast_to(used / max(used.sum(), 1), below.shape)
        score = filled[:, k, None]
        traced += shares[:, k, None] * np.divide(below, score, out=even.copy(), where=score != 0)
    return traced
