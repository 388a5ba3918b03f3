"""Counting ranks over many draws, and keeping scores for their percentiles."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from . import threads
from .frame import Floats
from .ranking import descending_ranks

QUANTILES = (0.05, 0.5, 0.95)
KEPT_CELLS = 32_000_000  # draws × units whose scores are kept for percentiles (256 MB)
THREAD_DRAWS = 256  # draws that a thread ranks at a time


class Tally:
    """Counts of ranks and the kept scores, filled draw by draw in any order.

    ``counts[unit, rank]`` is how often the unit took the rank (0: not ranked); ``above[i, j]`` how
    often unit i stood above unit j, both ranked; ``below[unit]`` how often the unit's score lay
    below the threshold. All are whole numbers, so their order of adding does not matter.
    """

    def __init__(
        self, n: int, draws: int, *, threshold: float | None = None, compiled: bool = False
    ) -> None:
        self.draws = draws
        self.threshold = threshold
        self.kept = np.full((min(draws, max(1, KEPT_CELLS // n)), n), np.nan)
        self.counts = np.zeros((n, n + 1), dtype=np.int64)
        self.above = np.zeros((n, n), dtype=np.int64)
        self.below = np.zeros(n, dtype=np.int64)
        self._count = self._count_compiled if compiled else self._count_plain

    def add(self, draws: NDArray[np.intp], scores: Floats) -> None:
        """Count the ``scores[draws × units]`` of the draws with these numbers."""
        self._count(scores)
        if self.threshold is not None:
            self.below += (scores < self.threshold).sum(axis=0)
        keep = draws < len(self.kept)
        self.kept[draws[keep]] = scores[keep]

    def _count_plain(self, scores: Floats) -> None:
        n = scores.shape[1]
        ranks = descending_ranks(scores)
        flat = (np.arange(n) * (n + 1) + ranks).ravel()
        self.counts += np.bincount(flat, minlength=n * (n + 1)).reshape(n, n + 1)
        last = np.where(ranks > 0, ranks, n + 1)
        ranked = ranks > 0
        for unit in range(n):
            self.above[unit] += ((last[:, unit, None] < last) & ranked).sum(axis=0)

    def _count_compiled(self, scores: Floats) -> None:
        """The same counts: threads rank draws apart, then count for units apart."""
        from .kernels import count_pairs  # noqa: PLC0415 (slow to import)

        ranks = compiled_ranks(scores)
        n = scores.shape[1]

        def count(first: int, last: int) -> None:
            count_pairs(ranks, first, last, self.counts, self.above)

        threads.spread_over_threads(count, n, -(-n // (4 * threads.count())))

    def score_interval(self, *, exact: bool) -> Floats:
        """The percentiles [units × 3] of the kept scores.

        Where the draws are all there is, a percentile is the smallest score whose share of draws
        reaches it; else it lies between two draws.
        """
        method: Literal["inverted_cdf", "linear"] = "inverted_cdf" if exact else "linear"
        interval = np.full((self.kept.shape[1], len(QUANTILES)), np.nan)
        for unit, scores in enumerate(self.kept.T):
            known = scores[~np.isnan(scores)]
            if len(known):
                interval[unit] = np.quantile(known, QUANTILES, method=method)
        return interval

    def rank_interval(self) -> Floats:
        """The percentiles [units × 3] of the ranks, from the counts of all draws."""
        total = self.counts[:, 1:].sum(axis=1, keepdims=True)
        cumulative = self.counts[:, 1:].cumsum(axis=1)
        interval = np.column_stack(
            [(cumulative >= q * total - 1e-9).argmax(axis=1) + 1.0 for q in QUANTILES]
        )
        interval[total[:, 0] == 0] = np.nan
        return interval


def compiled_ranks(scores: Floats) -> NDArray[Any]:
    """Ranks [draws × units], 1 for the largest; ties share the smaller; 0 where NaN.

    The same as ``ranking.descending_ranks``, on several threads.
    """
    from .kernels import rank_draws  # noqa: PLC0415 (slow to import)

    draws, n = scores.shape
    # what is counted over one such array must fit its type too
    small = max(n, draws) < np.iinfo(np.int16).max
    ranks = np.empty((draws, n), dtype=np.int16 if small else np.int32)

    def rank(first: int, last: int) -> None:
        part = scores[first:last]
        rank_draws(part, np.argsort(-part, axis=-1), ranks[first:last])

    threads.spread_over_threads(rank, draws, THREAD_DRAWS)
    return ranks
