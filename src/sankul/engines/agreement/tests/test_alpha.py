"""Krippendorff's alpha against his own worked examples."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sankul.engines.agreement import AgreementError, Bootstrap, krippendorff_alpha

_ = None
# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), C: 4 observers, 12 units
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]
RATINGS = [list(unit) for unit in zip(*OBSERVERS, strict=True)]


@pytest.mark.parametrize(
    ("level", "published"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_four_observers_of_twelve_units(level: Any, published: float) -> None:
    found = krippendorff_alpha(RATINGS, level)
    assert found.value == pytest.approx(published, abs=5e-4)
    assert (found.units, found.pairable, found.low) == (11, 40, None)


def test_two_observers_of_binary_data_and_of_nominal_data() -> None:
    # the same paper, A (Meg and Owen, binary: 0.095) and B (Ben and Gerry, nominal: 0.692)
    meg, owen = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    found = krippendorff_alpha(list(zip(meg, owen, strict=True)))
    assert found.value == pytest.approx(0.095, abs=5e-4)
    ben, gerry = "aabbdcccedda", "babbbccceddd"
    letters = [(ord(x), ord(y)) for x, y in zip(ben, gerry, strict=True)]
    assert krippendorff_alpha(letters).value == pytest.approx(0.692, abs=5e-4)


def test_raters_who_agree_fully_have_one_and_order_does_not_matter() -> None:
    assert krippendorff_alpha([[1, 1], [2, 2], [3, 3]], "interval").value == 1
    mixed = [unit[::-1] for unit in RATINGS[::-1]]
    for level in ("nominal", "ordinal", "interval", "ratio"):
        one, other = krippendorff_alpha(RATINGS, level), krippendorff_alpha(mixed, level)
        assert one.value == pytest.approx(other.value)


def test_the_interval_surrounds_alpha_and_says_how_often_standards_are_missed() -> None:
    ratings = RATINGS * 4
    widths = {}
    for resample in ("units", "pairs"):
        how = Bootstrap(np.random.default_rng(1), 4000, resample)
        found = krippendorff_alpha(ratings, "nominal", how)
        assert found.low is not None
        assert found.high is not None
        assert found.low < found.value < found.high
        widths[resample] = found.high - found.low
        shares = dict(found.below)
        assert 0 <= shares[0.667] <= shares[0.8] <= 1
        assert shares[0.8] > 0.5
    assert widths["pairs"] < widths["units"]


def test_equal_seeds_give_equal_intervals() -> None:
    one, two = (
        krippendorff_alpha(RATINGS, "ordinal", Bootstrap(np.random.default_rng(7), 500))
        for _ in range(2)
    )
    assert one == two


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.one_of(st.none(), st.integers(1, 4)), min_size=3, max_size=3),
        min_size=2,
        max_size=8,
    )
)
def test_interval_alpha_is_one_less_the_ratio_of_mean_squares(ratings: Any) -> None:
    pairs = [[r for r in unit if r is not None] for unit in ratings]
    kept = [unit for unit in pairs if len(unit) > 1]
    together = [r for unit in kept for r in unit]
    assume(len(set(together)) > 1)
    # observed: mean squared difference of pairs of a unit, units weighted by their ratings
    observed = sum(
        sum((a - b) ** 2 for a in unit for b in unit) / (len(unit) - 1) for unit in kept
    ) / len(together)
    n = len(together)
    expected = sum((a - b) ** 2 for a in together for b in together) / (n * (n - 1))
    found = krippendorff_alpha(ratings, "interval").value
    assert found == pytest.approx(1 - observed / expected)


@pytest.mark.parametrize(
    ("ratings", "level", "message"),
    [
        ([[1, 1], [1, 1]], "nominal", "all ratings are the same"),
        ([[1, _], [_, 2]], "nominal", "no unit has two ratings"),
        ([[-1, 2], [1, 2]], "ratio", "no values below zero"),
        ([[1, 2], [1, 2]], "cardinal", 'level "cardinal"'),
        ([[1], [2]], "nominal", "ratings are 2 × 1"),
        ([["x", 1], [1, 2]], "nominal", "no table of numbers"),
        ([[1, 2], [1]], "nominal", "no table of numbers"),
        ([[1, float("inf")], [1, 2]], "nominal", "infinite"),
    ],
)
def test_ratings_without_an_alpha_are_refused(ratings: Any, level: Any, message: str) -> None:
    with pytest.raises(AgreementError, match=message):
        krippendorff_alpha(ratings, level)
