"""Ranks under weights that the caller gives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import threads
from .frame import Floats, Frame
from .pipeline import prepared
from .problems import PackageError
from .ranking import descending_ranks
from .scoring import Compiled, root_scores
from .spec import Spec
from .tally import rank_block

BLOCK_CELLS = 64_000  # draws × units at a time, so that scores stay in the processor's cache
THREAD_WORK = 60_000_000  # additions below which threads would cost more than they give


def ranks_under(spec: Spec, frame: Frame, weights: Floats) -> NDArray[Any]:
    """Ranks at the root, [draws × units], under every row of ``weights[draws × elements]``.

    Elements are the indicators, then the nodes, in the order of ``spec.ids``; a weight is relative
    to its siblings'. 1 is the best, ties share the smaller, 0 is a unit without a score. Steps are
    applied once; what a weights step finds is not used. Always in compiled loops, which the first
    call of a process has to load. Raises PackageError for weights of another shape, not finite or
    below zero.
    """
    weights = np.asarray(weights, dtype=np.float64)
    if weights.ndim != 2 or weights.shape[1] != len(spec.ids):
        expected = f"a row for each draw of {len(spec.ids)} weights: {', '.join(spec.ids)}"
        raise PackageError.one("weights", f"an array of shape {weights.shape}", expected)
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise PackageError.one(
            "weights", "one is not finite or below zero", "finite weights of zero or more"
        )
    values = prepared(spec, frame).values
    ready = Compiled.of(spec, values)
    draws, n = len(weights), len(frame.units)
    ranks = np.empty((draws, n), dtype=np.int16 if n < np.iinfo(np.int16).max else np.int32)
    block = max(1, BLOCK_CELLS // n)

    def rank(first: int, last: int) -> None:
        for start in range(first, last, block):
            part = slice(start, min(start + block, last))
            scores = None if ready is None else ready.scores(weights[part])
            if scores is None:
                scores = root_scores(spec, values, weights[part], frame.units)
                ranks[part] = descending_ranks(scores)
            else:
                rank_block(scores, ranks[part])

    small = draws * n * len(spec.ids) < THREAD_WORK
    threads.spread_over_threads(rank, draws, draws if small else max(block, draws // 16))
    return ranks
