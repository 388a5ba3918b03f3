"""For whom somebody acts, and who may use what unaided."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db.models import QuerySet

from sankul.core.models import User
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import Actor, narrowed, verdict
from sankul.programme.facilities.models import Facility, Instrument, Qualification
from sankul.programme.facilities.rules import MANAGE_FACILITY, REPORT
from sankul.programme.registry.models import Organisation


def organisations_of(actor: Actor) -> QuerySet[Organisation]:
    """The organisations for which somebody uses facilities: those whose member, lab manager or nodal officer one is."""
    return Organisation.objects.filter(narrowed(actor, REPORT, organisation="pk")).order_by("name")


def books_for(user: User, organisation: Organisation, at: datetime) -> bool:
    """Whether somebody uses facilities for an organisation at a moment."""
    return verdict(actor_of(user, at), REPORT, *organisation.scopes).allowed


def may_manage(actor: Actor, facility: Facility) -> bool:
    """Whether the actor manages the institution of a facility."""
    return verdict(actor, MANAGE_FACILITY, *facility.scopes).allowed


def managed(actor: Actor) -> QuerySet[Facility]:
    """The facilities that the actor manages."""
    return Facility.objects.managed_by(actor).select_related("organisation")


def qualified(user: User, instruments: Collection[Instrument], on: date) -> set[int]:
    """Ids of those instruments for which somebody has a qualification in force on a day: one query."""
    rows = Qualification.objects.on(on).filter(
        user=user, instrument__in=[one.pk for one in instruments], revoked_at__isnull=True
    )
    return set(rows.values_list("instrument", flat=True))
