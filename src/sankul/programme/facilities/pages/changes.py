"""The forms that change a facility and what stands in it. Each asks, then lets one action decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django import forms as django_forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sankul.core.doors import Request
from sankul.core.rules.roles import require
from sankul.programme.facilities import forms
from sankul.programme.facilities.actions import (
    facility,
    hours,
    instrument,
    paper,
    tariff,
    ticket,
    training,
)
from sankul.programme.facilities.forms.week import written
from sankul.programme.facilities.models import (
    Facility,
    Instrument,
)
from sankul.programme.facilities.queries import labs
from sankul.programme.facilities.rules import MANAGE_FACILITY, REPORT

from .parts import (
    asks,
    change,
    facility_href,
    find,
    find_facility,
    find_service,
    instrument_href,
    manages,
    service_href,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TOLD = (
    "name", "summary", "make", "model", "serial_number", "sample_kinds", "commissioned_on", "pid", "funding_agency",
    "funder_ror", "award_number",
)  # fmt: skip
RULES = tuple(forms.RulesForm.base_fields)
PLACE = tuple(forms.FacilityForm.base_fields)


def _nothing(_found: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Change:
    """A change: its heading, the form that asks, what stands in it at first, and the action that decides.

    ``takes_instrument`` hands the instrument to the form too. ``keyword`` is what the action calls what it changes.
    """

    heading: StrOrPromise
    form: Callable[..., django_forms.Form]
    action: Callable[..., object]
    keyword: str
    initial: Callable[[Any], dict[str, Any]] = field(default=_nothing)
    takes_instrument: bool = False
    lede: StrOrPromise = ""

    def ask(self, request: Request, found: Any, of: Facility, back: str) -> HttpResponse:
        """Ask, and act when the form comes back valid."""

        def act(given: dict[str, Any]) -> object:
            self.action(actor=request.actor, at=request.at, **{self.keyword: found}, **given)
            return None

        more = {"instrument": found} if self.takes_instrument else {}
        files = request.FILES or None
        form = self.form(request.POST or None, files, initial=self.initial(found), **more)
        heading = f"{self.heading}: {found}"
        return change(
            request, form, act, heading=heading, back=back, facility=of, more={"lede": self.lede}
        )


def _about(found: Instrument) -> dict[str, Any]:
    lines = [
        " | ".join(filter(None, (one.name, one.value, one.unit)))
        for one in found.specifications.all()
    ]
    return {
        **{name: getattr(found, name) for name in TOLD},
        "techniques": list(found.techniques.all()),
        "specifications": "\n".join(lines),
        "units": sum(unit.is_active for unit in found.units.all()),
    }


def _edit_form(*given: Any, **named: Any) -> django_forms.Form:
    """The short name is part of addresses that stay, and is not asked for again."""
    form = forms.AboutForm(*given, **named)
    del form.fields["slug"]
    return form


def _place_form(*given: Any, **named: Any) -> django_forms.Form:
    form = forms.FacilityForm(*given, **named)
    del form.fields["slug"]
    return form


def _service_form(*given: Any, **named: Any) -> django_forms.Form:
    form = forms.ServiceForm(*given, **named)
    del form.fields["slug"]
    return form


def _photograph(*, photo: Any, **given: Any) -> object:
    return instrument.photograph(file=photo, name=photo.name, **given)


def _own_hours(*, instrument: Instrument, **given: Any) -> object:
    return hours.open_hours(facility=instrument.facility, instrument=instrument, **given)


def _own_closure(*, instrument: Instrument, **given: Any) -> object:
    return hours.close(facility=instrument.facility, instrument=instrument, **given)


INSTRUMENT: dict[str, Change] = {
    "edit": Change(gettext_lazy("Describe"), _edit_form, instrument.revise, "instrument", _about),
    "rules": Change(
        gettext_lazy("Rules of booking"),
        forms.RulesForm,
        instrument.revise,
        "instrument",
        lambda found: {name: getattr(found, name) for name in RULES},
    ),
    "photo": Change(gettext_lazy("Photo"), forms.PhotoForm, _photograph, "instrument"),
    "hours": Change(
        gettext_lazy("Hours of its own"),
        forms.WeekForm,
        _own_hours,
        "instrument",
        lambda found: written(found.openings.all()),
        lede=gettext_lazy("All days empty: the hours of the facility hold."),
    ),
    "close": Change(gettext_lazy("Close"), forms.ClosureForm, _own_closure, "instrument"),
    "tariff": Change(
        gettext_lazy("Begin a tariff"),
        forms.TariffForm,
        tariff.begin,
        "what",
        lede=gettext_lazy("The rate is for an hour. What holds now ends on the day before."),
    ),
    "ticket": Change(
        gettext_lazy("Fault or maintenance"),
        forms.TicketForm,
        ticket.open_,
        "instrument",
        takes_instrument=True,
    ),
    "training": Change(
        gettext_lazy("Offer a training"),
        forms.TrainingForm,
        training.hold,
        "instrument",
        takes_instrument=True,
        lede=gettext_lazy("Nobody else can book the instrument meanwhile."),
    ),
    "qualify": Change(
        gettext_lazy("Qualify somebody"), forms.QualifyForm, training.qualify, "instrument"
    ),
}
"""Changes at ``/instruments/<organisation>/<slug>/<word>/`` by the people of the institution."""

REPORTED: dict[str, Change] = {
    "report": Change(
        gettext_lazy("Report a fault"),
        forms.ReportForm,
        ticket.open_,
        "instrument",
        takes_instrument=True,
        lede=gettext_lazy("The lab is told at once, and decides whether it is taken out of use."),
    ),
    "paper": Change(
        gettext_lazy("Name a paper that used it"),
        forms.PaperForm,
        paper.acknowledge,
        "instrument",
        lede=gettext_lazy("It counts for the institution, and shows others what can be done."),
    ),
}
"""The same, by everybody who uses facilities."""

FACILITY: dict[str, Change] = {
    "edit": Change(
        gettext_lazy("Describe"),
        _place_form,
        facility.revise,
        "facility",
        lambda found: {name: getattr(found, name) for name in PLACE},
    ),
    "hours": Change(
        gettext_lazy("Hours"),
        forms.WeekForm,
        hours.open_hours,
        "facility",
        lambda found: written(found.openings.filter(instrument__isnull=True)),
        lede=gettext_lazy("Local time of the facility. What is booked already stays booked."),
    ),
    "close": Change(gettext_lazy("Close"), forms.ClosureForm, hours.close, "facility"),
    "instrument": Change(
        gettext_lazy("Enter an instrument"), forms.AboutForm, instrument.enter, "facility"
    ),
    "service": Change(
        gettext_lazy("Offer a service"), forms.ServiceForm, facility.offer, "facility"
    ),
    "consumable": Change(
        gettext_lazy("Price of a consumable"),
        forms.ConsumableForm,
        facility.stock,
        "facility",
        lede=gettext_lazy("A name that is there already gets the new price."),
    ),
}
"""Changes at ``/facilities/<organisation>/<slug>/<word>/``."""

SERVICE: dict[str, Change] = {
    "edit": Change(
        gettext_lazy("Describe"),
        _service_form,
        facility.revise_service,
        "service",
        lambda found: {
            **{name: getattr(found, name) for name in forms.ServiceForm.base_fields},
            "techniques": list(found.techniques.all()),
        },
    ),
    "tariff": Change(
        gettext_lazy("Begin a tariff"),
        forms.TariffForm,
        tariff.begin,
        "what",
        lede=gettext_lazy("The rate is for one unit. What holds now ends on the day before."),
    ),
}
"""Changes at ``/services/<organisation>/<facility>/<slug>/<word>/``."""


def of_instrument(word: str) -> Callable[..., HttpResponseBase]:
    """The page of one of ``INSTRUMENT``."""
    asked = INSTRUMENT[word]

    @asks
    def view(request: Request, organisation: str, slug: str) -> HttpResponse:
        found = find(request, organisation, slug)
        manages(request, found.facility)
        return asked.ask(request, found, found.facility, instrument_href(found))

    view.__doc__ = str(asked.heading)
    return view


def of_user(word: str) -> Callable[..., HttpResponseBase]:
    """The page of one of ``REPORTED``."""
    asked = REPORTED[word]

    @asks
    def view(request: Request, organisation: str, slug: str) -> HttpResponse:
        found = find(request, organisation, slug)
        require(request.actor, REPORT, *request.actor.scopes(REPORT))
        return asked.ask(request, found, found.facility, instrument_href(found))

    view.__doc__ = str(asked.heading)
    return view


def of_facility(word: str) -> Callable[..., HttpResponseBase]:
    """The page of one of ``FACILITY``."""
    asked = FACILITY[word]

    @asks
    def view(request: Request, organisation: str, slug: str) -> HttpResponse:
        found = find_facility(request, organisation, slug)
        manages(request, found)
        return asked.ask(request, found, found, facility_href(found))

    view.__doc__ = str(asked.heading)
    return view


def of_service(word: str) -> Callable[..., HttpResponseBase]:
    """The page of one of ``SERVICE``."""
    asked = SERVICE[word]

    @asks
    def view(request: Request, organisation: str, facility: str, slug: str) -> HttpResponse:
        found = find_service(request, organisation, facility, slug)
        manages(request, found.facility)
        return asked.ask(request, found, found.facility, service_href(found))

    view.__doc__ = str(asked.heading)
    return view


@asks
def facility_new(request: Request, organisation: str) -> HttpResponse:
    """Enter a facility of an institution that one manages."""
    require(request.actor, MANAGE_FACILITY, *request.actor.scopes(MANAGE_FACILITY))
    host = get_object_or_404(labs.organisations(request.actor), slug=organisation)
    form = forms.FacilityForm(request.POST or None)

    def act(given: dict[str, Any]) -> str:
        made = facility.establish(actor=request.actor, organisation=host, at=request.at, **given)
        return facility_href(made)

    heading = _("Enter a facility of %s") % host.name
    return change(
        request, form, act, heading=heading, back="/lab/", facility=Facility(organisation=host)
    )
