"""Shrinkage against Efron and Morris's baseball players."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sankul.engines.feedback import FeedbackError, shrink

# Efron and Morris, Stein's paradox in statistics, Scientific American 236 (1977): batting averages
# of 18 players after 45 times at bat, and their James–Stein estimates, shrunk by a factor of 0.212
BATTING = [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7]
PUBLISHED = {18: 0.294, 17: 0.289, 14: 0.275, 12: 0.266, 10: 0.256, 9: 0.252, 7: 0.242}


def test_eighteen_baseball_players() -> None:
    means = np.array(BATTING) / 45
    centre = means.mean()
    found = shrink(means, np.full(18, centre * (1 - centre) / 45))
    assert found.towards == pytest.approx(0.265, abs=5e-4)
    assert 1 - found.factors[0] == pytest.approx(0.212, abs=0.003)
    for hits, published in PUBLISHED.items():
        assert found.values[BATTING.index(hits)] == pytest.approx(published, abs=1.5e-3)


def test_equal_variances_give_james_and_stein() -> None:
    means = np.array([1.0, 4, 2, 8, 5, 7])
    found = shrink(means, np.full(6, 0.5))
    factor = (6 - 3) * 0.5 / np.sum((means - 4.5) ** 2)
    assert found.factors == pytest.approx(np.full(6, factor))
    assert found.values == pytest.approx(4.5 + (1 - factor) * (means - 4.5))


def test_few_answers_are_drawn_further_than_many() -> None:
    found = shrink(np.array([2.0, 2, 4, 4, 3]), np.array([1.0, 0.1, 0.1, 1.0, 0.1]))
    assert found.factors[0] > found.factors[1]
    assert found.values[0] > found.values[1]
    assert found.values[3] < found.values[2]


def test_means_no_further_apart_than_chance_are_nearly_one() -> None:
    found = shrink(np.array([3.0, 3.1, 2.9, 3.05, 2.95, 3.0]), np.full(6, 1.0))
    assert found.between == 0
    assert found.factors == pytest.approx(np.full(6, 3 / 5))


@given(st.lists(st.tuples(st.floats(-10, 10), st.floats(0.01, 5)), min_size=1, max_size=12))
def test_every_mean_moves_towards_the_common_one_and_never_beyond(cells: Any) -> None:
    means, variances = np.array(cells).T
    found = shrink(means, variances)
    assert ((found.factors >= 0) & (found.factors < 1)).all()
    assert (np.abs(found.values - found.towards) <= np.abs(means - found.towards) + 1e-9).all()
    if len(cells) <= 3:
        assert found.values == pytest.approx(means)


def test_a_missing_mean_stays_missing_and_does_not_count() -> None:
    means = np.array([1.0, 4, np.nan, 2, 8, 5, 7])
    found = shrink(means, np.where(np.isnan(means), np.nan, 0.5))
    whole = shrink(means[~np.isnan(means)], np.full(6, 0.5))
    assert np.isnan(found.values[2])
    assert np.delete(found.values, 2) == pytest.approx(whole.values)


def test_a_mean_without_a_variance_is_refused() -> None:
    with pytest.raises(FeedbackError, match="sampling variance"):
        shrink(np.array([1.0, 2.0]), np.array([1.0, np.nan]))
