"""What sensors at a source measure now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from sankul.field.streams.models import Datastream, Latest
from sankul.field.streams.rules import Flag
from sankul.field.water.models import SensorAt, Source
from sankul.field.water.rules import Bound, Finding, Purpose, Standing, judged

from .judging import bounds

FRESH: Final = timedelta(hours=24)
"""A sensor that has said nothing for longer says nothing of now."""


@dataclass(frozen=True)
class Reading:
    """What a sensor said last; ``finding`` is unjudged where its flag or its age does not let one trust it."""

    parameter: str
    value: Decimal
    at: datetime
    flag: Flag
    finding: Finding


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
    known = flag in (Flag.GOOD, Flag.NOT_EVALUATED) and at - moment <= FRESH
    day = timezone.localdate(moment)
    found = judged(row.parameter, value, day, limits) if known else Finding(Standing.UNJUDGED)
    return Reading(row.parameter, value, moment, flag, found)


def free_streams(source: Source) -> QuerySet[Datastream]:
    """Streams of the source's cluster that stand at no source yet."""
    rows = Datastream.objects.filter(thing__cluster=source.village.cluster, water_sensor=None)
    return rows.select_related("thing").order_by("thing__name", "name")
