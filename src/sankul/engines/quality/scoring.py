"""How detected values agree with those that a technician marked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .detection import Marks, runs_of


class Agreement(NamedTuple):
    """Values rightly found, wrongly found and missed, of which precision, recall and F1."""

    found: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """The share of what was found that is right; 0 with nothing found."""
        return self.found / max(1, self.found + self.wrong)

    @property
    def recall(self) -> float:
        """The share of what was marked that was found; 0 with nothing marked."""
        return self.found / max(1, self.found + self.missed)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.found / max(1, 2 * self.found + self.wrong + self.missed)


def by_value(marked: ArrayLike, detected: ArrayLike) -> Agreement:
    """Each value by itself."""
    true, seen = np.asarray(marked, bool), np.asarray(detected, bool)
    return Agreement(int((true & seen).sum()), int((~true & seen).sum()), int((true & ~seen).sum()))


def by_event(marked: ArrayLike, detected: ArrayLike, widen: int = 1) -> Agreement:
    """Events widened by ``widen`` values on both sides, as pyhydroqc compares them.

    Widened events of both kinds that overlap form one window. All its values, less the widening at
    its ends, are rightly found where both kinds are in it, else wrongly found or missed: Jones,
    Jones and Horsburgh, Environmental Modelling and Software 151 (2022), 105364.
    """
    true, seen = (_widened(np.asarray(each, bool), widen) for each in (marked, detected))
    counts = [0, 0, 0]
    for first, last in _windows(true, seen):
        both, only = true[first:last].any(), seen[first:last].any()
        which = 2 if not only else 0 if both else 1
        counts[which] += max(0, last - first - 2 * widen)
    return Agreement(*(int(count) for count in counts))


def _widened(marks: Marks, by: int) -> Marks:
    wide: Marks = np.convolve(marks, np.ones(2 * by + 1), "same") > 0
    return wide


def _windows(true: Marks, seen: Marks) -> Iterator[tuple[int, int]]:
    """Runs of either mark, cut where one kind gives way to the other."""
    gives_way = (true[1:] != true[:-1]) & (seen[1:] != seen[:-1])
    cuts = np.flatnonzero(gives_way) + 1
    for first, last in runs_of(true | seen):
        inner = cuts[(cuts > first) & (cuts < last)]
        edges = [int(first), *inner.tolist(), int(last)]
        yield from pairwise(edges)
