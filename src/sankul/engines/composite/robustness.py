"""How far scores and ranks move when the assumptions move."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .batch import drawn_data, prepared_draws
from .frame import Floats, Frame, frozen
from .pipeline import Preparation, versions
from .problems import PackageError, Problem
from .scoring import Compiled, root_scores
from .spec import Spec
from .tally import Tally
from .vary import Plan, Setting, base_weights, described

BATCH_CELLS = 2_000_000  # draws × units × children held at once
COMPILED_WORK = 50_000_000  # additions and comparisons from which compiled loops pay


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """Ranks and scores at the root over all draws; units in the order of the frame.

    ``score_interval`` and ``rank_interval`` are [units × 3], the 5th, 50th and 95th percentile; a
    rank percentile is the smallest rank whose share of draws reaches it. ``acceptability`` is
    [units × ranks], the share of draws in which the unit takes that rank (its rows sum to 1, less
    the share in which the unit was not ranked). ``outranking[i, j]`` is the share of draws in
    which unit i scores higher than unit j. ``probability_below`` [units] is the share of draws in
    which the score lies below the framework's threshold; None without one. NaN where a unit is
    never ranked. ``exact`` says that the draws are all combinations there are, each once.
    """

    units: tuple[str, ...]
    draws: int
    seed: int
    score_interval: Floats
    rank_interval: Floats
    acceptability: Floats
    outranking: Floats | None
    log: tuple[dict[str, Any], ...]
    exact: bool = False
    threshold: float | None = None
    probability_below: Floats | None = None


def uncertainty(
    spec: Spec,
    frame: Frame,
    *,
    draws: int,
    seed: int | np.random.Generator,
    progress: Callable[[int], None] | None = None,
    outranking: bool = True,
) -> Uncertainty:
    """Evaluate the frame under ``draws`` variations of what the framework lets vary.

    Draws follow a scrambled Sobol sequence; the same seed gives the same result on any number of
    threads. Where only choices, whole numbers and indicators vary and no more than ``draws``
    combinations of them exist, each is evaluated once instead and the result is exact. A Generator
    supplies the seed, which the result keeps. ``progress`` is told how many draws were done since
    it was last told. Without [[vary]] the weights vary by ±25 %. Comparing every two units in every
    draw takes most of the time where units are many; ``outranking=False`` leaves it out, and
    changes nothing else.
    """
    if draws < 1:
        raise PackageError.one("draws", f"{draws} is not accepted", "one draw or more")
    if isinstance(seed, np.random.Generator):
        seed = int(seed.integers(2**62))
    if seed < 0:
        raise PackageError.one("seed", f"{seed} is not accepted", "zero or more")
    evaluator = Evaluator(spec, frame, seed)
    grid = evaluator.plan.grid(draws)
    draws = draws if grid is None else len(grid)
    compiled = evaluator.compile_for(draws)
    tally = Tally(
        len(frame.units), draws, threshold=spec.threshold, compiled=compiled, pairs=outranking
    )
    for start, points in evaluator.batches(draws, grid):
        numbers = np.arange(start, start + len(points))
        for rows, scores in evaluator.scored(numbers, points):
            tally.add(numbers[rows], scores)
        if progress is not None:
            progress(len(points))
    exact = grid is not None
    return _result(tally, evaluator, exact, _log(evaluator, tally, exact))


class Evaluator:
    """Scores of one frame under points of the unit cube, each a variation of the framework."""

    def __init__(self, spec: Spec, frame: Frame, seed: int) -> None:
        self.plan = Plan(spec)
        self.frame = frame
        self.seed = seed
        self.seen: set[Setting] = set()
        self.compiled = False
        self._preparation = Preparation(frame)
        self._ready: dict[Setting, Compiled | None] = {}

    def compile_for(self, draws: int) -> bool:
        """Whether so many draws are scored and ranked in compiled loops; decided once."""
        n = len(self.frame.units)
        self.compiled = draws * n * (n + len(self.plan.spec.ids)) >= COMPILED_WORK
        return self.compiled

    def batches(self, draws: int, grid: Floats | None = None) -> Iterator[tuple[int, Floats]]:
        """The points [draws × dimensions] in batches, each with the number of its first draw."""
        from scipy.stats import qmc  # noqa: PLC0415 (slow to import)

        size = self._batch_size(draws)
        rng = np.random.default_rng(self.seed)
        sequence = qmc.Sobol(self.plan.dimensions, scramble=True, rng=rng)
        for start in range(0, draws, size):
            if grid is not None:
                yield start, grid[start : start + size]
                continue
            with warnings.catch_warnings():  # a number that is no power of two is fine here
                warnings.simplefilter("ignore", UserWarning)
                yield start, sequence.random(min(size, draws - start))

    def nominal(self) -> Floats:
        """The root's scores [units] with nothing varied."""
        spec = self.plan.spec
        values = self._preparation.of(spec)
        base = base_weights(spec, values)[None]
        return np.asarray(root_scores(spec, values, base, self.frame.units)[0])

    def _batch_size(self, draws: int) -> int:
        width = max(len(children) for children in self.plan.spec.children.values())
        if self.plan.varies_data:
            width = max(width, len(self.frame.indicators))
        elif self.compiled:  # a row of scores and two of ranks, whatever the number of children
            width = 1
        return max(1, min(draws, BATCH_CELLS // (len(self.frame.units) * width)))

    def scored(
        self, numbers: NDArray[np.intp], points: Floats
    ) -> Iterator[tuple[NDArray[np.intp], Floats]]:
        """The root's scores [draws × units] of a batch, setting by setting, with their rows.

        Data that vary are drawn by the ``numbers`` of the draws.
        """
        for setting, rows in self.plan.settings(points):
            self.seen.add(setting)
            spec = setting.of(self.plan.spec)
            try:
                varies = self.plan.varies_data
                values = self._varied(spec, numbers[rows]) if varies else self._preparation.of(spec)
                drawn = self.plan.weights(points[rows], base_weights(spec, values))
                yield rows, self._scores(spec, setting, values, drawn)
            except PackageError as error:
                raise _in_variation(error, setting) from error

    def _scores(self, spec: Spec, setting: Setting, values: Floats, weights: Floats) -> Floats:
        if self.compiled:
            if self.plan.varies_data or setting not in self._ready:
                self._ready = {} if len(self._ready) >= 64 else self._ready
                self._ready[setting] = Compiled.of(spec, values)
            ready = self._ready[setting]
            scores = None if ready is None else ready.scores(weights)
            if scores is not None:
                return scores
        return root_scores(spec, values, weights, self.frame.units)

    def _varied(self, spec: Spec, draws: NDArray[np.intp]) -> Floats:
        """Normalised values [draws × units × indicators] of data drawn within their bounds."""
        drawn = np.stack(
            [drawn_data(self.frame, self.seed, int(draw), self.plan.by_unit) for draw in draws]
        )
        return prepared_draws(spec, self.frame, drawn)


def _in_variation(error: PackageError, setting: Setting) -> PackageError:
    words = [f"{do} = {method.name}" for do, method in setting.chosen]
    words += [f"{do} {name} = {value:g}" for do, name, value in setting.tuned]
    place = " (in the variation " + ", ".join(words) + ")" if words else ""
    return PackageError(
        Problem(problem.place + place, problem.wrong, problem.expected)
        for problem in error.problems
    )


def _result(
    tally: Tally, evaluator: Evaluator, exact: bool, log: tuple[dict[str, Any], ...]
) -> Uncertainty:
    acceptability = tally.counts[:, 1:] / tally.draws
    ever = tally.counts[:, 1:].sum(axis=1) > 0
    outranking = None
    if tally.above is not None:
        outranking = frozen(np.where(ever[:, None] & ever, tally.above / tally.draws, np.nan))
    acceptability[~ever] = np.nan
    below = np.where(ever, tally.below / tally.draws, np.nan)
    return Uncertainty(
        units=evaluator.frame.units,
        draws=tally.draws,
        seed=evaluator.seed,
        score_interval=frozen(tally.score_interval(exact=exact)),
        rank_interval=frozen(tally.rank_interval()),
        acceptability=frozen(acceptability),
        outranking=outranking,
        log=log,
        exact=exact,
        threshold=tally.threshold,
        probability_below=None if tally.threshold is None else frozen(below),
    )


def _log(evaluator: Evaluator, tally: Tally, exact: bool) -> tuple[dict[str, Any], ...]:
    plan = evaluator.plan
    return (
        {
            "do": "uncertainty",
            "draws": tally.draws,
            "seed": evaluator.seed,
            "exact": exact,
            "sequence": "every combination once" if exact else "scrambled Sobol",
            "dimensions": plan.dimensions,
            "vary": described(plan.variations),
            "declared": bool(plan.spec.vary),
            "steps_run_in_every_variation": [step.do for step in plan.spec.steps],
            "settings_drawn": len(evaluator.seen),
            "score_quantiles_from_draws": len(tally.kept),
            "versions": versions(),
        },
    )
