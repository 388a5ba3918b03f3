"""The page behind the code on an instrument: begin, end, report. For a phone in one hand."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from sankul.core.doors import Request, asked, pressed
from sankul.programme.bookings import forms
from sankul.programme.bookings.actions import use as actions
from sankul.programme.bookings.models import Booking
from sankul.programme.bookings.queries import calendar as queries
from sankul.programme.bookings.rules import State, Via
from sankul.programme.facilities.models import Consumable

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


@posts
def start(request: Request, number: int) -> HttpResponse:
    """Begin a use; ``via=code`` where it was begun at the instrument."""
    row = found(queries.one(request.actor, number))
    at_instrument = request.POST.get("via") == Via.CODE
    return pressed(
        request,
        lambda: actions.start(
            actor=request.actor,
            booking=row,
            via=Via.CODE if at_instrument else Via.PAGE,
            at=request.at,
        ),
        _("The use has begun. End it here when you leave."),
        _back(row, at_instrument=at_instrument),
    )


@asks
def stop(request: Request, number: int) -> HttpResponse:
    """End a use: how the instrument was left, and what was used up."""
    row = found(queries.one(request.actor, number))
    at_instrument = asked(request, "via") == Via.CODE
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
        return _("Ended. Thank you for leaving it as it was."), reverse("booking", args=[row.pk])

    return change(
        request,
        form,
        act,
        heading=_("End the use of %s") % row.instrument.name,
        back=_back(row, at_instrument=at_instrument),
        button=_("End the use"),
        is_demonstration=row.instrument.facility.organisation.is_demonstration,
    )


def _going_on(row: Booking) -> Any:
    return found(getattr(row, "use", None))


def _back(row: Booking, *, at_instrument: bool) -> str:
    if at_instrument:
        return reverse("use", args=[row.instrument_id])
    return reverse("booking", args=[row.pk])
