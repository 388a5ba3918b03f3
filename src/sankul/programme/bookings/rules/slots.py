"""Which times can be booked: the rules of an instrument, open hours, the share of outsiders, quotas, and the earliest gap."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _t

from sankul.core.formats import written
from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

Span = tuple[datetime, datetime]
"""A half-open interval of time, aware of its zone."""
RELEASE = timedelta(hours=48)
"""So long before a slot begins, hours kept for outsiders and not taken by them are anybody's."""


@dataclass(frozen=True)
class Terms:
    """How an instrument may be booked: minutes and days, as its row says."""

    slot_minutes: int
    min_minutes: int
    max_minutes: int
    lead_minutes: int
    horizon_days: int
    setup_minutes: int
    cleanup_minutes: int
    quota_minutes_week: int | None
    zone: ZoneInfo

    def occupied(self, starts_at: datetime, ends_at: datetime) -> Span:
        """The interval kept from others: with set-up before and clean-up after."""
        return (
            starts_at - timedelta(minutes=self.setup_minutes),
            ends_at + timedelta(minutes=self.cleanup_minutes),
        )


def why_not_times(terms: Terms, starts_at: datetime, ends_at: datetime, at: datetime) -> Verdict:
    """Whether the times fit the instrument's rules, seen at ``at``."""
    if starts_at.tzinfo is None or ends_at.tzinfo is None:
        return refused(_t("Give the times with their zone, as in 2026-11-23T10:00+05:30."))
    if ends_at <= starts_at:
        return refused(_t("The end must be after the start."))
    if starts_at < at:
        return refused(_t("The slot is in the past."))
    return _why_not_length(terms, starts_at, ends_at) and _why_not_when(terms, starts_at, at)


def _why_not_length(terms: Terms, starts_at: datetime, ends_at: datetime) -> Verdict:
    minutes = (ends_at - starts_at) / timedelta(minutes=1)
    if minutes < terms.min_minutes:
        return refused(_t("It is booked for at least %d minutes.") % terms.min_minutes)
    if minutes > terms.max_minutes:
        return refused(_t("It is booked for at most %d minutes at a time.") % terms.max_minutes)
    local = starts_at.astimezone(terms.zone)
    into_day = local.hour * 60 + local.minute + (local.second + local.microsecond / 1e6) / 60
    if into_day % terms.slot_minutes or minutes % terms.slot_minutes:
        return refused(
            _t("Slots begin and end every %(minutes)d minutes from midnight, %(zone)s time.")
            % {"minutes": terms.slot_minutes, "zone": terms.zone.key}
        )
    return ALLOWED


def _why_not_when(terms: Terms, starts_at: datetime, at: datetime) -> Verdict:
    if starts_at < at + timedelta(minutes=terms.lead_minutes):
        return refused(_t("Book at least %s ahead.") % lasting(terms.lead_minutes))
    if starts_at > at + timedelta(days=terms.horizon_days):
        return refused(_t("It is booked at most %d days ahead.") % terms.horizon_days)
    return ALLOWED


def why_not_open(windows: Iterable[Span], starts_at: datetime, ends_at: datetime) -> Verdict:
    """Whether one open window (see ``facilities.queries``) holds the whole slot."""
    if any(opens <= starts_at and ends_at <= closes for opens, closes in windows):
        return ALLOWED
    return refused(_t("The instrument is closed or down in a part of that time."))


def why_not_quota(terms: Terms, booked_minutes: float, wanted_minutes: float) -> Verdict:
    """Whether somebody's week (Monday to Sunday) still holds so many minutes."""
    quota = terms.quota_minutes_week
    if quota is None or booked_minutes + wanted_minutes <= quota:
        return ALLOWED
    return refused(
        _t("One person books at most %(quota)s a week here, and %(left)s are left.")
        % {"quota": lasting(quota), "left": lasting(max(quota - booked_minutes, 0))}
    )


@dataclass(frozen=True)
class Week:
    """An instrument's week: minutes open, booked by the host's own people, and the share kept for others (percent)."""

    open_minutes: float
    own_minutes: float
    outsider_share_percent: int


def why_not_share(week: Week, wanted_minutes: float, starts_at: datetime, at: datetime) -> Verdict:
    """Whether the host's own people may take so many more minutes: the others' share stays free until 48 hours before."""
    if starts_at - at <= RELEASE:
        return ALLOWED
    theirs = week.open_minutes * (100 - week.outsider_share_percent) / 100
    if week.own_minutes + wanted_minutes <= theirs:
        return ALLOWED
    return refused(
        _t(
            "%(share)d %% of the week's open hours are kept for other institutions. What they leave "
            "is free to you 48 hours before."
        )
        % {"share": week.outsider_share_percent}
    )


def week_of(moment: datetime, zone: ZoneInfo) -> Span:
    """The week, Monday to Monday in the zone, in which a moment lies."""
    day = moment.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=7)  # wall-clock days, whatever the clocks do between


def earliest(
    terms: Terms,
    windows: Iterable[Span],
    busy: Sequence[Sequence[Span]],
    minutes: int,
    at: datetime,
) -> datetime | None:
    """When a slot of so many minutes is free first on any unit; ``busy`` are each unit's occupied spans, in order of time.

    ``windows`` are the open intervals, in order of time. None where nothing is free in them.
    """
    first = at + timedelta(minutes=terms.lead_minutes)
    found = [
        start
        for spans in busy
        if (start := _gap(terms, windows, spans, timedelta(minutes=minutes), first))
    ]
    return min(found, default=None)


def _gap(
    terms: Terms, windows: Iterable[Span], spans: Sequence[Span], length: timedelta, first: datetime
) -> datetime | None:
    setup = timedelta(minutes=terms.setup_minutes)
    cleanup = timedelta(minutes=terms.cleanup_minutes)
    ends = [until for _since, until in spans]
    for opens, closes in windows:
        start = on_grid(max(opens, first), terms)
        index = bisect_right(ends, start - setup)
        while start + length <= closes:
            if index == len(spans) or start + length + cleanup <= spans[index][0]:
                return start
            start = on_grid(max(start, spans[index][1] + setup), terms)
            index += 1
    return None


def on_grid(moment: datetime, terms: Terms) -> datetime:
    """The first moment at or after one at which a slot can begin."""
    local = moment.astimezone(terms.zone)
    into_day = timedelta(
        hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )
    over = into_day % timedelta(minutes=terms.slot_minutes)
    return moment + (timedelta(minutes=terms.slot_minutes) - over if over else over)


def lasting(minutes: float) -> str:
    """Minutes in words: ``90`` is "1 h 30 min"."""
    whole = round(minutes)
    hours, rest = divmod(whole, 60)
    parts = [_t("%d h") % hours] if hours else []
    return " ".join([*parts, *([_t("%d min") % rest] if rest or not hours else [])])


def named(starts_at: datetime, zone: ZoneInfo) -> str:
    """A moment as people of the place say it."""
    return written(starts_at.astimezone(zone), "j M Y, H:i")
