"""Flags beside those of ioos_qc 3.0.0, the reference implementation of QARTOD.

Where they differ, the difference is named: its issue 68 (flat lines with gaps). Its issue 106 (spikes beside
missing values) is open, but 3.0.0 flags them as we do.
"""

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sankul.engines.quality import Rules, Test, check_each, worst

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from ioos_qc import qartod

pytestmark = pytest.mark.filterwarnings("ignore")
STEP_S = 600
NUMBERS = st.one_of(
    st.just(float("nan")), st.integers(0, 40).map(lambda tenths: tenths / 8), st.floats(-9, 9)
)
SERIES = st.lists(NUMBERS, min_size=3, max_size=60).map(np.array)
PRESENT = st.lists(st.integers(0, 12).map(lambda n: n / 4), min_size=3, max_size=60).map(np.array)


def times(values: NDArray[Any]) -> NDArray[Any]:
    return np.datetime64("2026-01-01", "us") + np.arange(len(values)) * np.timedelta64(STEP_S, "s")


def ours(test: Test, values: NDArray[Any], **rules: Any) -> list[int]:
    made = Rules.from_mapping(rules)
    return [int(flag) for flag in check_each(made, times(values), values)[test]]


def listed(flags: Any) -> list[int]:
    return [int(flag) for flag in np.ma.getdata(flags)]


@given(values=SERIES)
@settings(max_examples=150, deadline=None)
def test_gross_range(values: NDArray[Any]) -> None:
    theirs = qartod.gross_range_test(values, (0, 4), (1, 3))
    own = ours(Test.GROSS_RANGE, values, gross_range={"fail": [0, 4], "suspect": [1, 3]})
    assert own == listed(theirs)


@pytest.mark.parametrize("method", ["average", "differential"])
@given(values=SERIES)
@settings(max_examples=150, deadline=None)
def test_spike(method: str, values: NDArray[Any]) -> None:
    theirs = qartod.spike_test(values, 1, 2, method)
    own = ours(Test.SPIKE, values, spike={"suspect": 1, "fail": 2, "method": method})
    assert own == listed(theirs)


def test_a_value_beside_a_missing_one_is_no_spike_nor_passed() -> None:
    # its issue 106, under which such values passed, or were called missing; 3.0.0 agrees with us
    values = np.array([1, 1, np.nan, 9, 1, np.nan, np.nan, 1, 9, 1.0])
    assert ours(Test.SPIKE, values, spike={"suspect": 1, "fail": 2}) == [
        2, 2, 9, 2, 2, 9, 9, 2, 4, 2,
    ]  # fmt: skip
    assert listed(qartod.spike_test(values, 1, 2)) == [2, 2, 9, 2, 2, 9, 9, 2, 4, 2]


@given(values=SERIES)
@settings(max_examples=150, deadline=None)
def test_rate_of_change(values: NDArray[Any]) -> None:
    theirs = qartod.rate_of_change_test(values, times(values), 1 / 512, 1 / 256)
    limits = {"suspect_per_s": 1 / 512, "fail_per_s": 1 / 256}
    assert ours(Test.RATE_OF_CHANGE, values, rate_of_change=limits) == listed(theirs)


@given(values=PRESENT, suspect=st.integers(2, 6), more=st.integers(0, 6))
@settings(max_examples=200, deadline=None)
def test_flat_line_without_gaps(values: NDArray[Any], suspect: int, more: int) -> None:
    limits = {"suspect_s": suspect * STEP_S, "fail_s": (suspect + more) * STEP_S, "tolerance": 0.5}
    with np.errstate(all="ignore"):
        theirs = qartod.flat_line_test(
            values, times(values), limits["suspect_s"], limits["fail_s"], 0.5
        )
    assert ours(Test.FLAT_LINE, values, flat_line=limits) == listed(theirs)


def test_flat_line_beside_missing_values_where_ioos_errs() -> None:
    # its issue 68: one value alone in the window has a range of 0, and is called a flat line
    values = np.array([1, np.nan, 5, np.nan, np.nan, np.nan, 9, np.nan, np.nan, np.nan, 3.0])
    theirs = qartod.flat_line_test(values, times(values), 1200, 1800, 0.5)
    assert listed(theirs) == [1, 9, 1, 9, 9, 9, 4, 9, 9, 9, 4]
    limits = {"suspect_s": 1200, "fail_s": 1800, "tolerance": 0.5}
    assert ours(Test.FLAT_LINE, values, flat_line=limits) == [1, 9, 1, 9, 9, 9, 1, 9, 9, 9, 1]


def test_a_flat_line_passes_over_a_missing_value_but_not_over_a_long_gap() -> None:
    limits = {"suspect_s": 1800, "fail_s": 3600, "tolerance": 0.5}
    short = np.array([2, 2, 2, np.nan, 2, 2, 2, 2, 2])
    assert ours(Test.FLAT_LINE, short, flat_line=limits) == [1, 1, 1, 9, 3, 3, 4, 4, 4]
    long = np.array([2, 2, 2, *[np.nan] * 3, 2, 2, 2])
    assert ours(Test.FLAT_LINE, long, flat_line=limits) == [1, 1, 1, 9, 9, 9, 1, 1, 1]


@pytest.mark.parametrize("spread", ["std", "range"])
@given(values=SERIES, period=st.integers(1, 8), minimum=st.integers(1, 5))
@settings(max_examples=100, deadline=None)
def test_attenuated_signal(spread: str, values: NDArray[Any], period: int, minimum: int) -> None:
    suspect, fail = 1.0001234, 0.2501234  # which no spread of eighths meets by rounding
    theirs = qartod.attenuated_signal_test(
        values, times(values), suspect, fail, period * STEP_S, min_obs=minimum, check_type=spread
    )
    rules = {"suspect": suspect, "fail": fail, "period_s": period * STEP_S}
    own = ours(Test.ATTENUATED, values, attenuated={**rules, "spread": spread, "minimum": minimum})
    assert own == listed(theirs)


@given(steps=st.lists(st.integers(1, 9), min_size=2, max_size=40))
@settings(max_examples=100, deadline=None)
def test_gap(steps: list[int]) -> None:
    time = np.datetime64("2026-01-01", "us") + np.cumsum(steps) * np.timedelta64(1200, "s")
    own = check_each(Rules.from_mapping({"gap": {"fail_s": 7200}}), time, np.zeros(len(steps)))
    assert own[Test.GAP].tolist() == listed(qartod.time_gap_test(time, 2))


@pytest.mark.parametrize(
    "period", ["year", "quarter", "month", "week", "dayofyear", "dayofweek", "hour"]
)
@given(
    seconds=st.lists(st.integers(-2_000_000_000, 6_000_000_000), min_size=1, max_size=30),
    ends=st.tuples(st.integers(0, 60), st.integers(0, 60)),
)
@settings(max_examples=60, deadline=None)
def test_climatology(period: str, seconds: list[int], ends: tuple[int, int]) -> None:
    start = 1970 if period == "year" else 0
    span = [start + end for end in sorted(ends)]
    time = np.array(sorted(set(seconds))).astype("datetime64[s]").astype("datetime64[us]")
    values = np.arange(len(time)) % 9.0
    theirs = qartod.climatology_test(
        [{"tspan": span, "vspan": (2, 5), "fspan": (1, 7), "period": period}],
        values, time, np.full(len(time), np.nan),
    )  # fmt: skip
    season = {"period": period, "span": span, "suspect": [2, 5], "fail": [1, 7]}
    own = check_each(Rules.from_mapping({"climatology": [season]}), time, values)
    assert own[Test.CLIMATOLOGY].tolist() == listed(theirs)


@given(
    rows=st.lists(st.lists(st.sampled_from([1, 2, 3, 4, 9]), min_size=6, max_size=6), min_size=1)
)
def test_aggregation(rows: list[list[int]]) -> None:
    flags = [np.array(row, np.int8) for row in rows]
    assert worst(flags).tolist() == listed(qartod.qartod_compare(flags))
