"""Drift, silence, batteries, neighbours, places and reduction."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ioos_qc import qartod

from sankul.engines.quality import (
    Battery,
    Calibration,
    QualityError,
    Silence,
    battery,
    check_beside,
    check_places,
    reduced,
    silences,
    undrifted,
)

HOUR = 3_600_000_000


def test_drift_is_taken_out_linearly_between_calibrations() -> None:
    time, values = np.arange(6) * HOUR, [10.0, 10.5, 11.0, 10.0, 9.0, 7.0]
    made = undrifted(
        time, values, [Calibration(0, 2 * HOUR, 1.0), Calibration(2 * HOUR, 4 * HOUR, -1.0)]
    )
    assert made.tolist() == [10.0, 10.0, 10.0, 10.5, 10.0, 7.0]


@pytest.mark.parametrize(
    ("calibrations", "named"),
    [
        ([(2, 1, 0.1)], "an end after the start"),
        ([(0, 5, 0.1), (4, 9, 0.1)], "do not overlap"),
        ([(0, 5, float("nan"))], "finite"),
    ],
)
def test_calibrations_that_cannot_be_are_refused(calibrations: Any, named: str) -> None:
    with pytest.raises(QualityError, match=named):
        undrifted([1, 2], [1, 2], [Calibration(*each) for each in calibrations])


def test_silences_between_observations_and_until_now() -> None:
    time = [0, HOUR, 4 * HOUR, 5 * HOUR]
    assert silences(time, 6 * HOUR, 3600) == [Silence(HOUR, 4 * HOUR)]
    assert silences(time, 9 * HOUR, 3600)[-1] == Silence(5 * HOUR, None)
    assert silences([], 9 * HOUR, 3600) == []


def test_a_battery_that_falls_is_told_before_it_is_empty() -> None:
    hours = np.arange(24 * 10)
    sun = 0.4 * np.clip(np.sin(hours * 2 * np.pi / 24), 0, None)
    falling = 12.9 - 0.05 * (hours // 24) + sun
    told = battery(hours * HOUR, falling, 11.8)
    assert told.low is False
    assert told.empty_in_days == pytest.approx((12.45 - 11.8) / 0.05, rel=0.01)
    assert battery(hours * HOUR, 12.9 + sun, 11.8) == Battery(low=False, empty_in_days=None)
    assert battery(hours * HOUR, 11.5 + sun, 11.8) == Battery(low=True, empty_in_days=0.0)
    assert battery([], [], 11.8) == Battery(low=False, empty_in_days=None)


def test_a_change_that_no_neighbour_saw_is_suspect() -> None:
    time = np.arange(5) * HOUR
    values = [5, 5, 9, 9, np.nan]
    still = (time, [1, 1, 1, 1, 1])
    also = (time + 60_000_000 - HOUR, [2, 2, 6, 6, 6])
    beside: dict[str, Any] = {"within_s": 3600, "suspect": 1}
    assert check_beside(time, values, [still], **beside).tolist() == [2, 1, 3, 1, 9]
    assert check_beside(time, values, [also], **beside).tolist() == [2, 1, 1, 1, 9]
    assert check_beside(time, values, [], **beside).tolist() == [2, 2, 2, 2, 9]
    old = (time - 9 * HOUR, [1, 1, 1, 1, 1])
    assert check_beside(time, values, [old], **beside).tolist() == [2, 2, 2, 2, 9]


COORDINATES = st.lists(
    st.tuples(
        st.sampled_from([np.nan, -200.0, -120.0, 0.0, 73.5, 73.9, 181.0]),
        st.sampled_from([np.nan, -95.0, -40.0, 0.0, 18.5, 18.9, 95.0]),
    ),
    min_size=1,
    max_size=20,
)


@given(pairs=COORDINATES)
@settings(max_examples=60, deadline=None)
@pytest.mark.filterwarnings("ignore")
def test_places_as_ioos_qc(pairs: list[tuple[float, float]]) -> None:
    lon, lat = np.array(pairs).T
    near = np.abs(lat) <= 90  # its distances refuse what is not on the globe
    if near[np.isfinite(lat)].all():
        theirs = qartod.location_test(lon, lat, 100_000, "wgs84")
        assert check_places(lon, lat, farthest_m=100_000).tolist() == list(np.ma.getdata(theirs))
    boxed = qartod.location_bounds_test(lon, lat, [70, 15, 80, 25])
    own = check_places(lon, lat, within=(70, 15, 80, 25))
    both = np.isfinite(lon) & np.isfinite(lat)
    assert own[both].tolist() == list(np.ma.getdata(boxed)[both])


@given(
    values=st.lists(st.one_of(st.just(np.nan), st.floats(-9, 9)), min_size=1, max_size=300),
    most=st.integers(4, 60),
)
@settings(max_examples=150, deadline=None)
def test_reduction_keeps_ends_and_extremes(values: list[float], most: int) -> None:
    places = reduced(values, most)
    known = np.array(values)
    assert len(places) <= most
    assert (np.diff(places) > 0).all()
    assert {0, len(values) - 1} <= set(places.tolist())
    if np.isfinite(known).any():
        assert np.nanmin(known[places]) == np.nanmin(known)
        assert np.nanmax(known[places]) == np.nanmax(known)


def test_a_short_series_is_not_reduced() -> None:
    assert reduced([3, 1, 2], 4).tolist() == [0, 1, 2]
    with pytest.raises(QualityError, match="4 or more"):
        reduced([1], 3)
