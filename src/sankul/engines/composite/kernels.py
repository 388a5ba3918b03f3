"""Compiled loops for large numbers of draws: tree scores, ranks, and who stands above whom.

Every draw is computed on its own and in one order of additions, so results are the same to the
last bit whatever the number of threads. The functions release the interpreter's lock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit
from numpy import abs as size_of
from numpy import empty, exp, inf, isnan, log, nan, zeros
from numpy.typing import NDArray

from .frame import Floats
from .ranking import TIE

Positions = NDArray[Any]
Flags = NDArray[Any]
Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """The function compiled, without the interpreter's lock; kept on disk where there is a place."""
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    made: Function
    try:
        made = njit(cache=True, **options)(function)
    except RuntimeError:  # no folder can be written to: each process compiles anew
        made = njit(**options)(function)
    return made


@compiled
def _raise(row: Floats, power: float) -> bool:
    """Raise a node's scores in place; False where one is below zero."""
    for u in range(len(row)):
        if row[u] < 0.0:
            return False
        if power == 0.0:
            row[u] = log(row[u])
        elif power == -1.0:
            row[u] = 1.0 / row[u]
        else:
            row[u] = row[u] ** power
    return True


@compiled
def _add(at: Floats, row: Floats, w: float) -> None:
    for u in range(len(at)):
        at[u] += w * row[u]


@compiled
def _add_known(at: Floats, total: Floats, count: Floats, row: Floats, w: float) -> None:
    for u in range(len(at)):
        there = not isnan(row[u])
        at[u] += w * row[u] if there else 0.0
        total[u] += w if there else 0.0
        count[u] += 1.0 if there else 0.0


@compiled
def _finish(at: Floats, total: Floats, count: Floats, need: float, power: float) -> bool:
    """From sums to means in place, NaN where too little is there; whether every unit has one."""
    complete = True
    for u in range(len(at)):
        if not (total[u] > 0.0 and count[u] >= need):
            at[u] = nan
            complete = False
            continue
        mean = at[u] / total[u]
        if power == 0.0:
            mean = exp(mean)
        elif power == -1.0:
            mean = 1.0 / mean
        elif power != 1.0:
            mean = mean ** (1.0 / power)
        at[u] = mean
    return complete


@compiled
def score_draws(
    values: Floats,
    whole: Flags,
    which: Positions,
    weights: Floats,
    starts: Positions,
    children: Positions,
    places: Positions,
    powers: Floats,
    floors: Floats,
    scores: Floats,
) -> bool:
    """Fill ``scores[draws × units]`` of the last node; False where a power mean met a negative.

    ``values[matrices × indicators × units]`` are raised to the power of the indicator's node, NaN
    where missing, ``whole[matrices × indicators]`` says which columns miss none, and ``which``
    gives each draw its matrix. Node k has the ``children[starts[k]:starts[k + 1]]`` (positions in
    ``weights[draws × elements]``), stands itself at ``places[k]``, has the mean of ``powers[k]``
    and needs the share ``floors[k]`` of its weighted children.
    """
    m, n = values.shape[1], values.shape[2]
    below = empty((len(powers), n))
    below_whole = zeros(len(powers), "bool")
    total, count = empty(n), empty(n)
    for d in range(len(weights)):
        for k in range(len(powers)):
            at = below[places[k] - m]
            at[:], total[:], count[:] = 0.0, 0.0, 0.0
            everywhere, present, weighted = 0.0, 0.0, 0.0
            for c in children[starts[k] : starts[k + 1]]:
                w = weights[d, c]
                if w == 0.0:
                    continue
                weighted += 1.0
                row = values[which[d], c] if c < m else below[c - m]
                if c >= m and powers[k] != 1.0 and not _raise(row, powers[k]):
                    return False
                if whole[which[d], c] if c < m else below_whole[c - m]:
                    everywhere += w
                    present += 1.0
                    _add(at, row, w)
                else:
                    _add_known(at, total, count, row, w)
            total += everywhere
            need = (floors[k] - 1e-12) * max(weighted, 1.0) - present
            below_whole[places[k] - m] = _finish(at, total, count, need, powers[k])
        scores[d] = below[places[len(powers) - 1] - m]
    return True


@compiled
def rank_draws(scores: Floats, order: Positions, ranks: Positions) -> None:
    """Fill ``ranks[draws × units]``: 1 for the largest, ties share the smaller, 0 where NaN.

    ``order`` sorts each row of ``scores`` from the largest to the smallest, NaN last.
    """
    n = scores.shape[1]
    for d in range(len(scores)):
        largest = 0.0
        for u in range(n):
            if not isnan(scores[d, u]):
                largest = max(largest, size_of(scores[d, u]))
        rank, above = 0, inf
        for place in range(n):
            u = order[d, place]
            score = scores[d, u]
            if isnan(score):
                ranks[d, u] = 0
                continue
            if place == 0 or not above - score <= TIE * largest:
                rank = place + 1
            ranks[d, u] = rank
            above = score


@compiled
def count_pairs(
    ranks: Positions, first: int, last: int, counts: Positions, above: Positions
) -> None:
    """Add to rows ``first`` to ``last`` of ``counts`` and ``above``, of all draws in ``ranks``.

    ``counts[unit, rank]`` is how often the unit took the rank; ``above[i, j]`` how often unit i
    stood above unit j, both ranked.
    """
    draws, n = ranks.shape
    wins = zeros(n, ranks.dtype)
    for i in range(first, last):
        wins[:] = 0
        for d in range(draws):
            rank = ranks[d, i]
            counts[i, rank] += 1
            if rank == 0:
                continue
            row = ranks[d]
            for j in range(n):
                wins[j] += rank < row[j]
        for j in range(n):
            above[i, j] += wins[j]
