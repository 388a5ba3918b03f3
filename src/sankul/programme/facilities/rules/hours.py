"""When something is open: hours of the week in a place's own time, laid on the line of UTC.

A local time that a change of clocks skips or repeats is read as RFC 5545 (3.3.5) says: by the offset before the gap, and as the
first of the two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext as _t

from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

MIDNIGHT = time(0)
DAY = timedelta(days=1)


class Span(NamedTuple):
    """From a moment (included) to a moment (not included), both with a zone."""

    starts_at: datetime
    ends_at: datetime


class Hours(NamedTuple):
    """Open hours of a day of the week (0 is Monday) in local time; ``closes`` at 00:00 is the end of that day."""

    weekday: int
    opens: time
    closes: time


class Days(NamedTuple):
    """Local days on which something is closed, both included."""

    from_on: date
    until_on: date


def open_spans(
    hours: Collection[Hours], closed: Collection[Days], zone: ZoneInfo, within: Span
) -> list[Span]:
    """The open intervals in UTC inside ``within``, in order and apart from one another."""
    first = within.starts_at.astimezone(zone).date() - DAY
    last = within.ends_at.astimezone(zone).date()
    spans: list[Span] = []
    for number in range((last - first).days + 1):
        on = first + number * DAY
        if any(days.from_on <= on <= days.until_on for days in closed):
            continue
        spans += (span_of(one, on, zone) for one in hours if one.weekday == on.weekday())
    utc = Span(within.starts_at.astimezone(UTC), within.ends_at.astimezone(UTC))
    return clipped(merged(spans), utc)


def span_of(hours: Hours, on: date, zone: ZoneInfo) -> Span:
    """The open hours of one local day, in UTC."""
    until = on + DAY if hours.closes == MIDNIGHT else on
    return Span(moment(on, hours.opens, zone), moment(until, hours.closes, zone))


def moment(on: date, at: time, zone: ZoneInfo) -> datetime:
    """A local time, in UTC."""
    return datetime.combine(on, at, zone).astimezone(UTC)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same moments in order, without overlaps; empty intervals are gone."""
    done: list[Span] = []
    for one in sorted(spans):
        if one.ends_at <= one.starts_at:
            continue
        if done and one.starts_at <= done[-1].ends_at:
            done[-1] = Span(done[-1].starts_at, max(done[-1].ends_at, one.ends_at))
        else:
            done.append(one)
    return done


def clipped(spans: Iterable[Span], within: Span) -> list[Span]:
    """What of the intervals lies inside ``within``."""
    cut = (
        Span(max(one.starts_at, within.starts_at), min(one.ends_at, within.ends_at))
        for one in spans
    )
    return [one for one in cut if one.starts_at < one.ends_at]


def minus(spans: Sequence[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of ordered intervals once those ``taken`` are cut out."""
    left: list[Span] = []
    holes = merged(taken)
    for one in spans:
        start = one.starts_at
        for hole in holes:
            if hole.ends_at <= start or hole.starts_at >= one.ends_at:
                continue
            if hole.starts_at > start:
                left.append(Span(start, hole.starts_at))
            start = max(start, hole.ends_at)
        if start < one.ends_at:
            left.append(Span(start, one.ends_at))
    return left


def common(one: Sequence[Span], other: Sequence[Span]) -> timedelta:
    """How long both last together; each is ordered and free of overlaps."""
    shared = timedelta(0)
    for span in one:
        for held in clipped(other, span):
            shared += held.ends_at - held.starts_at
    return shared


def why_not_hours(opens: time, closes: time) -> Verdict:
    """Whether something may open and close at these times of one day."""
    if closes == MIDNIGHT or closes > opens:
        return ALLOWED
    return refused(_t("It closes before it opens. For the end of the day, say 00:00."))


def why_not_days(from_on: date, until_on: date) -> Verdict:
    """Whether something may be closed from a day until a day."""
    if until_on < from_on:
        return refused(_t("The last day comes before the first."))
    if until_on - from_on > timedelta(days=366):
        return refused(
            _t("A closure lasts a year at most. Take the instrument out of use instead.")
        )
    return ALLOWED


def why_not_zone(name: str) -> Verdict:
    """Whether a text names a time zone (IANA)."""
    if name in available_timezones():
        return ALLOWED
    return refused(_t("“%s” is no time zone; an example is Asia/Kolkata.") % name)
