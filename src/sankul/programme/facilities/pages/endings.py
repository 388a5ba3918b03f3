"""What ends or is taken back: each asks first, and lets one action decide."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from sankul.core.doors import Request
from sankul.core.ui import Column, Confirm, Link, Moment, Table
from sankul.programme.facilities import forms
from sankul.programme.facilities.actions import hours, instrument, tariff, training
from sankul.programme.facilities.models import (
    Closure,
    Facility,
    Instrument,
    Qualification,
    Tariff,
)
from sankul.programme.facilities.queries.ahead import Ahead, ahead

from .parts import (
    asks,
    change,
    confirm,
    facility_href,
    find,
    instrument_href,
    manages,
    own_child,
    service_href,
)


@asks
def instrument_confirm(request: Request, organisation: str, slug: str) -> HttpResponse:
    """Stand by a listing as it is, after asking."""
    found = find(request, organisation, slug)
    manages(request, found.facility)
    question = Confirm(
        _("Is all that is told of “%s” still right?") % found.name,
        _("Everybody then reads that it was confirmed today."),
        _("It is right"),
        instrument_href(found),
        danger=False,
    )

    def act() -> object:
        return instrument.confirm(actor=request.actor, instrument=found, at=request.at)

    return confirm(request, question, act, _("Confirmed."), found.facility)


@asks
def instrument_withdraw(request: Request, organisation: str, slug: str) -> HttpResponse:
    """Withdraw an instrument for good, with the bookings that would be cancelled beside the question."""
    found = find(request, organisation, slug)
    manages(request, found.facility)
    kept = ahead(found, request.at)
    form = forms.WithdrawForm(request.POST or None, ahead=len(kept))

    def act(given: dict[str, Any]) -> object:
        given.pop("confirmed")
        instrument.withdraw(actor=request.actor, instrument=found, at=request.at, **given)
        return None

    more = {
        "lede": _("It leaves the catalogue; its page stays. It cannot be taken back."),
        "aside": affected(kept),
    }
    return change(
        request,
        form,
        act,
        heading=_("Withdraw “%s”") % found.name,
        back=instrument_href(found),
        facility=found.facility,
        told=_("Withdrawn."),
        more=more,
    )


def affected(kept: Any) -> Table:
    """Whose bookings touch a time, as a table."""
    rows = [_affected(one) for one in kept]
    columns = [
        Column("at", _("Begins")),
        Column("who", _("Person")),
        Column("for", _("For"), fold=True),
    ]
    return Table(_("Bookings affected"), columns, rows, empty=_("No booking is affected."))


def _affected(one: Ahead) -> dict[str, Any]:
    begins: Any = Link(Moment(one.starts_at), one.href) if one.href else Moment(one.starts_at)
    return {"at": begins, "who": one.user.name, "for": one.organisation.name}


@asks
def closure_reopen(request: Request, number: int) -> HttpResponse:
    """Take a closure back, after asking."""
    rows = Closure.objects.select_related("facility__organisation")
    found = get_object_or_404(rows, pk=number)
    if not Facility.objects.visible_to(request.actor).filter(pk=found.facility_id).exists():
        raise Http404
    manages(request, found.facility)
    question = Confirm(
        _("Open on these days after all: %s?") % found.reason,
        _("Slots of these days can be booked at once."),
        _("Take the closure back"),
        facility_href(found.facility),
        danger=False,
    )

    def act() -> object:
        hours.reopen(actor=request.actor, closure=found, at=request.at)
        return None

    return confirm(request, question, act, _("Taken back."), found.facility)


@asks
def tariff_end(request: Request, number: int) -> HttpResponse:
    """Have a tariff end on a day."""
    rows = Tariff.objects.select_related(
        "instrument__facility__organisation", "service__facility__organisation"
    )
    found = get_object_or_404(rows, pk=number)
    what = found.what
    if not Facility.objects.visible_to(request.actor).filter(pk=what.facility_id).exists():
        raise Http404
    manages(request, what.facility)

    def act(given: dict[str, Any]) -> object:
        tariff.end(actor=request.actor, tariff=found, at=request.at, **given)
        return None

    back = instrument_href(what) if isinstance(what, Instrument) else service_href(what)
    heading = _("End the tariff “%(tariff)s” of %(what)s") % {"tariff": found, "what": what}
    form = forms.EndForm(request.POST or None)
    return change(request, form, act, heading=heading, back=back, facility=what.facility)


@asks
def qualification_revoke(request: Request, number: int) -> HttpResponse:
    """Take a qualification back, with the reason."""
    found = own_child(request, Qualification.objects.select_related("user"), number)
    form = forms.RevokeForm(request.POST or None)

    def act(given: dict[str, Any]) -> object:
        training.revoke(actor=request.actor, qualification=found, at=request.at, **given)
        return None

    return change(
        request,
        form,
        act,
        heading=_("Revoke the qualification of %s") % found.user.name,
        back=instrument_href(found.instrument),
        facility=found.instrument.facility,
    )
