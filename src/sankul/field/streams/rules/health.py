"""How a thing is: whether its streams say something when they are due, and how long its battery lasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from .words import Flag

LATE_AFTER: Final = 2
"""Of the times between two values that are due: one that is lost is not yet late."""
SILENT_AFTER: Final = 8
SILENT_AT_LEAST: Final = timedelta(hours=1)
"""A stream of every minute is silent after an hour, not after eight minutes: a router that starts anew takes some."""
BATTERY_DAYS: Final = 14
LEAST_CHARGE_PERCENT: Final = 20.0
"""Below it lead and lithium cells age, and a night without sun may empty them; streams in volts say their own limit."""


class Health(TextChoices):
    """States of a thing, the worst first."""

    SILENT = "silent", _("Silent")
    LATE = "late", _("Late")
    SUSPECT = "suspect", _("Suspect")
    BATTERY = "battery", _("Battery low")
    REPORTING = "reporting", _("Reporting")
    NOTHING = "nothing", _("Nothing received yet")


@dataclass(frozen=True, slots=True)
class Pulse:
    """What is known of a stream: its last ``time`` and ``flag`` (None before the first), and how often it is due, if known."""

    stream_id: int
    time: datetime | None
    flag: int | None
    every: timedelta | None


@dataclass(frozen=True, slots=True)
class Charge:
    """A battery: its lowest level of the last day in the stream's ``unit``, the limit, and when it will be there.

    ``empty_at`` is None where the level does not fall; ``is_low`` where it is at the limit.
    """

    stream_id: int
    level: float
    limit: float
    unit: str
    is_low: bool
    empty_at: datetime | None


@dataclass(frozen=True, slots=True)
class ThingHealth:
    """How a thing is. ``since`` is when it was last well, for one that is silent or late: the last value of all, or of the late.

    ``last_at`` is its newest value; ``late`` and ``suspect`` name streams; ``battery`` is the worst of its batteries.
    """

    state: Health
    since: datetime | None = None
    last_at: datetime | None = None
    late: tuple[int, ...] = ()
    suspect: tuple[int, ...] = ()
    battery: Charge | None = field(default=None)


def due_every(
    told_s: int | None, count: int, first: datetime | None, last: datetime | None
) -> timedelta | None:
    """How often a value is due: as the stream tells, else as they came on the mean of three or more, else unknown."""
    if told_s:
        return timedelta(seconds=told_s)
    if first and last and count > 2 and last > first:
        return (last - first) / (count - 1)
    return None


def is_late(pulse: Pulse, at: datetime) -> bool:
    """Whether a value that was due has not come for twice the time."""
    return _waits(pulse, at, LATE_AFTER, timedelta(0))


def is_silent(pulse: Pulse, at: datetime) -> bool:
    """Whether nothing came for eight times the time from value to value, and for an hour."""
    return _waits(pulse, at, SILENT_AFTER, SILENT_AT_LEAST)


def _waits(pulse: Pulse, at: datetime, times: int, least: timedelta) -> bool:
    if pulse.time is None or pulse.every is None:
        return False
    return at - pulse.time > max(times * pulse.every, least)


def is_battery(property_name: str, properties: Mapping[str, Any]) -> bool:
    """Whether a stream observes a battery: its property is called so, or ``battery_limit`` stands in its own properties."""
    return "battery" in property_name.casefold() or "battery_limit" in properties


def battery_limit(properties: Mapping[str, Any], unit: str) -> float | None:
    """The level at which a battery is empty: ``battery_limit`` of the stream's properties, else 20 if it is in percent."""
    told = properties.get("battery_limit")
    if isinstance(told, int | float) and not isinstance(told, bool):
        return float(told)
    return LEAST_CHARGE_PERCENT if unit == "%" else None


def health_of(pulses: Sequence[Pulse], batteries: Sequence[Charge], at: datetime) -> ThingHealth:
    """How a thing with these streams and batteries is."""
    heard = [pulse for pulse in pulses if pulse.time is not None]
    if not heard:
        return ThingHealth(Health.NOTHING)
    late = [pulse for pulse in heard if is_late(pulse, at)]
    is_dumb = len(late) == len(heard) and all(is_silent(pulse, at) for pulse in late)
    suspect = tuple(pulse.stream_id for pulse in heard if pulse.flag in (Flag.SUSPECT, Flag.FAIL))
    battery = min(batteries, key=_urgency, default=None)
    last_at = max(pulse.time for pulse in heard if pulse.time)
    state = _worst(is_dumb, bool(late), bool(suspect), bool(battery and battery.is_low))
    since = last_at if is_dumb else min((one.time for one in late if one.time), default=None)
    names = tuple(pulse.stream_id for pulse in late)
    return ThingHealth(state, since, last_at, names, suspect, battery)


def _urgency(charge: Charge) -> tuple[bool, bool, float]:
    ends = charge.empty_at.timestamp() if charge.empty_at else 0.0
    return not charge.is_low, charge.empty_at is None, ends


def _worst(is_silent: bool, is_late: bool, is_suspect: bool, is_low: bool) -> Health:
    for holds, state in (
        (is_silent, Health.SILENT),
        (is_late, Health.LATE),
        (is_suspect, Health.SUSPECT),
        (is_low, Health.BATTERY),
    ):
        if holds:
            return state
    return Health.REPORTING
