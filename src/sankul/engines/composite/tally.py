"""Counting ranks over many draws, and keeping scores for their percentiles."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import threads
from .frame import Floats
from .ranking import descending_ranks

QUANTILES = (0.05, 0.5, 0.95)
KEPT_CELLS = 32_000_000  # draws × units whose scores are kept for percentiles (256 MB)
THREAD_CELLS = 250_000  # draws × units that a thread ranks at a time
THREAD_PAIRS = 50_000_000  # comparisons of two units from which threads share the counting


class Tally:
    """Counts of ranks and the kept scores, filled draw by draw in any order.

    ``counts[unit, rank]`` is how often the unit took the rank (0: not ranked); ``above[i, j]`` how
    often unit i stood above unit j, both ranked, or None if not ``pairs``; ``below[unit]`` how often
    the unit's score lay below the threshold. All are whole numbers, so their order of adding does
    not matter.
    """

    def __init__(
        self,
        n: int,
        draws: int,
        *,
        threshold: float | None = None,
        compiled: bool = False,
        pairs: bool = True,
    ) -> None:
        self.draws = draws
        self.threshold = threshold
        self.kept = np.empty((min(draws, max(1, KEPT_CELLS // n)), n))
        self.counts = np.zeros((n, n + 1), dtype=np.int64)
        self.above = np.zeros((n, n), dtype=np.int64) if pairs else None
        self.below = np.zeros(n, dtype=np.int64)
        self._count = self._count_compiled if compiled else self._count_plain

    def add(self, draws: NDArray[np.intp], scores: Floats) -> None:
        """Count the ``scores[draws × units]`` of the draws with these numbers."""
        self._count(scores)
        if self.threshold is not None:
            self.below += (scores < self.threshold).sum(axis=0)
        if draws.max(initial=-1) < len(self.kept):
            self.kept[draws] = scores
        else:
            keep = draws < len(self.kept)
            self.kept[draws[keep]] = scores[keep]

    def _count_plain(self, scores: Floats) -> None:
        n = scores.shape[1]
        ranks = descending_ranks(scores)
        flat = (np.arange(n) * (n + 1) + ranks).ravel()
        self.counts += np.bincount(flat, minlength=n * (n + 1)).reshape(n, n + 1)
        if self.above is None:
            return
        last = np.where(ranks > 0, ranks, n + 1)
        ranked = ranks > 0
        for unit in range(n):
            self.above[unit] += ((last[:, unit, None] < last) & ranked).sum(axis=0)

    def _count_compiled(self, scores: Floats) -> None:
        """The same counts: threads rank draws apart, then count for units apart."""
        from .kernels import count_pairs, count_ranks  # noqa: PLC0415 (slow to import)

        ranks = compiled_ranks(scores)
        draws, n = scores.shape
        above = self.above

        def count(first: int, last: int) -> None:
            count_ranks(ranks, first, last, self.counts)
            if above is not None:
                count_pairs(ranks, first, last, above)

        shared = draws * n * (1 if above is None else n) > THREAD_PAIRS
        threads.spread_over_threads(count, n, -(-n // (4 * threads.count())) if shared else n)

    def score_interval(self, *, exact: bool) -> Floats:
        """The percentiles [units × 3] of the kept scores.

        Where the draws are all there is, a percentile is the smallest score whose share of draws
        reaches it; else it lies between two draws.
        """
        interval: Floats = np.empty((self.kept.shape[1], len(QUANTILES)))

        def fill(first: int, last: int) -> None:
            ordered = np.ascontiguousarray(self.kept[:, first:last].T)
            ordered.sort(axis=1)  # NaN come last
            interval[first:last] = _percentiles(ordered, exact=exact)

        threads.spread_over_threads(fill, len(interval), max(1, THREAD_CELLS // len(self.kept)))
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


def _percentiles(ordered: Floats, *, exact: bool) -> Floats:
    """The percentiles [units × 3] of ``ordered[units × draws]``, NaN where there is none."""
    known = (~np.isnan(ordered)).sum(axis=1, keepdims=True)
    place = np.array(QUANTILES) * (known - 1)
    if exact:
        place = np.ceil(np.array(QUANTILES) * known - 1e-9) - 1
    place = np.maximum(place, 0.0)
    low = place.astype(np.intp)
    below = np.take_along_axis(ordered, low, axis=1)
    above = np.take_along_axis(ordered, np.clip(known - 1, 0, low + 1), axis=1)
    share = place - low
    half = above / 2 - below / 2  # the whole difference could overflow
    near_low = below + 2 * (half * share)
    return np.asarray(np.where(share < 0.5, near_low, above - 2 * (half * (1 - share))))


def compiled_ranks(scores: Floats) -> NDArray[Any]:
    """Ranks [draws × units], 1 for the largest; ties share the smaller; 0 where NaN.

    The same as ``ranking.descending_ranks``, on several threads.
    """
    draws, n = scores.shape
    ranks = np.empty((draws, n), dtype=np.int16 if n < np.iinfo(np.int16).max else np.int32)

    def rank(first: int, last: int) -> None:
        rank_block(scores[first:last], ranks[first:last])

    threads.spread_over_threads(rank, draws, max(1, THREAD_CELLS // n))
    return ranks


def rank_block(scores: Floats, ranks: NDArray[Any]) -> None:
    """Fill ``ranks[draws × units]``, on this thread alone."""
    from .kernels import rank_draws, sort_keys  # noqa: PLC0415 (slow to import)

    keys = np.empty(scores.shape, dtype=np.int64)
    shift = (scores.shape[1] - 1).bit_length()
    sort_keys(scores.view(np.int64), shift, keys)
    keys.sort(axis=-1)
    rank_draws(scores, keys, shift, ranks)
