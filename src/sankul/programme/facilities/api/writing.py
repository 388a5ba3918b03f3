"""Tariffs and tickets through JSON."""

from __future__ import annotations

from datetime import UTC, datetime

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _t
from ninja import Status

from sankul.core.api import WRITING
from sankul.core.doors import Request
from sankul.core.rules.verdicts import Refused
from sankul.programme.facilities.actions import tariff, ticket
from sankul.programme.facilities.models import Tariff, Ticket, Unit
from sankul.programme.facilities.queries import records

from .reading import INSTRUMENT, find, router
from .shapes import Number, ResolutionIn, Slug, TariffIn, TariffOut, TicketIn, TicketOut


@router.post(
    f"{INSTRUMENT}/tariffs",
    response={201: list[TariffOut]},
    auth=WRITING,
    summary="Begin a tariff",
)
def begin_tariff(
    request: Request, organisation: Slug, slug: Slug, given: TariffIn
) -> Status[list[Tariff]]:
    """Have a tariff begin on a day, for every class and relation named; what holds then ends on the day before."""
    found = find(request, organisation, slug)
    made = tariff.begin(actor=request.actor, what=found, at=request.at, **given.dict())
    return Status(201, made)


@router.post(
    f"{INSTRUMENT}/tickets",
    response={201: TicketOut},
    auth=WRITING,
    summary="Report a fault, or plan maintenance",
)
def open_ticket(
    request: Request, organisation: Slug, slug: Slug, given: TicketIn
) -> Status[Ticket]:
    """Report a fault; the institution's people plan maintenance and say from when to when it blocks. Times carry their zone."""
    found = find(request, organisation, slug)
    unit = None
    if given.unit is not None:
        unit = Unit.objects.filter(instrument=found, pk=given.unit).first()
        if unit is None:
            raise Refused(_t("It has no unit %d.") % given.unit)
    told = given.dict(exclude={"unit", "blocks_from", "blocks_until"})
    made = ticket.open_(
        actor=request.actor,
        instrument=found,
        at=request.at,
        unit=unit,
        blocks_from=_utc(given.blocks_from),
        blocks_until=_utc(given.blocks_until),
        **told,
    )
    return Status(201, made)


@router.post(
    "/tickets/{number}/resolve",
    response=TicketOut,
    auth=WRITING,
    summary="Resolve a fault or maintenance",
)
def resolve_ticket(request: Request, number: Number, given: ResolutionIn) -> Ticket:
    """Say what was done: from this moment on it blocks nothing."""
    found = get_object_or_404(records.tickets(request.actor), pk=number)
    return ticket.resolve(
        actor=request.actor, ticket=found, at=request.at, resolution=given.resolution
    )


def _utc(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise Refused(_t("Times carry their zone, as in 2026-12-01T10:00:00+05:30."))
    try:
        return moment and moment.astimezone(UTC)
    except OverflowError:
        raise Refused(_t("That time lies outside the calendar.")) from None
