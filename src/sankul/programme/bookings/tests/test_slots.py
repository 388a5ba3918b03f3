"""Which times can be booked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as some

from sankul.programme.bookings.rules import (
    Terms,
    Week,
    earliest,
    lasting,
    week_of,
    why_not_open,
    why_not_quota,
    why_not_share,
    why_not_times,
)

INDIA, BERLIN = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")
TERMS = Terms(
    slot_minutes=30,
    min_minutes=60,
    max_minutes=240,
    lead_minutes=120,
    horizon_days=30,
    setup_minutes=0,
    cleanup_minutes=0,
    quota_minutes_week=600,
    zone=INDIA,
)
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TEN = datetime(2026, 11, 23, 10, 0, tzinfo=INDIA)
HOUR = timedelta(hours=1)


def test_a_slot_that_fits_is_allowed() -> None:
    assert why_not_times(TERMS, TEN, TEN + HOUR, AT)


def test_a_slot_is_told_why_it_does_not_fit() -> None:
    reasons = {
        "The end must be after the start.": (TEN, TEN - HOUR, AT),
        "The slot is in the past.": (TEN, TEN + HOUR, AT + 24 * HOUR),
        "It is booked for at least 60 minutes.": (TEN, TEN + HOUR / 2, AT),
        "It is booked for at most 240 minutes at a time.": (TEN, TEN + 5 * HOUR, AT),
        "Slots begin and end every 30 minutes from midnight, Asia/Kolkata time.": (
            TEN + HOUR / 4,
            TEN + HOUR * 5 / 4,
            AT,
        ),
        "Book at least 2 h ahead.": (TEN, TEN + HOUR, AT + HOUR),
        "It is booked at most 30 days ahead.": (
            TEN + 31 * 24 * HOUR,
            TEN + 31 * 24 * HOUR + HOUR,
            AT,
        ),
    }
    for reason, (starts_at, ends_at, at) in reasons.items():
        assert why_not_times(TERMS, starts_at, ends_at, at).reason == reason


def test_times_without_a_zone_are_refused_by_name() -> None:
    naive = TEN.replace(tzinfo=None)
    assert "with their zone" in why_not_times(TERMS, naive, naive + HOUR, AT).reason


def test_times_told_in_another_zone_are_the_same_times() -> None:
    there = TEN.astimezone(ZoneInfo("America/New_York"))
    assert why_not_times(TERMS, there, there + HOUR, AT)


def test_slots_follow_the_clock_of_the_place_when_it_changes() -> None:
    terms = replace(TERMS, zone=BERLIN, lead_minutes=0)
    night = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1)  # the second half past two
    at = datetime(2026, 10, 24, tzinfo=UTC)
    assert why_not_times(terms, night.astimezone(UTC), night.astimezone(UTC) + HOUR, at)
    since, until = week_of(night, BERLIN)
    assert until.astimezone(UTC) - since.astimezone(UTC) == timedelta(days=7, hours=1)


def test_a_slot_lies_in_one_open_window() -> None:
    windows = [(TEN, TEN + 2 * HOUR), (TEN + 3 * HOUR, TEN + 8 * HOUR)]
    assert why_not_open(windows, TEN, TEN + 2 * HOUR)
    assert not why_not_open(windows, TEN + HOUR, TEN + 4 * HOUR)


def test_a_quota_names_what_is_left() -> None:
    assert why_not_quota(TERMS, 540, 60)
    assert why_not_quota(TERMS, 570, 60).reason == (
        "One person books at most 10 h a week here, and 30 min are left."
    )


def test_hours_of_outsiders_are_kept_until_two_days_before() -> None:
    week = Week(open_minutes=3000, own_minutes=2100, outsider_share_percent=30)
    assert not why_not_share(week, 60, TEN, TEN - 49 * HOUR)
    assert why_not_share(week, 60, TEN, TEN - 48 * HOUR)
    assert why_not_share(replace(week, own_minutes=2040), 60, TEN, TEN - 49 * HOUR)


def test_the_earliest_gap_is_after_lead_time_between_bookings_and_in_open_hours() -> None:
    day = [(TEN - HOUR, TEN + 8 * HOUR)]
    assert earliest(TERMS, day, [[]], 120, AT) == TEN - HOUR / 2
    full = [(TEN - HOUR, TEN + HOUR), (TEN + 2 * HOUR, TEN + 4 * HOUR)]
    assert earliest(TERMS, day, [full], 120, AT) == TEN + 4 * HOUR
    assert earliest(TERMS, day, [full], 60, AT) == TEN + HOUR
    assert earliest(TERMS, day, [full, [(TEN - HOUR, TEN)]], 120, AT) == TEN
    assert earliest(TERMS, day, [[(TEN - HOUR, TEN + 8 * HOUR)]], 60, AT) is None


def test_set_up_and_clean_up_are_kept_around_a_gap() -> None:
    terms = replace(TERMS, setup_minutes=30, cleanup_minutes=30)
    day = [(TEN, TEN + 8 * HOUR)]
    busy = [(TEN - HOUR / 2, TEN + 2 * HOUR), (TEN + 4 * HOUR, TEN + 5 * HOUR)]
    assert earliest(terms, day, [busy], 60, AT) == TEN + 2.5 * HOUR
    assert earliest(terms, day, [busy], 90, AT) == TEN + 5.5 * HOUR


SPANS = some.lists(some.tuples(some.integers(0, 40), some.integers(1, 4)), max_size=12)


@given(SPANS, some.integers(2, 8))
def test_the_earliest_gap_is_what_trying_every_slot_finds(
    taken: list[tuple[int, int]], halves: int
) -> None:
    terms = replace(TERMS, lead_minutes=0, min_minutes=30)
    spans: list[tuple[datetime, datetime]] = []
    for start, length in sorted(taken):
        since = TEN + start * HOUR / 2
        if not spans or spans[-1][1] <= since:
            spans.append((since, since + length * HOUR / 2))
    windows = [(TEN, TEN + 8 * HOUR), (TEN + 10 * HOUR, TEN + 20 * HOUR)]
    tried = (
        start
        for start in (TEN + step * HOUR / 2 for step in range(60))
        if why_not_open(windows, start, start + halves * HOUR / 2)
        and not any(a < start + halves * HOUR / 2 and start < b for a, b in spans)
    )
    assert earliest(terms, windows, [spans], halves * 30, AT) == next(tried, None)


def test_minutes_in_words() -> None:
    assert [lasting(90), lasting(120), lasting(45), lasting(0)] == [
        "1 h 30 min",
        "2 h",
        "45 min",
        "0 min",
    ]
