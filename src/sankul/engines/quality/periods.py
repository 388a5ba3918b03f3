"""Parts of a moment, for seasons: month, ISO week, day of the year and so on, of UTC."""

from __future__ import annotations

from ..compiling import compiled

DAY = 86_400_000_000  # microseconds
HOUR = 3_600_000_000


@compiled
def _civil(day: int) -> tuple[int, int, int]:
    """Year, month and day of the month of a day counted since 1970.

    Hinnant, chrono-compatible low-level date algorithms (2013).
    """
    z = day + 719468
    era = z // 146097
    doe = z - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    month = mp + 3 if mp < 10 else mp - 9
    return yoe + era * 400 + (month <= 2), month, doy - (153 * mp + 2) // 5 + 1


@compiled
def _day_of_year(year: int, month: int, day: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    before = (367 * month - 362) // 12
    return before + day - (0 if month <= 2 else (1 if leap else 2))


@compiled
def _iso_week(day: int) -> int:
    """The week of the year that holds this week's Thursday."""
    thursday = day - (day + 3) % 7 + 3
    year, month, date = _civil(thursday)
    return (_day_of_year(year, month, date) - 1) // 7 + 1


@compiled
def part_of_time(period: int, time: int) -> int:
    """The part of a time in microseconds of UTC that the period, a place in PERIODS, counts."""
    if period == 6:
        return time % DAY // HOUR
    day = time // DAY
    if period == 5:
        return (day + 3) % 7
    if period == 3:
        return _iso_week(day)
    year, month, date = _civil(day)
    if period == 0:
        return year
    if period == 1:
        return (month + 2) // 3
    if period == 2:
        return month
    return _day_of_year(year, month, date)
