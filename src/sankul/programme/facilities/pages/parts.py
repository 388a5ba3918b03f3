"""What the area's pages share: links to its records, states in its words, the form that changes something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sankul.core import formats
from sankul.core.doors import Request, accepted, pressed
from sankul.core.rules.roles import require
from sankul.core.ui import Confirm, Link, State, Tone
from sankul.programme.facilities.models import Facility, Instrument, Service, Ticket
from sankul.programme.facilities.queries import catalogue
from sankul.programme.facilities.rules import MANAGE_FACILITY, InstrumentStatus

asks = require_http_methods(["GET", "HEAD", "POST"])
TONES = {
    InstrumentStatus.IN_SERVICE: Tone.GOOD,
    InstrumentStatus.DOWN: Tone.PROBLEM,
    InstrumentStatus.WITHDRAWN: Tone.UNKNOWN,
}


def facility_href(facility: Facility) -> str:
    """Where a facility is; its institution is at hand."""
    return reverse("facility", args=[facility.organisation.slug, facility.slug])


def instrument_href(instrument: Instrument, word: str = "") -> str:
    """Where an instrument is, or one of its forms; its institution is at hand."""
    name = f"instrument-{word}" if word else "instrument"
    return reverse(name, args=[instrument.facility.organisation.slug, instrument.slug])


def service_href(service: Service, word: str = "") -> str:
    """Where a service is, or one of its forms; facility and institution are at hand."""
    facility = service.facility
    name = f"service-{word}" if word else "service"
    return reverse(name, args=[facility.organisation.slug, facility.slug, service.slug])


def instrument_state(instrument: Instrument) -> State:
    """Whether an instrument can be used."""
    status = InstrumentStatus(instrument.status)
    return State(TONES[status], status.label)


def ticket_state(ticket: Ticket, at: datetime) -> State:
    """Whether a ticket is resolved, blocks at this moment, will block, or blocks nothing."""
    if ticket.resolved_at is not None:
        return State(Tone.GOOD, _("resolved"))
    since, until = ticket.blocks_from, ticket.blocks_until
    if since is None or (until is not None and until <= at):
        return State(Tone.ATTENTION, _("open, usable"))
    return State(Tone.PROBLEM, _("out of use") if since <= at else _("out of use later"))


def local(value: datetime | None, zone: ZoneInfo) -> SafeString | str:
    """A moment as the clocks of a facility show it."""
    return _local(value, zone, get_language()) if value else ""


@lru_cache(maxsize=4096)
def _local(value: datetime, zone: ZoneInfo, _language: str | None) -> SafeString:
    """Slots begin on a grid, so that the same moments come again and again."""
    return format_html(
        '<time class="nowrap" datetime="{}">{}</time>',
        value.isoformat(),
        formats.moment(value.astimezone(zone)),
    )


def find(request: Request, organisation: str, slug: str) -> Instrument:
    """The instrument at an address, with all that pages show; 404 where one may not see it."""
    rows = catalogue.detailed(request.actor)
    return get_object_or_404(rows, organisation__slug=organisation, slug=slug)


def find_facility(request: Request, organisation: str, slug: str) -> Facility:
    """The facility at an address; 404 where one may not see it."""
    rows = catalogue.facilities(request.actor)
    return get_object_or_404(rows, organisation__slug=organisation, slug=slug)


def find_service(request: Request, organisation: str, facility: str, slug: str) -> Service:
    """The service at an address; 404 where one may not see it."""
    of = {"facility__organisation__slug": organisation, "facility__slug": facility}
    return get_object_or_404(catalogue.services(request.actor), slug=slug, **of)


def manages(request: Request, facility: Facility) -> None:
    """Raise Forbidden unless the actor manages the institution of a facility."""
    require(request.actor, MANAGE_FACILITY, *facility.scopes)


def own_child(request: Request, rows: Any, number: int) -> Any:
    """A row that hangs on an instrument which the actor manages; 404 where the instrument is not to be seen."""
    related = rows.select_related("instrument__facility__organisation")
    found = get_object_or_404(related, pk=number)
    visible = Instrument.objects.visible_to(request.actor).filter(pk=found.instrument_id)
    if not visible.exists():
        raise Http404
    require(request.actor, MANAGE_FACILITY, *found.instrument.scopes)
    return found


def change(
    request: Request,
    form: forms.Form,
    act: Callable[[dict[str, Any]], object],
    *,
    heading: str,
    back: str,
    facility: Facility,
    told: str = "",
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Show a form; when it comes back valid, act and go back. A refusal stands above the form with its reason.

    ``act`` may answer with an address to go to instead. ``more`` is what the page shows beside the form: ``lede``, ``aside``.
    """

    def go() -> tuple[str, str]:
        href = act(form.cleaned_data)
        return told or _("Recorded."), href if isinstance(href, str) else back

    if answer := accepted(request, form, go):
        return answer
    context = {
        "form": form,
        "heading": heading,
        "back": back,
        "is_demonstration": facility.organisation.is_demonstration,
        **(more or {}),
    }
    return render(request, "facilities/change.html", context, status=422 if form.errors else 200)


def confirm(
    request: Request, question: Confirm, act: Callable[[], object], told: str, facility: Facility
) -> HttpResponse:
    """Ask before something is done; a refusal is told on the page that one goes back to."""
    if request.method == "POST":
        return pressed(request, act, told, question.cancel_href)
    context = {
        "confirm": question,
        "is_demonstration": facility.organisation.is_demonstration,
    }
    return render(request, "facilities/confirm.html", context)


def crumbs_to(facility: Facility) -> list[Link]:
    """The way to a facility's instruments."""
    return [
        Link(_("Facilities"), reverse("catalogue")),
        Link(facility.name, facility_href(facility)),
    ]
