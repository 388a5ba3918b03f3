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
from uuid import UUID
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
    """One booking as a calendar shows it; the texts are empty where there is nothing to say."""

    uid: UUID
    zone: str
    starts_at: datetime
    ends_at: datetime
    made_at: datetime
    changed_at: datetime
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
        return max((entry.changed_at for entry in self.entries), default=None)


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
    years = [entry.starts_at.year for entry in feed.entries] or [2026]
    zones = {
        name: ZoneInfo(name) for name in sorted({feed.zone, *(it.zone for it in feed.entries)})
    }
    lines += [_zone(name, min(years) - 1, max(years) + 2) for name in zones]
    lines += [_event(entry, zones[entry.zone]) for entry in feed.entries]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _event(entry: Entry, zone: ZoneInfo) -> str:
    changed = _utc(entry.changed_at)
    free = "TRANSPARENT" if entry.status == "CANCELLED" else "OPAQUE"
    lines = [
        "BEGIN:VEVENT",
        f"UID:{entry.uid}",
        f"DTSTAMP:{changed}",
        f"CREATED:{_utc(entry.made_at)}",
        f"LAST-MODIFIED:{changed}",
        f"SEQUENCE:{entry.sequence}",
        f"DTSTART{_local(entry.starts_at, zone)}",
        f"DTEND{_local(entry.ends_at, zone)}",
        f"STATUS:{entry.status}",
        f"TRANSP:{free}",
        folded(f"SUMMARY:{escaped(entry.summary)}"),
    ]
    if entry.location:
        lines.append(folded(f"LOCATION:{escaped(entry.location)}"))
    if entry.description:
        lines.append(folded(f"DESCRIPTION:{escaped(entry.description)}"))
    if entry.url:
        lines.append(folded(f"URL:{entry.url}"))
    lines.append("END:VEVENT")
    return "\r\n".join(lines)


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


def _local(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    if local.fold:
        return f":{_utc(moment)}"
    return f";TZID={zone.key}:{_stamp(local)}"


def _utc(moment: datetime) -> str:
    return f"{_stamp(moment.astimezone(UTC))}Z"


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%S}"


@lru_cache(maxsize=64)
def _zone(name: str, since: int, until: int) -> str:
    """The VTIMEZONE of a zone that covers whole years."""
    from icalendar import Timezone  # noqa: PLC0415 - a quarter of a second, which no other start should wait for

    found = Timezone.from_tzid(name, first_date=date(since, 1, 1), last_date=date(until, 1, 1))
    text: str = found.to_ical().decode()
    return text.rstrip("\r\n")
