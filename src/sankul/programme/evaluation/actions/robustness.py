"""How sure a run is, and what drives it: computed with the run, and stored beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sankul.engines import composite
from sankul.engines.composite.coherence import Correlations
from sankul.engines.composite.vary import declared
from sankul.programme.evaluation.models import Flip, Robustness, Run
from sankul.programme.evaluation.rules import WhyNotTurned

MOST_DECISIONS: Final = 60
"""Decisions of each kind that are looked at, from rank 1 on."""
LEAST_SAMPLE: Final = 64
SAME: Final = 1e-9
"""Changes of a weight below this are rounding."""
Progress = Callable[[int], None]
"""Told how many evaluations were done since it was last told."""


@dataclass(frozen=True)
class Turn:
    """One decision and the smallest changes that turn it, as ``Flip`` stores them, with slugs for clusters."""

    unit: str
    over: str | None
    score: float
    bar: float
    distance: float | None
    weights: dict[str, float]
    why_not: str
    indicators: dict[str, float]


@dataclass(frozen=True)
class Robust:
    """What the engine says of a result's robustness; None or empty where nobody is ranked."""

    sensitivity: composite.Sensitivity | None = None
    removals: composite.Removal | None = None
    correlations: Correlations | None = None
    turns: tuple[Turn, ...] = ()


def sample(draws: int, factors: int) -> int:
    """The size of each sample of a sensitivity of about as many evaluations as there are draws: a power of two.

    The same as that of ``sankul evaluate``, so that its ``sensitivity.csv`` holds what is stored here.
    """
    power = int(math.log2(max(draws / (factors + 2), 1)))
    return max(LEAST_SAMPLE, 1 << power)


def evaluations(spec: composite.Spec, draws: int) -> int:
    """How many evaluations draws and sensitivity take, as ``progress`` is told."""
    factors = len(declared(spec))
    return draws + (sample(draws, factors) * (factors + 2) if draws else 0)


def measured(
    package: composite.Package,
    result: composite.Result,
    *,
    draws: int,
    seed: int,
    progress: Progress | None = None,
) -> Robust:
    """Sensitivity (with draws), what rests on each indicator, correlations, and what would turn a decision."""
    if not result.ranking():
        return Robust()
    spec, frame = package.spec, package.frame
    sensitivity = None
    if draws:
        size = sample(draws, len(declared(spec)))
        sensitivity = composite.sensitivity(spec, frame, draws=size, seed=seed, progress=progress)
    return Robust(
        sensitivity,
        composite.remove_each(spec, frame, "indicator"),
        composite.correlations(result.stages["normalise"]),
        tuple(_turns(package, result)),
    )


def _turns(package: composite.Package, result: composite.Result) -> Iterator[Turn]:
    """Every cluster against the one right above it, then against the threshold if there is one."""
    ranked = result.ranking()[:MOST_DECISIONS]
    for unit, over in zip(ranked[1:], ranked, strict=False):
        yield _turn(package, result, unit, over)
    if package.spec.threshold is not None:
        for unit in ranked:
            yield _turn(package, result, unit, None)


def _turn(
    package: composite.Package, result: composite.Result, unit: str, over: str | None
) -> Turn:
    spec, frame = package.spec, package.frame
    score = result.scores.at(unit, result.root) or 0.0
    bar = spec.threshold if over is None else result.scores.at(over, result.root)
    distance, weights, why_not = _by_weights(package, result, unit, over)
    changes = composite.flip_by_indicator(spec, frame, unit, over=over)
    known = {code: change for code, change in changes.items() if change is not None}
    return Turn(unit, over, score, bar or 0.0, distance, weights, why_not, known)


def _by_weights(
    package: composite.Package, result: composite.Result, unit: str, over: str | None
) -> tuple[float | None, dict[str, float], str]:
    try:
        found = composite.flip_by_weights(package.spec, package.frame, unit, over=over)
    except composite.PackageError:
        return None, {}, _why_not(result, [unit, *([over] if over else [])])
    if found.distance is None or found.weights is None:
        return None, {}, WhyNotTurned.UNREACHABLE
    today = result.effective_weights
    changed = {c: w for c, w in found.weights.items() if abs(w - today[c]) > SAME}
    return found.distance, changed, ""


def _why_not(result: composite.Result, units: list[str]) -> str:
    stage = result.stages["normalise"]
    rows = stage.values[[stage.units.index(unit) for unit in units]]
    return WhyNotTurned.MISSING if np.isnan(rows).any() else WhyNotTurned.NOT_LINEAR


def store(
    run: Run,
    package: composite.Package,
    result: composite.Result,
    uncertainty: composite.Uncertainty | None,
    found: Robust,
    clusters: dict[str, int],
) -> None:
    """Write it beside the run; ``clusters`` are ids by slug."""
    sensitivity = found.sensitivity
    Robustness.objects.create(
        run=run,
        threshold=package.spec.threshold,
        draws_exact=bool(uncertainty and uncertainty.exact),
        sensitivity=_sensitivity(sensitivity) if sensitivity else [],
        sensitivity_draws=sensitivity.draws if sensitivity else 0,
        sensitivity_exact=bool(sensitivity and sensitivity.exact),
        removals=_removals(found.removals) if found.removals else [],
        correlations=_correlations(found.correlations) if found.correlations else [],
        weights=dict(result.effective_weights),
    )
    Flip.objects.bulk_create(
        Flip(
            run=run,
            position=position,
            cluster_id=clusters[turn.unit],
            over_id=clusters[turn.over] if turn.over else None,
            score=turn.score,
            bar=turn.bar,
            distance=turn.distance,
            weights=turn.weights,
            why_not=turn.why_not,
            indicators=turn.indicators,
        )
        for position, turn in enumerate(found.turns)
    )


def _sensitivity(found: composite.Sensitivity) -> list[dict[str, Any]]:
    return [
        {
            "factor": factor,
            "first": _estimate(found.shift.first[f, 0].tolist()),
            "total": _estimate(found.shift.total[f, 0].tolist()),
        }
        for f, factor in enumerate(found.factors)
    ]


def _estimate(values: list[float]) -> list[float] | None:
    return values if all(map(math.isfinite, values)) else None


def _removals(found: composite.Removal) -> list[dict[str, Any]]:
    changes: list[dict[str, Any]] = [
        {
            "left_out": code,
            "shift": found.changes[code].mean_rank_shift,
            "reversed": len(found.changes[code].reversed_pairs),
            "tau": _known(found.changes[code].kendall_tau),
        }
        for code in found.ordered()
    ]
    return changes + [{"left_out": code, "refused": why} for code, why in found.refused.items()]


def _correlations(found: Correlations) -> list[dict[str, Any]]:
    return [
        {
            "one": one,
            "other": other,
            "r": _known(found.r[i, j]),
            "p": _known(found.p[i, j]),
            "n": int(found.n[i, j]),
        }
        for i, one in enumerate(found.rows)
        for j, other in enumerate(found.columns)
        if i < j
    ]


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
