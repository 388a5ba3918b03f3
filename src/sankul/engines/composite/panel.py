"""Several periods: evaluated together or apart, their trends, and why a score or rank changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from pathlib import Path
from typing import Final

import numpy as np

from . import cells
from .coherence import few
from .fragile import fragile
from .frame import Floats, Frame, Table, frozen, time_of
from .package import Package, read, sheet_of
from .pipeline import run
from .problems import PackageError
from .ranking import TIE, descending_ranks
from .result import Result
from .spec import Spec

FEW_PERIODS: Final = 4
WEIGHTS: Final = "weights"
METHOD: Final = "method"


def periods(path: str | Path) -> tuple[str, ...]:
    """The periods in the values.csv of a package folder, in order of time; none without a column."""
    sheet = sheet_of(path, "values.csv")
    if "period" not in sheet.columns:
        return ()
    found = {cells.text(row.cells.get("period")) for row in sheet.rows}
    return tuple(sorted(found, key=lambda period: (time_of(period), period)))


def read_panel(path: str | Path) -> dict[str, Package]:
    """The package of every period in a folder, in order of time."""
    return {period: read(path, period=period) for period in periods(path)}


def run_panel(
    spec: Spec, frames: Mapping[str, Frame], *, together: bool = False
) -> dict[str, Result]:
    """The result of every period.

    ``together``: every step sees the units of all periods at once, so that scales read off the
    units (min_max, z_score, …) are the same in every period and scores can be compared over time;
    ranks stay within a period. Apart: each period is evaluated alone.
    """
    if not together:
        return {period: run(spec, frame) for period, frame in frames.items()}
    stacked = run(spec, _stacked(frames))
    return {period: _one_period(stacked, period, frame) for period, frame in frames.items()}


def _named(period: str, unit: str) -> str:
    return f"{period}: {unit}"


def _stacked(frames: Mapping[str, Frame]) -> Frame:
    """One frame of every unit in every period; units in ascending order as in any frame."""
    first = next(iter(frames.values()))
    units = [_named(p, u) for p, frame in frames.items() for u in frame.units]
    whole = Frame(
        units=tuple(units),
        names=tuple(name for frame in frames.values() for name in frame.names),
        indicators=first.indicators,
        values=np.concatenate([frame.values for frame in frames.values()]),
        groups={
            name: tuple(g for frame in frames.values() for g in frame.groups[name])
            for name in first.groups
        },
        denominators={
            name: np.concatenate([frame.denominators[name] for frame in frames.values()])
            for name in first.denominators
        },
        coverage=_all_of([frame.coverage for frame in frames.values()]),
    )
    return whole.select(units)


def _all_of(parts: Sequence[Floats | None]) -> Floats | None:
    there = [part for part in parts if part is not None]
    return np.concatenate(there) if len(there) == len(parts) else None


def _one_period(stacked: Result, period: str, frame: Frame) -> Result:
    rows = [stacked.units.index(_named(period, unit)) for unit in frame.units]

    def part(table: Table) -> Table:
        return Table(frame.units, table.columns, frozen(table.values[rows]))

    scores = part(stacked.scores)
    ranks = descending_ranks(scores.values.T).T.astype(np.float64)
    ranks[ranks == 0] = np.nan
    own = {unit: _named(period, unit) for unit in frame.units}
    return replace(
        stacked,
        scores=scores,
        ranks=Table(frame.units, scores.columns, frozen(ranks)),
        stages={do: part(table) for do, table in stacked.stages.items()},
        contributions={node: part(table) for node, table in stacked.contributions.items()},
        coverage={unit: stacked.coverage[name] for unit, name in own.items()},
        not_ranked={u: stacked.not_ranked[n] for u, n in own.items() if n in stacked.not_ranked},
        outranking={},  # pairs of units of several periods have no place in one of them
    )


@dataclass(frozen=True, eq=False)
class Trend:
    """Growth of every column over the periods in which it has a value, each [units × columns].

    ``cagr`` is the compound annual growth rate from the first to the last value (0.05 is 5 % a
    year), NaN unless both are above zero; ``theil_sen`` the median slope between all pairs of
    periods, in the column's unit a year. NaN with fewer than two values.
    """

    periods: tuple[str, ...]
    cagr: Table
    theil_sen: Table
    warnings: tuple[str, ...]


def trend(tables: Mapping[str, Table]) -> Trend:
    """The trend of tables of the same columns by period, such as each period's ``result.scores``.

    A unit that a period lacks has no value there. Theil–Sen: Sen, Journal of the American
    Statistical Association 63 (1968) 1379.
    """
    order = sorted(tables, key=time_of)
    times = np.array([time_of(period) for period in order])
    units = tuple(sorted({unit for table in tables.values() for unit in table.units}))
    columns = tables[order[0]].columns
    cube = np.full((len(order), len(units), len(columns)), np.nan)
    for k, period in enumerate(order):
        rows = [units.index(unit) for unit in tables[period].units]
        cube[k, rows] = tables[period].values
    slopes = [
        (cube[j] - cube[i]) / (times[j] - times[i])
        for i, j in combinations(range(len(order)), 2)
        if times[j] > times[i]
    ]
    return Trend(
        periods=tuple(order),
        cagr=Table(units, columns, frozen(_cagr(times, cube))),
        theil_sen=Table(units, columns, frozen(_median(slopes, cube.shape[1:]))),
        warnings=tuple(
            w.replace("units", "periods") for w in few(len(order), FEW_PERIODS, "a trend")
        ),
    )


def _median(slopes: Sequence[Floats], shape: tuple[int, ...]) -> Floats:
    stack = np.array(slopes).reshape(-1, *shape)
    found = np.full(shape, np.nan)
    some = ~np.isnan(stack).all(axis=0) if len(stack) else np.zeros(shape, dtype=np.bool_)
    found[some] = np.nanmedian(stack[:, some], axis=0)
    return found


def _cagr(times: Floats, cube: Floats) -> Floats:
    known = ~np.isnan(cube)
    first, last = known.argmax(axis=0), len(cube) - 1 - known[::-1].argmax(axis=0)
    begin = np.take_along_axis(cube, first[None], axis=0)[0]
    end = np.take_along_axis(cube, last[None], axis=0)[0]
    years = times[last] - times[first]
    with np.errstate(invalid="ignore", divide="ignore"):
        fine = (begin > 0) & (end > 0) & (years > 0)
        rate = np.exp(np.log(end / begin) / years) - 1
    return np.where(fine, rate, np.nan)


@dataclass(frozen=True, eq=False)
class Change:
    """Why scores and ranks changed; each row adds up to the change of score or rank.

    ``scores`` and ``ranks`` are [units × (indicators, "weights", "method")]; a negative part of a
    rank moved the unit up. Units are those ranked both before and after, and under every mixture
    of the old and the new between. ``warnings`` say which steps so few units make fragile.
    """

    units: tuple[str, ...]
    scores: Table
    ranks: Table
    warnings: tuple[str, ...]


def explain_change(
    before: tuple[Spec, Frame], after: tuple[Spec, Frame], *, node: str | None = None
) -> Change:
    """The change of a node's score and rank (the root unless named), in parts that add up exactly.

    Data, weights and method (every step but weights, with goalposts, targets and the means of
    nodes) are turned from old to new in every order, and each is given the mean of what it changed
    (Shapley 1953). What the data changed goes to the indicators by the change of their
    contributions, which sum to the score. A rank is one more than the number of units above: each
    pair of units that turns round is shared out in the same way, by the change of the difference
    between the two. Both frameworks have the same tree, and both frames the units to compare.
    """
    _require_same_tree(before[0], after[0])
    units = sorted(set(before[1].units) & set(after[1].units))
    if not units:
        raise PackageError.one("explain_change", "no unit is in both frames", "common units")
    frames = [before[1].select(units), after[1].select(units)]
    specs = [before[0], after[0]]
    parts: dict[tuple[int, int, int], Floats] = {}
    for data, weights, method in product((0, 1), repeat=3):
        result = run(_mixed(specs[method], specs[weights]), frames[data])
        parts[data, weights, method] = result.contributions[node or result.root].values
    ranked = ~np.any([np.isnan(part).any(axis=1) for part in parts.values()], axis=0)
    parts = {corner: part[ranked] for corner, part in parts.items()}
    kept = tuple(u for u, there in zip(units, ranked, strict=True) if there)
    columns = (*before[1].indicators, WEIGHTS, METHOD)
    return Change(
        units=kept,
        scores=Table(kept, columns, frozen(_shapley(parts, _score_parts))),
        ranks=Table(kept, columns, frozen(_shapley(parts, _rank_parts))),
        warnings=tuple(dict.fromkeys(w for spec in specs for w in fragile(spec, len(units)))),
    )


def _require_same_tree(one: Spec, other: Spec) -> None:
    trees = [{e.id: e.parent for e in spec.elements} for spec in (one, other)]
    for id_ in [*trees[0], *trees[1]]:
        if trees[0].get(id_, "") != trees[1].get(id_, ""):
            wrong = f'"{id_}" does not stand at the same place of both frameworks'
            raise PackageError.one("explain_change", wrong, "frameworks with the same tree")
    if one.ids != other.ids:
        raise PackageError.one("explain_change", "indicators in another order", "the same order")


def _mixed(method: Spec, weights: Spec) -> Spec:
    """The methods of one framework with the weights of another."""
    nodes = {node.id: node for node in weights.nodes}
    leaves = {indicator.id: indicator for indicator in weights.indicators}
    own = weights.step("weights")
    steps = [step for step in method.steps if step.do != "weights"]
    return replace(
        method,
        nodes=tuple(
            replace(
                node,
                weight=nodes[node.id].weight,
                budget=nodes[node.id].budget,
                importance=nodes[node.id].importance,
                comparisons=nodes[node.id].comparisons,
            )
            for node in method.nodes
        ),
        indicators=tuple(
            replace(
                leaf,
                weight=leaves[leaf.id].weight,
                budget=leaves[leaf.id].budget,
                importance=leaves[leaf.id].importance,
            )
            for leaf in method.indicators
        ),
        steps=(*steps[:-1], *([own] if own else []), steps[-1]),
    )


def _shapley(
    parts: Mapping[tuple[int, int, int], Floats], changed: Callable[[Floats, Floats], Floats]
) -> Floats:
    """Parts [units × (indicators, weights, method)] averaged over the orders of the three turns."""
    n, m = parts[0, 0, 0].shape
    total: Floats = np.zeros((n, m + 2))
    for turn in range(3):
        for others in product((0, 1), (0, 1)):
            start, end = (_corner(turn, at, others) for at in (0, 1))
            share = 1 / 6 if sum(others) == 1 else 1 / 3
            each = changed(parts[start], parts[end])
            if turn == 0:
                total[:, :m] += share * each
            else:
                total[:, m + turn - 1] += share * each.sum(axis=1)
    return total


def _corner(turn: int, at: int, others: tuple[int, int]) -> tuple[int, int, int]:
    first, second = others
    return ((at, first, second), (first, at, second), (first, second, at))[turn]


def _score_parts(start: Floats, end: Floats) -> Floats:
    return end - start


def _rank_parts(start: Floats, end: Floats) -> Floats:
    """The change of rank [units × indicators] between two sets of contributions."""
    changed: Floats = np.zeros(start.shape)
    above = [_above(part.sum(axis=1)) for part in (start, end)]
    for i, j in np.argwhere(above[0] != above[1]):
        moved = (end[j] - end[i]) - (start[j] - start[i])
        changed[i] += (float(above[1][i, j]) - float(above[0][i, j])) * moved / moved.sum()
    return changed


def _above(scores: Floats) -> Floats:
    """[units × units]: whether the column's unit stands above the row's; ties do not."""
    return np.asarray(scores[None, :] - scores[:, None] > TIE * np.abs(scores).max(initial=0.0))
