"""What is free: open windows less what is occupied, for one instrument or for hundreds in as many queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db.models import F, Sum
from psycopg.types.range import TimestamptzRange

from sankul.core.models import User
from sankul.core.queries import prepared
from sankul.programme.bookings.models import Booking, BookingQuerySet
from sankul.programme.bookings.rules import OCCUPYING, Span, State, Terms, Week, earliest, week_of
from sankul.programme.facilities.models import Instrument, Unit
from sankul.programme.facilities.queries.hours import down_units, open_and_down, open_windows
from sankul.programme.facilities.rules import Relation

LOOKS = (7, 28, 90)
"""How many days ahead the earliest slot is looked for, one look after the other, within each instrument's horizon."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COUNTED = (*OCCUPYING, State.COMPLETED, State.NO_SHOW)

_STATES = ", ".join(f"'{state}'" for state in OCCUPYING)
_FREE = f"""
SELECT {prepared.columns(Unit, "unit")} FROM {Unit._meta.db_table} unit
WHERE unit.instrument_id = %s AND unit.is_active AND NOT EXISTS (
    SELECT FROM {Booking._meta.db_table} booking
    WHERE booking.unit_id = unit.id AND booking.state IN ({_STATES})
        AND booking.occupied && %s AND booking.id IS DISTINCT FROM %s::bigint
)
ORDER BY unit.id
"""
"""As the exclusion constraint asks it, so that its index answers."""
_BUSY = f"""
SELECT unit.id, unit.instrument_id, {
    ", ".join(
        f"COALESCE(array_agg((EXTRACT(EPOCH FROM {bound}(booking.occupied)) * 1000000)::bigint)"
        " FILTER (WHERE booking.id IS NOT NULL), '{}')"
        for bound in ("lower", "upper")
    )
}
FROM {Unit._meta.db_table} unit
LEFT JOIN {Booking._meta.db_table} booking ON booking.unit_id = unit.id
    AND booking.state IN ({_STATES}) AND booking.occupied && %s
WHERE unit.instrument_id = ANY(%s) AND unit.is_active
GROUP BY unit.id ORDER BY unit.id
"""
"""A row a unit, with bounds as whole numbers: reading a range of moments takes thirty times as long."""


def terms(instrument: Instrument) -> Terms:
    """The rules of booking on an instrument's row, with the clock of its facility (which the caller has at hand)."""
    return Terms(
        slot_minutes=instrument.slot_minutes,
        min_minutes=instrument.min_minutes,
        max_minutes=instrument.max_minutes,
        lead_minutes=instrument.lead_minutes,
        horizon_days=instrument.horizon_days,
        setup_minutes=instrument.setup_minutes,
        cleanup_minutes=instrument.cleanup_minutes,
        quota_minutes_week=instrument.quota_minutes_week,
        zone=ZoneInfo(instrument.facility.timezone),
    )


def busy(
    instruments: Collection[Instrument], span: Span, down: Mapping[int, Iterable[Span]]
) -> dict[int, dict[int, list[Span]]]:
    """By instrument and active unit, what is booked or ``down`` (by unit) and touches ``span``, in order of time: one query."""
    found: dict[int, dict[int, list[Span]]] = {one.pk: {} for one in instruments}
    for unit, instrument, *bounds in prepared.rows(_BUSY, TimestamptzRange(*span), list(found)):
        spans = list(down.get(unit, ()))
        spans += zip(*(map(_moment, bound) for bound in bounds), strict=True)
        spans.sort()
        found[instrument][unit] = spans
    return found


@lru_cache(maxsize=8192)
def _moment(microseconds: int) -> datetime:
    """Slots begin and end on a grid, so that the same moments come again and again."""
    return EPOCH + timedelta(microseconds=microseconds)


def earliest_slots(
    instruments: Iterable[Instrument], minutes: int | None, at: datetime
) -> dict[int, datetime]:
    """By instrument, when a slot of so many minutes (None: its shortest) is free first within its horizon.

    Instruments come with their facility. Where there is none, the instrument is left out.
    """
    left = {one.pk: one for one in instruments if _fits(one, minutes)}
    found: dict[int, datetime] = {}
    since = at
    for days in LOOKS:
        until = at + timedelta(days=days)
        if left:
            found |= _look(left.values(), minutes, at, (since, until))
        left = {
            key: one for key, one in left.items() if key not in found and one.horizon_days > days
        }
        since = until - timedelta(days=1)  # a slot across the seam is met in the next look
    return found


def _fits(instrument: Instrument, minutes: int | None) -> bool:
    return minutes is None or instrument.min_minutes <= minutes <= instrument.max_minutes


def _look(
    instruments: Collection[Instrument], minutes: int | None, at: datetime, span: Span
) -> dict[int, datetime]:
    windows, down = open_and_down(instruments, *span)
    taken = busy(instruments, (span[0] - timedelta(days=1), span[1] + timedelta(days=1)), down)
    found = {}
    for one in instruments:
        start = earliest(
            terms(one),
            windows.get(one.pk, []),
            list(taken[one.pk].values()),
            minutes or one.min_minutes,
            at,
        )
        if start is not None and start <= at + timedelta(days=one.horizon_days):
            found[one.pk] = start
    return found


def free_units(
    instrument: Instrument,
    occupied: Span,
    but: Booking | None = None,
    down: Collection[int] | None = None,
) -> list[Unit]:
    """The active units that nobody occupies at any moment of a span (but for one booking itself).

    ``down`` are those that are known to be down in it; without them, it is asked.
    """
    if down is None:
        down = down_units([instrument], *occupied)
    asked = instrument.pk, TimestamptzRange(*occupied), but.pk if but else None
    units = prepared.instances(Unit, prepared.rows(_FREE, *asked))
    return [unit for unit in units if unit.pk not in down]


def minutes_of(user: User, instrument: Instrument, week: Span, but: Booking | None = None) -> float:
    """Minutes that somebody has booked of an instrument in a week."""
    return _minutes(Booking.objects.filter(user=user, instrument=instrument), week, but)


def week(instrument: Instrument, starts_at: datetime, but: Booking | None = None) -> Week:
    """The week of a slot: its open minutes over all units, and those that the host's own people have booked."""
    span = week_of(starts_at, ZoneInfo(instrument.facility.timezone))
    windows = open_windows([instrument], *span).get(instrument.pk, [])
    units = instrument.units.filter(is_active=True).count()
    opened = sum(((until - since) for since, until in windows), timedelta()) / timedelta(minutes=1)
    own = Booking.objects.filter(instrument=instrument, relation=Relation.OWN)
    share = instrument.facility.outsider_share_percent
    return Week(opened * units, _minutes(own, span, but), share)


def _minutes(rows: BookingQuerySet, week: Span, but: Booking | None) -> float:
    rows = rows.filter(state__in=COUNTED, starts_at__gte=week[0], starts_at__lt=week[1])
    if but is not None:
        rows = rows.exclude(pk=but.pk)
    total = rows.aggregate(total=Sum(F("ends_at") - F("starts_at")))["total"]
    return total / timedelta(minutes=1) if total else 0.0
