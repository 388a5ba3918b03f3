"""Whether indicators hang together: their shape, gaps, correlations, consistency and components.

Every function takes a labelled table (a stage of a result, as ``result.stages["normalise"]``) or a
frame, and returns a record with ``warnings`` in words where there are too few units for it.
Rules of thumb: OECD/JRC, Handbook on Constructing Composite Indicators (2008), chapters 4 and 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .frame import Floats, Frame, Table, frozen
from .problems import PackageError
from .result import Result
from .spec import Spec
from .steps.treat import FEWEST_VALUES, shape

REDUNDANT: Final = 0.92  # |r| from which two indicators say the same (JRC practice: 0.92)
SKEWED: Final = 2.0
HEAVY: Final = 3.5
FEW_FOR_SHAPE: Final = 20
FEW_FOR_CORRELATION: Final = 10
FEW_FOR_SHARES: Final = 10  # of fewer units each is more than a tenth
FEW_FOR_ALPHA: Final = 30
UNITS_A_COLUMN: Final = 3  # Handbook, 4.1.1: the rule 3:1 for factor analysis
MEASURES: Final = (
    *("known", "missing", "zero", "distinct", "lowest", "median", "mean", "highest"),
    *("sd", "skewness", "excess_kurtosis"),
)


@dataclass(frozen=True, eq=False)
class Statistics:
    """``table`` [indicators × MEASURES]: its rows are indicators. ``flags`` names what stands out.

    ``known`` and ``distinct`` are counts, ``missing`` and ``zero`` shares; shape is NaN below four
    values.
    """

    table: Table
    flags: Mapping[str, tuple[str, ...]]
    warnings: tuple[str, ...]


def statistics(table: Table) -> Statistics:
    """Location, spread and shape of every column, and what in it asks for attention."""
    rows = np.array([_measured(column) for column in table.values.T])
    measured = Table(table.columns, MEASURES, frozen(rows))
    flags = {
        name: found
        for name, row in zip(table.columns, rows, strict=True)
        if (found := _flags(dict(zip(MEASURES, row, strict=True))))
    }
    fewest = int(rows[:, 0].min()) if len(rows) else 0
    return Statistics(measured, flags, few(fewest, FEW_FOR_SHAPE, "skewness and kurtosis"))


def _measured(column: Floats) -> list[float]:
    known = column[~np.isnan(column)]
    n = len(known)
    if not n:
        return [0.0, 1.0, *[np.nan] * (len(MEASURES) - 2)]
    ends = [float(known.min()), float(np.median(known)), float(known.mean()), float(known.max())]
    sd = float(known.std(ddof=1)) if n > 1 else np.nan
    form = shape(known) if n >= FEWEST_VALUES else (np.nan, np.nan)
    shares = [1 - n / len(column), float((known == 0).mean()), float(len(np.unique(known)))]
    return [float(n), *shares, *ends, sd, *form]


def _flags(row: Mapping[str, float]) -> tuple[str, ...]:
    found: list[str] = []
    if row["known"] == 0:
        return ("no unit has a value",)
    if row["distinct"] == 1:
        found.append("every unit has the same value")
    if row["missing"] > 1 / 3:
        found.append(f"{row['missing']:.0%} of values are missing")
    if row["zero"] > 0.5:
        found.append(f"{row['zero']:.0%} of values are zero")
    if abs(row["skewness"]) >= SKEWED and row["excess_kurtosis"] >= HEAVY:
        found.append("outliers: skewed and heavy-tailed")
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Availability:
    """Shares of values that are there: by unit, by indicator, and [units × nodes] in ``nodes``."""

    units: Mapping[str, float]
    indicators: Mapping[str, float]
    nodes: Table
    warnings: tuple[str, ...]


def availability(spec: Spec, frame: Frame) -> Availability:
    """How much of the data is there, before any step."""
    there = ~np.isnan(frame.values)
    below = {node.id: _below(spec, node.id) for node in spec.nodes}
    shares = np.column_stack([there[:, list(places)].mean(axis=1) for places in below.values()])
    return Availability(
        units=dict(zip(frame.units, map(float, there.mean(axis=1)), strict=True)),
        indicators=dict(zip(frame.indicators, map(float, there.mean(axis=0)), strict=True)),
        nodes=Table(frame.units, tuple(below), frozen(shares)),
        warnings=few(len(frame.units), FEW_FOR_SHARES, "shares of units"),
    )


def _below(spec: Spec, node: str) -> tuple[int, ...]:
    """The positions of all indicators below a node."""
    place = {indicator.id: k for k, indicator in enumerate(spec.indicators)}
    found: list[int] = []
    waiting = list(spec.children[node])
    while waiting:
        child = waiting.pop()
        if child in place:
            found.append(place[child])
        else:
            waiting += spec.children[child]
    return tuple(sorted(found))


@dataclass(frozen=True, eq=False)
class Correlations:
    """``r``, two-sided ``p`` and the number ``n`` of common units, each [rows × columns].

    NaN where fewer than three units have both, or one of the two does not vary. ``redundant`` and
    ``opposed`` list pairs with their r: the same news twice, or news that cancels out.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    r: Floats
    p: Floats
    n: NDArray[np.int64]
    redundant: tuple[tuple[str, str, float], ...]
    opposed: tuple[tuple[str, str, float], ...]
    warnings: tuple[str, ...]


def correlations(one: Table, other: Table | None = None, *, ranks: bool = False) -> Correlations:
    """Correlation of every column of a table with every other, or with those of another table.

    Pearson's, or Spearman's with ``ranks``; over the units that have both. p is of Student's t with
    n − 2 degrees of freedom; with many pairs some are small by chance.
    """
    from scipy.special import stdtr  # noqa: PLC0415 (slow to import)
    from scipy.stats import rankdata  # noqa: PLC0415

    second = one if other is None else other
    if one.units != second.units:
        raise PackageError.one("correlations", "the tables hold different units", "the same units")
    r = np.full((len(one.columns), len(second.columns)), np.nan)
    n = np.zeros(r.shape, dtype=np.int64)
    for i, x in enumerate(one.values.T):
        for j, y in enumerate(second.values.T):
            both = ~(np.isnan(x) | np.isnan(y))
            n[i, j] = both.sum()
            pair = [rankdata(v[both]) if ranks else v[both] for v in (x, y)]
            r[i, j] = _correlation(*pair)
    free = np.maximum(n - 2, 1)
    with np.errstate(divide="ignore"):
        t = np.abs(r) * np.sqrt(free / np.maximum(1 - r**2, 0))
    p = np.where(np.isnan(r), np.nan, 2 * stdtr(free, -t))
    fewest = int(n.min()) if n.size else 0
    pairs = [
        (a, b, float(r[i, j]))
        for i, a in enumerate(one.columns)
        for j, b in enumerate(second.columns)
        if other is not None or i < j
    ]
    return Correlations(
        rows=one.columns,
        columns=second.columns,
        r=frozen(r),
        p=frozen(p),
        n=frozen(n),
        redundant=tuple(pair for pair in pairs if abs(pair[2]) >= REDUNDANT),
        opposed=tuple(
            pair for pair in pairs if pair[2] < 0 and p[_place(one, second, pair)] < 0.05
        ),
        warnings=few(fewest, FEW_FOR_CORRELATION, "correlations"),
    )


def pearson(table: Table) -> Floats:
    """Pearson's r of every pair of columns over the units that have both, [columns × columns]."""
    known = ~np.isnan(table.values)
    columns = table.values.T
    r = np.full((len(columns), len(columns)), np.nan)
    for i, x in enumerate(columns):
        for j, y in enumerate(columns[: i + 1]):
            both = known[:, i] & known[:, j]
            r[i, j] = r[j, i] = _correlation(x[both], y[both])
    return r


def _place(one: Table, other: Table, pair: tuple[str, str, float]) -> tuple[int, int]:
    return one.columns.index(pair[0]), other.columns.index(pair[1])


def _correlation(x: Floats, y: Floats) -> float:
    if len(x) < 3 or x.min() == x.max() or y.min() == y.max():
        return np.nan
    a, b = x - x.mean(), y - y.mean()
    a, b = a / np.abs(a).max(), b / np.abs(b).max()
    return float(np.clip((a @ b) / np.sqrt((a @ a) * (b @ b)), -1, 1))


def with_denominators(frame: Frame) -> Correlations:
    """How far raw indicators follow the size of the units: a high r asks for a denominator."""
    names = tuple(frame.denominators)
    sizes = (
        np.array([frame.denominators[name] for name in names])
        .reshape(len(names), len(frame.units))
        .T
    )
    values = Table(frame.units, frame.indicators, frame.values)
    return correlations(values, Table(frame.units, names, sizes))


@dataclass(frozen=True, eq=False)
class Alpha:
    """Cronbach's ``alpha`` over the children of a node, from the units that have them all."""

    alpha: float
    units: int
    warnings: tuple[str, ...]


def cronbach_alpha(spec: Spec, result: Result) -> dict[str, Alpha]:
    """Cronbach's alpha of every node with two or more children: do they measure one thing?

    k/(k − 1) (1 − Σ var/var Σ) on standardised children, that is k r̄/(1 + (k − 1) r̄). Cronbach,
    Psychometrika 16 (1951) 297; 0.7 is often asked for.
    """
    table = result.stages["aggregate"]
    found: dict[str, Alpha] = {}
    for node, children in spec.children.items():
        x = np.column_stack([table.column(child) for child in children])
        x = x[~np.isnan(x).any(axis=1)]
        k = x.shape[1]
        if k > 1:
            warnings = few(len(x), FEW_FOR_ALPHA, "Cronbach's alpha")
            found[node] = Alpha(_alpha(x), len(x), warnings)
    return found


def _alpha(x: Floats) -> float:
    k = x.shape[1]
    if len(x) < 3 or (np.ptp(x, axis=0) == 0).any():
        return np.nan
    mean = (np.corrcoef(x, rowvar=False).sum() - k) / (k * (k - 1))
    return float(k * mean / (1 + (k - 1) * mean))


@dataclass(frozen=True, eq=False)
class Components:
    """``eigenvalues`` in descending order, the share each explains, and ``loadings``.

    ``loadings`` are [columns × components]: the correlation of a column with a component. The sign
    of a component is such that its loadings sum to zero or more.
    """

    columns: tuple[str, ...]
    eigenvalues: Floats
    explained: Floats
    loadings: Floats
    units: int
    warnings: tuple[str, ...]


def principal_components(table: Table) -> Components:
    """Principal components of the correlation matrix, over units that have every column.

    Raises PackageError with fewer than three such units, or a column that does not vary.
    """
    x = table.values[~np.isnan(table.values).any(axis=1)]
    if len(x) < 3:
        raise PackageError.one("principal_components", f"{len(x)} complete units", "three or more")
    for name, width in zip(table.columns, np.ptp(x, axis=0), strict=True):
        if width == 0:
            wrong = f'"{name}" has the same value for every complete unit'
            raise PackageError.one("principal_components", wrong, "columns that vary")
    values, vectors = np.linalg.eigh(np.atleast_2d(np.corrcoef(x, rowvar=False)))
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    loadings = vectors * np.sqrt(values)
    loadings = loadings * np.where(loadings.sum(axis=0) < 0, -1, 1)
    least = UNITS_A_COLUMN * x.shape[1]
    return Components(
        columns=table.columns,
        eigenvalues=frozen(values),
        explained=frozen(values / values.sum()),
        loadings=frozen(loadings),
        units=len(x),
        warnings=few(len(x), least, f"principal components of {x.shape[1]} columns"),
    )


def few(n: int, least: int, what: str) -> tuple[str, ...]:
    """A warning in words where there are fewer units than ``least``."""
    if n >= least:
        return ()
    return (f"{n} units are too few for {what} to be relied on (rule of thumb: {least} or more)",)
