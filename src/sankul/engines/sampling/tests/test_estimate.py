"""Estimates against textbooks, by hand, and their invariants."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sankul.engines.sampling import Amounts, Population, SamplingError, estimate, overstatement
from sankul.engines.sampling.estimation import METHODS

from .makers import a_population, a_sample, drawn, found

ALL_STANDS = 1.0


def test_four_supermarkets_of_which_one_is_drawn() -> None:
    # Lohr, Sampling: Design and Analysis, 6.1: areas 100, 200, 300, 1000 m², sales 11, 20, 24, 245;
    # the four estimates of the total 300 are 176, 160, 128, 392, with variance 14,248
    population = a_population({"town": [100.0, 200, 300, 1000]}, claimed=[400.0] * 4)
    sales = np.array([11.0, 20, 24, 245])
    estimates = []
    for store in population.ids:
        sample = a_sample(population, store)
        stands = found(population, sample, sales / 400)
        made = estimate(population, sample, stands, method="horvitz_thompson", limits="t")
        estimates.append(made.value[0])
        assert (made.low[0], made.high[0]) == (made.known[0], made.known[0] + 1200)
        assert np.isnan(made.standard_error[0])
    assert estimates == pytest.approx([176, 160, 128, 392])
    chance = population.size / 1600
    assert chance @ np.array(estimates) == pytest.approx(300)
    assert chance @ (np.array(estimates) - 300) ** 2 == pytest.approx(14_248)


def test_a_simple_random_sample_of_farms() -> None:
    # Lohr, 2.3: 300 of 3,078 counties, mean 297,897.05 acres and standard deviation 344,551.9:
    # the total is 916,927,110 with standard error 58,169,381
    mean, spread = 297_897.0467, 344_551.9
    off = spread * np.sqrt(299 / 300)
    claimed = np.where(np.arange(3078) % 2 == 0, mean + off, mean - off) + 1e6
    population = a_population({"us": [1.0] * 3078}, claimed=claimed.tolist())
    sample = a_sample(population, *population.ids[:300])
    stands = found(population, sample, (claimed - 1e6) / claimed)
    with pytest.raises(SamplingError, match=r"-0\."):
        estimate(population, sample, stands)
    shifted = estimate(
        population,
        sample,
        dict.fromkeys(sample.ids, ALL_STANDS),
        method="horvitz_thompson",
        limits="t",
    )
    assert shifted.value[0] - 3078e6 == pytest.approx(916_927_110, abs=5)
    assert shifted.standard_error[0] == pytest.approx(58_169_381, rel=1e-6)
    assert shifted.degrees_of_freedom[0] == 299


def test_the_ratio_estimate_of_the_inhabitants_of_196_cities() -> None:
    # Cochran, Sampling Techniques, 6.1: 49 of 196 cities had 5,054 in 1920 and 6,262 in 1930, all
    # 196 had 22,919 in 1920 (thousands): the ratio estimate for 1930 is 28,397
    c = np.r_[np.linspace(50, 150, 49) * 5054 / 4900, np.full(147, (22_919 - 5054) / 147)]
    population = a_population({"us": [1.0] * 196}, claimed=c.tolist())
    sample = a_sample(population, *population.ids[:49])
    stands = dict.fromkeys(sample.ids, 6262 / 5054)
    made = estimate(population, sample, stands, at_most=2)
    assert made.value[0] == pytest.approx(28_397, abs=0.5)


C = np.array([4.0, 6, 2, 8, 5, 5, 7, 3, 9, 1])
Z = np.array([1, 0.5, 1, 0, 1, 1, 0.75, 1, 1, 0])


def test_equal_sizes_give_the_textbook_variances() -> None:
    population = a_population({"a": [1.0] * 10}, claimed=C.tolist())
    sample = a_sample(population, "a0", "a1", "a3", "a6")
    y, c = (C * Z)[[0, 1, 3, 6]], C[[0, 1, 3, 6]]
    stands = found(population, sample, Z)
    made = estimate(population, sample, stands, method="horvitz_thompson", limits="t")
    assert made.value[0] == pytest.approx(10 * y.mean())
    assert made.standard_error[0] ** 2 == pytest.approx(100 * (1 - 0.4) * y.var(ddof=1) / 4)
    ratio = y.sum() / c.sum()
    made = estimate(population, sample, stands, method="ratio", limits="t")
    assert made.value[0] == pytest.approx(50 * ratio)
    residual = (y - ratio * c) * 50 / (10 * c.mean())
    expected = 100 * (1 - 0.4) * np.sum(residual**2) / 3 / 4
    assert made.standard_error[0] ** 2 == pytest.approx(expected)
    # t(3) = 3.1824
    assert made.high[0] == pytest.approx(
        min(y.sum() + 25, 50 * ratio + 3.182446 * np.sqrt(expected)), rel=1e-6
    )


def test_strata_add_up_and_the_certain_records_are_added_as_found() -> None:
    population = a_population({"a": [1.0] * 4, "b": [2.0] * 4, "c": [90, 1, 1, 1]}, None)
    # of c three are taken: the large one for certain, two of three by chance
    sample = a_sample(population, "a0", "a1", "b0", "b3", "c0", "c1", "c2")
    assert sample.probability.tolist() == pytest.approx([0.5] * 4 + [1] + [2 / 3] * 2)
    z = np.array([1, 0, 1, 1, 1, 1, 1, 0, 0.5, 1, 0, 1])
    stands = found(population, sample, z)
    made = estimate(population, sample, stands, method="horvitz_thompson")
    # a: 2·(1 + 0); b: 2·(2 + 0); c: 45 + 1.5·(1 + 0)
    assert made.value[0] == pytest.approx(2 + 4 + 46.5)
    assert made.known[0] == pytest.approx(1 + 2 + 46)
    a, b, c = 16 * 0.5 * 0.5 / 2, 16 * 0.5 * 2 / 2, 9 * (1 / 3) * 0.5 / 2
    assert made.standard_error[0] ** 2 == pytest.approx(a + b + c)
    assert made.degrees_of_freedom[0] == 3
    separate = estimate(population, sample, stands, method="separate_ratio")
    assert separate.value[0] == pytest.approx(4 / 2 + 8 / 2 + 45 + 3 / 2)
    combined = estimate(population, sample, stands, method="ratio")
    # Σy/π of all but the large one is 7.5, Σc/π is 15, claimed 15
    assert combined.value[0] == pytest.approx(45 + 15 * 7.5 / 15)


def two_domains() -> tuple[Population, Amounts]:
    population = a_population({"a": [1.0] * 6, "b": [1.0] * 6})
    ids = population.ids
    record = [*ids, ids[0], ids[6]]
    domain = ["first"] * 6 + ["second"] * 6 + ["both", "both"]
    return population, Amounts.of(population, record, domain, [2.0] * 12 + [5.0, 5.0])


def test_each_domain_has_its_own_estimate() -> None:
    population, amounts = two_domains()
    sample = a_sample(population, "a0", "a1", "a2", "b0", "b1", "b2")
    stands = dict(zip(sample.ids, [1, 1, 1, 0, 0.5, 1], strict=True))
    made = estimate(population, sample, stands, amounts)
    assert made.domains == ("both", "first", "second")
    assert made.claimed.tolist() == [10, 12, 12]
    assert made.of("first").value == 12
    assert made.of("first").standard_error == 0
    assert made.of("first").low < 12
    assert made.of("second").value == pytest.approx(6)
    both = made.of("both")
    assert (both.basis, both.low, both.value, both.high, both.checked) == ("census", 5, 5, 5, 2)


def test_a_domain_of_which_nothing_was_drawn_borrows_and_its_limits_are_all_that_is_possible() -> (
    None
):
    population, _ = two_domains()
    amounts = Amounts.of(population, ["a5", "b5"], ["x", "x"], [8, 8])
    sample = a_sample(population, "a0", "a1", "b0", "b1")
    made = estimate(population, sample, {"a0": 1, "a1": 1, "b0": 0, "b1": 1}, amounts).of("x")
    assert (made.basis, made.checked) == ("pooled", 0)
    assert made.value == pytest.approx(12)
    assert (made.low, made.high) == (0, 16)
    assert np.isnan(made.standard_error)


def test_without_errors_the_low_limit_is_that_of_so_many_draws() -> None:
    population = a_population({"a": [1.0] * 100})
    sample = a_sample(population, *population.ids[:20])
    made = estimate(population, sample, dict.fromkeys(sample.ids, 1.0))
    # 20 draws of 100 without replacement tell as much as 25 with
    assert made.low[0] == pytest.approx(100 * 0.025 ** (1 / 25))
    assert made.high[0] == 100
    t = estimate(population, sample, dict.fromkeys(sample.ids, 1.0), limits="t")
    assert (t.low[0], t.high[0]) == (100, 100)


def test_amounts_of_one_record_in_one_domain_add_up() -> None:
    population, _ = two_domains()
    amounts = Amounts.of(population, ["a0", "a0", "a1"], ["x", "x", "x"], [1, 2, 4])
    assert amounts.claimed.tolist() == [3, 4]
    assert amounts.record.tolist() == [0, 1]


def test_overstatement_of_one_stratum_is_stringers_bound_and_large_records_are_added() -> None:
    # Whittington and Pany, Principles of Auditing, confidence factors 3.00, 4.75, 6.30, 7.76:
    # interval 8,000; taintings 50 %, 33 %, 10 % of small records, 700 and 1,000 of large ones
    sizes = [8200.0, 9000] + [100.0] * 7028
    population = a_population({"a": sizes})
    sample = a_sample(population, *population.ids[:90])
    assert sample.certain.sum() == 2
    interval = population.size[2] / sample.probability[2]
    assert interval == pytest.approx(702_800 / 88)
    stands = dict.fromkeys(sample.ids, 1.0)
    stands |= {"a0": 7500 / 8200, "a1": 8000 / 9000, "a2": 2 / 3, "a3": 0.5, "a4": 0.9}
    made = overstatement(population, sample, stands)
    steps = np.diff([2.9957, 4.7439, 6.2958, 7.7537])
    expected = 1700 + interval * (2.9957 + steps @ np.array([0.5, 1 / 3, 0.1]))
    assert made.upper == pytest.approx(expected, rel=1e-4)
    assert made.value == pytest.approx(1700 + interval * (0.5 + 1 / 3 + 0.1))
    assert (made.known, made.tainted, made.drawn) == (pytest.approx(1700), 3, 88)


def test_overstatement_of_a_census_is_known() -> None:
    population = a_population({"a": [1.0, 2, 3]})
    sample = a_sample(population, "a0", "a1", "a2")
    made = overstatement(population, sample, {"a0": 0.5, "a1": 1, "a2": 2})
    assert (made.value, made.upper, made.drawn) == (0.5, 0.5, 0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.1, 50), st.floats(0, 1), st.integers(0, 2)), min_size=6, max_size=40
    ),
    st.integers(0, 2**20),
    st.sampled_from(METHODS),
    st.sampled_from(["exact", "t"]),
)
def test_limits_surround_the_value_and_never_leave_what_is_possible(
    records: Any, number: int, method: Any, limits: Any
) -> None:
    half = len(records) // 2
    sizes = [size for size, _, _ in records]
    population = a_population({"a": sizes[:half], "b": sizes[half:]})
    stands = np.array([share for _, share, _ in records])
    amounts = Amounts.of(
        population, population.ids, [f"d{domain}" for _, _, domain in records], sizes
    )
    sample = drawn(population, number, sample=max(4, half))
    findings = found(population, sample, stands)
    made = estimate(population, sample, findings, amounts, method=method, limits=limits)
    seen = np.isin(amounts.record, sample.rows)
    unseen = np.bincount(amounts.domain[~seen], amounts.claimed[~seen], len(made.domains))
    slack = 1e-9 * made.claimed
    assert (made.known <= made.low + slack).all()
    assert (made.low <= made.value).all()
    assert (made.value <= made.high).all()
    assert (made.high <= made.known + unseen + slack).all()
    larger = Amounts(amounts.domains, amounts.record, amounts.domain, amounts.claimed * 7)
    scaled = estimate(population, sample, findings, larger, method=method, limits=limits)
    for name in ("value", "low", "high", "standard_error"):
        assert getattr(scaled, name) == pytest.approx(
            7 * getattr(made, name), rel=1e-6, abs=1e-5, nan_ok=True
        )


@given(st.integers(0, 2**20))
def test_where_all_stands_ratios_give_the_claimed_totals(number: int) -> None:
    sizes = np.random.default_rng(number).lognormal(0, 1, 30).tolist()
    population = a_population({"a": sizes[:15], "b": sizes[15:]})
    sample = drawn(population, number, sample=10)
    for method in ("ratio", "separate_ratio"):
        made = estimate(population, sample, dict.fromkeys(sample.ids, 1.0), method=method)
        assert made.value[0] == pytest.approx(sum(sizes))
        assert made.high[0] == pytest.approx(sum(sizes))
        assert made.low[0] < made.value[0]


POPULATION = a_population({"a": [1.0] * 6})
SAMPLE = a_sample(POPULATION, "a0", "a1")
REFUSED: list[tuple[dict[str, float], dict[str, Any], str]] = [
    ({"a0": 1}, {}, 'findings: none for "a1"'),
    ({"a0": 1, "a1": 1, "a2": 1}, {}, 'finding of "a2": not in the sample'),
    ({"a0": 1, "a1": 1.01}, {}, 'finding of "a1": 1.01; expected 0 to 1'),
    ({"a0": 1, "a1": float("nan")}, {}, 'finding of "a1": nan'),
    ({"a0": 1, "a1": 1}, {"method": "mean"}, 'estimate method: "mean"'),
    ({"a0": 1, "a1": 1}, {"limits": "z"}, 'estimate limits: "z"'),
    ({"a0": 1, "a1": 1}, {"confidence": 95}, "confidence: 95"),
]


@pytest.mark.parametrize(("stands", "given", "message"), REFUSED)
def test_findings_that_do_not_fit_the_sample_are_refused(
    stands: Any, given: Any, message: str
) -> None:
    with pytest.raises(SamplingError, match=message):
        estimate(POPULATION, SAMPLE, stands, **given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((["z"], ["d"], [1]), 'amounts record: "z"'),
        ((["a0"], ["d"], [-1]), 'amounts claimed of "a0": -1.0'),
        ((["a0"], ["d", "e"], [1]), "amounts: 1 records, 2 domains, 1 amounts"),
    ],
)
def test_amounts_that_do_not_fit_the_population_are_refused(given: Any, message: str) -> None:
    with pytest.raises(SamplingError, match=message):
        Amounts.of(POPULATION, *given)
