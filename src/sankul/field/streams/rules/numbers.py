"""Numbers of observations, which tell the day; days, which tell the span.

The number of an observation is ``day << 36 | n``: its day since 1 Jan 1900 (UTC, 17 bits, up to the year 2258) before a running
number (36 bits). So a number leads to one day without an index over all of them, and stays below 2⁵³, which every client reads
exactly (RFC 8259, section 6).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

EPOCH = date(1900, 1, 1)
DAY_US = 86_400_000_000
NUMBER_BITS = 36
NUMBER_MASK = (1 << NUMBER_BITS) - 1
UNIX_DAY = (date(1970, 1, 1) - EPOCH).days
FIRST_YEAR, LAST_YEAR = 1900, 2105
"""Years in which an observation may lie: from the epoch of the numbers to the last one whole in 32 bits of seconds."""


class Span(NamedTuple):
    """Days whose observations are kept together: from ``start`` to before ``end`` (UTC)."""

    start: date
    end: date


def observation_ids(days: NDArray[np.int64], numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ids of observations from their days since 1970 and running numbers."""
    return ((days + UNIX_DAY) << NUMBER_BITS) | (numbers & NUMBER_MASK)


def day_of_id(observation_id: int) -> date | None:
    """The day (UTC) in which the observation of this id lies; None if no observation can have it."""
    days = observation_id >> NUMBER_BITS
    return EPOCH + timedelta(days=days) if 0 <= days < 1 << 17 else None


def midnight(day: date) -> datetime:
    """The beginning of a day, UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def micros(at: datetime) -> int:
    """Microseconds since 1970 of an aware datetime, exactly."""
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment(us: int) -> datetime:
    """The aware datetime (UTC) of microseconds since 1970, exactly."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(us))


def span_for(day: date, *, today: date, year_is_empty: bool) -> Span:
    """The span that a day without one gets.

    A day of this year and the last two is a span of its own. An earlier year is one span, unless some of its days are spans
    already: a river's forty years of monthly samples are forty tables, not five hundred.
    """
    if year_is_empty and day.year < today.year - 2:
        return Span(date(day.year, 1, 1), date(day.year + 1, 1, 1))
    return Span(day, day + timedelta(days=1))
