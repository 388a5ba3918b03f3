"""Times as the API writes them: ISO 8601 instants with a zone, periods, durations of fixed length."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from .errors import Unreadable

INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+ -]\d\d:?\d\d)"
"""An instant; a blank where the sign of the zone belongs is a plus that an address lost."""
_INSTANT = re.compile(INSTANT)
_DURATION = re.compile(
    r"(?P<sign>[+-]?)P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)


class Period(NamedTuple):
    """A time from ``start`` to ``end``; the end is not part of it."""

    start: datetime
    end: datetime


def parse_instant(text: str, place: str) -> datetime:
    """The instant in UTC, to the microsecond. Raises Unreadable for a time without zone, or one that does not exist."""
    if not _INSTANT.fullmatch(text):
        raise Unreadable(place, "a time with its zone, as in 2026-11-22T06:30:00Z")
    try:
        return datetime.fromisoformat(text.replace(" ", "+")).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(place, "a day and a time of day that exist") from None


def parse_time(text: str, place: str) -> datetime | Period:
    """An instant, or a period written start/end. Raises Unreadable, also where the end comes before the start."""
    start, slash, end = text.partition("/")
    if not slash:
        return parse_instant(text, place)
    period = Period(parse_instant(start, place), parse_instant(end, place))
    if period.end < period.start:
        raise Unreadable(place, "a period that ends after its start")
    return period


def parse_duration(text: str, place: str) -> timedelta:
    """A duration in weeks, days, hours, minutes and seconds. Raises Unreadable; months and years have no fixed length."""
    found = _DURATION.fullmatch(text)
    parts = {
        unit: float(value)
        for unit, value in (found.groupdict() if found else {}).items()
        if value and unit != "sign"
    }
    if not found or not parts:
        raise Unreadable(place, "a duration as in P1DT12H, without months and years")
    try:
        length = timedelta(**parts)
    except OverflowError:
        raise Unreadable(place, "a shorter duration") from None
    return -length if found["sign"] == "-" else length


def format_instant(at: datetime) -> str:
    """As in 2026-11-22T06:30:00.000Z: milliseconds, or microseconds where there are some."""
    at = at.astimezone(UTC)
    spec = "microseconds" if at.microsecond % 1000 else "milliseconds"
    return at.replace(tzinfo=None).isoformat(timespec=spec) + "Z"


def format_period(start: datetime, end: datetime | None) -> str:
    """An instant where there is no end, else start/end."""
    if end is None:
        return format_instant(start)
    return f"{format_instant(start)}/{format_instant(end)}"
