"""Faults and maintenance: reported, planned, resolved."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _t

from sankul.core.actions.rows import write
from sankul.core.rules.roles import Actor, require, verdict
from sankul.core.rules.verdicts import Refused
from sankul.programme.facilities.models import Instrument, Ticket, Unit
from sankul.programme.facilities.rules import (
    MANAGE_FACILITY,
    InstrumentStatus,
    Severity,
    TicketKind,
)
from sankul.programme.facilities.rules.life import (
    why_not_blocks,
    why_not_offered,
    why_not_open,
    why_not_resolve,
)

from . import rows


@transaction.atomic
def open_(
    *,
    actor: Actor,
    instrument: Instrument,
    title: str,
    at: datetime,
    kind: str = TicketKind.FAULT,
    severity: str = Severity.MINOR,
    text: str = "",
    unit: Unit | None = None,
    blocks_from: datetime | None = None,
    blocks_until: datetime | None = None,
) -> Ticket:
    """Report a fault, or plan maintenance.

    Users report; only the institution's people block slots, from a moment to a moment, or without end while it is down. What is
    booked in that time is told to those affected by whoever keeps the bookings (``ticket.opened`` in the log). Raises Refused for
    maintenance or blocking by others, an end before the beginning, a unit of another instrument.
    """
    rows.asking(actor)
    found = rows.locked(instrument)
    why_not_offered(found.status).enforce()
    manages = verdict(actor, MANAGE_FACILITY, *found.scopes).allowed
    why_not_open(kind=kind, manages=manages, blocks=blocks_from is not None).enforce()
    why_not_blocks(blocks_from=blocks_from, blocks_until=blocks_until).enforce()
    if unit is not None and unit.instrument_id != found.pk:
        raise Refused(_t("That unit belongs to another instrument."))
    ticket = Ticket(
        instrument=found,
        unit=unit,
        kind=kind,
        severity=severity,
        title=title.strip(),
        text=text.strip(),
        opened_by=actor.user,
        opened_at=at,
        blocks_from=blocks_from,
        blocks_until=blocks_until,
    )
    write(ticket)
    _stand(found)
    _record(actor, "ticket.opened", ticket, at)
    return ticket


@transaction.atomic
def block(
    *,
    actor: Actor,
    ticket: Ticket,
    at: datetime,
    blocks_from: datetime | None,
    blocks_until: datetime | None = None,
) -> Ticket:
    """Say from when to when a ticket takes the instrument out of use; without a beginning it blocks nothing."""
    found = _held(actor, ticket)
    if found.resolved_at is not None:
        raise Refused(_t("It is resolved already."))
    why_not_blocks(blocks_from=blocks_from, blocks_until=blocks_until).enforce()
    found.blocks_from, found.blocks_until = blocks_from, blocks_until
    found.save(update_fields=["blocks_from", "blocks_until"])
    _stand(found.instrument)
    _record(actor, "ticket.blocked", found, at)
    return found


@transaction.atomic
def resolve(*, actor: Actor, ticket: Ticket, at: datetime, resolution: str) -> Ticket:
    """Say what was done: from this moment on the ticket blocks nothing."""
    found = _held(actor, ticket)
    why_not_resolve(resolved_at=found.resolved_at, resolution=resolution).enforce()
    found.resolved_at, found.resolved_by = at, actor.user
    found.resolution = resolution.strip()
    if found.blocks_from is not None and found.blocks_from >= at:
        found.blocks_from = found.blocks_until = None
    elif found.blocks_from is not None:
        found.blocks_until = min(found.blocks_until or at, at)
    write(found)
    _stand(found.instrument)
    _record(actor, "ticket.resolved", found, at)
    return found


def _held(actor: Actor, ticket: Ticket) -> Ticket:
    require(actor, MANAGE_FACILITY, *ticket.scopes)
    instrument = rows.locked(ticket.instrument)
    found = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    found.instrument = instrument
    return found


def _stand(instrument: Instrument) -> None:
    """An instrument is down while an unresolved ticket keeps the whole of it out of use without an end."""
    if instrument.status == InstrumentStatus.WITHDRAWN:
        return
    without_end = Q(blocks_from__isnull=False, blocks_until__isnull=True, unit__isnull=True)
    down = instrument.tickets.filter(without_end, resolved_at__isnull=True).exists()
    instrument.status = InstrumentStatus.DOWN if down else InstrumentStatus.IN_SERVICE
    instrument.save(update_fields=["status"])


def _record(actor: Actor, verb: str, ticket: Ticket, at: datetime) -> None:
    told = {
        "instrument": ticket.instrument_id,
        "unit": ticket.unit_id,
        "severity": str(ticket.severity),
        "blocks_from": ticket.blocks_from,
        "blocks_until": ticket.blocks_until,
    }
    rows.record(actor, verb, ticket, at, ticket.scopes, **told)
