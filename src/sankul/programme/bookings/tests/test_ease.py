"""What the figures of access mean, on requests and hours made up for it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sankul.programme.bookings.rules.ease import (
    Asked,
    Share,
    Usage,
    Waits,
    ahead,
    concentration,
    people,
    prompt,
    refusals,
    suppressed,
    waits,
)

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def asked(ago: float, answered_after: float | None = None, **fields: object) -> Asked:
    """A request made so many hours ago, answered so many hours later or not at all."""
    since = AT - timedelta(hours=ago)
    given = {
        "host_id": 1,
        "user_id": 1,
        "requested_at": since,
        "decided_at": None if answered_after is None else since + timedelta(hours=answered_after),
        "withdrawn_at": None,
        "starts_at": None,
        "state": "requested" if answered_after is None else "confirmed",
        "reason": "",
    }
    return Asked(**given | fields)


def test_unanswered_requests_wait_until_the_moment_of_reckoning():
    made = [asked(100, 20), asked(60), asked(900, state="expired")]

    assert waits(made, AT) == Waits([20], [60, 900])


def test_a_request_that_was_taken_back_waited_until_then():
    assert waits([asked(100, withdrawn_at=AT - timedelta(hours=70))], AT) == Waits([], [30])


def test_an_answer_after_the_moment_of_reckoning_is_not_known_yet():
    assert waits([asked(10, 15)], AT) == Waits([], [10])


@pytest.mark.parametrize(
    ("request_", "counted"),
    [
        (asked(100, 48), Share(1, 1)),
        (asked(100, 48.1), Share(0, 1)),
        (asked(47), Share(0, 0)),
        (asked(49), Share(0, 1)),
        (asked(100, withdrawn_at=AT - timedelta(hours=60)), Share(0, 0)),
        (asked(100, withdrawn_at=AT - timedelta(hours=50)), Share(0, 1)),
        (asked(900, state="expired"), Share(0, 1)),
    ],
)
def test_who_still_waits_within_48_hours_is_not_counted_and_who_waits_longer_is_not_answered(
    request_, counted
):
    assert prompt([request_], AT) == counted


def test_nothing_asked_has_no_share():
    assert prompt([], AT).value is None


def test_from_answer_to_slot_counts_what_was_granted():
    slot = AT + timedelta(hours=30)
    made = [asked(10, 4, starts_at=slot), asked(10, 4, starts_at=slot, state="refused"), asked(10)]

    assert ahead(made) == [36]


def test_refusals_are_counted_by_reason_the_commonest_first():
    made = [
        asked(9, 1, state="refused", reason=reason) for reason in ("down", "unclear", "unclear")
    ]

    found = refusals([*made, asked(9, 1)])

    assert {code: len(refused) for code, refused in found.items()} == {"unclear": 2, "down": 1}
    assert list(found) == ["unclear", "down"]


def test_people_are_counted_once():
    assert people([asked(9), asked(8), asked(7, user_id=2)]) == 2


def test_concentration_is_10000_for_one_and_a_tenth_for_ten_alike():
    assert concentration([7.5]) == 10_000
    assert concentration([3] * 10) == pytest.approx(1000)
    assert concentration([1, 3]) == 6250
    assert concentration([]) is None


def test_usage_tells_what_is_idle_and_shares_of_what_could_be_used():
    usage = Usage(open_hours=100, down_hours=20, booked_hours=40, used_hours=30, external_hours=10, people=9)  # fmt: skip

    assert usage.idle_hours == 40
    assert (usage.booked_share, usage.used_share, usage.external_share) == (0.5, 0.75, 0.25)


def test_usage_of_a_closed_instrument_has_no_share():
    assert (Usage().booked_share, Usage().used_share, Usage().external_share) == (None, None, None)


def test_a_small_cell_takes_the_next_smallest_of_its_row_and_column_with_it():
    people = {(1, 1): 3, (1, 2): 9, (1, 3): 7, (2, 1): 20, (2, 2): 30, (2, 3): 25}

    assert suppressed(people) == {(1, 1), (1, 3), (2, 1), (2, 3)}


def test_cells_of_nobody_are_told():
    assert suppressed({(1, 1): 0, (1, 2): 5}) == set()


@given(st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(0, 30)))
def test_no_total_gives_a_cell_away(people):
    hidden = suppressed(people)

    assert {cell for cell, n in people.items() if 0 < n < 5} <= hidden
    for axis in (0, 1):
        for line in {cell[axis] for cell in hidden}:
            told = [c for c, n in people.items() if c[axis] == line and n and c not in hidden]
            assert len([c for c in hidden if c[axis] == line]) > 1 or not told
