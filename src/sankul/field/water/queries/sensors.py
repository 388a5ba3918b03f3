"""What sensors at sources measure: now, by period, and since when something is above its limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

import numpy as np
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from sankul.field.alerts.models import Action, Alert
from sankul.field.streams.models import Datastream, Latest
from sankul.field.streams.queries.reading import read
from sankul.field.streams.rules import Flag
from sankul.field.streams.rules.batches import starts_of
from sankul.field.streams.rules.numbers import moment
from sankul.field.streams.rules.rows import Rows
from sankul.field.water.models import SensorAt, Source
from sankul.field.water.rules import Bound, Finding, Purpose, Standing, judged
from sankul.field.water.rules.risk import Judged, Risk

from .judging import bounds

FRESH: Final = timedelta(hours=24)
"""A sensor that has said nothing for longer says nothing of now."""
LOOKED_BACK: Final = timedelta(days=7)
"""How far back the begin of what a sensor shows is looked for; an alert can tell of an earlier one."""
MISSED: Final = 6
"""After so many values that did not come a sensor is silent."""
TRUSTED: Final = (Flag.GOOD, Flag.NOT_EVALUATED)


@dataclass(frozen=True)
class Reading:
    """What a sensor said last; ``finding`` is unjudged where its flag or its age does not let one trust it."""

    parameter: str
    value: Decimal
    at: datetime
    flag: Flag
    finding: Finding


class Above(NamedTuple):
    """A sensor's value above its limit, and the alert of it that stands, with what is done."""

    risk: Risk
    alert: Alert | None


class _Placed(NamedTuple):
    """A stream, where it stands, and what is told of it."""

    source: int
    parameter: str
    last: Latest
    expected_s: int | None


def readings(source: Source, at: datetime) -> list[Reading]:
    """The last value of every sensor at a source that has sent any, by the limit in force; three queries at most."""
    rows = list(source.sensors.select_related("datastream"))
    if not rows:
        return []
    said = Latest.objects.filter(stream__in=[row.datastream_id for row in rows])
    last = {one.stream_id: one for one in said.exclude(value=None).exclude(time=None)}
    limits = bounds() if source.purpose == Purpose.DRINKING else []
    return [
        _reading(row, last[row.datastream_id], at, limits)
        for row in rows
        if row.datastream_id in last
    ]


def _reading(row: SensorAt, latest: Latest, at: datetime, limits: list[Bound]) -> Reading:
    value, moment = Decimal(str(latest.value)), latest.time or at
    flag = Flag(latest.flag or Flag.NOT_EVALUATED)
    known = flag in TRUSTED and at - moment <= FRESH
    day = timezone.localdate(moment)
    found = judged(row.parameter, value, day, limits) if known else Finding(Standing.UNJUDGED)
    return Reading(row.parameter, value, moment, flag, found)


def _placed(sources: Iterable[int]) -> dict[int, _Placed]:
    rows = SensorAt.objects.filter(source__in=list(sources), datastream__latest__time__isnull=False)
    found = rows.select_related("datastream__latest").only(
        "source_id", "parameter", "datastream__expected_every_s", "datastream__latest"
    )
    return {
        row.datastream_id: _Placed(
            row.source_id, row.parameter, row.datastream.latest, row.datastream.expected_every_s
        )
        for row in found
    }


def silences(sources: Iterable[int], at: datetime) -> dict[int, datetime]:
    """Sources where a sensor is silent at a moment, and since when: six values that were due are missing, or a day has passed."""
    found: dict[int, datetime] = {}
    for one in _placed(sources).values():
        said = one.last.time
        longest = timedelta(seconds=MISSED * one.expected_s) if one.expected_s else FRESH
        if said is not None and at - said > longest:
            found[one.source] = min(said, found.get(one.source, said))
    return found


def above(sources: Iterable[int], at: datetime, limits: list[Bound]) -> list[Above]:
    """What sensors at these drinking sources show above its limit at a moment, and since when: the first of the unbroken row of
    such values. Only values that passed their tests count, and none older than a day.
    """
    placed = _placed(sources)
    looked = [number for number, one in placed.items() if _may_be_above(one, at, limits)]
    if not looked:
        return []
    rows = read(sorted(looked), at - LOOKED_BACK, at + timedelta(microseconds=1))
    alerts = _alerts(looked, at)
    found = []
    for stream, values in _by_stream(rows):
        risk = _risk(placed[stream], values, at, limits)
        if risk is not None:
            alert = alerts.get(stream)
            since = min(risk.since, alert.began_at) if alert else risk.since
            found.append(Above(Risk(risk.source, risk.parameter, since, risk.last), alert))
    return found


def _may_be_above(one: _Placed, at: datetime, limits: list[Bound]) -> bool:
    """Whether its values have to be looked at: of now, the last one tells."""
    last = one.last
    if last.time is None or last.value is None or last.value != last.value:
        return False
    if last.time > at or last.flag not in TRUSTED:
        return True
    day = timezone.localdate(last.time)
    found = judged(one.parameter, Decimal(str(last.value)), day, limits)
    return at - last.time <= FRESH and found.standing == Standing.UNSAFE


def _by_stream(rows: Rows) -> Iterator[tuple[int, Rows]]:
    trusted = np.isin(rows.flags, TRUSTED) & np.isfinite(rows.values)
    rows = rows.at(trusted)
    starts = starts_of(rows.stream_ids)
    for first, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        yield int(rows.stream_ids[first]), rows.at(np.arange(first, end))


def _risk(one: _Placed, rows: Rows, at: datetime, limits: list[Bound]) -> Risk | None:
    """The risk that stands by a stream's last values, if any."""
    unsafe: list[Judged] = []
    for us, number in zip(rows.time_us[::-1].tolist(), rows.values[::-1].tolist(), strict=True):
        said, value = moment(us), Decimal(str(number))
        found = judged(one.parameter, value, timezone.localdate(said), limits)
        if found.standing != Standing.UNSAFE:
            break
        unsafe.append(Judged(one.source, one.parameter, said, value, found))
    if not unsafe or at - unsafe[0].taken_at > FRESH:
        return None
    return Risk(one.source, one.parameter, unsafe[-1].taken_at, unsafe[0])


def _alerts(streams: Iterable[int], at: datetime) -> dict[int, Alert]:
    """The alerts of these streams that stood at a moment, with what is done."""
    rows = Alert.objects.filter(stream__in=list(streams), began_at__lte=at)
    rows = rows.exclude(closed_at__lte=at).exclude(ended_at__lte=at)
    actions = Prefetch("actions", Action.objects.order_by("begun_at"))
    found = rows.order_by("began_at").prefetch_related(actions)
    return {row.stream_id: row for row in found if row.stream_id}


def free_streams(source: Source) -> QuerySet[Datastream]:
    """Streams of the source's cluster that stand at no source yet."""
    rows = Datastream.objects.filter(thing__cluster=source.village.cluster, water_sensor=None)
    return rows.select_related("thing").order_by("thing__name", "name")
