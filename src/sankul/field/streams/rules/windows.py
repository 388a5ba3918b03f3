"""The stretch of time that a reviewer looks at, as the address names it: to the second, in the zone of the page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _t

SHORTEST: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(days=5 * 366)
USUAL: Final = timedelta(days=7)


class Window(NamedTuple):
    """From ``since`` to ``until``, both included; ``wrong`` says why it is not what was asked for."""

    since: datetime
    until: datetime
    wrong: str = ""

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.until - self.since

    def moved(self, by: float) -> Window:
        """A window as long, so many lengths later (earlier if negative)."""
        return Window(self.since + by * self.length, self.until + by * self.length)

    def scaled(self, by: float) -> Window:
        """A window around the same middle, so many times as long, within what can be looked at."""
        middle = self.since + self.length / 2
        half = min(max(by * self.length, SHORTEST), LONGEST) / 2
        return Window(middle - half, middle + half)

    @property
    def address(self) -> dict[str, str]:
        """What an address says of it."""
        return {"from": local(self.since), "to": local(self.until)}


def local(at: datetime) -> str:
    """A time as fields and addresses have it, in the zone of the page: 2026-11-22T12:00:00."""
    return f"{timezone.localtime(at):%Y-%m-%dT%H:%M:%S}"


def around(first: datetime, last: datetime) -> Window:
    """A stretch with as much before and after it, an hour on each side at least."""
    more = max(last - first, timedelta(hours=1))
    return Window(first - more, last + more)


def asked(since: str, until: str, usual: Window) -> Window:
    """The window that an address asks for, else the usual one; wrong ones say what was expected."""
    if not since and not until:
        return usual
    try:
        found = Window(_moment(since), _moment(until))
    except ValueError as error:
        return usual._replace(wrong=str(error))
    if found.length < SHORTEST:
        return usual._replace(wrong=_t("The time to is not after the time from."))
    if found.length > LONGEST:
        return usual._replace(wrong=_t("That is more than five years. Choose a shorter time."))
    return found


def _moment(text: str) -> datetime:
    told = _t("Expected a time as 2026-11-22T12:00, not “%s”.") % text[:30]
    try:
        found = parse_datetime(text)
    except ValueError:
        raise ValueError(told) from None
    if found is None or not 1900 < found.year < 2106:
        raise ValueError(told)
    return timezone.make_aware(found) if found.tzinfo is None else found
