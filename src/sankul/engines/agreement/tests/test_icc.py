"""Intraclass correlations against Shrout and Fleiss (1979)."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sankul.engines.agreement import AgreementError, icc
from sankul.engines.agreement.icc import FORMS

# six targets, four judges
RATINGS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]

# limits and F as the R package psych prints them for these data
PUBLISHED = [
    ("1,1", 0.17, -0.133, 0.72, 1.8, (5, 18)),
    ("2,1", 0.29, 0.019, 0.76, 11.0, (5, 15)),
    ("3,1", 0.71, 0.342, 0.95, 11.0, (5, 15)),
    ("1,k", 0.44, -0.884, 0.91, 1.8, (5, 18)),
    ("2,k", 0.62, 0.071, 0.93, 11.0, (5, 15)),
    ("3,k", 0.91, 0.676, 0.99, 11.0, (5, 15)),
]


@pytest.mark.parametrize(("form", "value", "low", "high", "f", "degrees"), PUBLISHED)
def test_six_targets_and_four_judges(
    form: Any, value: float, low: float, high: float, f: float, degrees: Any
) -> None:
    found = icc(RATINGS, form)
    assert found.value == pytest.approx(value, abs=5e-3)
    assert found.low == pytest.approx(low, abs=6e-4)
    assert found.high == pytest.approx(high, abs=6e-3)
    assert found.f == pytest.approx(f, abs=0.05)
    assert found.degrees == degrees
    assert (found.units, found.raters) == (6, 4)


def test_severity_counts_as_error_but_in_the_third_form() -> None:
    severe = np.array(RATINGS) + np.array([0, 10, 20, 30])
    assert icc(severe, "3,1").value == pytest.approx(icc(RATINGS, "3,1").value)
    assert icc(severe, "2,1").value < 0.1


def test_judges_who_agree_fully_have_one() -> None:
    for form in FORMS:
        found = icc([[1, 1, 1], [2, 2, 2], [5, 5, 5]], form)
        assert (found.value, found.low, found.high) == pytest.approx((1, 1, 1))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 10), min_size=3, max_size=3), min_size=3, max_size=10),
    st.sampled_from(FORMS),
)
def test_limits_surround_the_value_and_scale_does_not_matter(ratings: Any, form: Any) -> None:
    values = np.array(ratings, dtype=float)
    assume(np.ptp(values.mean(axis=1)) > 0)
    found = icc(values, form)
    assert found.low <= found.value + 1e-9
    assert found.value <= found.high + 1e-9
    assert found.high <= 1 + 1e-9
    scaled = icc(values * 3 + 7, form)
    assert scaled.value == pytest.approx(found.value, abs=1e-9)


@pytest.mark.parametrize(
    ("ratings", "form", "message"),
    [
        ([[1, 2], [2, 1]], "1,1", "same mean rating"),
        ([[1, None], [2, 1]], "1,1", "unit 1 has no rating by rater 2"),
        ([[1, 2], [3, 1]], "4,1", 'form "4,1"'),
    ],
)
def test_what_has_no_correlation_is_refused(ratings: Any, form: Any, message: str) -> None:
    with pytest.raises(AgreementError, match=message):
        icc(ratings, form)
