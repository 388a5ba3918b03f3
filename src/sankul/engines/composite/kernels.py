"""Compiled loops for large numbers of draws: tree scores, ranks, and who stands above whom.

Every draw is computed on its own and in one order of additions, so results are the same to the
last bit whatever the number of threads. The functions release the interpreter's lock.
"""

from __future__ import annotations

from typing import Any

from numpy import abs as size_of
from numpy import empty, exp, inf, isnan, log, nan, zeros
from numpy.typing import NDArray

from ..compiling import compiled
from .frame import Floats
from .ranking import TIE

Positions = NDArray[Any]
Flags = NDArray[Any]

BLOCK = 256  # draws counted at a time
LARGEST = 0x7FFFFFFFFFFFFFFF  # of whole numbers in 64 bits; all bits but the sign
INFINITY = 0x7FF0000000000000  # the bits of infinity; above it stands NaN


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
def _add_eight(at: Floats, rows: Floats, weights: Floats) -> None:
    """The same as ``_add`` of eight rows one after another, which reads and writes ``at`` once."""
    a, b, c, d = weights[0], weights[1], weights[2], weights[3]
    e, f, g, h = weights[4], weights[5], weights[6], weights[7]
    for u in range(len(at)):
        four = (((at[u] + a * rows[0, u]) + b * rows[1, u]) + c * rows[2, u]) + d * rows[3, u]
        four = (((four + e * rows[4, u]) + f * rows[5, u]) + g * rows[6, u]) + h * rows[7, u]
        at[u] = four


@compiled
def _add_known(at: Floats, total: Floats, count: Floats, row: Floats, w: float) -> None:
    for u in range(len(at)):
        there = not isnan(row[u])
        at[u] += w * row[u] if there else 0.0
        total[u] += w if there else 0.0
        count[u] += 1.0 if there else 0.0


@compiled
def _mean(at: Floats, power: float) -> None:
    """Turn means of powers into means, in place."""
    for u in range(len(at)):
        if power == 0.0:
            at[u] = exp(at[u])
        elif power == -1.0:
            at[u] = 1.0 / at[u]
        else:
            at[u] = at[u] ** (1.0 / power)


@compiled
def _finish(at: Floats, total: Floats, count: Floats, need: float) -> bool:
    """From sums to means in place, NaN where too little is there; whether every unit has one."""
    complete = True
    for u in range(len(at)):
        there = total[u] > 0.0 and count[u] >= need
        at[u] = at[u] / total[u] if there else nan
        complete = complete and there
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
    and needs the share ``floors[k]`` of its weighted children. Children are added in their order.
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
            at_child, end = starts[k], starts[k + 1]
            while at_child < end:
                c = children[at_child]
                if _eight_in_a_row(children, at_child, end, whole[which[d]], weights[d]):
                    _add_eight(at, values[which[d], c : c + 8], weights[d, c : c + 8])
                    for w in weights[d, c : c + 8]:
                        everywhere += w
                    present += 8.0
                    weighted += 8.0
                    at_child += 8
                    continue
                at_child += 1
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
            below_whole[places[k] - m] = _finish(at, total, count, need)
            if powers[k] != 1.0:
                _mean(at, powers[k])
        scores[d] = below[places[len(powers) - 1] - m]
    return True


@compiled
def _eight_in_a_row(
    children: Positions, first: int, end: int, whole: Flags, weights: Floats
) -> bool:
    """Whether the next eight children are indicators side by side, complete, and weighted."""
    c = children[first]
    if first + 8 > end or c + 8 > len(whole) or children[first + 7] != c + 7:
        return False
    ready = True
    for k in range(8):
        ready = ready and children[first + k] == c + k and whole[c + k] and weights[c + k] != 0.0
    return ready


@compiled
def sort_keys(bits: Positions, shift: int, keys: Positions) -> None:
    """Fill ``keys[draws × units]``: whole numbers that sort as the scores do, largest first.

    ``bits`` are the scores' 64 bits, read as whole numbers. The lowest ``shift`` bits of a key hold
    the unit's position, so keys sort scores up to those bits; NaN come last.
    """
    low = (1 << shift) - 1
    for d in range(len(bits)):
        for u in range(bits.shape[1]):
            own = bits[d, u]
            size = own & LARGEST
            key = ~(own ^ ((own >> 63) & LARGEST))
            keys[d, u] = ((LARGEST if size > INFINITY else key) & ~low) | u


@compiled
def rank_draws(scores: Floats, keys: Positions, shift: int, ranks: Positions) -> None:
    """Fill ``ranks[draws × units]``: 1 for the largest, ties share the smaller, 0 where NaN.

    ``keys`` are those of ``sort_keys``, sorted; scores that they leave out of order are put right.
    """
    n = scores.shape[1]
    low = (1 << shift) - 1
    ordered, order = empty(n), empty(n, "int64")
    for d in range(len(scores)):
        known = 0
        for place in range(n):
            u = keys[d, place] & low
            ordered[place], order[place] = scores[d, u], u
            known += not isnan(scores[d, u])
        for place in range(known, n):
            ranks[d, order[place]] = 0
        for place in range(1, known):
            if ordered[place] > ordered[place - 1]:
                _put_right(ordered, order, place)
        if known == 0:
            continue
        tie = TIE * max(size_of(ordered[0]), size_of(ordered[known - 1]))
        rank, above = 0, inf
        for place in range(known):
            if not above - ordered[place] <= tie:
                rank = place + 1
            ranks[d, order[place]] = rank
            above = ordered[place]


@compiled
def _put_right(ordered: Floats, order: Positions, place: int) -> None:
    score, u = ordered[place], order[place]
    while place > 0 and score > ordered[place - 1]:
        ordered[place], order[place] = ordered[place - 1], order[place - 1]
        place -= 1
    ordered[place], order[place] = score, u


@compiled
def count_ranks(ranks: Positions, first: int, last: int, counts: Positions) -> None:
    """Add to rows ``first`` to ``last`` of ``counts[unit, rank]`` how often a unit took a rank."""
    for start in range(0, len(ranks), BLOCK):
        for i in range(first, last):
            for d in range(start, min(start + BLOCK, len(ranks))):
                counts[i, ranks[d, i]] += 1


@compiled
def count_pairs(ranks: Positions, first: int, last: int, above: Positions) -> None:
    """Add to rows ``first`` to ``last`` of ``above[i, j]`` how often unit i stood above unit j.

    Both ranked. Draws are taken in blocks that stay in the processor's cache, four at a time.
    """
    draws, n = ranks.shape
    wins = zeros(n, ranks.dtype)
    for start in range(0, draws, BLOCK):
        end = min(start + BLOCK, draws)
        fours = start + (end - start) // 4 * 4
        for i in range(first, last):
            wins[:] = 0
            for d in range(start, fours, 4):
                _win_four(wins, ranks[d : d + 4], i)
            for d in range(fours, end):
                _win(wins, ranks[d], ranks[d, i])
            for j in range(n):
                above[i, j] += wins[j]


@compiled
def _win_four(wins: Positions, rows: Positions, i: int) -> None:
    a, b, c, d = rows[0, i], rows[1, i], rows[2, i], rows[3, i]
    if a == 0 or b == 0 or c == 0 or d == 0:
        for k in range(4):
            _win(wins, rows[k], rows[k, i])
        return
    for j in range(len(wins)):
        wins[j] += (a < rows[0, j]) + (b < rows[1, j]) + (c < rows[2, j]) + (d < rows[3, j])


@compiled
def _win(wins: Positions, row: Positions, rank: int) -> None:
    if rank > 0:
        for j in range(len(wins)):
            wins[j] += rank < row[j]
