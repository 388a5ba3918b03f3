"""How things are: who is late or silent since when, whose last values are suspect, whose battery will be empty when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from sankul.engines import quality
from sankul.field.streams.models import Datastream
from sankul.field.streams.rules.health import (
    BATTERY_DAYS,
    Charge,
    Pulse,
    ThingHealth,
    battery_limit,
    due_every,
    health_of,
    is_battery,
)
from sankul.field.streams.rules.numbers import moment

from .reading import series

COLUMNS = (
    "thing_id",
    "pk",
    "expected_every_s",
    "latest__count",
    "latest__first_time",
    "latest__time",
    "latest__flag",
    "observed_property__name",
    "properties",
    "unit",
)


def health(things: Iterable[int], at: datetime) -> dict[int, ThingHealth]:
    """How each of these things (by id) is at a moment: at most five statements, whatever their number.

    Batteries are told from streams of a property that is named so, in percent or with ``battery_limit`` in the stream's
    properties, by the lowest level of each of their last 14 days.
    """
    ids = list(things)
    pulses: dict[int, list[Pulse]] = defaultdict(list)
    limits: dict[int, tuple[int, float, str]] = {}
    for row in Datastream.objects.filter(thing__in=ids).values_list(*COLUMNS):
        thing_id, stream_id, told_s, count, first, last, flag, called, properties, unit = row
        every = due_every(told_s, count or 0, first, last)
        pulses[thing_id].append(Pulse(stream_id, last, flag, every))
        symbol = str(unit.get("symbol") or "")
        limit = battery_limit(properties, symbol) if is_battery(called, properties) else None
        if limit is not None and last is not None:
            limits[stream_id] = thing_id, limit, symbol
    charges = _charges(limits, at)
    return {one: health_of(pulses[one], charges.get(one, []), at) for one in ids}


def _charges(limits: dict[int, tuple[int, float, str]], at: datetime) -> dict[int, list[Charge]]:
    found: dict[int, list[Charge]] = defaultdict(list)
    if not limits:
        return found
    since = at - timedelta(days=BATTERY_DAYS)
    until = at + timedelta(microseconds=1)  # what is of this moment counts
    days = series(sorted(limits), since, until, timedelta(days=1))
    starts = np.flatnonzero(np.diff(days.stream_ids, prepend=-1))
    for own in np.split(np.arange(len(days.stream_ids)), starts)[1:]:
        stream_id = int(days.stream_ids[own[0]])
        thing_id, limit, unit = limits[stream_id]
        found[thing_id].append(_charge(stream_id, days.start_us[own], days.low[own], limit, unit))
    return found


def _charge(stream_id: int, days_us: Any, lowest: Any, limit: float, unit: str) -> Charge:
    told = quality.battery(days_us, lowest, limit, BATTERY_DAYS + 1)
    ends = told.empty_in_days
    last = moment(int(days_us[-1]))
    empty_at = None if ends is None or ends > 3650 else last + timedelta(days=ends)
    return Charge(stream_id, float(lowest[-1]), limit, unit, told.low, empty_at)
