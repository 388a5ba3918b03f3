"""How far scores and ranks move when the assumptions move."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import tree
from .frame import Floats, Frame, frozen
from .pipeline import prepared, versions
from .problems import PackageError, Problem
from .ranking import descending_ranks
from .spec import Spec
from .vary import Plan, Setting, base_weights, described

QUANTILES = (0.05, 0.5, 0.95)
BATCH_CELLS = 2_000_000  # draws × units × children held at once
KEPT_CELLS = 32_000_000  # draws × units whose scores are kept for quantiles (256 MB)
CACHED = 64  # prepared matrices kept, one a setting


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """Ranks and scores at the root over all draws; units in the order of the frame.

    ``score_interval`` and ``rank_interval`` are [units × 3], the 5th, 50th and 95th percentile; a
    rank percentile is the smallest rank whose share of draws reaches it. ``acceptability`` is
    [units × ranks], the share of draws in which the unit takes that rank (its rows sum to 1, less
    the share in which the unit was not ranked). ``outranking[i, j]`` is the share of draws in
    which unit i scores higher than unit j. NaN where a unit is never ranked.
    """

    units: tuple[str, ...]
    draws: int
    seed: int
    score_interval: Floats
    rank_interval: Floats
    acceptability: Floats
    outranking: Floats
    log: tuple[dict[str, Any], ...]


def uncertainty(
    spec: Spec,
    frame: Frame,
    *,
    draws: int,
    seed: int | np.random.Generator,
    progress: Callable[[int], None] | None = None,
) -> Uncertainty:
    """Evaluate the frame under ``draws`` variations of what the framework lets vary.

    Draws follow a scrambled Sobol sequence; the same seed gives the same result on any number of
    threads. A Generator supplies the seed, which the result keeps. ``progress`` is told how many
    draws were done since it was last told. Without [[vary]] the weights vary by ±25 %.
    """
    if draws < 1:
        raise PackageError.one("draws", f"{draws} is not accepted", "one draw or more")
    if isinstance(seed, np.random.Generator):
        seed = int(seed.integers(2**62))
    if seed < 0:
        raise PackageError.one("seed", f"{seed} is not accepted", "zero or more")
    plan = Plan(spec)
    tally = _Tally(len(frame.units), draws)
    seen: set[Setting] = set()
    for batch in _batches(plan, frame, draws, seed):
        for setting, rows, scores in _scored(plan, frame, batch):
            tally.add(batch.start + rows, scores)
            seen.add(setting)
        if progress is not None:
            progress(len(batch.points))
    return tally.result(frame, seed, _log(plan, draws, seed, tally, len(seen)))


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    start: int
    points: Floats
    seed: int
    cache: dict[Setting, tuple[Spec, Floats]]


def _batches(plan: Plan, frame: Frame, draws: int, seed: int) -> Iterator[_Batch]:
    from scipy.stats import qmc  # noqa: PLC0415 (slow to import)

    width = max(len(children) for children in plan.spec.children.values())
    size = max(1, min(draws, BATCH_CELLS // (len(frame.units) * width)))
    sequence = qmc.Sobol(plan.dimensions, scramble=True, rng=np.random.default_rng(seed))
    cache: dict[Setting, tuple[Spec, Floats]] = {}
    for start in range(0, draws, size):
        with warnings.catch_warnings():  # a number of draws that is no power of two is fine here
            warnings.simplefilter("ignore", UserWarning)
            points = sequence.random(min(size, draws - start))
        yield _Batch(start, points, seed, cache)


def _scored(
    plan: Plan, frame: Frame, batch: _Batch
) -> Iterator[tuple[Setting, NDArray[np.intp], Floats]]:
    """The root's scores [draws × units] of the batch, setting by setting, with their rows."""
    groups: dict[tuple[Setting, int], list[int]] = {}
    for row, setting in enumerate(plan.settings(batch.points)):
        own = row if plan.varies_data else -1
        groups.setdefault((setting, own), []).append(row)
    for (setting, own), members in groups.items():
        rows = np.array(members)
        try:
            spec, values = _matrix(plan, frame, batch, setting, own)
            drawn = plan.weights(batch.points[rows], base_weights(spec))
            yield setting, rows, _root_scores(spec, values, drawn, frame.units)
        except PackageError as error:
            raise _in_variation(error, setting) from error


def _matrix(
    plan: Plan, frame: Frame, batch: _Batch, setting: Setting, own: int
) -> tuple[Spec, Floats]:
    """The specification of a setting and its normalised values [units × indicators]."""
    if own >= 0:
        spec = setting.of(plan.spec)
        return spec, prepared(spec, frame, _drawn_data(frame, batch, own)).values
    if setting not in batch.cache:
        if len(batch.cache) >= CACHED:
            batch.cache.pop(next(iter(batch.cache)))
        spec = setting.of(plan.spec)
        batch.cache[setting] = spec, prepared(spec, frame).values
    return batch.cache[setting]


def _drawn_data(frame: Frame, batch: _Batch, row: int) -> Floats:
    """Values drawn uniformly between their bounds; a value without bounds stays."""
    if frame.low is None or frame.high is None:
        return frame.values
    u = np.random.default_rng([batch.seed, batch.start + row]).random(frame.values.shape)
    bounded = ~(np.isnan(frame.low) | np.isnan(frame.high))
    with np.errstate(invalid="ignore"):
        return np.where(bounded, frame.low + u * (frame.high - frame.low), frame.values)


def _root_scores(spec: Spec, values: Floats, weights: Floats, units: tuple[str, ...]) -> Floats:
    """Scores of the root [draws × units] under weights [draws × elements]."""
    step = next(step for step in spec.steps if step.do == "aggregate")
    n, m = values.shape
    below: dict[int, Floats] = {}
    scores = np.full((len(weights), n), np.nan)
    for branch in tree.branches(spec, step.method):
        columns = [values[:, c] if c < m else below.pop(c) for c in branch.children]
        x = np.stack(np.broadcast_arrays(*columns), axis=-1)
        given = weights[:, None, list(branch.children)]
        scores, _, _ = tree.score(branch, x, given, units)
        below[branch.position] = scores
    return scores


def _in_variation(error: PackageError, setting: Setting) -> PackageError:
    words = [f"{do} = {method.name}" for do, method in setting.chosen]
    words += [f"{do} {name} = {value:g}" for do, name, value in setting.tuned]
    place = " (in the variation " + ", ".join(words) + ")" if words else ""
    return PackageError(
        Problem(problem.place + place, problem.wrong, problem.expected)
        for problem in error.problems
    )


class _Tally:
    """Counts of ranks and the kept scores, filled draw by draw in any order."""

    def __init__(self, n: int, draws: int) -> None:
        self.draws = draws
        self.kept = np.full((min(draws, max(1, KEPT_CELLS // n)), n), np.nan)
        self.counts = np.zeros((n, n + 1), dtype=np.int64)
        self.above = np.zeros((n, n), dtype=np.int64)

    def add(self, draws: NDArray[np.intp], scores: Floats) -> None:
        n = scores.shape[1]
        ranks = descending_ranks(scores)
        flat = (np.arange(n) * (n + 1) + ranks).ravel()
        self.counts += np.bincount(flat, minlength=n * (n + 1)).reshape(n, n + 1)
        last = np.where(ranks > 0, ranks, n + 1)
        ranked = ranks > 0
        for unit in range(n):
            self.above[unit] += ((last[:, unit, None] < last) & ranked).sum(axis=0)
        keep = draws < len(self.kept)
        self.kept[draws[keep]] = scores[keep]

    def result(self, frame: Frame, seed: int, log: tuple[dict[str, Any], ...]) -> Uncertainty:
        acceptability = self.counts[:, 1:] / self.draws
        ever = self.counts[:, 1:].sum(axis=1) > 0
        outranking = np.where(ever[:, None] & ever, self.above / self.draws, np.nan)
        acceptability[~ever] = np.nan
        return Uncertainty(
            units=frame.units,
            draws=self.draws,
            seed=seed,
            score_interval=frozen(self._score_interval()),
            rank_interval=frozen(self._rank_interval()),
            acceptability=frozen(acceptability),
            outranking=frozen(outranking),
            log=log,
        )

    def _score_interval(self) -> Floats:
        interval = np.full((self.kept.shape[1], len(QUANTILES)), np.nan)
        for unit, scores in enumerate(self.kept.T):
            known = scores[~np.isnan(scores)]
            if len(known):
                interval[unit] = np.quantile(known, QUANTILES)
        return interval

    def _rank_interval(self) -> Floats:
        total = self.counts[:, 1:].sum(axis=1, keepdims=True)
        cumulative = self.counts[:, 1:].cumsum(axis=1)
        interval = np.column_stack(
            [(cumulative >= q * total - 1e-9).argmax(axis=1) + 1.0 for q in QUANTILES]
        )
        interval[total[:, 0] == 0] = np.nan
        return interval


def _log(
    plan: Plan, draws: int, seed: int, tally: _Tally, settings: int
) -> tuple[dict[str, Any], ...]:
    steps = [step.do for step in plan.spec.steps]
    return (
        {
            "do": "uncertainty",
            "draws": draws,
            "seed": seed,
            "sequence": "scrambled Sobol",
            "dimensions": plan.dimensions,
            "vary": described(plan.variations),
            "declared": bool(plan.spec.vary),
            "steps_run_in_every_variation": steps,
            "settings_drawn": settings,
            "score_quantiles_from_draws": len(tally.kept),
            "versions": versions(),
        },
    )
