"""Reading bodies, and for those who may, their meetings and decisions."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from sankul.core.queries import documents
from sankul.core.rules.roles import Actor, narrowed, verdict
from sankul.core.rules.verdicts import Verdict
from sankul.programme.registry.models import Body, Decision, Meeting, Programme, Seat
from sankul.programme.registry.rules import SEE_GOVERNANCE, SEE_REGISTRY


def bodies(actor: Actor, programme: Programme) -> QuerySet[Body]:
    """Bodies of a programme and its clusters with who sits on them on the actor's day: open to everybody."""
    seats = Seat.objects.on(timezone.localdate(actor.at)).select_related("person")
    rows = programme.bodies.filter(narrowed(actor, SEE_REGISTRY)).select_related("cluster")
    return rows.prefetch_related(Prefetch("seats", seats.order_by("capacity", "pk"))).order_by(
        F("cluster__name").asc(nulls_first=True), "kind", "pk"
    )


def meetings(actor: Actor, programme: Programme | None = None) -> QuerySet[Meeting]:
    """Meetings, newest first, with their decisions: those of the bodies whose affairs the actor may see."""
    rows = Meeting.objects.filter(
        narrowed(
            actor,
            SEE_GOVERNANCE,
            programme="body__programme",
            cluster="body__cluster",
        )
    )
    if programme:
        rows = rows.filter(body__programme=programme)
    return (
        rows.select_related("body", "minutes")
        .prefetch_related("decisions")
        .order_by("-held_on", "pk")
    )


def decisions(actor: Actor, programme: Programme | None = None) -> QuerySet[Decision]:
    """Decisions taken at the meetings that the actor may see, newest first."""
    rows = Decision.objects.filter(meeting__in=meetings(actor, programme).values("pk"))
    return rows.select_related("meeting__body").order_by("-meeting__held_on", "reference")


def may_see(actor: Actor, programme: Programme) -> Verdict:
    """Whether the actor may see meetings of some body of the programme, with the reason if not."""
    clusters = programme.clusters.all()
    return verdict(
        actor, SEE_GOVERNANCE, *programme.scopes, *(cluster.scopes[0] for cluster in clusters)
    )


def _minutes(actor: Actor) -> Q:
    return Q(Exists(meetings(actor).filter(minutes=OuterRef("pk")).order_by()))


documents.declare("registry", _minutes)
