"""Words for coefficients."""

import pytest

from sankul.engines.agreement import read


@pytest.mark.parametrize(
    ("value", "of", "grade"),
    [
        (0.8, "alpha", "reliable"),
        (0.7, "alpha", "tentative"),
        (0.5, "alpha", "unreliable"),
        (-0.1, "alpha", "worse than chance"),
        (0.85, "kappa", "almost perfect"),
        (0.3, "kappa", "fair"),
        (0.76, "icc", "good"),
        (0.4, "icc", "poor"),
    ],
)
def test_each_coefficient_is_read_by_its_own_convention(value: float, of: str, grade: str) -> None:
    assert read(value, of=of, units=100, raters=3, low=0, high=0.1).grade == grade  # type: ignore[arg-type]


def test_the_lower_limit_says_what_is_sure_and_a_small_study_is_told_as_such() -> None:
    reading = read(0.85, of="alpha", units=12, raters=2, low=0.5, high=1.0)
    assert (reading.grade, reading.surely) == ("reliable", "unreliable")
    assert reading.warnings == ("few_units", "few_raters", "wide")
    assert read(-0.2, of="kappa", units=60, raters=2).warnings == ("no_interval", "below_chance")
