"""Pairs of sets that nothing rules out to be alike, told by their sizes and by 64 bits each."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

BITS = 64
"""How many bits a mark has."""


class TooManyPairs(Exception):  # noqa: N818  an answer, not a fault
    """There are more close pairs than were asked for."""


def mark_of(numbers: Iterable[int]) -> int:
    """The mark of a set of whole numbers: each sets the bit of its remainder by 64."""
    mark = 0
    for number in numbers:
        mark |= 1 << (number % BITS)
    return mark


def close_pairs(
    place: NDArray[np.int64],
    pieces: NDArray[np.int32],
    mark: NDArray[np.uint64],
    *,
    window: int,
    likeness: float,
    most: int,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Every pair of rows no more than ``window`` places apart whose sets may be alike to ``likeness`` (Jaccard) or more.

    ``place`` [rows] rises; ``pieces`` [rows] is the size of each set, ``mark`` [rows] its ``mark_of``. None that is alike is left
    out, a few that are not are in: the caller compares those. Returns the rows of each pair, the earlier in ``place`` first.

    Of two sets, what they share over what they have is at most the smaller over the larger; where it is t or more, no more than
    (1 - t) / (1 + t) of the sum of their sizes is in one of them alone, and their marks differ in no more bits than that. Each
    step compares all rows with those so many places further on: no more steps than rows in the fullest window, in memory of
    a few numbers a row.

    Raises TooManyPairs beyond ``most``, and ValueError for a likeness outside (0, 1] or places that fall.
    """
    if not 0 < likeness <= 1:
        raise ValueError("the likeness lies above 0 and up to 1")
    if np.any(np.diff(place) < 0):
        raise ValueError("the places rise")
    sizes = pieces.astype(np.float32)
    alone = np.float32((1 - likeness) / (1 + likeness) * (1 + 1e-6))
    last = np.searchsorted(place, place + window, side="right")
    found: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
    number = 0
    for step in range(1, int((last - np.arange(len(place))).max(initial=1))):
        differing = np.bitwise_count(mark[step:] ^ mark[:-step])
        near = differing <= (sizes[step:] + sizes[:-step]) * alone
        near &= place[step:] - place[:-step] <= window
        first = np.flatnonzero(near)
        one, other = sizes[first], sizes[first + step]
        fits = np.minimum(one, other) >= np.maximum(one, other) * np.float32(likeness * (1 - 1e-6))
        first = first[fits]
        found.append((first, first + step))
        number += len(first)
        if number > most:
            raise TooManyPairs
    return _joined([pair[0] for pair in found]), _joined([pair[1] for pair in found])


def _joined(parts: list[NDArray[np.intp]]) -> NDArray[np.intp]:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.intp)
