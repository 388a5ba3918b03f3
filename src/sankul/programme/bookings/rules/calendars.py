"""Calendars as text: iCalendar (RFC 5545), written line by line.

The library ``icalendar`` reads back all that is written here in the tests; it writes some 40 times slower, which a calendar of
all instruments would feel. The data of time zones are the library's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .words import State

PRODUCT = "-//Sankul//Calendars of instruments//EN"
REFRESH = "PT15M"
"""How often a program should ask again (RFC 7986, 5.7)."""
STATUS = {
    State.HELD: "TENTATIVE",
    State.REQUESTED: "TENTATIVE",
    State.CANCELLED: "CANCELLED",
    State.REFUSED: "CANCELLED",
    State.EXPIRED: "CANCELLED",
}
"""What RFC 5545 (3.8.1.11) calls a state; every other is CONFIRMED."""
_ESCAPES = str.maketrans(
    {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"}
    | {chr(code): None for code in (*range(10), *range(11, 32), 127)}
)
_OCTETS = 75


class Entry(NamedTuple):
    """One booking as a calendar shows it; the texts are empty where there is nothing to say.

    Moments are whole seconds since 1970 in UTC, as the database counts them: a datetime for each takes longer than all the rest.
    """

    uid: str
    zone: str
    starts_s: int
    ends_s: int
    made_s: int
    changed_s: int
    sequence: int
    status: str
    summary: str
    location: str = ""
    description: str = ""
    url: str = ""


@dataclass(frozen=True)
class Feed:
    """A calendar by its name, with ``zone`` for what names none, and its entries in order."""

    name: str
    zone: str
    entries: Sequence[Entry]

    @property
    def changed_at(self) -> datetime | None:
        """When the last of its entries changed; None where it has none."""
        last = max((entry.changed_s for entry in self.entries), default=None)
        return None if last is None else datetime.fromtimestamp(last, UTC)


def written(feed: Feed) -> str:
    """The calendar as an iCalendar object, each line ended by CRLF and folded at 75 octets (RFC 5545, 3.1).

    ``DTSTAMP`` is when the entry was last revised, as 3.8.7.2 says for objects without a method, so that the same entries are
    always the same text. Times are of the zone of the place, whose rules stand in a VTIMEZONE; a time that comes twice when
    clocks go back is written in UTC the second time (3.3.5).
    """
    name = escaped(feed.name)
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN",
            f"NAME:{name}", f"X-WR-CALNAME:{name}", f"X-WR-TIMEZONE:{feed.zone}",
            f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}", f"X-PUBLISHED-TTL:{REFRESH}"]  # fmt: skip
    lines = [folded(line) for line in head]
    first, last = _years(feed)
    zones = sorted({feed.zone, *(it.zone for it in feed.entries)})
    lines += [_zone(name, first - 1, last + 2) for name in zones]
    lines += [_event(entry) for entry in feed.entries]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _years(feed: Feed) -> tuple[int, int]:
    """The years of the first start and of the last."""
    starts = [entry.starts_s for entry in feed.entries]
    if not starts:
        return 2026, 2026
    return tuple(datetime.fromtimestamp(one, UTC).year for one in (min(starts), max(starts)))  # type: ignore[return-value]


def _event(entry: Entry) -> str:
    changed = _utc(entry.changed_s)
    free = "TRANSPARENT" if entry.status == "CANCELLED" else "OPAQUE"
    told = (
        f"BEGIN:VEVENT\r\nUID:{entry.uid}\r\nDTSTAMP:{changed}\r\nCREATED:{_utc(entry.made_s)}\r\n"
        f"LAST-MODIFIED:{changed}\r\nSEQUENCE:{entry.sequence}\r\n"
        f"DTSTART{_local(entry.starts_s, entry.zone)}\r\nDTEND{_local(entry.ends_s, entry.zone)}\r\n"
        f"STATUS:{entry.status}\r\nTRANSP:{free}\r\n{_line('SUMMARY', entry.summary)}\r\n"
    )
    if entry.location:
        told += _line("LOCATION", entry.location) + "\r\n"
    if entry.description:
        told += _line("DESCRIPTION", entry.description) + "\r\n"
    if entry.url:
        told += folded(f"URL:{entry.url}") + "\r\n"
    return told + "END:VEVENT"


@lru_cache(maxsize=2048)
def _line(name: str, text: str) -> str:
    """A text as a content line: places and names come again in every entry of an instrument."""
    return folded(f"{name}:{escaped(text)}")


def escaped(text: str) -> str:
    """A text as a value (RFC 5545, 3.3.11): backslash, semicolon, comma and line ends escaped, control characters left out."""
    return text.replace("\r\n", "\n").translate(_ESCAPES)


def folded(line: str) -> str:
    """A content line, folded so that no part is longer than 75 octets and no character is cut."""
    if len(line) <= _OCTETS and line.isascii():
        return line
    parts, part, size = [], "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > _OCTETS:
            parts.append(part)
            part, size = " ", 1
        part += character
        size += octets
    return "\r\n".join([*parts, part])


@lru_cache(maxsize=8192)
def _local(seconds: int, zone: str) -> str:
    """Slots begin and end on a grid, so that the same moments come again and again."""
    local = datetime.fromtimestamp(seconds, _rules(zone))
    if local.fold:
        return f":{_utc(seconds)}"
    return f";TZID={zone}:{local:%Y%m%dT%H%M%S}"


@lru_cache(maxsize=64)
def _rules(zone: str) -> ZoneInfo:
    return ZoneInfo(zone)


@lru_cache(maxsize=8192)
def _utc(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y%m%dT%H%M%SZ}"


@lru_cache(maxsize=64)
def _zone(name: str, since: int, until: int) -> str:
    """The VTIMEZONE of a zone that covers whole years."""
    from icalendar import Timezone  # noqa: PLC0415 - a quarter of a second, which no other start should wait for

    found = Timezone.from_tzid(name, first_date=date(since, 1, 1), last_date=date(until, 1, 1))
    text: str = found.to_ical().decode()
    return text.rstrip("\r\n")
