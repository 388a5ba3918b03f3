"""The pictures of a result: its figures handed to ``sankul.engines.pictures``, which draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from sankul.engines import pictures
from sankul.engines.pictures import Picture, Words

from .coherence import Correlations
from .explain import profile as told
from .frame import Floats
from .package import Package
from .result import Result
from .robustness import Uncertainty
from .sensitivity import Sensitivity
from .spec import Spec

MOST_SHOWN: Final = 24
"""Indicators in the picture of a unit's profile."""


def names(package: Package, units: Sequence[str]) -> list[str]:
    """The names of units, with their ids where two have the same name."""
    by_id = dict(zip(package.frame.units, package.frame.names, strict=True))
    known = list(by_id.values())
    return [f"{by_id[u]} ({u})" if known.count(by_id[u]) > 1 else by_id[u] for u in units]


def ranking(
    package: Package, result: Result, spread: Uncertainty | None, gettext: Words = str
) -> Picture:
    """The score of every ranked unit as a dot, on a bar from its 5th to its 95th percentile."""
    units = result.ranking()
    scored = []
    for unit, name in zip(units, names(package, units), strict=True):
        score = result.scores.at(unit, result.root) or 0.0
        low, high = None, None
        if spread is not None:
            low, _, high = spread.score_interval[spread.units.index(unit)].tolist()
        scored.append(pictures.Scored(name, score, low, high))
    return pictures.score_intervals(scored, threshold=package.spec.threshold, gettext=gettext)


def acceptability(
    package: Package, result: Result, spread: Uncertainty, gettext: Words = str
) -> Picture:
    """The share of draws in which each unit takes each rank, as a heat map."""
    units = result.ranking()
    shares = {
        name: spread.acceptability[spread.units.index(unit)].tolist()[: len(units)]
        for unit, name in zip(units, names(package, units), strict=True)
    }
    return pictures.rank_acceptability(shares, gettext=gettext)


def contributions(package: Package, result: Result, gettext: Words = str) -> Picture:
    """The score of every unit, stacked from what each child of the root contributed."""
    spec, shares = package.spec, result.contributions[result.root]
    titles = _titles(spec)
    points: dict[str, dict[str, float]] = {}
    for unit, name in zip(result.ranking(), names(package, result.ranking()), strict=True):
        row = shares.values[shares.units.index(unit)]
        summed = {
            titles[child]: float(row[_below(spec, child)].sum())
            for child in spec.children[result.root]
        }
        points[name] = {part: value for part, value in summed.items() if np.isfinite(value)}
    return pictures.composition(points, gettext=gettext)


def weights(package: Package, result: Result, gettext: Words = str) -> Picture:
    """The tree of the index with the effective weight of every node and indicator."""
    spec, titles = package.spec, _titles(package.spec)

    def branch(id_: str) -> pictures.Branch:
        below = tuple(branch(child) for child in spec.children.get(id_, ()))
        return pictures.Branch(titles[id_], result.effective_weights[id_], below)

    return pictures.weights(branch(result.root), gettext=gettext)


def sensitivity(found: Sensitivity, gettext: Words = str) -> Picture:
    """First-order and total indices of the mean shift of ranks, by what varies."""
    factors = [
        pictures.Factor(name, estimate(found.shift.first, f), estimate(found.shift.total, f))
        for f, name in enumerate(found.factors)
    ]
    return pictures.sensitivity(factors, gettext=gettext)


def estimate(indices: Floats, factor: int) -> tuple[float, float, float] | None:
    """A factor's index of the first output with its bounds; None where that does not vary."""
    value, low, high = indices[factor, 0].tolist()
    return (value, low, high) if np.isfinite([value, low, high]).all() else None


def correlations(package: Package, found: Correlations, gettext: Words = str) -> Picture:
    """Pearson's correlation of every pair of indicators, as a triangle."""
    titles = _titles(package.spec)
    pairs = [
        pictures.Correlation(titles[one], titles[other], _known(found.r[i, j]), int(found.n[i, j]))
        for i, one in enumerate(found.rows)
        for j, other in enumerate(found.columns)
        if i < j
    ]
    return pictures.correlations([titles[id_] for id_ in found.rows], pairs, gettext=gettext)


def profile(package: Package, result: Result, unit: str, gettext: Words = str) -> Picture:
    """A ranked unit's indicators on the common scale beside the other ranked units'.

    Of many indicators, those by which it gains or loses most.
    """
    stage, titles = result.stages["normalise"], _titles(package.spec)
    peers = [stage.units.index(other) for other in result.ranking() if other != unit]
    own = stage.values[stage.units.index(unit)]
    shown = set(stage.columns)
    if len(shown) > MOST_SHOWN:
        widest = told(result, unit, most=MOST_SHOWN // 2)
        shown = {point.indicator for point in (*widest.strengths, *widest.weaknesses)}
    rows = []
    for k, indicator in enumerate(stage.columns):
        if indicator not in shown:
            continue
        column = stage.values[peers, k]
        known = column[~np.isnan(column)]
        ends = [float(f(known)) if len(known) else None for f in (np.median, np.min, np.max)]
        rows.append(pictures.Strength(titles[indicator], _known(own[k]), *ends))
    (name,) = names(package, [unit])
    return pictures.strengths(rows, unit_name=name, scale=None, gettext=gettext)


def _titles(spec: Spec) -> dict[str, str]:
    """The title of every node and indicator, with its id where two have the same one."""
    shown = {element.id: element.title or element.id for element in spec.elements}
    known = list(shown.values())
    return {i: f"{title} ({i})" if known.count(title) > 1 else title for i, title in shown.items()}


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _below(spec: Spec, id_: str) -> list[int]:
    place = {indicator.id: k for k, indicator in enumerate(spec.indicators)}
    if id_ in place:
        return [place[id_]]
    return [k for child in spec.children[id_] for k in _below(spec, child)]
