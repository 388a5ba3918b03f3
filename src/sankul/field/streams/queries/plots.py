"""Observations as pictures show them: few values that draw the same line, or steps where there are too many to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Sum
from numpy.typing import NDArray

from sankul.field.streams.models import DayCount
from sankul.field.streams.rules import Flag
from sankul.field.streams.rules.ranges import step_for
from sankul.field.streams.rules.reduction import MOST_POINTS, kept
from sankul.field.streams.rules.rows import Rows

from .reading import Series, read, series

MOST_ROWS = 60_000
"""Rows that are read for a page; where a range has more, its steps are computed where they lie."""
SHIFT = timedelta(hours=5, minutes=30)
"""Days begin at midnight in India."""
MARKED = (Flag.SUSPECT, Flag.FAIL)


@dataclass(frozen=True)
class Plot:
    """What is drawn of a stream; times in microseconds since 1970.

    ``rows`` are values as they are, with flags, or else ``steps`` of the length ``step``. ``count`` and ``flagged`` tell how many
    observations, and suspect or failed ones among them, the days (UTC) of the range have.
    """

    count: int
    flagged: int
    rows: Rows | None = None
    steps: Series | None = None
    step: timedelta | None = None


def plots(
    stream_ids: Sequence[int], since: datetime, until: datetime, most: int = MOST_POINTS
) -> dict[int, Plot]:
    """For each stream, at most ``most`` points of a range that draw what all would: a bounded number of statements."""
    counts = counted(stream_ids, since, until)
    ids = [one for one in stream_ids if counts.get(one, (0, 0))[0]]
    if sum(counts[one][0] for one in ids) > MOST_ROWS:
        return _in_steps(ids, since, until, most, counts)
    rows = read(ids, since, until) if ids else None
    found = {}
    for one in ids if rows else ():
        own = slice(*np.searchsorted(rows.stream_ids, (one, one + 1)))  # type: ignore[union-attr]
        found[one] = Plot(*counts[one], rows=few(rows.at(own), most))  # type: ignore[union-attr]
    return found


def counted(
    stream_ids: Sequence[int], since: datetime, until: datetime
) -> dict[int, tuple[int, int]]:
    """How many observations each stream has on the days of a range, and how many of them are suspect or failed."""
    days = DayCount.objects.filter(
        stream__in=list(stream_ids), day__gte=since.date(), day__lte=until.date()
    )
    found = days.values_list("stream").annotate(n=Sum("count"), marked=Sum("flagged"))
    return {stream: (n, marked) for stream, n, marked in found}


def few(rows: Rows, most: int) -> Rows:
    """At most ``most`` rows: those that draw the line of what counts, and of the marked ones as many as half."""
    if len(rows.ids) <= most:
        return rows
    marked = np.flatnonzero(np.isin(rows.flags, MARKED))
    if len(marked) > most // 2:
        marked = marked[kept(rows.values[marked], most // 2)]
    line = np.flatnonzero(~np.isin(rows.flags, (Flag.FAIL,)))
    chosen = line[kept(rows.values[line], max(4, most - len(marked)))]
    return rows.at(np.union1d(marked, chosen))


def _in_steps(
    ids: Sequence[int],
    since: datetime,
    until: datetime,
    most: int,
    counts: Mapping[int, tuple[int, int]],
) -> dict[int, Plot]:
    step = step_for(until - since, most // 2)  # least and greatest: two points each
    found = series(ids, since, until, step, offset=SHIFT)
    made = {}
    for one in ids:
        own = slice(*np.searchsorted(found.stream_ids, (one, one + 1)))
        made[one] = Plot(*counts[one], steps=_part(found, own), step=step)
    return made


def _part(found: Series, own: slice) -> Series:
    columns: list[Any] = [part[own] for part in found]
    return Series(*columns)


def broken(time_us: NDArray[np.int64], every: timedelta | None) -> NDArray[np.int64]:
    """After which places a line is broken: where nothing came for four times as long as usual."""
    between = np.diff(time_us)
    if not len(between):
        return np.empty(0, np.int64)
    usual = every / timedelta(microseconds=1) if every else float(np.median(between))
    return np.flatnonzero(between > max(4 * usual, 4 * float(np.median(between))))
