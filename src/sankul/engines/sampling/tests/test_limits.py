"""Limits against published tables and examples."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sankul.engines.sampling import SamplingError, exact_limits, stringer, upper_errors


def test_the_auditors_confidence_factors() -> None:
    # AICPA, Audit Guide: Audit Sampling, table of confidence factors, partly rounded up
    factors = {
        0.95: [3.00, 4.75, 6.30, 7.76, 9.16],
        0.90: [2.31, 3.89, 5.33, 6.69, 8.00],
        0.99: [4.61, 6.64, 8.41, 10.05, 11.61],
    }
    for confidence, expected in factors.items():
        assert upper_errors(np.arange(5), 100, confidence) == pytest.approx(expected, abs=0.01)


def test_clopper_and_pearson_of_whole_numbers() -> None:
    # 0 of 10: 1 − 0.025^(1/10); 5 of 10: 0.187 to 0.813, as in every table
    low, high = exact_limits(np.array([0.0, 0.5, 1.0]), np.array([10.0, 10, 10]))
    assert low == pytest.approx([0, 0.1871, 0.6915], abs=1e-4)
    assert high == pytest.approx([0.3085, 0.8129, 1], abs=1e-4)


def test_limits_without_draws_and_with_all() -> None:
    low, high = exact_limits(np.array([1.0, 0.4]), np.array([0.0, np.inf]))
    assert (low.tolist(), high.tolist()) == ([0.0, 0.4], [1.0, 0.4])


# Hoogduin's R package FSaudit: a book value of 13,500,000, 145 drawn, taintings 1, 0.2 and 0.04
ACCOUNTS: dict[str, Any] = {"sample": 145, "total": 13_500_000}


@pytest.mark.parametrize(
    ("law", "basic", "upper"), [("binomial", 276_052, 469_619.52), ("poisson", 278_914, 475_998.28)]
)
def test_stringers_bound_of_a_published_example(law: Any, basic: float, upper: float) -> None:
    assert stringer([], law=law, **ACCOUNTS) == pytest.approx(basic, rel=1e-5)
    assert stringer([0.04, 1.0, 0.2], law=law, **ACCOUNTS) == pytest.approx(upper, rel=1e-5)


@pytest.mark.parametrize(
    ("taintings", "upper"),
    [([], 678_033), ([1], 1_060_621), ([1] * 5, 2_279_226), ([0.1] * 31, 1_346_319.33)],
)
def test_stringers_bound_as_the_audit_software_idea_prints_it(taintings: Any, upper: float) -> None:
    # 31 drawn of 7,360,816, as given in the tests of FSaudit
    found = stringer(taintings, sample=31, total=7_360_816, law="binomial")
    assert found == pytest.approx(upper, rel=1e-4)


def test_no_error_found_is_the_rule_of_three() -> None:
    assert stringer([], sample=100, total=1.0) == pytest.approx(0.02996, abs=1e-5)
    assert stringer([0.0] * 9, sample=100, total=1.0) == stringer([], sample=100, total=1.0)


@given(st.lists(st.floats(0, 1), max_size=20), st.floats(0.5, 0.99))
def test_the_bound_covers_the_estimate_and_grows_with_errors_and_confidence(
    taintings: list[float], confidence: float
) -> None:
    def upper(t: list[float], c: float) -> float:
        return stringer(t, sample=21, total=1.0, confidence=c, law="binomial")

    found = upper(taintings, confidence)
    assert found >= sum(taintings) / 21 - 1e-9
    assert upper([*taintings, 0.5], confidence) > found - 1e-12
    assert upper(taintings, min(0.995, confidence + 0.01)) > found
    assert found <= 1 + 1e-9


@pytest.mark.parametrize(
    ("taintings", "given", "message"),
    [
        ([1.5], {}, "stringer taintings"),
        ([-0.1], {}, "stringer taintings"),
        ([0.1] * 3, {"sample": 2}, "stringer taintings: 3; expected at most 2"),
        ([], {"sample": 0}, "stringer sample: 0"),
        ([], {"confidence": 0}, "confidence: 0"),
    ],
)
def test_what_cannot_be_bounded_is_refused(taintings: Any, given: Any, message: str) -> None:
    with pytest.raises(SamplingError, match=message):
        stringer(taintings, **({"sample": 10, "total": 1.0} | given))
