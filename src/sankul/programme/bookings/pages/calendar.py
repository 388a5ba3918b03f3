"""Calendars: the week of an instrument, and the day of all instruments of a facility."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core import formats
from sankul.core.doors import Request, asked
from sankul.core.ui import Crumbs, Link
from sankul.programme.bookings.models import Booking
from sankul.programme.bookings.queries import calendar as queries
from sankul.programme.bookings.queries.calendar import Day
from sankul.programme.bookings.rules.days import Kind, Piece
from sankul.programme.facilities.models import Facility, Instrument
from sankul.programme.facilities.queries.people import organisations_of

from .parts import found, instrument_href, instrument_link

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)
WORDS = {Kind.TAKEN: "taken", Kind.CLOSED: "closed", Kind.PAST: "past"}


def day_asked(request: Request, zone: ZoneInfo) -> date:
    """The day that the address names by ``?on=``, or today where the instrument stands."""
    today = request.at.astimezone(zone).date()
    try:
        on = date.fromisoformat(asked(request, "on"))
    except ValueError:
        return today
    return on if EARLIEST <= on <= LATEST else today


@require_safe
def calendar(request: Request, number: int) -> HttpResponse:
    """The week of an instrument from Monday on: what is free is a link that books it."""
    instrument = found(queries.one_instrument(request.actor, number))
    zone = ZoneInfo(instrument.facility.timezone)
    on = day_asked(request, zone)
    monday = on - timedelta(days=on.weekday())
    week = queries.days([instrument], monday, 7, request.actor)[instrument.pk]
    books = bool(request.actor.user and organisations_of(request.actor).exists())
    context = {
        "instrument": instrument,
        "is_demonstration": instrument.facility.organisation.is_demonstration,
        "crumbs": _crumbs(instrument),
        "week": [_column(instrument, day, zone, books=books) for day in week],
        "today": request.at.astimezone(zone).date(),
        "title": _span(monday, monday + timedelta(days=6)),
        "before": (monday - timedelta(days=7)).isoformat(),
        "after": (monday + timedelta(days=7)).isoformat(),
        "books": books,
        "href": instrument_href(instrument),
    }
    return render(request, "bookings/calendar.html", context)


def _crumbs(instrument: Instrument) -> Crumbs:
    return Crumbs([Link(_("Facilities"), reverse("catalogue")), instrument_link(instrument)])


def _span(since: date, until: date) -> str:
    form = "j" if since.month == until.month else "j M"
    return f"{formats.written(since, form)} – {formats.written(until, 'j M Y')}"


def _column(instrument: Instrument, day: Day, zone: ZoneInfo, *, books: bool) -> dict[str, object]:
    shown = _trimmed(day.pieces)
    return {
        "on": day.on,
        "entries": [_entry(instrument, piece, day.bookings, zone, books=books) for piece in shown],
        "is_closed": not shown,
    }


def _trimmed(pieces: list[Piece]) -> list[Piece]:
    """Without what is closed before the first and after the last open piece."""
    kinds = [piece.kind != Kind.CLOSED for piece in pieces]
    if not any(kinds):
        return []
    return pieces[kinds.index(True) : len(kinds) - kinds[::-1].index(True)]


def _entry(
    instrument: Instrument, piece: Piece, bookings: list[Booking], zone: ZoneInfo, *, books: bool
) -> dict[str, object]:
    since, until = piece.starts_at.astimezone(zone), piece.ends_at.astimezone(zone)
    inside = [
        row for row in bookings if row.starts_at < piece.ends_at and piece.starts_at < row.ends_at
    ]
    free = piece.kind == Kind.FREE and books
    return {
        "kind": piece.kind.value,
        "time": f"{since:%H:%M}–{until:%H:%M}"
        if until.date() == since.date()
        else f"{since:%H:%M}–24:00",
        "hours": max(1, min(12, round((until - since).total_seconds() / 3600))),
        "href": f"{reverse('book', args=[instrument.pk])}?start={since:%Y-%m-%dT%H:%M}"
        if free
        else "",
        "bookings": inside if piece.kind in (Kind.TAKEN, Kind.PAST) else [],
    }


@require_safe
def facility_day(request: Request, number: int) -> HttpResponse:
    """One day of all instruments of a facility, side by side."""
    facility = get_object_or_404(
        Facility.objects.visible_to(request.actor).select_related("organisation"), pk=number
    )
    zone = ZoneInfo(facility.timezone)
    on = day_asked(request, zone)
    instruments = queries.of_facility(request.actor, facility.pk)
    if not instruments:
        raise Http404
    shown = queries.days(instruments, on, 1, request.actor)
    books = bool(request.actor.user and organisations_of(request.actor).exists())
    context = {
        "facility": facility,
        "is_demonstration": facility.organisation.is_demonstration,
        "on": on,
        "before": (on - timedelta(days=1)).isoformat(),
        "after": (on + timedelta(days=1)).isoformat(),
        "lines": [_line(one, shown[one.pk][0], zone, books=books) for one in instruments],
        "ticks": [(_x(hour * 60), f"{hour:02d}") for hour in range(0, 25, 3)],
        "width": WIDTH,
    }
    return render(request, "bookings/facility_day.html", context)


WIDTH = 720
"""Of the picture of a day, in its own units: two minutes each."""


def _x(minutes: float) -> float:
    return minutes * WIDTH / 1440


def _line(instrument: Instrument, day: Day, zone: ZoneInfo, *, books: bool) -> dict[str, object]:
    bars = []
    for piece in day.pieces:
        entry = _entry(instrument, piece, day.bookings, zone, books=books)
        since = piece.starts_at.astimezone(zone)
        start = since.hour * 60 + since.minute
        length = (piece.ends_at - piece.starts_at).total_seconds() / 60
        bars.append(entry | {"x": _x(start), "width": _x(length)})
    return {
        "instrument": instrument,
        "href": reverse("instrument-calendar", args=[instrument.pk]) + f"?on={day.on.isoformat()}",
        "bars": [bar for bar in bars if bar["kind"] != Kind.CLOSED],
        "free": [bar for bar in bars if bar["kind"] == Kind.FREE],
    }
