"""What sensors measured in a period, beside the limits of each day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
from django.db.models import QuerySet
from django.utils import timezone
from numpy.typing import NDArray

from sankul.field.streams.queries.reading import read
from sankul.field.streams.rules import Flag
from sankul.field.streams.rules.batches import starts_of
from sankul.field.streams.rules.numbers import micros
from sankul.field.water.models import SensorAt, Source
from sankul.field.water.rules import Bound, Purpose
from sankul.field.water.rules.limits import excesses

from .judging import bounds

Period = tuple[int, int]
"""A year, and its quarter or month."""
TRUSTED: Final = (Flag.GOOD, Flag.NOT_EVALUATED)
A_YEAR: Final = timedelta(days=366)
INDIA_US: Final = 19_800_000_000
"""India's clocks are five and a half hours ahead of UTC, all year."""


class Tally(NamedTuple):
    """Values of sensors that passed their tests and were judged: how many, how many within the limit, the sum of their excesses,
    and for how many hours one was above.
    """

    values: int = 0
    within: int = 0
    excess: float = 0.0
    hours_above: float = 0.0

    @property
    def load(self) -> float | None:
        """The exceedance load: the sum of excesses over the number of values; None without any."""
        return self.excess / self.values if self.values else None

    def plus(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(
            self.values + other.values,
            self.within + other.within,
            self.excess + other.excess,
            self.hours_above + other.hours_above,
        )


NOTHING: Final = Tally()


class Judged(NamedTuple):
    """The trusted values of one sensor with their excess over the limit of their day, and how many seconds each stands for."""

    sensor: SensorAt
    time_us: NDArray[np.int64]
    values: NDArray[np.float64]
    excess: NDArray[np.float64]
    every_s: int

    @property
    def tally(self) -> Tally:
        """All of them."""
        above = int((self.excess > 0).sum())
        return Tally(
            len(self.values),
            len(self.values) - above,
            float(self.excess.sum()),
            above * self.every_s / 3600,
        )

    def part(self, mask: NDArray[np.bool_]) -> Judged:
        """Some of them."""
        return self._replace(
            time_us=self.time_us[mask], values=self.values[mask], excess=self.excess[mask]
        )


def judged(
    sensors: Iterable[SensorAt], since: datetime, until: datetime, limits: Iterable[Bound]
) -> Iterator[Judged]:
    """What sensors measured from a moment to before another, by the limits; values that no limit judges are left out."""
    placed = {row.datastream_id: row for row in sensors}
    of: Mapping[str, list[Bound]] = _by_parameter(limits)
    wanted = sorted(stream for stream, row in placed.items() if row.parameter in of)
    if not wanted:
        return
    rows = read(wanted, since, until)
    rows = rows.at(np.isin(rows.flags, TRUSTED) & np.isfinite(rows.values))
    starts = starts_of(rows.stream_ids)
    for first, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        sensor = placed[int(rows.stream_ids[first])]
        time_us, values = rows.time_us[first:end], rows.values[first:end]
        excess, known = _excess(of[sensor.parameter], time_us, values)
        every_s = _every_s(sensor, time_us)
        yield Judged(sensor, time_us[known], values[known], excess[known], every_s)


def _every_s(sensor: SensorAt, time_us: NDArray[np.int64]) -> int:
    """For how long a value stands: until the next is due, or as long as it mostly took; 0 where nothing tells."""
    if sensor.datastream.expected_every_s:
        return sensor.datastream.expected_every_s
    return int(np.median(np.diff(time_us)) // 1_000_000) if len(time_us) > 1 else 0


def _by_parameter(limits: Iterable[Bound]) -> dict[str, list[Bound]]:
    found: dict[str, list[Bound]] = defaultdict(list)
    for one in limits:
        found[one.parameter].append(one)
    return found


def _excess(
    limits: list[Bound], time_us: NDArray[np.int64], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The excess of each value by the limit of its day in India, and which had one."""
    excess, known = np.zeros(len(values)), np.zeros(len(values), bool)
    for one in limits:
        within = time_us >= micros(midnight(one.from_on))
        if one.until_on is not None:
            within &= time_us < micros(midnight(one.until_on + timedelta(days=1)))
        excess[within] = excesses(one, values[within])
        known |= within
    return excess, known


def midnight(day: date) -> datetime:
    """The first moment of a day in India."""
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())


def by_quarter(source: Source, at: datetime) -> dict[Period, Tally]:
    """What the sensors of a drinking source measured in the quarters of the last year, by the limits; three queries at most."""
    found = by_source_and_quarter(SensorAt.objects.filter(source=source), at)
    return {period: tally for (_source, period), tally in found.items()}


def by_source_and_quarter(
    sensors: QuerySet[SensorAt], at: datetime
) -> dict[tuple[int, Period], Tally]:
    """The same of all sensors at once that stand at drinking sources, by the number of the source and quarter."""
    rows = sensors.filter(source__purpose=Purpose.DRINKING).select_related("datastream")
    found: dict[tuple[int, Period], Tally] = {}
    for one in judged(rows, at - A_YEAR, at, bounds()):
        months = ((one.time_us + INDIA_US).astype("M8[us]")).astype("M8[M]").astype(np.int64)
        for quarter in np.unique(months // 3).tolist():
            key = one.sensor.source_id, (1970 + quarter // 4, quarter % 4 + 1)
            tally = one.part(months // 3 == quarter).tally
            found[key] = found.get(key, NOTHING).plus(tally)
    return found


class Day(NamedTuple):
    """A day of one sensor: its values, the least, mean and greatest, how many were beyond the limit, and for how many hours."""

    on: date
    parameter: str
    values: int
    low: float
    mean: float
    high: float
    beyond: int
    hours_above: float


def by_day(source: Source, since: datetime, at: datetime) -> list[Day]:
    """What the sensors of a source measured day by day in India, the newest day first."""
    limits = bounds() if source.purpose == Purpose.DRINKING else []
    rows = list(source.sensors.select_related("datastream"))
    judged_ones = {one.sensor.pk: one for one in judged(rows, since, at, limits)}
    found = []
    for row in rows:
        one = judged_ones.get(row.pk) or _unjudged(row, since, at)
        days = (one.time_us + INDIA_US) // 86_400_000_000
        for day in np.unique(days).tolist():
            part = one.part(days == day)
            low, mean, high = (
                float(one) for one in (part.values.min(), part.values.mean(), part.values.max())
            )
            on = date(1970, 1, 1) + timedelta(days=day)
            tally = part.tally
            found.append(
                Day(
                    on,
                    row.parameter,
                    tally.values,
                    low,
                    mean,
                    high,
                    tally.values - tally.within,
                    tally.hours_above,
                )
            )
    return sorted(found, key=lambda one: (-one.on.toordinal(), one.parameter))


def _unjudged(row: SensorAt, since: datetime, at: datetime) -> Judged:
    """The values of a sensor that no limit judges."""
    rows = read([row.datastream_id], since, at)
    rows = rows.at(np.isin(rows.flags, TRUSTED) & np.isfinite(rows.values))
    none = np.zeros(len(rows.values))
    return Judged(row, rows.time_us, rows.values, none, _every_s(row, rows.time_us))
