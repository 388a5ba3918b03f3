"""Booking: the form with its price, the refusal with its way out, the list of those who wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sankul.core.doors import Request, asked, pressed
from sankul.core.rules.roles import require
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.ui import Crumbs, Link
from sankul.programme.bookings.actions import booking as actions
from sankul.programme.bookings.actions import series, waiting
from sankul.programme.bookings.actions.taking import Taken
from sankul.programme.bookings.forms import BookForm
from sankul.programme.bookings.models import Waiting
from sankul.programme.bookings.queries import calendar as queries
from sankul.programme.bookings.queries.availability import earliest_slots
from sankul.programme.bookings.rules import BOOK, State, named
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.queries.people import organisations_of
from sankul.programme.facilities.queries.prices import Quote, quote, relation_of
from sankul.programme.facilities.rules import UserClass

from .parts import asks, found, instrument_link, posts

TOLD = {
    State.CONFIRMED: lambda: _("Booked. A letter is on its way."),
    State.REQUESTED: lambda: _("Asked. The slot is kept for you until the lab has answered."),
    State.HELD: lambda: _("The slot is held for you for a while: confirm it, or let it go."),
}


@login_required
@asks
def book(request: Request, number: int) -> HttpResponse:
    """Book an instrument: ``?start=`` is the slot that was chosen in the calendar, else the earliest free one."""
    instrument = found(queries.one_instrument(request.actor, number))
    organisations = organisations_of(request.actor)
    if not organisations.exists():
        require(request.actor, BOOK)
    form = BookForm(
        request.POST or None,
        instrument=instrument,
        organisations=organisations,
        initial=_initial(request, instrument),
    )
    to = request.POST.get("to", "")
    refusal: Refused | None = None
    if request.method == "POST" and form.is_valid() and to != "price":
        try:
            return _act(request, instrument, form, to)
        except Forbidden:
            raise
        except Refused as error:
            refusal = error
            form.add_error(None, error.reason)
    context = {
        "form": form,
        "instrument": instrument,
        "is_demonstration": instrument.facility.organisation.is_demonstration,
        "crumbs": Crumbs(
            [Link(_("Facilities"), reverse("catalogue")), instrument_link(instrument)]
        ),
        "is_taken": isinstance(refusal, Taken),
        "quote": _quote(instrument, form),
        "has_asked": request.method == "POST",
    }
    return render(request, "bookings/book.html", context, status=422 if form.errors else 200)


def _initial(request: Request, instrument: Instrument) -> dict[str, Any]:
    zone = ZoneInfo(instrument.facility.timezone)
    try:
        start = datetime.fromisoformat(asked(request, "start")).replace(tzinfo=zone)
    except ValueError:
        first = earliest_slots([instrument], None, request.at).get(instrument.pk)
        start = (first or request.at).astimezone(zone)
    return {"starts_at": start.strftime("%Y-%m-%dT%H:%M")}


def _act(request: Request, instrument: Instrument, form: BookForm, to: str) -> HttpResponse:
    given = form.cleaned_data
    wish: Any = form.slot() | {
        "is_assisted": given.get("is_assisted", False),
        "purpose": given["purpose"],
    }
    who: Any = {
        "actor": request.actor,
        "instrument": instrument,
        "organisation": given["organisation"],
        "at": request.at,
    }
    if to == "wait":
        waiting.join(**who, **wish)
        messages.success(request, _("You wait for the slot. It is yours as soon as it is free."))
        return redirect("bookings")
    if rule := form.rule():
        return _repeated(request, series.book(**who, wish=wish, rule=rule, skips=given["skips"]))
    made = (actions.hold if to == "hold" else actions.book)(**who, **wish)
    messages.success(request, TOLD[State(made.state)]())
    return redirect("booking", made.pk)


def _repeated(request: Request, made: series.Made) -> HttpResponse:
    told = _("%d slots are booked.") % len(made.bookings)
    messages.success(request, told)
    if made.left_out:
        zone = ZoneInfo(made.series.zone)
        lines = "; ".join(f"{named(start, zone)}: {why}" for start, why in made.left_out)
        messages.warning(request, _("Left out: %s") % lines)
    return redirect("bookings")


def _quote(instrument: Instrument, form: BookForm) -> Quote | None:
    if not form.is_bound or "starts_at" in form.errors or "minutes" in form.errors:
        return None
    payer = form.cleaned_data.get("organisation")
    if payer is None:
        return None
    slot = form.slot()
    return quote(
        instrument,
        user_class=UserClass.of(payer.kind),
        relation=relation_of(instrument.facility.organisation, payer),
        is_assisted=form.cleaned_data.get("is_assisted", False),
        starts_at=slot["starts_at"],
        ends_at=max(slot["ends_at"], slot["starts_at"] + timedelta(minutes=1)),
    )


@posts
def leave(request: Request, number: int) -> HttpResponse:
    """Wait no longer."""
    row = get_object_or_404(Waiting, pk=number, user_id=request.actor.user_id or 0)
    return pressed(
        request,
        lambda: waiting.leave(actor=request.actor, waiting=row, at=request.at),
        _("You wait no longer."),
        reverse("bookings"),
    )
