"""The page behind the code on an instrument: begin, end, report. For a phone in one hand."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sankul.core.doors import Request, asked, pressed
from sankul.core.rules.roles import require
from sankul.programme.bookings import forms
from sankul.programme.bookings.actions import use as actions
from sankul.programme.bookings.models import Booking
from sankul.programme.bookings.queries import calendar as queries
from sankul.programme.bookings.rules import RUN, State, Via
from sankul.programme.facilities.models import Consumable, Facility, Instrument

from .parts import asks, change, found, instrument_href, posts


@login_required
@asks
def use(request: Request, number: int) -> HttpResponse:
    """What the reader can do at this instrument now."""
    instrument = found(queries.one_instrument(request.actor, number))
    rows = queries.here_now(request.actor, instrument, request.at)
    context = {
        "instrument": instrument,
        "is_demonstration": instrument.facility.organisation.is_demonstration,
        "going_on": [row for row in rows if row.state == State.IN_USE],
        "ahead": [row for row in rows if row.state == State.CONFIRMED],
        "at": request.at,
        "early": actions.EARLY,
        "href": instrument_href(instrument),
        "via": Via.CODE,
    }
    return render(request, "bookings/use.html", context)


@login_required
@asks
def kiosk(request: Request, number: int) -> HttpResponse:
    """The screen of a lab: who is at which instrument, who comes next; its staff begin and end for those without a phone."""
    rows = Facility.objects.visible_to(request.actor).select_related("organisation")
    facility = get_object_or_404(rows, pk=number)
    require(request.actor, RUN, *facility.scopes)
    context = {
        "facility": facility,
        "is_demonstration": facility.organisation.is_demonstration,
        "instruments": _told(queries.facility_now(request.actor, facility, request.at), request.at),
        "at": request.at,
        "via": Via.STAFF,
    }
    return render(request, "bookings/kiosk.html", context)


def _told(rows: list[Booking], at: datetime) -> list[tuple[Instrument, list[tuple[Booking, bool]]]]:
    """By instrument: its bookings, each with whether it can be begun now."""
    found = groupby(rows, lambda row: row.instrument)
    return [(one, [(row, _begins(row, at)) for row in own]) for one, own in found]


def _begins(row: Booking, at: datetime) -> bool:
    return row.state == State.CONFIRMED and row.starts_at - actions.EARLY <= at < row.ends_at


@posts
def start(request: Request, number: int) -> HttpResponse:
    """Begin a use; ``via=code`` where it was begun at the instrument, ``via=staff`` at the screen of the lab."""
    row = found(queries.one(request.actor, number))
    via = _via(request.POST.get("via", ""))
    return pressed(
        request,
        lambda: actions.start(actor=request.actor, booking=row, via=via, at=request.at),
        _("The use has begun. End it here when you leave."),
        _back(row, via),
    )


@asks
def stop(request: Request, number: int) -> HttpResponse:
    """End a use: how the instrument was left, and what was used up."""
    row = found(queries.one(request.actor, number))
    via = _via(asked(request, "via"))
    consumables = Consumable.objects.filter(facility=row.instrument.facility_id, is_active=True)
    form = forms.StopForm(request.POST or None, consumables=consumables)

    def act(given: dict[str, Any]) -> tuple[str, str]:
        actions.stop(
            actor=request.actor,
            use=_going_on(row),
            condition=given["condition"],
            note=given["note"],
            consumed=form.consumed(),
            at=request.at,
        )
        href = _back(row, via) if via == Via.STAFF else reverse("booking", args=[row.pk])
        return _("Ended. Thank you for leaving it as it was."), href

    return change(
        request,
        form,
        act,
        heading=_("End the use of %s") % row.instrument.name,
        back=_back(row, via),
        button=_("End the use"),
        is_demonstration=row.instrument.facility.organisation.is_demonstration,
    )


def _going_on(row: Booking) -> Any:
    return found(getattr(row, "use", None))


def _via(said: str) -> Via:
    return Via(said) if said in (Via.CODE, Via.STAFF) else Via.PAGE


def _back(row: Booking, via: Via) -> str:
    if via == Via.CODE:
        return reverse("use", args=[row.instrument_id])
    if via == Via.STAFF:
        return reverse("kiosk", args=[row.instrument.facility_id])
    return reverse("booking", args=[row.pk])
