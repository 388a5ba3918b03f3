"""Inclusion probabilities of Pareto πps sampling."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sankul.engines.sampling import SamplingError
from sankul.engines.sampling.drawing import select
from sankul.engines.sampling.inclusion import exact, wanted

# thirteen sizes of an example of Sampford's method in R's package pps
SIZES = np.array([9, 2, 5, 17, 4, 21, 15, 7, 4, 11, 23, 23, 14], dtype=float)


def test_wanted_probabilities_are_proportional_to_size() -> None:
    assert wanted(SIZES, 4)[:3] == pytest.approx([36 / 155, 8 / 155, 20 / 155])


def test_records_too_large_are_set_aside_again_and_again() -> None:
    # 3·50 ≥ 100 takes 50; of the other 50, 2·30 ≥ 50 takes 30; one of the last three, 20 in all
    assert wanted(np.array([50.0, 30, 10, 5, 5]), 3) == pytest.approx([1, 1, 0.5, 0.25, 0.25])


def test_two_records_of_a_kind_are_exactly_even_and_a_whole_stratum_is_certain() -> None:
    assert wanted(np.array([1.0, 1, 1, 1]), 2).tolist() == [0.5, 0.5, 0.5, 0.5]
    assert wanted(np.array([0.1, 0.1, 0.1, 1e-9]), 4).tolist() == [1, 1, 1, 1]


def test_sizes_that_vanish_beside_others_are_refused() -> None:
    with pytest.raises(SamplingError, match="vanish"):
        wanted(np.array([1e20, 1e20, 1.0]), 2)


def test_for_two_records_of_which_one_is_drawn_the_integral_is_known() -> None:
    # P(Q1 < Q2) with Q = odds(U)/τ: ∫ f1(t)(1 − F2(t)) dt = (r² − r − r ln r)/(r − 1)² at r = τ1/τ2
    p = np.array([0.8, 0.2])
    r = 16.0
    known = (r * r - r - r * np.log(r)) / (r - 1) ** 2
    found = exact(p)
    assert found is not None
    assert found == pytest.approx([known, 1 - known], abs=1e-12)


def test_equal_sizes_give_equal_probabilities() -> None:
    assert exact(np.full(7, 3 / 7)) == pytest.approx(np.full(7, 3 / 7), abs=1e-13)


def test_exact_probabilities_agree_with_many_draws_and_the_wanted_ones_do_not() -> None:
    p = wanted(SIZES, 4)
    found = exact(p)
    assert found is not None
    draws = 200_000
    u = np.random.default_rng(1).random((draws, p.size))
    q = u / (1 - u) * (1 - p) / p
    taken = np.argpartition(q, 4, axis=1)[:, :4]
    seen = np.bincount(taken.ravel(), minlength=p.size) / draws
    error = np.sqrt(found * (1 - found) / draws)
    assert np.abs(seen - found).max() < 3.5 * error.max()
    assert np.abs(found / p - 1).max() == pytest.approx(0.0069, abs=1e-4)


def test_wanted_probabilities_come_near_the_exact_ones_as_samples_grow() -> None:
    size = np.random.default_rng(2).lognormal(0, 1, 120)
    gaps = []
    for n in (2, 5, 10, 20):
        p = wanted(size, n)
        p = p[p < 1]
        found = exact(p)
        assert found is not None
        gaps.append(float(np.abs(found / p - 1).max()))
    assert all(later < earlier for earlier, later in pairwise(gaps))
    assert gaps[-1] < 1e-3


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.01, 100), min_size=2, max_size=12), st.integers(1, 11))
def test_probabilities_sum_to_the_sample_and_grow_with_size(sizes: Any, n: int) -> None:
    size = np.array(sizes)
    n = min(n, size.size)
    p = wanted(size, n)
    assert p.sum() == pytest.approx(n)
    left = (p < 1).nonzero()[0]
    if left.size:
        found = exact(p[left])
        assert found is not None
        assert found.sum() == pytest.approx(p[left].sum(), abs=1e-9)
        order = np.argsort(size[left])
        assert (np.diff(found[order]) > -1e-9).all()
        assert ((found > 0) & (found < 1)).all()


@given(st.integers(0, 2**32), st.integers(1, 13))
def test_a_draw_takes_as_many_as_wanted_and_all_that_are_certain(seed: int, n: int) -> None:
    p = wanted(SIZES, n)
    taken = select(np.random.default_rng(seed).random(13), p, [f"{k:02}" for k in range(13)])
    assert len(set(taken.tolist())) == n
    assert set(np.flatnonzero(p >= 1).tolist()) <= set(taken.tolist())


def test_ties_go_by_id_whatever_the_order() -> None:
    p = np.array([0.5, 0.5, 0.5, 0.5])
    u = np.full(4, 0.25)
    assert select(u, p, ["d", "b", "c", "a"]).tolist() == [3, 1]


def test_work_beyond_the_limit_is_not_begun() -> None:
    assert exact(np.full(20_000, 0.05)) is None
