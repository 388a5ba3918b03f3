"""Detectors: what raises and what does not, and that parts give what the whole gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sankul.engines import detectors
from sankul.engines.detectors import BEGAN, ENDED, DetectorError

MINUTE = 60_000_000
ABOVE = detectors.spec("above", {"raise_at": 5, "clear_at": 4})
SPECS = (
    ABOVE,
    detectors.spec("above", {"raise_at": 5, "clear_at": 3, "for_s": 1800}),
    detectors.spec("below", {"raise_at": 2, "clear_at": 3, "for_s": 600}),
    detectors.spec("rate", {"raise_at": 4, "clear_at": 1, "over_s": 1200}),
    detectors.spec("rate", {"raise_at": 4, "clear_at": 1, "over_s": 60, "direction": "fall"}),
    detectors.spec("residual", {"raise_at": 3, "clear_at": 2, "least_scale": 0.1, "warm_up": 10}),
    detectors.spec("absence", {"after_s": 3600}),
)


def ran(spec, values, flags=None, minutes=None):
    minutes = range(0, 15 * len(values), 15) if minutes is None else minutes
    time = np.array(list(minutes), np.int64) * MINUTE
    flags = np.ones(len(values), int) if flags is None else flags
    _, events = detectors.advance(spec, detectors.fresh(spec), time, values, flags)
    return [(event.what, event.at_us // MINUTE, event.began_us // MINUTE) for event in events]


def test_a_level_is_gone_beyond_and_left_again():
    assert ran(ABOVE, [4, 6, 9, 3]) == [(BEGAN, 15, 15), (ENDED, 45, 15)]


def test_a_value_at_the_level_is_not_beyond_it():
    assert ran(ABOVE, [5, 5, 5]) == []


def test_between_the_levels_it_neither_ends_nor_begins_again():
    assert ran(ABOVE, [6, 4.5, 6, 4.5, 6, 4]) == [(BEGAN, 0, 0), (ENDED, 75, 0)]


def test_what_does_not_last_raises_nothing():
    spec = detectors.spec("above", {"raise_at": 5, "clear_at": 4, "for_s": 1800})
    assert ran(spec, [6, 6, 4.5, 6, 6]) == []
    assert ran(spec, [6, 6, 6, 3]) == [(BEGAN, 30, 0), (ENDED, 45, 0)]


def test_below_mirrors_above():
    spec = detectors.spec("below", {"raise_at": 0.2, "clear_at": 0.3})
    assert ran(spec, [0.5, 0.1, 0.25, 0.3]) == [(BEGAN, 15, 15), (ENDED, 45, 15)]


@pytest.mark.parametrize("flag", [4, 9])
def test_what_failed_or_is_missing_raises_and_ends_nothing(flag):
    assert ran(ABOVE, [9, 1], [flag, 1]) == []
    assert ran(ABOVE, [9, 1], [3, flag]) == [(BEGAN, 0, 0)]


def test_the_worst_value_and_its_time_are_told():
    _, events = detectors.advance(
        ABOVE, detectors.fresh(ABOVE), [0, 1, 2, 3], [6.0, 9.5, 7, 1], [1, 1, 1, 1]
    )
    assert (events[0].worst, events[1].worst, events[1].worst_us) == (6.0, 9.5, 1)


def test_a_rate_is_in_an_hour_between_values_far_enough_apart():
    spec = detectors.spec("rate", {"raise_at": 4, "clear_at": 1, "over_s": 1800})
    assert ran(spec, [1, 9, 2, 2, 2]) == []  # only every second one is compared
    assert ran(spec, [1, 1, 4, 4, 4]) == [(BEGAN, 30, 30), (ENDED, 60, 30)]


def test_only_a_fall_where_only_that_is_asked_for():
    spec = detectors.spec("rate", {"raise_at": 4, "clear_at": 1, "over_s": 60, "direction": "fall"})
    assert ran(spec, [1, 9, 9]) == []
    assert ran(spec, [9, 1, 1]) == [(BEGAN, 15, 15), (ENDED, 30, 15)]


def daily(days, seed=1):
    """A value each quarter of an hour that swings with the day, with noise of scale 0.2."""
    steps = np.arange(days * 96)
    swing = 3 * np.sin(steps / 96 * 2 * np.pi)
    return 10 + swing + np.random.default_rng(seed).normal(0, 0.2, len(steps))


def test_a_forecast_knows_the_day_and_finds_what_stands_out_of_it():
    spec = detectors.spec("residual", {"raise_at": 8, "clear_at": 3, "least_scale": 0.05})
    values = daily(12)
    assert ran(spec, values) == []
    values[1000:1004] += 5  # well within the range of a day
    found = ran(spec, values)
    assert [what for what, _, _ in found] == [BEGAN, ENDED]
    assert (found[0][1], found[1][1]) == (15_000, 15_060)


def test_the_scale_is_that_of_the_noise_though_one_value_in_fifty_is_wild():
    spec = detectors.spec("residual", {"raise_at": 8, "clear_at": 3, "least_scale": 0.05})
    values = daily(20)
    values[::50] += 40
    time = np.arange(len(values)) * 15 * MINUTE
    state, _ = detectors.advance(spec, detectors.fresh(spec), time, values, np.ones(len(values)))
    assert 0.15 < state[7] < 0.6


def test_an_even_series_is_measured_by_the_least_scale():
    spec = detectors.spec("residual", {"raise_at": 3, "clear_at": 1, "least_scale": 1.0})
    values = np.full(400, 7.0)
    values[300] = 9.9
    assert ran(spec, values) == []
    values[300] = 10.2
    assert [what for what, _, _ in ran(spec, values)] == [BEGAN, ENDED]


def test_silence_begins_with_the_last_observation():
    spec = detectors.spec("absence", {"after_s": 3600})
    assert ran(spec, [1, 1, 1], minutes=[0, 15, 90]) == [(BEGAN, 75, 15), (ENDED, 90, 15)]


def silent_at(minutes, flags, now):
    spec = detectors.spec("absence", {"after_s": 3600})
    states = detectors.fresh(spec)[None].copy()
    span = detectors.Span(np.array([0]), np.array([len(minutes)]))
    time = np.array(minutes, np.int64) * MINUTE
    found = detectors.advance_many(
        [spec], states, span, time, np.zeros(len(time)), flags, now * MINUTE
    )
    return [event.began_us // MINUTE for event in found.events]


def test_the_clock_notices_silence():
    assert silent_at([0, 15], [1, 1], 75) == []
    assert silent_at([0, 15], [1, 1], 76) == [15]
    assert silent_at([0, 15], [1, 9], 61) == [0]  # a missing value is nothing
    assert silent_at([0, 15], [1, 4], 61) == []  # a failed one is something


def test_silence_from_the_first_moment_on_is_counted_from_then():
    spec = detectors.spec("absence", {"after_s": 3600})
    states = detectors.fresh(spec, since_us=0)[None].copy()
    none = detectors.Span(np.array([0]), np.array([0]))
    found = detectors.advance_many([spec], states, none, [], [], [], 61 * MINUTE)
    assert [(event.what, event.began_us) for event in found.events] == [(BEGAN, 0)]


rows = st.lists(
    st.tuples(
        st.integers(1, 90),
        st.one_of(st.floats(-20, 20), st.just(float("nan"))),
        st.sampled_from([1, 1, 1, 1, 2, 3, 4, 9]),
    ),
    max_size=60,
)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.code)
@settings(max_examples=60, deadline=None)
@given(rows=rows, cuts=st.lists(st.integers(0, 60), max_size=4))
def test_parts_give_what_the_whole_gives(spec, rows, cuts):
    time = np.cumsum([step for step, _, _ in rows]).astype(np.int64) * MINUTE
    values = np.array([value for _, value, _ in rows], float)
    flags = np.array([flag for _, _, flag in rows], int)
    whole = detectors.advance(spec, detectors.fresh(spec), time, values, flags)
    state, events = detectors.fresh(spec), []
    for part in np.split(np.arange(len(time)), sorted(min(cut, len(time)) for cut in cuts)):
        state, more = detectors.advance(spec, state, time[part], values[part], flags[part])
        events += more
    assert events == whole[1]
    assert np.array_equal(state, whole[0], equal_nan=True)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.code)
@settings(max_examples=30, deadline=None)
@given(rows=rows)
def test_what_began_ends_before_it_begins_again(spec, rows):
    time = np.cumsum([step for step, _, _ in rows]).astype(np.int64) * MINUTE
    values, flags = [value for _, value, _ in rows], [flag for _, _, flag in rows]
    _, events = detectors.advance(spec, detectors.fresh(spec), time, values, flags)
    assert [event.what for event in events] == [BEGAN, ENDED] * (len(events) // 2) + (
        [BEGAN] if len(events) % 2 else []
    )
    assert all(event.began_us <= event.worst_us <= event.at_us for event in events)


def test_many_at_once_give_what_each_gives():
    rng = np.random.default_rng(3)
    values, flags = rng.normal(4, 2, 300), rng.choice([1, 3, 4], 300)
    time = np.tile(np.arange(100), 3) * 15 * MINUTE
    states = np.stack([detectors.fresh(ABOVE)] * 3)
    span = detectors.Span(np.array([0, 100, 200]), np.array([100, 200, 300]))
    found = detectors.advance_many([ABOVE] * 3, states, span, time, values, flags)
    for d in range(3):
        own = slice(d * 100, d * 100 + 100)
        state, events = detectors.advance(
            ABOVE, detectors.fresh(ABOVE), time[own], values[own], flags[own]
        )
        assert np.array_equal(states[d], state)
        assert [
            event for event, of in zip(found.events, found.detectors, strict=True) if of == d
        ] == events


def test_half_of_a_group_within_the_hour_is_an_event_of_the_network():
    spec = detectors.spec("network", {"share": 0.5, "within_s": 3600, "least": 2})
    begins = [(0, 0), (50 * MINUTE, 1), (130 * MINUTE, 2)]
    state, events = detectors.advance_group(spec, detectors.fresh_group(4), begins, 200 * MINUTE)
    assert [(e.what, e.at_us // MINUTE, e.began_us, e.worst) for e in events] == [
        (BEGAN, 50, 0, 0.5), (ENDED, 60, 0, 0.5),
    ]  # fmt: skip
    assert state[0] == 0


def test_one_site_that_begins_again_and_again_is_one_site():
    spec = detectors.spec("network", {"share": 0.25, "within_s": 3600, "least": 2})
    begins = [(at * MINUTE, 0) for at in range(5)]
    assert detectors.advance_group(spec, detectors.fresh_group(4), begins, 5 * MINUTE)[1] == []


@settings(max_examples=60, deadline=None)
@given(
    begins=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 4)), max_size=25),
    cut=st.integers(0, 500),
)
def test_a_group_in_parts_gives_what_it_gives_at_once(begins, cut):
    spec = detectors.spec("network", {"share": 0.4, "within_s": 3600, "least": 2})
    timed = [(at * MINUTE, site) for at, site in begins]
    whole = detectors.advance_group(spec, detectors.fresh_group(5), timed, 600 * MINUTE)
    before = [begin for begin in timed if begin[0] < cut * MINUTE]
    state, events = detectors.advance_group(spec, detectors.fresh_group(5), before, cut * MINUTE)
    after = [begin for begin in timed if begin[0] >= cut * MINUTE]
    state, more = detectors.advance_group(spec, state, after, 600 * MINUTE)
    assert events + more == whole[1]
    assert np.array_equal(state, whole[0], equal_nan=True)


@pytest.mark.parametrize(
    ("kind", "parameters", "key", "expected"),
    [
        ("above", {"raise_at": 5}, "clear_at", "a value"),
        ("above", {"raise_at": 5, "clear_at": 6}, "clear_at", "at most 5, where it is raised"),
        ("below", {"raise_at": 5, "clear_at": 4}, "clear_at", "at least 5, where it is raised"),
        ("above", {"raise_at": 5, "clear_at": 4, "fore_s": 1}, "fore_s", "one of raise_at, clear_at, for_s"),
        ("above", {"raise_at": float("nan"), "clear_at": 4}, "raise_at", "a number"),
        ("above", {"raise_at": True, "clear_at": 0}, "raise_at", "a number"),
        ("above", {"raise_at": "5", "clear_at": 4}, "raise_at", "a number"),
        ("above", {"raise_at": 5, "clear_at": 4, "for_s": -1}, "for_s", "at least 0 and at most 3.16224e+07"),
        ("rate", {"raise_at": 0, "clear_at": 0, "over_s": 60}, "raise_at", "above 0"),
        ("rate", {"raise_at": 5, "clear_at": 1, "over_s": 60, "direction": "up"}, "direction", "one of either, rise, fall"),
        ("residual", {"raise_at": 5, "clear_at": 1, "least_scale": 0}, "least_scale", "above 0"),
        ("absence", {"after_s": 0}, "after_s", "at least 1 and at most 3.16224e+07"),
        ("network", {"share": 1.5, "within_s": 60}, "share", "above 0 and at most 1"),
        ("sideways", {}, "kind", "one of above, below, rate, residual, absence, network"),
    ],
)  # fmt: skip
def test_a_parameter_that_cannot_be_is_named(kind, parameters, key, expected):
    with pytest.raises(DetectorError) as refusal:
        detectors.spec(kind, parameters)
    assert (refusal.value.key, refusal.value.expected) == (key, expected)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.code)
def test_a_specification_is_told_and_read_again(spec):
    assert detectors.spec(spec.code, spec.mapping()) == spec
