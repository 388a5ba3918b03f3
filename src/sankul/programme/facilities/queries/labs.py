"""What somebody manages."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet

from sankul.core.rules.roles import Actor, narrowed
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.rules import MANAGE_FACILITY
from sankul.programme.registry.models import Organisation

MOST = 500


def kept(actor: Actor) -> list[Any]:
    """Instruments on offer that the actor manages, with ``open_tickets``; at most 500."""
    rows = Instrument.objects.managed_by(actor).offered()
    open_tickets = Count("tickets", filter=Q(tickets__resolved_at__isnull=True))
    found = rows.select_related("facility__organisation", "organisation")
    return list(found.annotate(open_tickets=open_tickets).order_by("facility__name", "name")[:MOST])


def organisations(actor: Actor) -> QuerySet[Organisation]:
    """The institutions whose facilities the actor manages."""
    return Organisation.objects.filter(narrowed(actor, MANAGE_FACILITY, organisation="pk"))
