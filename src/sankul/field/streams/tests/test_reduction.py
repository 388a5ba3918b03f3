"""A series drawn with fewer points keeps what is seen of it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sankul.field.streams.rules.reduction import kept


def test_a_short_series_stays_whole() -> None:
    assert kept(np.arange(5.0), most=10).tolist() == [0, 1, 2, 3, 4]


def test_a_single_spike_and_a_single_gap_stay() -> None:
    values = np.zeros(100_000)
    values[54_321], values[12_345], values[70_000] = 9.0, -9.0, np.nan
    places = kept(values)
    assert len(places) <= 2000
    assert {54_321, 12_345, 70_000, 0, 99_999} <= set(places.tolist())


@given(
    st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), min_size=1, max_size=400),
    st.integers(5, 60),
)
def test_ends_and_extremes_stay_in_order_and_there_are_never_too_many(
    values: list[float], most: int
) -> None:
    column = np.array(values)
    places = kept(column, most)
    assert len(places) <= most
    assert (np.diff(places) > 0).all()
    assert (places[0], places[-1]) == (0, len(values) - 1)
    if not np.isnan(column).all():
        assert np.nanmin(column[places]) == np.nanmin(column)
        assert np.nanmax(column[places]) == np.nanmax(column)
    assert np.isnan(column[places]).any() == np.isnan(column).any()
