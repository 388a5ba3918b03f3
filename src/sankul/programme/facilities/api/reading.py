"""Reading the catalogue as JSON."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router

from sankul.core.doors import Request
from sankul.programme.facilities.models import Instrument, Tariff, Technique, Ticket
from sankul.programme.facilities.queries import catalogue, records
from sankul.programme.facilities.queries.catalogue import Asker

from .shapes import (
    InstrumentDetailOut,
    InstrumentFilter,
    InstrumentPage,
    Number,
    Slug,
    TariffOut,
    TechniqueOut,
    TicketFilter,
    TicketOut,
    TicketPage,
)

router = Router(tags=["Facilities"])
INSTRUMENT = "/instruments/{organisation}/{slug}"


@router.get("/techniques", response=list[TechniqueOut], summary="Techniques on offer")
def list_techniques(request: Request) -> list[Technique]:
    """Techniques of which there is an instrument on offer, by name."""
    return list(catalogue.techniques())


@router.get("/instruments", response=InstrumentPage, summary="Instruments on offer")
def list_instruments(request: Request, chosen: Query[InstrumentFilter]) -> dict[str, Any]:
    """Instruments that others may use, by number, with the rate for a class of users from outside."""
    asker = Asker(user_class=chosen.user_class)
    on = timezone.localdate(request.at)
    rows = catalogue.catalogue(request.actor, chosen.q, asker=asker, on=on)
    wanted = {
        "techniques__code": chosen.technique,
        "facility__place": chosen.place,
        "organisation__slug": chosen.organisation,
        "sample_kinds__contains": [chosen.sample] if chosen.sample else None,
    }
    narrowed = rows.filter(
        pk__gt=chosen.after, **{key: value for key, value in wanted.items() if value}
    )
    ordered = narrowed.order_by("pk").prefetch_related("techniques")
    found = list(ordered[: chosen.limit + 1])
    items = found[: chosen.limit]
    return {"items": items, "next": items[-1].pk if len(found) > chosen.limit else None}


@router.get(INSTRUMENT, response=InstrumentDetailOut, summary="One instrument")
def get_instrument(request: Request, organisation: Slug, slug: Slug) -> Instrument:
    """An instrument with specification, units, hours and rules of booking; withdrawn ones too."""
    return find(request, organisation, slug)


@router.get(f"{INSTRUMENT}/tariffs", response=list[TariffOut], summary="Tariffs of an instrument")
def list_tariffs(request: Request, organisation: Slug, slug: Slug) -> list[Tariff]:
    """Tariffs of today and those that begin later, by class, relation and day."""
    found = find(request, organisation, slug)
    today = timezone.localdate(request.at)
    return [row for row in found.tariffs.all() if row.until_on is None or row.until_on >= today]


@router.get(f"{INSTRUMENT}/tickets", response=list[TicketOut], summary="Faults of an instrument")
def list_tickets(request: Request, organisation: Slug, slug: Slug) -> list[Ticket]:
    """Faults and maintenance that are open, and those resolved in the last 90 days, newest first."""
    return records.recent_tickets(find(request, organisation, slug), request.at)


@router.get("/tickets", response=TicketPage, summary="Open faults and maintenance")
def list_open_tickets(request: Request, chosen: Query[TicketFilter]) -> dict[str, Any]:
    """Faults and maintenance that are not resolved, over all institutions, by number."""
    rows = records.tickets(request.actor).filter(resolved_at__isnull=True, pk__gt=chosen.after)
    if chosen.organisation:
        rows = rows.filter(instrument__organisation__slug=chosen.organisation)
    found = list(rows.order_by("pk")[: chosen.limit + 1])
    items = found[: chosen.limit]
    return {"items": items, "next": items[-1].pk if len(found) > chosen.limit else None}


@router.get("/tickets/{number}", response=TicketOut, summary="One fault or maintenance")
def get_ticket(request: Request, number: Number) -> Ticket:
    """A ticket."""
    return get_object_or_404(records.tickets(request.actor), pk=number)


def find(request: Request, organisation: str, slug: str) -> Instrument:
    """The instrument at an address; 404 where one may not see it."""
    rows = catalogue.detailed(request.actor)
    return get_object_or_404(rows, organisation__slug=organisation, slug=slug)
