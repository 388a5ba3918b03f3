"""Sample sizes: allocation and precision."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sankul.engines.sampling import SamplingError, exact_limits, expect, plan, plan_for
from sankul.engines.sampling.allocation import share_out

from .makers import a_population

THREE = {"a": [1.0] * 100, "b": [2.0] * 100, "c": [7.0] * 100}


def test_the_sample_is_shared_in_proportion_to_total_size() -> None:
    assert plan(a_population(THREE), sample=50).counts == {"a": 5, "b": 10, "c": 35}


def test_neyman_shares_by_size_times_spread() -> None:
    # 100·0.5, 200·0.25, 700·0 = 50 : 50 : 0, and the minimum for the last
    made = plan(a_population(THREE), sample=50, spread={"a": 0.5, "b": 0.25, "c": 0.0})
    assert made.counts == {"a": 24, "b": 24, "c": 2}


def test_each_stratum_gets_the_minimum_or_all_it_has_and_a_census_all() -> None:
    population = a_population({"a": [100.0] * 50, "b": [1.0], "c": [1.0] * 9, "d": [1.0] * 20})
    made = plan(population, sample=30, minimum=3, census=["c"])
    assert made.counts == {"a": 17, "b": 1, "c": 9, "d": 3}
    assert [stratum.census for stratum in made.strata] == [False, True, True, False]
    assert made.strata[2].certain == 9


def test_what_a_full_stratum_cannot_take_goes_to_the_others() -> None:
    population = a_population({"a": [100.0] * 3, "b": [1.0] * 10, "c": [1.0] * 10})
    assert plan(population, sample=13).counts == {"a": 3, "b": 5, "c": 5}


def test_fractions_go_by_largest_remainder_then_by_name() -> None:
    floor, cap = np.zeros(3, dtype=np.int64), np.full(3, 9)
    assert share_out(5, np.array([1.0, 1, 1]), floor, cap).tolist() == [2, 2, 1]
    assert share_out(4, np.array([3.0, 3, 4]), floor, cap).tolist() == [1, 1, 2]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.01, 1e6), st.integers(1, 40)), min_size=1, max_size=12),
    st.integers(1, 4),
    st.floats(0, 1),
)
def test_counts_keep_to_their_bounds_and_sum_to_the_sample(
    strata: Any, minimum: int, part: float
) -> None:
    cap = np.array([records for _, records in strata])
    floor = np.minimum(minimum, cap)
    sample = int(floor.sum() + part * (cap.sum() - floor.sum()))
    counts = share_out(sample, np.array([weight for weight, _ in strata]), floor, cap)
    assert counts.sum() == sample
    assert ((floor <= counts) & (counts <= cap)).all()


def test_effective_draws_of_equal_claims_are_those_of_simple_sampling_without_replacement() -> None:
    # N = 100, n = 20: the variance of a mean is s²/n (1 − n/N), that of 25 draws with replacement
    made = plan(a_population({"a": [3.0] * 100}), sample=20)
    assert made.effective == pytest.approx(25)


def test_expectation_is_the_interval_that_the_estimate_will_give() -> None:
    made = plan(a_population({"a": [3.0] * 100}), sample=20)
    low, high = exact_limits(np.array([0.9, 1.0]), np.array([25.0, 25.0]))
    expected = expect(made, overstatement=0.1)
    assert expected.half_width == pytest.approx((0.9 - low[0]) / 0.9)
    assert expected.overstated_at_most == pytest.approx(1 - 0.025 ** (1 / 25))
    assert high[0] < 1


def test_without_expected_errors_the_rule_of_three_decides() -> None:
    # two-sided: low = 0.025^(1/n); 1 − low ≤ 0.1 from 35.01 draws on, which 35 without replacement
    # of 50,000 are worth
    population = a_population({"a": [1.0] * 50_000})
    assert plan_for(population, half_width=0.1, overstatement=0.0).sample == 35


def test_the_sample_for_a_wished_precision_is_the_smallest() -> None:
    population = a_population(THREE)
    made = plan_for(population, half_width=0.1, overstatement=0.1)
    assert expect(made, overstatement=0.1).half_width <= 0.1
    fewer = plan(population, sample=made.sample - 1)
    assert expect(fewer, overstatement=0.1).half_width > 0.1
    # about z²ω/((1 − ω)h²) = 43 by the normal approximation, more by exact limits
    assert 43 < made.sample < 80


def test_a_precision_that_only_a_census_gives_takes_every_record() -> None:
    population = a_population({"a": [1.0] * 5, "b": [1.0] * 4})
    made = plan_for(population, half_width=0.001)
    assert made.sample == 9
    assert made.effective == float("inf")
    assert expect(made).half_width == 0
    assert expect(made).overstated_at_most == 0


def test_large_records_taken_with_certainty_make_a_plan_more_precise() -> None:
    uneven = a_population({"a": [1000.0] * 5 + [1.0] * 95})
    even = a_population({"a": [1.0] * 100})
    assert plan(uneven, sample=20).strata[0].certain == 5
    assert plan(uneven, sample=20).effective > 100 * plan(even, sample=20).effective


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"sample": 3}, "plan sample: 3; expected 6 to 300 records"),
    ({"sample": 301}, "plan sample: 301; expected 6 to 300"),
    ({"sample": 90, "census": ["b"]}, "plan sample: 90; expected 104 to 300"),
    ({"sample": 50, "census": ["z"]}, 'plan census: "z"'),
    ({"sample": 50, "minimum": 0}, "plan minimum: 0"),
    ({"sample": 50, "spread": {"a": 1, "b": 1}}, 'plan spread of "c": nan'),
    ({"sample": 50, "spread": {"a": 1, "b": -1, "c": 1}}, 'plan spread of "b": -1'),
]


@pytest.mark.parametrize(("given", "message"), REFUSED)
def test_a_plan_that_cannot_be_is_refused(given: Any, message: str) -> None:
    with pytest.raises(SamplingError, match=message):
        plan(a_population(THREE), **given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"half_width": 0}, "half_width: 0"),
        ({"half_width": 0.1, "confidence": 1.0}, "confidence: 1.0"),
        ({"half_width": 0.1, "overstatement": 1.0}, "overstatement: 1.0"),
    ],
)
def test_a_precision_that_means_nothing_is_refused(given: Any, message: str) -> None:
    with pytest.raises(SamplingError, match=message):
        plan_for(a_population(THREE), **given)
