"""The stretch of time that a page shows: the last hour to everything, or days of one's own, as the address says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from .numbers import FIRST_YEAR, LAST_YEAR

INDIA: Final = ZoneInfo("Asia/Kolkata")


class Span(TextChoices):
    """Ranges that are offered."""

    HOUR = "hour", _("Hour")
    DAY = "day", _("Day")
    WEEK = "week", _("Week")
    MONTH = "month", _("Month")
    YEAR = "year", _("Year")
    ALL = "all", _("All")
    OWN = "own", _("Own days")


LENGTHS: Final = {
    Span.HOUR: timedelta(hours=1),
    Span.DAY: timedelta(days=1),
    Span.WEEK: timedelta(days=7),
    Span.MONTH: timedelta(days=31),
    Span.YEAR: timedelta(days=366),
}
GRAINS: Final = {
    Span.HOUR: timedelta(minutes=1),
    Span.DAY: timedelta(minutes=15),
    Span.WEEK: timedelta(hours=1),
    Span.MONTH: timedelta(hours=6),
    Span.YEAR: timedelta(days=1),
}
"""A range ends with the next whole one of these, so that a picture is drawn once for many who look."""
DEFAULT: Final = Span.WEEK


class Range(NamedTuple):
    """From ``since`` to before ``until``; ``wrong`` says why it is not what was asked for."""

    span: Span
    since: datetime
    until: datetime
    wrong: str = ""


def asked_range(
    word: str,
    days: tuple[str, str],
    *,
    at: datetime,
    first: datetime | None,
    last: datetime | None,
) -> Range:
    """The range of an address: a word of ``Span``, and for own days the first and the last day, as 2026-11-22, in India.

    ``first`` and ``last`` are the times of the first and last observation: what "all" means.
    """
    if word == Span.OWN or any(days):
        try:
            return Range(Span.OWN, *own_days(*days))
        except ValueError as error:
            return _last(DEFAULT, at)._replace(wrong=str(error))
    if word == Span.ALL and first:
        return Range(Span.ALL, first, _after(max(at, last or at), GRAINS[Span.WEEK]))
    return _last(Span(word) if word in LENGTHS else DEFAULT, at)


def _last(span: Span, at: datetime) -> Range:
    until = _after(at, GRAINS[span])
    return Range(span, until - LENGTHS[span], until)


def _after(at: datetime, grain: timedelta) -> datetime:
    """The next whole grain after a moment."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + ((at - midnight) // grain + 1) * grain


def own_days(first: str, last: str) -> tuple[datetime, datetime]:
    """From the beginning of a day to the end of another, in India. Raises ValueError in words for people."""
    since, until = _day(first, _t("From")), _day(last, _t("To"))
    if since > until:
        raise ValueError(_t("The first day is after the last. Change one of them."))
    return _midnight(since), _midnight(until + timedelta(days=1))


def _day(text: str, what: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        told = _t("%(what)s: expected a day as 2026-11-22, not “%(text)s”.")
        raise ValueError(told % {"what": what, "text": text[:30]}) from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        told = _t("%(what)s: years from %(first)d to %(last)d are kept.")
        raise ValueError(told % {"what": what, "first": FIRST_YEAR, "last": LAST_YEAR})
    return found


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=INDIA).astimezone(UTC)


NICE_S: Final = (
    60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000,
)  # fmt: skip


def step_for(length: timedelta, most: int) -> timedelta:
    """The shortest step of a round length of which no more than ``most`` are as long."""
    for seconds in NICE_S:
        if length <= timedelta(seconds=seconds) * most:
            return timedelta(seconds=seconds)
    return length / most
