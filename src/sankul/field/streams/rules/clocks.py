"""Times as people and tables write them, made into instants; what could be two instants, or none, is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import parser
from django.utils.translation import gettext as _t

from sankul.core.tables.cells import Misread, plain
from sankul.core.tables.workbook import Since1904

SINCE_1900, SINCE_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001  a sheet's own days
LAST_SERIAL = 100_000
"""A spreadsheet's number of a day in the year 2173."""


def instant(cell: Any, zone: ZoneInfo | None) -> datetime:
    """The instant (UTC) that stands in a cell: ISO 8601, day before month where words do not tell, or a spreadsheet's time.

    A time without an offset is of ``zone``; without a zone it is refused, as are times that a clock skips or shows twice when
    summer time begins or ends. Raises Misread.
    """
    found = _serial(cell) if isinstance(cell, int | float) else _read(str(cell))
    if found.tzinfo is not None:
        return found.astimezone(UTC)
    if zone is None:
        raise Misread(_t("The time has no zone."), _expected())
    return _in_zone(found, zone)


def _read(text: str) -> datetime:
    text = plain(text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        read: datetime = parser.parse(text, dayfirst=not text[:4].isdecimal())
        return read
    except (ValueError, OverflowError):
        raise Misread(_t("This is no time."), _expected()) from None


def _serial(cell: float) -> datetime:
    if isinstance(cell, bool) or not 1 <= float(cell) < LAST_SERIAL:
        raise Misread(_t("This is no time."), _expected())
    since = SINCE_1904 if isinstance(cell, Since1904) else SINCE_1900
    return since + timedelta(milliseconds=round(float(cell) * 86_400_000))


def _in_zone(found: datetime, zone: ZoneInfo) -> datetime:
    """The one instant at which a clock of the zone shows this."""
    early, late = (found.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early == late:
        return early
    shown = early.astimezone(zone).replace(tzinfo=None)
    if shown != found:
        raise Misread(_t("Clocks skip this time where summer time begins."), _expected())
    raise Misread(_t("Clocks show this time twice where summer time ends."), _expected())


def _expected() -> str:
    return _t("a time with its offset: 2026-11-22T06:30+05:30")
