"""Rules of repeated bookings."""

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sankul.core.rules.verdicts import Refused
from sankul.programme.bookings.rules.recurrence import MOST, starts

INDIA, BERLIN = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=INDIA)


def _days(rule: str, first: datetime = MONDAY, zone: ZoneInfo = INDIA) -> list[str]:
    return [one.astimezone(zone).strftime("%d %b %H:%M") for one in starts(rule, first, zone)]


def test_a_rule_gives_its_days() -> None:
    assert _days("FREQ=WEEKLY;BYDAY=MO,TH;COUNT=4") == [
        "23 Nov 10:00",
        "26 Nov 10:00",
        "30 Nov 10:00",
        "03 Dec 10:00",
    ]


def test_until_counts_its_whole_day_and_a_moment_in_utc_is_read_in_utc() -> None:
    assert _days("FREQ=DAILY;UNTIL=20261125")[-1] == "25 Nov 10:00"
    assert _days("FREQ=DAILY;UNTIL=20261125T042959Z")[-1] == "24 Nov 10:00"
    assert _days("FREQ=DAILY;UNTIL=20261125T043000Z")[-1] == "25 Nov 10:00"


def test_ten_stays_ten_when_the_clocks_change() -> None:
    first = datetime(2026, 10, 24, 10, 0, tzinfo=BERLIN)
    found = starts("FREQ=DAILY;COUNT=2", first, BERLIN)
    assert [one.hour for one in found] == [8, 9]
    assert all(one.tzinfo == UTC for one in found)


def test_a_time_that_the_change_leaves_out_is_read_with_the_offset_before_it() -> None:
    first = datetime(2026, 3, 28, 2, 30, tzinfo=BERLIN)
    assert starts("FREQ=DAILY;COUNT=2", first, BERLIN)[1] == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("FREQ=WEEKLY;BYDAY=MO", "A rule needs an end"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20261231", "not by both"),
        ("FREQ=HOURLY;COUNT=3", "A rule says how often"),
        ("every Monday", "A rule says how often"),
        ("FREQ=DAILY;COUNT=101", "COUNT is a number from 1 to 100"),
        ("FREQ=DAILY;INTERVAL=0;COUNT=2", "INTERVAL is a number from 1 to 366"),
        ("FREQ=DAILY;UNTIL=20991231", "at most 100 bookings"),
        ("FREQ=DAILY;UNTIL=2026", "UNTIL is a day"),
        ("FREQ=DAILY;UNTIL=20261332", "is no recurrence rule"),
        ("FREQ=DAILY;UNTIL=20251231", "gives no booking"),
        ("FREQ=WEEKLY;BYDAY=TU;COUNT=2", "must itself be one of the rule's days"),
        ("FREQ=DAILY;BYMONTH=2;COUNT=2", "does not know: BYMONTH"),
        ("FREQ=WEEKLY;BYDAY=XX;COUNT=2", "is no recurrence rule"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused_by_name(rule: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        starts(rule, MONDAY, INDIA)


@given(
    some.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    some.integers(1, 5),
    some.integers(1, MOST),
)
def test_a_rule_gives_as_many_as_it_counts_in_order(freq: str, every: int, count: int) -> None:
    found = starts(f"FREQ={freq};INTERVAL={every};COUNT={count}", MONDAY, INDIA)
    assert len(found) == count
    assert found == sorted(set(found))


@given(some.text(max_size=60))
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    with suppress(Refused):
        assert starts(text, MONDAY, INDIA)
