"""The smallest change that turns a decision round: of the weights, or of one indicator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from . import tree
from .batch import prepared_draws
from .frame import Floats, Frame
from .pipeline import run
from .problems import PackageError
from .scoring import root_scores
from .spec import Spec
from .vary import base_weights

EVEN: Final = 1e-9  # a margin no larger than this share of today's is none


@dataclass(frozen=True, eq=False)
class WeightFlip:
    """The nearest effective weights, by indicator, under which the decision is at the turn.

    ``distance`` is the sum of absolute changes (L1) of weights that sum to 1, from 0 to 2. Both are
    None where no weights of zero or more turn it.
    """

    distance: float | None
    weights: Mapping[str, float] | None


def flip_by_weights(
    spec: Spec, frame: Frame, unit: str, *, over: str | None = None, threshold: float | None = None
) -> WeightFlip:
    """The smallest change (L1) of the indicators' effective weights that turns the decision.

    The decision is whether ``unit`` stands above the unit ``over``, or reaches ``threshold`` (that
    of the framework unless given). Exact, by linear programming, since a score under arithmetic
    means is linear in effective weights. Raises PackageError where a mean is not arithmetic or a
    value is missing.
    """
    result = run(spec, frame)
    _require_linear(spec)
    stage = result.stages["normalise"]
    x = _values(stage.values, stage.units, unit)
    base = np.array([result.effective_weights[i] for i in stage.columns])
    bar = _bar(spec, over, threshold)
    margin = x - (_values(stage.values, stage.units, over) if over else bar)
    nearest = _nearest(base, margin if margin @ base < 0 else -margin)
    if nearest is None:
        return WeightFlip(None, None)
    weights = dict(zip(stage.columns, map(float, nearest), strict=True))
    return WeightFlip(float(np.abs(nearest - base).sum()), weights)


def _nearest(base: Floats, margin: Floats) -> Floats | None:
    """Weights w ≥ 0 that sum to 1, with w · margin ≥ 0, nearest to ``base``: w = base + up − down."""
    from scipy.optimize import linprog  # noqa: PLC0415 (slow to import)

    k = len(base)
    scale = np.abs(margin).max()
    row = margin / scale if scale else margin
    found = linprog(
        np.ones(2 * k),
        A_ub=[np.concatenate([-row, row])],
        b_ub=[row @ base],
        A_eq=[np.concatenate([np.ones(k), -np.ones(k)])],
        b_eq=[0.0],
        bounds=[(0, None)] * k + [(0, weight) for weight in base],
        method="highs",
    )
    return base + found.x[:k] - found.x[k:] if found.success else None


def _require_linear(spec: Spec) -> None:
    step = next(step for step in spec.steps if step.do == "aggregate")
    for branch in tree.branches(spec, step.method):
        if branch.method.name != "arithmetic":
            raise PackageError.one(
                f'node "{branch.node.id}"',
                f"under a {branch.method.name} mean the smallest change has no exact solution",
                "arithmetic means throughout",
            )


def _values(values: Floats, units: tuple[str, ...], unit: str) -> Floats:
    if unit not in units:
        raise PackageError.one("flip", f'no unit "{unit}"', "a unit of the frame")
    row: Floats = values[units.index(unit)]
    if np.isnan(row).any():
        wrong = f'a value of "{unit}" is missing, so its score is not linear in the weights'
        raise PackageError.one("flip", wrong, "units with every value")
    return row


def _bar(spec: Spec, over: str | None, threshold: float | None) -> float:
    bar = spec.threshold if threshold is None else threshold
    if over is None and bar is None:
        raise PackageError.one(
            "flip", "no decision is named", "a unit to stand over, or a threshold"
        )
    return bar if bar is not None else 0.0


def flip_by_indicator(
    spec: Spec,
    frame: Frame,
    unit: str,
    *,
    over: str | None = None,
    threshold: float | None = None,
) -> dict[str, float | None]:
    """For each indicator, the smallest change of the unit's raw value that turns the decision.

    The decision is as for ``flip_by_weights``. Every step is run anew on the changed value, so that
    a scale read off the units moves with it. None where no value between the goalposts (without
    them: within one range beyond the lowest and highest unit) turns it, or there is no value.
    """
    bar = _bar(spec, over, threshold)
    if unit not in frame.units or (over is not None and over not in frame.units):
        raise PackageError.one("flip", f'no unit "{over or unit}"', "a unit of the frame")
    row = frame.units.index(unit)
    other = frame.units.index(over) if over else None

    def margins(column: int, ends: Sequence[float]) -> Floats:
        roots = _roots(spec, frame, _changed(frame, row, column, ends))
        return np.asarray(roots[:, row] - (bar if other is None else roots[:, other]))

    turned: dict[str, float | None] = {}
    start = float(margins(0, frame.values[row, :1].tolist())[0])
    for column, indicator in enumerate(spec.indicators):
        change = _change(spec, frame, (row, column), start, partial(margins, column))
        turned[indicator.id] = change
    return turned


def _changed(frame: Frame, row: int, column: int, ends: Sequence[float]) -> Floats:
    """The values [ends × units × indicators] with each of ``ends`` in one place."""
    values = np.repeat(frame.values[None], len(ends), axis=0)
    values[:, row, column] = ends
    return values


def _change(
    spec: Spec,
    frame: Frame,
    place: tuple[int, int],
    start: float,
    margins: Callable[[Sequence[float]], Floats],
) -> float | None:
    """The smallest change of the value at ``place`` that takes the margin from ``start`` to nothing."""
    from scipy.optimize import brentq  # noqa: PLC0415 (slow to import)

    now = float(frame.values[place])
    if np.isnan(now):
        return None
    ends = [end for end in _ends(spec, frame, *place) if end != now]
    found: list[float] = []
    for end, margin in zip(ends, margins(ends) if ends and start else (), strict=False):
        turned = margin / start  # NaN where such a value cannot be evaluated
        if abs(turned) <= EVEN:
            found.append(end - now)
        elif turned < 0:
            root = brentq(lambda v: float(margins([v])[0]), now, end, xtol=1e-12)
            found.append(root - now)
    return min(found, key=abs) if found else None


def _ends(spec: Spec, frame: Frame, row: int, column: int) -> tuple[float, float]:
    indicator = spec.indicators[column]
    if indicator.goalposts is not None:
        size = 1.0
        if indicator.denominator is not None:
            size = float(frame.denominators[indicator.denominator][row])
        low, high = (post * size for post in indicator.goalposts)
    else:
        known = frame.values[~np.isnan(frame.values[:, column]), column]
        low, high = known.min() - np.ptp(known), known.max() + np.ptp(known)
    now = frame.values[row, column]
    return float(min(low, now)), float(max(high, now))


def _roots(spec: Spec, frame: Frame, values: Floats) -> Floats:
    """The root's scores [values × units] of each of ``values``; NaN for one that cannot be evaluated."""
    try:
        ready = prepared_draws(spec, frame, values)
        base = base_weights(spec, ready)
        weights = np.broadcast_to(base, (len(values), base.shape[-1]))
        return root_scores(spec, ready, weights, frame.units)
    except PackageError:
        if len(values) == 1:
            return np.full((1, len(frame.units)), np.nan)
        return np.concatenate([_roots(spec, frame, one[None]) for one in values])
