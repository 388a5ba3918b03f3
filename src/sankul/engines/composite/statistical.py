"""Weights read off the data of one node's children.

All take the children's normalised values ``x[units × children]`` without gaps. They say how the
data are spread, not what matters; with few units they are fragile, and the log says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np

from .frame import Floats
from .problems import PackageError

FEWEST_UNITS: Final = 3  # units a child below which a note warns (Handbook, 6.1: rule of thumb)


@dataclass(frozen=True, slots=True, eq=False)
class Children:
    """A node's weighted children: names, values, declared importances, and the node's mean."""

    node: str
    names: tuple[str, ...]
    x: Floats
    importances: tuple[float | None, ...]
    mean: Callable[[Floats], Floats]


Weigher = Callable[[Children], tuple[list[float], dict[str, Any]]]


def entropy(children: Children) -> tuple[list[float], dict[str, Any]]:
    """Shannon entropy: a child whose values differ more between units weighs more.

    pᵢ = xᵢ/Σx, e = −Σ pᵢ ln pᵢ / ln n, weight in proportion to 1 − e. Hwang and Yoon, Multiple
    Attribute Decision Making (1981), 3.3.
    """
    x = children.x
    if (x < 0).any() or (x.sum(axis=0) <= 0).any():
        raise _refused(children, "entropy needs values of zero or more, not all zero")
    p = x / x.sum(axis=0)
    terms = np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0)
    entropies = -terms.sum(axis=0) / np.log(len(x))
    return _shares(children, 1 - entropies), _note(children)


def critic(children: Children) -> tuple[list[float], dict[str, Any]]:
    """CRITIC: spread times conflict with the other children.

    C = σ Σₖ (1 − rₖ) on values scaled to 0 to 1 by their extremes. Diakoulaki, Mavrotas and
    Papayannakis, Computers & Operations Research 22 (1995) 763.
    """
    x = children.x
    spread = x.max(axis=0) - x.min(axis=0)
    _refuse_constant(children, spread)
    scaled = (x - x.min(axis=0)) / spread
    conflict = (1 - np.corrcoef(scaled, rowvar=False)).sum(axis=0)
    return _shares(children, scaled.std(axis=0, ddof=1) * conflict), _note(children)


def pca(children: Children) -> tuple[list[float], dict[str, Any]]:
    """Principal components: squared rotated loadings, by the variance each factor explains.

    Components of the correlation matrix with an eigenvalue of 1 or more (the first at least) are
    rotated by varimax. A child counts with its largest squared loading, scaled by that factor's
    sum of squares and weighed by the factor's share of what all retained factors explain.
    OECD/JRC, Handbook on Constructing Composite Indicators (2008), 6.1.1 (Nicoletti et al. 2000).
    """
    _refuse_constant(children, np.ptp(children.x, axis=0))
    values, vectors = np.linalg.eigh(np.corrcoef(children.x, rowvar=False))
    order = np.argsort(-values)
    kept = [k for place, k in enumerate(order) if place == 0 or values[k] >= 1 - 1e-9]
    loadings = varimax(vectors[:, kept] * np.sqrt(values[kept]))
    raw = loading_weights(loadings)
    share = float((loadings**2).sum() / len(values))
    note = {"factors": len(kept), "variance_explained": share}
    return _shares(children, raw), _note(children) | note


def loading_weights(loadings: Floats) -> Floats:
    """What each child weighs, from rotated loadings [children × factors]; not scaled to sum to 1.

    Its largest squared loading, as a share of that factor's sum of squares, times the factor's share
    of what all factors explain.
    """
    squared = loadings**2
    explained = squared.sum(axis=0)
    factor = squared.argmax(axis=1)
    within = squared[np.arange(len(factor)), factor] / explained[factor]
    return np.asarray(within * explained[factor] / explained.sum())


def varimax(loadings: Floats, rounds: int = 100) -> Floats:
    """Loadings [children × factors] rotated so that each child loads on few factors.

    Pairs of factors are turned by the angle in closed form until none turns any more. Kaiser,
    Psychometrika 23 (1958) 187.
    """
    turned = loadings.copy()
    for _ in range(rounds):
        widest = 0.0
        for pair in combinations(range(turned.shape[1]), 2):
            x, y = turned[:, pair].T
            u, v = x**2 - y**2, 2 * x * y
            across = 2 * (u * v).sum() - 2 * u.sum() * v.sum() / len(x)
            along = (u**2 - v**2).sum() - (u.sum() ** 2 - v.sum() ** 2) / len(x)
            angle = float(np.arctan2(across, along)) / 4
            if np.hypot(across, along) <= 1e-12:  # any angle is as good
                continue
            cos, sin = np.cos(angle), np.sin(angle)
            turned[:, pair] = np.column_stack([cos * x + sin * y, cos * y - sin * x])
            widest = max(widest, abs(angle))
        if widest < 1e-12:
            break
    return turned


def benefit_of_the_doubt(x: Floats) -> tuple[Floats, Floats]:
    """Each unit judged by the weights that favour it most: scores [units] and weights.

    Unit i gets max Σⱼ wⱼ xᵢⱼ over w ≥ 0 with Σⱼ wⱼ xₖⱼ ≤ 1 for every unit k; the weights are
    [units × children]. ``x`` holds no gaps and nothing below zero. Melyn and Moesen (1991);
    Cherchye et al., Social Indicators Research 82 (2007) 111.

    >>> scores, _ = benefit_of_the_doubt(np.array([[4.0, 1.0], [1.0, 4.0], [2.0, 2.0]]))
    >>> [round(float(s), 9) for s in scores]  # third: w = (1/5, 1/5), so 2/5 + 2/5
    [1.0, 1.0, 0.8]
    """
    from scipy.optimize import linprog  # noqa: PLC0415 (slow to import)

    weights = np.empty(x.shape)
    largest = x.max(axis=0)
    scaled = x / np.where(largest > 0, largest, 1)
    for row, own in enumerate(scaled):
        found = linprog(-own, A_ub=scaled, b_ub=np.ones(len(x)), method="highs")
        if not found.success:
            raise PackageError.one("benefit_of_the_doubt", found.message, "bounded weights")
        weights[row] = found.x
    scores = (scaled * weights).sum(axis=1)
    return scores, weights / np.where(largest > 0, largest, 1)


def _benefit_of_the_doubt(children: Children) -> tuple[list[float], dict[str, Any]]:
    """The mean over units of the share that each child has in the unit's most favourable score.

    One weighting for all units, so that they stay comparable; each unit's own score and weights
    come from ``benefit_of_the_doubt``.
    """
    if (children.x < 0).any() or (children.x.max(axis=0) <= 0).any():
        raise _refused(children, "benefit_of_the_doubt needs values of zero or more, not all zero")
    scores, weights = benefit_of_the_doubt(children.x)
    fair = scores > 0
    shares = (children.x * weights)[fair] / scores[fair, None]
    return _shares(children, shares.mean(axis=0)), _note(children) | {
        "lowest": float(scores.min()),
        "units_at_the_frontier": int((scores >= 1 - 1e-9).sum()),
    }


def optimised(children: Children) -> tuple[list[float], dict[str, Any]]:
    """Weights under which each child's correlation with the node is as important as declared.

    The share of each child in the sum of correlations with the node comes as near as possible,
    in least squares, to the share of its declared importance; weights stay above zero. Becker et
    al., Ecological Indicators 80 (2017) 12.
    """
    from scipy.optimize import least_squares  # noqa: PLC0415 (slow to import)

    _refuse_constant(children, np.ptp(children.x, axis=0))
    wanted = np.array([1.0 if i is None else i for i in children.importances])
    if not (wanted > 0).all():
        raise _refused(children, "an importance is not above zero")
    wanted = wanted / wanted.sum()

    def importances(logs: Floats) -> Floats:
        score = children.mean(_softmax(logs))
        together = np.corrcoef(np.column_stack([children.x, score]), rowvar=False)[-1, :-1]
        return np.asarray(together / together.sum())

    start = np.log(wanted)
    found = least_squares(
        lambda logs: importances(logs) - wanted, start, bounds=(start - 8, start + 8)
    )
    names, reached = children.names, importances(found.x).tolist()
    note = {"importances": dict(zip(names, reached, strict=True)), "distance": float(found.cost)}
    return _softmax(found.x).tolist(), _note(children) | note


def _softmax(logs: Floats) -> Floats:
    w = np.exp(logs - logs.max())
    return np.asarray(w / w.sum())


def _refuse_constant(children: Children, spread: Floats) -> None:
    for name, width in zip(children.names, spread, strict=True):
        if width <= 0:
            raise _refused(children, f'"{name}" has the same value for every unit')


def _refused(children: Children, wrong: str) -> PackageError:
    return PackageError.one(f'node "{children.node}"', wrong, "other data or method of weights")


def _shares(children: Children, raw: Floats) -> list[float]:
    raw = np.maximum(raw, 0)
    if not raw.sum() > 0:
        raise _refused(children, "the data give every child a weight of zero")
    return [float(w) for w in raw / raw.sum()]


def _note(children: Children) -> dict[str, Any]:
    n, k = children.x.shape
    if n >= FEWEST_UNITS * k:
        return {}
    return {"warning": f"{n} units for {k} children: too few for weights that last"}


METHODS: dict[str, Weigher] = {
    "entropy": entropy,
    "critic": critic,
    "pca": pca,
    "benefit_of_the_doubt": _benefit_of_the_doubt,
    "optimised": optimised,
}
