"""Waiting times: a published example, silence, and what must hold for any data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sankul.engines.survival import Quantile, waiting

# Remission of leukaemia under 6-mercaptopurine, weeks: Freireich et al., Blood 21 (1963), as in Cox and Oakes,
# Analysis of Survival Data (1984), table 1.1.
RELAPSED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
IN_REMISSION = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
WAITS = st.lists(st.floats(0, 1000, allow_nan=False), max_size=40)


def test_the_curve_of_the_published_example():
    curve = waiting(RELAPSED, IN_REMISSION)

    assert curve is not None
    at = [curve.share_at(week) for week in (6, 7, 10, 13, 16, 22, 23, 35)]
    assert at == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448, 0.448], abs=5e-4)
    assert (curve.ended, curve.going_on) == (9, 12)


def test_the_median_of_the_published_example_has_a_lower_limit_and_no_upper():
    curve = waiting(RELAPSED, IN_REMISSION)

    assert curve is not None
    assert curve.quantile(0.5) == Quantile(23, 13, None)
    assert curve.quantile(0.25) == Quantile(13, 6, 22)
    assert curve.quantile(0.75) == Quantile(None, 23, None)


def test_silence_cannot_look_fast():
    answered = [10.0] * 4

    alone, with_silence = waiting(answered, []), waiting(answered, [2000.0] * 6)

    assert alone is not None
    assert with_silence is not None
    assert alone.quantile(0.5).value == 10
    assert with_silence.quantile(0.5).value is None


def test_without_an_end_nothing_is_known_but_that_all_wait():
    curve = waiting([], [5.0, 9.0])

    assert curve is not None
    assert curve.quantile(0.25) == Quantile(None, None, None)
    assert curve.share_at(9) == 1


def test_without_waits_there_is_no_curve():
    assert waiting([], []) is None


def test_without_censoring_it_is_the_share_that_lasts_longer():
    curve = waiting([1.0, 2.0, 3.0, 4.0], [])

    assert curve is not None
    assert curve.shares.tolist() == pytest.approx([0.75, 0.5, 0.25, 0.0])
    assert curve.quantile(0.5).value == 2


def test_a_wait_below_nothing_and_a_share_beyond_all_are_refused():
    with pytest.raises(ValueError, match="negative"):
        waiting([-1.0], [])
    curve = waiting([1.0], [])
    assert curve is not None
    with pytest.raises(ValueError, match=r"1\.5 is no share"):
        curve.quantile(1.5)


@given(WAITS, WAITS)
def test_the_share_still_waiting_only_falls_and_lies_in_its_band(ended, going_on):
    curve = waiting(ended, going_on)

    if curve is None:
        assert not ended
        assert not going_on
        return
    assert np.all(np.diff(curve.shares) <= 1e-12)
    assert np.all((curve.shares >= -1e-12) & (curve.shares <= 1))
    assert np.all(curve.low <= curve.shares + 1e-9)
    assert np.all(curve.high >= curve.shares - 1e-9)


@given(WAITS, WAITS, st.floats(0, 1000))
def test_one_more_unanswered_request_never_makes_the_median_shorter(ended, going_on, more):
    before, after = waiting(ended, going_on), waiting(ended, [*going_on, more + 1000])
    if before is None:
        return
    assert after is not None
    first, then = before.quantile(0.5).value, after.quantile(0.5).value
    assert then is None or (first is not None and then >= first)
