"""Pairs that may be alike: none that is alike is lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sankul.engines.likeness import TooManyPairs, close_pairs, mark_of

Rows = list[tuple[int, frozenset[int]]]


def close(rows: Rows, window: int, likeness: float, most: int = 10**6) -> set[tuple[int, int]]:
    """The pairs, as rows by number."""
    place = np.array([place for place, _ in rows], dtype=np.int64)
    pieces = np.array([len(each) for _, each in rows], dtype=np.int32)
    marks = np.array([mark_of(each) for _, each in rows], dtype=np.uint64)
    one, other = close_pairs(place, pieces, marks, window=window, likeness=likeness, most=most)
    return set(zip(one.tolist(), other.tolist(), strict=True))


sets = st.frozensets(st.integers(0, 300), min_size=1, max_size=30)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12), sets), max_size=25),
    st.lists(st.integers(0, 300), max_size=3),
    st.integers(0, 5),
    st.sampled_from([0.3, 0.5, 0.85, 1.0]),
)
def test_none_that_is_alike_is_lost_and_none_is_out_of_the_window(
    rows: Rows, more: list[int], window: int, likeness: float
) -> None:
    rows = sorted([*rows, *((place + 1, each | set(more)) for place, each in rows)])
    found = close(rows, window, likeness)
    for i, (here, one) in enumerate(rows):
        for j, (there, other) in enumerate(rows[i + 1 :], i + 1):
            within = there - here <= window
            assert within or (i, j) not in found
            if within and len(one & other) / len(one | other) >= likeness:
                assert (i, j) in found


def test_what_differs_too_much_is_ruled_out() -> None:
    words = frozenset(range(20))
    rows: Rows = [
        (1, words), (2, words | {40}), (2, frozenset(range(10))), (3, frozenset(range(30, 50))), (9, words),
    ]  # fmt: skip
    assert close(rows, 3, 0.85) == {(0, 1)}


def test_no_rows_make_no_pairs() -> None:
    assert close([], 3, 0.85) == set()
    assert close([(1, frozenset({1}))], 3, 0.85) == set()


def test_more_pairs_than_asked_for_are_refused() -> None:
    rows: Rows = [(1, frozenset({1, 2}))] * 5
    assert len(close(rows, 0, 0.85, most=10)) == 10
    with pytest.raises(TooManyPairs):
        close(rows, 0, 0.85, most=9)


@pytest.mark.parametrize("likeness", [0, -1, 1.01])
def test_a_likeness_lies_between_0_and_1(likeness: float) -> None:
    with pytest.raises(ValueError, match="likeness"):
        close([(1, frozenset({1}))], 3, likeness)


def test_places_rise() -> None:
    with pytest.raises(ValueError, match="places rise"):
        close([(2, frozenset({1})), (1, frozenset({1}))], 3, 0.85)
