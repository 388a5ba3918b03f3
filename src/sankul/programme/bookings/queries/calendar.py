"""Calendars: the week of an instrument, the day of many, one's own bookings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from sankul.core.rules.roles import Actor
from sankul.programme.bookings.models import Booking, BookingQuerySet, Series, Waiting
from sankul.programme.bookings.rules import AHEAD, OCCUPYING, Span, State, Wait, on_grid
from sankul.programme.bookings.rules.days import Kind, Piece, pieces
from sankul.programme.facilities.models import Facility, Instrument
from sankul.programme.facilities.queries.hours import open_and_down

from .availability import busy, terms

SHOWN = (*OCCUPYING, State.COMPLETED, State.NO_SHOW)


@dataclass(frozen=True)
class Day:
    """A day of an instrument on the clock of its place: pieces of time, and the bookings that the reader may see."""

    on: date
    pieces: list[Piece]
    bookings: list[Booking]

    @property
    def free(self) -> list[Piece]:
        """The pieces that can be booked."""
        return [one for one in self.pieces if one.kind == Kind.FREE]


def days(
    instruments: Collection[Instrument], since: date, count: int, actor: Actor
) -> dict[int, list[Day]]:
    """By instrument, so many days from one on; instruments come with their facilities. Five queries, whatever their number."""
    spans = {
        one.pk: [_day(one, since + timedelta(days=n)) for n in range(count)] for one in instruments
    }
    every = [span for of in spans.values() for span in of]
    if not every:
        return {}
    whole = min(span[0] for span in every), max(span[1] for span in every)
    windows, down = open_and_down(instruments, *whole)
    taken = busy(instruments, whole, down)
    seen = _seen(instruments, whole, actor)
    return {
        one.pk: [
            Day(
                since + timedelta(days=number),
                pieces(span, windows.get(one.pk, []), taken[one.pk], _first(one, actor.at)),
                [row for row in seen[one.pk] if row.starts_at < span[1] and span[0] < row.ends_at],
            )
            for number, span in enumerate(spans[one.pk])
        ]
        for one in instruments
    }


def _day(instrument: Instrument, on: date) -> Span:
    zone = ZoneInfo(instrument.facility.timezone)
    return (
        datetime.combine(on, time(), zone),
        datetime.combine(on + timedelta(days=1), time(), zone),
    )


def _first(instrument: Instrument, at: datetime) -> datetime:
    rules = terms(instrument)
    return on_grid(at + timedelta(minutes=rules.lead_minutes), rules)


def _seen(
    instruments: Collection[Instrument], span: Span, actor: Actor
) -> dict[int, list[Booking]]:
    found: dict[int, list[Booking]] = defaultdict(list)
    if actor.user is None:
        return found
    rows = Booking.objects.visible_to(actor).filter(
        instrument__in=[one.pk for one in instruments],
        state__in=SHOWN,
        starts_at__lt=span[1],
        ends_at__gt=span[0],
    )
    for row in rows.select_related("user", "organisation", "unit"):
        found[row.instrument_id].append(row)
    return found


def one_instrument(actor: Actor, number: int) -> Instrument | None:
    """An instrument that the actor may see, with its facility and host."""
    rows = Instrument.objects.visible_to(actor).select_related("facility__organisation")
    return rows.filter(pk=number).first()


def of_facility(actor: Actor, facility: int) -> list[Instrument]:
    """The instruments of a facility that are offered and that the actor may see."""
    rows = Instrument.objects.visible_to(actor).offered().filter(facility=facility)
    return list(rows.select_related("facility__organisation"))


def mine(actor: Actor, *, past: bool) -> QuerySet[Booking]:
    """One's own bookings: what is ahead or going on, soonest first, or what has ended, latest first."""
    rows = Booking.objects.whole().filter(user_id=actor.user_id or 0)
    now = (*AHEAD, State.IN_USE)
    if past:
        return rows.exclude(state__in=now).order_by("-starts_at", "-pk")
    return rows.filter(state__in=now)


def waits(actor: Actor) -> QuerySet[Waiting]:
    """What one waits for."""
    rows = Waiting.objects.filter(user_id=actor.user_id or 0, state=Wait.WAITING)
    return rows.select_related("instrument__facility__organisation", "organisation")


def one(actor: Actor, number: int) -> Booking | None:
    """A booking that the actor may see."""
    rows = Booking.objects.visible_to(actor).whole().select_related(
        "instrument__facility__organisation", "unit", "user", "organisation", "use", "series",
        "decided_by", "handed_from",
    )  # fmt: skip
    return rows.filter(pk=number).first()


def here_now(actor: Actor, instrument: Instrument, at: datetime) -> list[Booking]:
    """The bookings of an instrument that the actor may begin or end now: one's own of today, or all of today as its staff."""
    return list(_now(actor, at).filter(instrument=instrument))


def facility_now(actor: Actor, facility: Facility, at: datetime) -> list[Booking]:
    """The same of all instruments of a facility, by the name of the instrument, without those whose time went by: one query."""
    rows = _now(actor, at).filter(instrument__facility=facility)
    rows = rows.exclude(state=State.CONFIRMED, ends_at__lte=at)
    return list(rows.order_by("instrument__name", "instrument", "starts_at", "pk"))


def _now(actor: Actor, at: datetime) -> BookingQuerySet:
    rows = Booking.objects.visible_to(actor).whole().select_related("use")
    since, until = at - timedelta(hours=12), at + timedelta(hours=12)
    states = (State.CONFIRMED, State.IN_USE)
    return rows.filter(state__in=states, starts_at__lt=until, ends_at__gt=since)


def series_left(series: Series, at: datetime) -> int:
    """How many bookings of a series have not begun."""
    return Booking.objects.filter(series=series, state__in=AHEAD, starts_at__gt=at).count()
