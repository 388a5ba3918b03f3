"""The root's scores under many weights at once, in plain NumPy or in compiled loops.

Both compute the same means; they differ by rounding alone. Which of them computes depends on the
size of the work, never on batches or threads, so results stay the same to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import tree
from .frame import Floats
from .spec import Spec
from .threads import spread_over_threads
from .tree import Branch

THREAD_WORK = 8_000_000  # additions that a thread does at a time
# The power of each mean that the compiled loops know.
_POWERS = {"arithmetic": 1.0, "geometric": 0.0, "harmonic": -1.0}


def root_scores(spec: Spec, values: Floats, weights: Floats, units: tuple[str, ...]) -> Floats:
    """Scores of the root [draws × units] under ``weights[draws × elements]``.

    ``values`` are normalised, [units × indicators], or [draws × units × indicators] where each
    draw has its own.
    """
    m = values.shape[-1]
    below: dict[int, Floats] = {}
    scores = np.full((len(weights), values.shape[-2]), np.nan)
    for branch in _branches(spec):
        columns = [values[..., c] if c < m else below.pop(c) for c in branch.children]
        x = np.stack(np.broadcast_arrays(*columns), axis=-1)
        given = weights[:, None, list(branch.children)]
        scores, _, _ = tree.score(branch, x, given, units)
        scores = np.broadcast_to(scores, (len(weights), values.shape[-2]))
        below[branch.position] = scores
    return scores


def _branches(spec: Spec) -> tuple[Branch, ...]:
    step = next(step for step in spec.steps if step.do == "aggregate")
    return tree.branches(spec, step.method)


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A matrix of normalised values made ready for the compiled loops.

    ``columns`` puts the indicators of each node side by side, where eight are added at once; None
    where they stand so already.
    """

    columns: NDArray[np.intp] | None
    values: Floats
    whole: NDArray[np.bool_]
    starts: NDArray[np.intp]
    children: NDArray[np.intp]
    places: NDArray[np.intp]
    powers: Floats
    floors: Floats

    @classmethod
    def of(cls, spec: Spec, values: Floats) -> Compiled | None:
        """None where the compiled loops do not apply: a median, or figures of extreme size."""
        branches = _branches(spec)
        powers = [_power(branch) for branch in branches]
        cube = values if values.ndim == 3 else values[None]
        m = cube.shape[-1]
        leaves = [c for branch in branches for c in branch.children if c < m]
        columns = np.array([*leaves, *range(m, len(spec.ids))], dtype=np.intp)
        turned = np.moveaxis(cube, -1, -2)[:, leaves].copy(order="C")
        known = [power for power in powers if power is not None]
        if len(known) < len(powers) or not _moderate(turned, known):
            return None
        place = np.argsort(columns)
        children = [place[list(branch.children)] for branch in branches]
        for below, power in zip(children, known, strict=True):
            own = below[below < m]
            if power != 1 and (turned[:, own] < 0).any():
                return None
            turned[:, own] = _raised(turned[:, own], power)
        counts = [len(below) for below in children]
        return cls(
            columns=None if (columns == np.arange(len(columns))).all() else columns,
            values=turned,
            whole=np.asarray(~np.isnan(turned).any(axis=-1)),
            starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.intp),
            children=np.concatenate(children).astype(np.intp),
            places=np.array([branch.position for branch in branches], dtype=np.intp),
            powers=np.array(known),
            floors=np.array([branch.node.threshold for branch in branches]),
        )

    def scores(self, weights: Floats) -> Floats | None:
        """Scores of the root [draws × units]; None where a power mean met a value below zero."""
        from .kernels import score_draws  # noqa: PLC0415 (slow to import)

        draws = len(weights)
        which = np.arange(draws) if len(self.values) == draws else np.zeros(draws, dtype=np.intp)
        scores = np.empty((draws, self.values.shape[2]))
        drawn = weights if self.columns is None else weights[:, self.columns]
        drawn = np.ascontiguousarray(drawn)

        def score(first: int, last: int) -> bool:
            part = slice(first, last)
            return bool(
                score_draws(
                    self.values,
                    self.whole,
                    which[part],
                    drawn[part],
                    self.starts,
                    self.children,
                    self.places,
                    self.powers,
                    self.floors,
                    scores[part],
                )
            )

        part = max(1, THREAD_WORK // self.values[0].size)
        return scores if all(spread_over_threads(score, draws, part)) else None


def _power(branch: Branch) -> float | None:
    if branch.method.name == "generalised_mean":
        return float(branch.method.parameters["power"])
    return _POWERS.get(branch.method.name)


def _moderate(values: Floats, powers: list[float]) -> bool:
    """Whether no power of the values can overflow, so that they need no scaling first."""
    sizes = np.abs(values[(values != 0) & ~np.isnan(values)])
    if not len(sizes):
        return True
    steepest = max(1.0, *(abs(power) for power in powers), *(1 / abs(p) for p in powers if p))
    return bool(np.abs(np.log10([sizes.min(), sizes.max()])).max() * steepest < 100)


def _raised(values: Floats, power: float) -> Floats:
    with np.errstate(divide="ignore"):
        if power == 0:
            return np.log(values)
        return values if power == 1 else values**power
