"""Which assumption matters: Sobol indices of scores and ranks by declared variation."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from .frame import Floats, Frame, frozen
from .problems import PackageError
from .ranking import descending_ranks
from .robustness import Evaluator
from .spec import Spec

RESAMPLES: Final = 400
BOUNDS: Final = (0.05, 0.95)
BLOCK: Final = 1024  # points scored at a time


@dataclass(frozen=True, eq=False)
class Indices:
    """First-order and total indices, each [factors × outputs × 3]: value, 5 % and 95 % bound.

    A first-order index is the share of an output's variance that the factor explains alone, a
    total index the share that would remain were all other factors fixed. NaN where an output does
    not vary. Exact indices are their own bounds.
    """

    first: Floats
    total: Floats


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Sobol indices by factor, one factor for each [[vary]].

    ``scores`` and ``ranks`` are at the root, outputs in the order of ``units``; ``shift`` has one
    output, the mean over units of the absolute change of rank. ``exact``: every combination was
    evaluated; else ``draws`` is the size of each of the factors + 2 samples.
    """

    factors: tuple[str, ...]
    units: tuple[str, ...]
    scores: Indices
    ranks: Indices
    shift: Indices
    draws: int
    seed: int
    exact: bool
    log: tuple[dict[str, Any], ...]


def sensitivity(
    spec: Spec,
    frame: Frame,
    *,
    draws: int = 1024,
    seed: int,
    progress: Callable[[int], None] | None = None,
) -> Sensitivity:
    """Sobol indices of the root's scores and ranks by what the framework lets vary.

    Where only choices, whole numbers and indicators vary and all their combinations are no more
    than the ``draws`` × (factors + 2) evaluations, they are enumerated and the indices are exact.
    Else two scrambled Sobol samples A and B are crossed factor by factor, with centred estimators
    (first order: Saltelli et al., Computer Physics Communications 181 (2010) 259, table 2 b; total:
    Jansen 1999, table 2 f) and percentile bootstrap intervals. ``progress`` is told evaluations.
    """
    if draws < 2:
        raise PackageError.one("draws", f"{draws} is not accepted", "two draws or more")
    evaluator = Evaluator(spec, frame, seed)
    factors = evaluator.plan.factors()
    grid = evaluator.plan.grid(draws * (len(factors) + 2))
    tell = progress or (lambda done: None)
    if grid is not None:
        scores = _scores(evaluator, np.arange(len(grid)), grid, tell)
        counts = [len(np.unique(grid[:, columns[0]])) for columns in factors.values()]
        # the grid's axes stand in the order of coordinates, not of declaration
        axes = [columns[0] for columns in factors.values()]
        shape = [counts[axes.index(axis)] for axis in range(len(axes))]
        found = [_exact(y, shape, axes) for y in _outputs(evaluator, scores)]
    else:
        found = _sampled(evaluator, factors, draws, tell)
    scores_, ranks, shift = found
    used = draws if grid is None else len(grid)
    return Sensitivity(
        factors=tuple(factors),
        units=frame.units,
        scores=scores_,
        ranks=ranks,
        shift=shift,
        draws=used,
        seed=seed,
        exact=grid is not None,
        log=(
            {
                "do": "sensitivity",
                "draws": used,
                "evaluations": used if grid is not None else draws * (len(factors) + 2),
                "seed": seed,
                "exact": grid is not None,
                "factors": list(factors),
                "resamples": 0 if grid is not None else RESAMPLES,
            },
        ),
    )


def _scores(
    evaluator: Evaluator, numbers: Any, points: Floats, tell: Callable[[int], None]
) -> Floats:
    """The root's scores [points × units]; data vary by ``numbers``."""
    scores = np.empty((len(points), len(evaluator.frame.units)))
    block = max(1, min(BLOCK, 4_000_000 // scores.shape[1]))
    for start in range(0, len(points), block):
        part = slice(start, start + block)
        for rows, found in evaluator.scored(numbers[part], points[part]):
            scores[start + rows] = found
        tell(len(points[part]))
    return scores


def _outputs(evaluator: Evaluator, scores: Floats) -> tuple[Floats, Floats, Floats]:
    """Scores, ranks and the mean shift of ranks [… × outputs], NaN where not ranked."""
    ranks = descending_ranks(scores).astype(np.float64)
    ranks[ranks == 0] = np.nan
    usual = descending_ranks(evaluator.nominal()).astype(np.float64)
    both = (usual > 0) & ~np.isnan(ranks)
    moved = np.where(both, np.abs(np.nan_to_num(ranks) - usual), 0).sum(axis=-1, keepdims=True)
    return scores, ranks, moved / np.maximum(both.sum(axis=-1, keepdims=True), 1)


def _exact(y: Floats, shape: list[int], axes: list[int]) -> Indices:
    """Indices of outputs ``y[points × outputs]`` over a whole grid, every point equally likely.

    V(E(y|x))/V(y) and E(V(y|all but x))/V(y).
    """
    y = y / _size(y)
    cube = y.reshape(*shape, y.shape[1])
    dims = tuple(range(len(shape)))
    variance = _varying(y.var(axis=0))
    first, total = [], []
    for axis in axes:
        others = tuple(d for d in dims if d != axis)
        first.append(cube.mean(axis=others).var(axis=0) / variance)
        total.append(cube.var(axis=axis).reshape(-1, y.shape[1]).mean(axis=0) / variance)
    return Indices(*(frozen(np.repeat(np.array(v)[..., None], 3, axis=2)) for v in (first, total)))


def _size(y: Floats) -> Floats:
    """The largest size of each output, 1 where it is zero; no square of y over it overflows."""
    size = np.abs(y).max(axis=tuple(range(y.ndim - 1)))
    return np.where(size > 0, size, 1.0)


def _varying(variance: Floats) -> Floats:
    """The variance of an output of size 1, NaN where it is rounding alone."""
    return np.where(variance > 1e-24, variance, np.nan)


def _sampled(
    evaluator: Evaluator, factors: dict[str, list[int]], draws: int, tell: Callable[[int], None]
) -> list[Indices]:
    from scipy.stats import qmc  # noqa: PLC0415 (slow to import)

    width = evaluator.plan.dimensions
    rng = np.random.default_rng(evaluator.seed)
    with warnings.catch_warnings():  # a number that is no power of two is fine here
        warnings.simplefilter("ignore", UserWarning)
        both = qmc.Sobol(2 * width, scramble=True, rng=rng).random(draws)
    a, b = both[:, :width], both[:, width:]
    of_a, of_b = np.arange(draws), np.arange(draws, 2 * draws)
    samples = [_scores(evaluator, of_a, a, tell), _scores(evaluator, of_b, b, tell)]
    for columns in factors.values():
        crossed = a.copy()
        crossed[:, columns] = b[:, columns]  # data have no columns: they change by their number
        samples.append(_scores(evaluator, of_a if columns else of_b, crossed, tell))
    outputs = [_outputs(evaluator, scores) for scores in samples]
    return [
        estimated(*(np.stack(y) for y in _split(ys)), seed=evaluator.seed)
        for ys in zip(*outputs, strict=True)
    ]


def _split(ys: tuple[Floats, ...]) -> tuple[list[Floats], list[Floats], list[Floats]]:
    return [ys[0]], [ys[1]], list(ys[2:])


def estimated(a: Floats, b: Floats, crossed: Floats, *, seed: int) -> Indices:
    """Indices from outputs under A and B, [1 × draws × outputs], and crossed [factors × …].

    Sample k of ``crossed`` is A with factor k from B. Outputs are centred first, which keeps the
    first-order estimator from drowning in the square of their mean.
    """
    size = _size(np.concatenate([a, b, crossed]))
    a, b, crossed = a / size, b / size, crossed / size
    middle = np.concatenate([a, b, crossed]).mean(axis=(0, 1))
    a, b, crossed = a - middle, b - middle, crossed - middle
    alone = b * (crossed - a)
    left = (a - crossed) ** 2 / 2
    draws = a.shape[1]
    rng = np.random.default_rng([seed, draws])
    first, total = [], []
    counts = rng.multinomial(draws, np.full(draws, 1 / draws), size=RESAMPLES).astype(np.float64)
    for weights in (np.ones((1, draws)), counts):
        mean = weights @ (a[0] + b[0]) / (2 * draws)
        variance = _varying(weights @ (a[0] ** 2 + b[0] ** 2) / (2 * draws) - mean**2)
        first.append(np.stack([weights @ y / draws / variance for y in alone]))
        total.append(np.stack([weights @ y / draws / variance for y in left]))
    return Indices(_with_bounds(*first), _with_bounds(*total))


def _with_bounds(value: Floats, resampled: Floats) -> Floats:
    """[factors × outputs × 3] from values [factors × 1 × outputs] and resampled ones."""
    with warnings.catch_warnings():  # an output that does not vary has no bounds
        warnings.simplefilter("ignore", RuntimeWarning)
        low, high = np.nanquantile(resampled, BOUNDS, axis=1)
    return frozen(np.stack([value[:, 0], low, high], axis=-1))
