"""Pairs of mentors and learners, against assignments worked out by hand and by trying all."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sankul.engines import matching


def test_each_learns_where_it_is_weak_from_one_who_is_strong_there() -> None:
    levels = np.array([[90.0, 10.0], [50.0, 50.0], [10.0, 90.0]])
    found = matching.pairs(levels, np.array([0.5, 0.5]))
    assert [(pair.mentor, pair.learner, pair.worth) for pair in found] == [
        (0, 2, 40.0),
        (2, 0, 40.0),
    ]
    assert found[0].parts == (40.0, 0.0)


def test_the_pairs_are_worth_most_in_all() -> None:
    levels = np.array([[100.0, 60.0], [80.0, 90.0], [40.0, 70.0], [0.0, 40.0]])
    found = matching.pairs(levels, np.array([1.0, 1.0]))
    told = [(pair.mentor, pair.learner, pair.worth) for pair in found]
    assert told == [(1, 3, 130.0), (0, 2, 60.0), (2, 0, 10.0)]


def test_what_is_not_known_is_neither_taught_nor_learnt() -> None:
    levels = np.array([[90.0, np.nan], [np.nan, 20.0], [10.0, np.nan]])
    found = matching.pairs(levels, np.array([1.0, 1.0]))
    assert [(pair.mentor, pair.learner) for pair in found] == [(0, 2)]


def test_equals_have_nothing_to_learn_from_each_other() -> None:
    assert matching.pairs(np.full((3, 2), 50.0), np.array([1.0, 1.0])) == []
    assert matching.pairs(np.zeros((0, 2)), np.array([1.0, 1.0])) == []


def test_weights_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="unit × column"):
        matching.gains(np.zeros((2, 2)), np.zeros(3))
    with pytest.raises(ValueError, match="not negative"):
        matching.gains(np.zeros((2, 1)), np.array([-1.0]))


@given(
    st.integers(2, 5).flatmap(
        lambda n: st.lists(
            st.lists(st.integers(0, 100), min_size=3, max_size=3), min_size=n, max_size=n
        )
    )
)
def test_no_assignment_is_worth_more_and_nobody_teaches_himself(rows: list[list[int]]) -> None:
    levels, weights = np.array(rows, dtype=float), np.array([0.2, 0.3, 0.5])
    found = matching.pairs(levels, weights)
    assert all(pair.mentor != pair.learner for pair in found)
    assert (
        len({pair.mentor for pair in found}) == len({pair.learner for pair in found}) == len(found)
    )
    worth = matching.gains(levels, weights).sum(axis=2)
    best = max(sum(worth[i, j] for i, j in enumerate(p)) for p in permutations(range(len(rows))))
    assert sum(pair.worth for pair in found) == pytest.approx(best)
