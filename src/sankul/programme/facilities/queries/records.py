"""What hangs on instruments: tickets, trainings, qualifications."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, cast

from django.db.models import Count, Q, QuerySet

from sankul.core.rules.roles import Actor
from sankul.programme.facilities.models import (
    Instrument,
    Qualification,
    Ticket,
    TrainingSession,
)

RECENT = timedelta(days=90)


def tickets(actor: Actor) -> QuerySet[Ticket]:
    """Tickets of instruments that the actor may see, with instrument, facility and institution at hand."""
    visible = Instrument.objects.visible_to(actor).values("pk")
    rows = Ticket.objects.filter(instrument__in=visible)
    return rows.select_related("instrument__facility__organisation", "unit", "opened_by")


def recent_tickets(instrument: Instrument, at: datetime) -> list[Ticket]:
    """The tickets of an instrument that are open, and those resolved in the last 90 days, newest first; at most 20."""
    rows = instrument.tickets.filter(Q(resolved_at__isnull=True) | Q(resolved_at__gte=at - RECENT))
    return list(rows.order_by("-opened_at")[:20])


def trainings(actor: Actor) -> QuerySet[TrainingSession]:
    """Trainings on instruments that the actor may see, with ``count_taken``, their places that are taken."""
    visible = Instrument.objects.visible_to(actor).values("pk")
    rows = TrainingSession.objects.filter(instrument__in=visible)
    rows = rows.select_related("instrument__facility__organisation", "trainer")
    return cast("QuerySet[TrainingSession]", rows.annotate(count_taken=Count("taken")))


def trainings_ahead(instrument: Instrument, at: datetime) -> list[Any]:
    """The next trainings on an instrument, with ``count_taken``; at most 10."""
    rows = instrument.training_sessions.filter(starts_at__gt=at, cancelled_at__isnull=True)
    return list(rows.annotate(count_taken=Count("taken"))[:10])


def qualifications(instrument: Instrument, on: date) -> QuerySet[Qualification]:
    """The qualifications in force or to come, with their people."""
    rows = Qualification.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gte=on),
        instrument=instrument,
        revoked_at__isnull=True,
    )
    return rows.select_related("user").order_by("user__name", "pk")


def of_user(user_id: int) -> QuerySet[Qualification]:
    """Somebody's own qualifications that are not revoked, newest first."""
    rows = Qualification.objects.filter(user=user_id, revoked_at__isnull=True)
    return rows.select_related("instrument__facility__organisation")
