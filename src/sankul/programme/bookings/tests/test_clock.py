"""The clock of a request."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from sankul.programme.bookings.rules.clock import Asked, Step, answer_by, steps

MONDAY = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_an_answer_is_due_after_the_hours_of_the_lab() -> None:
    assert answer_by(MONDAY, 48, None) == MONDAY + 48 * HOUR
    assert answer_by(MONDAY, 48, MONDAY + 240 * HOUR) == MONDAY + 48 * HOUR


def test_an_answer_is_due_half_way_to_a_near_slot() -> None:
    assert answer_by(MONDAY, 48, MONDAY + 10 * HOUR) == MONDAY + 5 * HOUR


def test_silence_goes_to_the_lab_then_the_nodal_officer_then_the_cluster() -> None:
    asked = Asked(MONDAY, MONDAY + 48 * HOUR, MONDAY + 200 * HOUR)
    assert steps(asked, MONDAY + 23 * HOUR) == []
    assert steps(asked, MONDAY + 24 * HOUR) == [Step.REMIND]
    assert steps(asked, MONDAY + 48 * HOUR) == [Step.REMIND, Step.NODAL]
    assert steps(asked, MONDAY + 96 * HOUR) == [Step.REMIND, Step.NODAL, Step.CLUSTER]


def test_what_was_done_is_not_done_again() -> None:
    asked = Asked(MONDAY, MONDAY + 48 * HOUR, None, reminded_at=MONDAY, nodal_at=MONDAY)
    assert steps(asked, MONDAY + 60 * HOUR) == []


def test_a_request_whose_slot_begins_expires_and_nobody_is_reminded() -> None:
    asked = Asked(MONDAY, MONDAY + 2 * HOUR, MONDAY + 4 * HOUR)
    assert steps(asked, MONDAY + 4 * HOUR) == [Step.EXPIRE]


@given(some.integers(1, 500), some.integers(1, 5000))
def test_an_answer_is_due_before_the_slot_begins(hours: int, minutes_ahead: int) -> None:
    starts_at = MONDAY + timedelta(minutes=minutes_ahead)
    assert MONDAY < answer_by(MONDAY, hours, starts_at) < starts_at
