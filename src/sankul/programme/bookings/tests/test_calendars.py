"""Calendars as text: what is written is what a strict reader reads."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event

from sankul.programme.bookings.rules.calendars import Entry, Feed, folded, written

AT = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
KEY = "6f1b7c52-8d67-4d5e-9f6f-0a54a5f1c9c3"
# A line end within a text is one character, whichever way it was typed; other control characters are left out.
TEXTS = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n"), max_size=200
)


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return int(moment.timestamp())


def entry(**fields: object) -> Entry:
    """An hour of an instrument in India."""
    given = {
        "uid": KEY,
        "zone": "Asia/Kolkata",
        "starts_s": seconds(AT),
        "ends_s": seconds(AT + timedelta(hours=1)),
        "made_s": seconds(AT - timedelta(days=2)),
        "changed_s": seconds(AT - timedelta(days=1)),
        "sequence": 3,
        "status": "CONFIRMED",
        "summary": "Electron microscope",
    }
    return Entry(**given | fields)


def read(text: str) -> tuple[Calendar, list[Event]]:
    """A calendar as the library reads it, which must find nothing wrong, and its events."""
    calendar = Calendar.from_ical(text)
    assert calendar.errors == []
    events = calendar.events
    assert all(event.errors == [] for event in events)
    return calendar, events


def test_a_booking_is_told_with_stable_id_sequence_and_times_of_its_zone():
    calendar, (event,) = read(written(Feed("Mine", "Asia/Kolkata", [entry()])))

    assert (str(event["UID"]), event["SEQUENCE"], event["STATUS"], event["TRANSP"]) == (
        "6f1b7c52-8d67-4d5e-9f6f-0a54a5f1c9c3", 3, "CONFIRMED", "OPAQUE",
    )  # fmt: skip
    assert event["DTSTART"].params["TZID"] == "Asia/Kolkata"
    assert event["DTSTART"].to_ical() == b"20261123T100000"
    assert event["DTSTAMP"].to_ical() == event["LAST-MODIFIED"].to_ical() == b"20261122T043000Z"
    assert event["CREATED"].to_ical() == b"20261121T043000Z"
    assert [zone["TZID"] for zone in calendar.timezones] == ["Asia/Kolkata"]
    assert calendar["VERSION"] == "2.0"


def test_a_cancelled_booking_keeps_nobody_busy():
    _calendar, (event,) = read(written(Feed("Mine", "Asia/Kolkata", [entry(status="CANCELLED")])))

    assert (event["STATUS"], event["TRANSP"]) == ("CANCELLED", "TRANSPARENT")


def test_an_hour_that_comes_twice_is_told_apart():
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=berlin)
    second = first.replace(fold=1)
    starts = [seconds(at) for at in (first, second)]
    entries = [entry(zone="Europe/Berlin", starts_s=it, ends_s=it + 600) for it in starts]
    _calendar, events = read(written(Feed("Elsewhere", "Asia/Kolkata", entries)))

    assert [event.start.astimezone(UTC) for event in events] == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    ]  # fmt: skip


def test_a_zone_with_summer_time_brings_its_rules():
    calendar, _events = read(written(Feed("Elsewhere", "Europe/Berlin", [])))
    (zone,) = calendar.timezones

    july = datetime(2026, 7, 1, 12, tzinfo=zone.to_tz())
    assert july.utcoffset() == timedelta(hours=2)


def test_an_empty_calendar_can_be_read():
    calendar, events = read(written(Feed("Mine", "Asia/Kolkata", [])))

    assert (events, str(calendar["NAME"])) == ([], "Mine")


def test_no_line_is_longer_than_75_octets_and_no_character_is_cut():
    text = folded("SUMMARY:" + "सूक्ष्मदर्शी " * 30)

    assert max(len(line) for line in text.encode().split(b"\r\n")) <= 75
    assert text.replace("\r\n ", "") == "SUMMARY:" + "सूक्ष्मदर्शी " * 30


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_any_text_is_read_as_it_was_written(summary, location, description):
    told = entry(summary=summary, location=location, description=description)
    _calendar, (event,) = read(written(Feed(summary, "Asia/Kolkata", [told])))

    assert str(event["SUMMARY"]) == summary
    assert str(event.get("LOCATION", "")) == location
    assert str(event.get("DESCRIPTION", "")) == description


@settings(max_examples=100, deadline=None)
@given(
    st.integers(946_684_800, 3_786_912_000),  # 2000 to 2090
    st.sampled_from(["Asia/Kolkata", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)
def test_any_moment_is_read_as_it_was_written(moment, zone):
    start = datetime.fromtimestamp(moment, UTC)
    told = entry(zone=zone, starts_s=moment, ends_s=moment + 1800)
    _calendar, (event,) = read(written(Feed("Mine", "Asia/Kolkata", [told])))

    assert event.start.astimezone(UTC) == start
    assert event.end.astimezone(UTC) == start + timedelta(minutes=30)


@pytest.mark.parametrize("bad", ["\r", "\x00", "\x07", "\x7f"])
def test_control_characters_are_left_out(bad):
    _calendar, (event,) = read(written(Feed("Mine", "Asia/Kolkata", [entry(summary=f"a{bad}b")])))

    assert str(event["SUMMARY"]) == "ab"
