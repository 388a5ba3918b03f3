"""Alerts as their readers see them, and what stands now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from sankul.core.models import User
from sankul.core.rules.roles import Actor
from sankul.field.alerts.models import Action, Alert, Detector
from sankul.field.alerts.rules import ANSWER_ALERTS, AlertState


def visible(actor: Actor) -> QuerySet[Alert]:
    """Alerts that the actor may see, with what their lists show."""
    return Alert.objects.visible_to(actor).select_related(
        "detector", "thing", "stream", "cluster__programme", "organisation", "acknowledged_by"
    )


def unclosed(rows: QuerySet[Alert]) -> QuerySet[Alert]:
    """Those that somebody still has to close."""
    return rows.exclude(state=AlertState.CLOSED)


def mine(actor: Actor) -> QuerySet[Alert]:
    """Alerts that are not closed and that the actor acknowledged, or owns an action of."""
    own = Action.objects.filter(alert=OuterRef("pk"), owner=actor.user_id, done_at=None)
    rows = unclosed(visible(actor))
    return rows.filter(Q(acknowledged_by=actor.user_id) | Exists(own))


def one(actor: Actor, number: int) -> Alert | None:
    """An alert with all that its page shows, if the actor may see it."""
    rows = visible(actor).select_related(
        "closed_by", "silence", "part_of__detector", "stream__observed_property"
    )
    return (
        rows.prefetch_related("actions__proofs__document", "actions__owner", "actions__done_by",
                              "told", "parts__thing", "parts__detector")
        .filter(pk=number).first()
    )  # fmt: skip


def open_to(actor: Actor) -> QuerySet[Alert]:
    """Alerts that wait for somebody to acknowledge them, and that the actor may answer."""
    rows = Alert.objects.open_to(actor, ANSWER_ALERTS)
    return rows.filter(state=AlertState.OPEN)


def overdue(actor: Actor) -> QuerySet[Action]:
    """Actions that are not done in time, of alerts that the actor may answer."""
    rows = Action.objects.filter(alert__in=Alert.objects.open_to(actor, ANSWER_ALERTS))
    return rows.filter(done_at=None, due_at__lt=actor.at).exclude(alert__state=AlertState.CLOSED)


def counted_one(number: int) -> Alert | None:
    """An alert that the indicators count, open to everybody as figures are."""
    rows = Alert.objects.counted().select_related(
        "detector", "stream", "thing__deployment", "cluster__programme"
    )
    rows = rows.prefetch_related("actions__proofs__document")
    return rows.filter(pk=number).first()


class Standing(NamedTuple):
    """What stands at a stream now: since when, how bad, what it is called, and whether somebody is on it."""

    alert_id: int
    stream_id: int
    since: datetime
    severity: str
    kind: str
    name: str
    worst: float | None
    level: float | None
    is_seen: bool


def standing(stream_ids: Iterable[int]) -> dict[int, list[Standing]]:
    """Alerts of streams whose observations have not returned to normal, for pages that speak in plain words. Nobody is named."""
    going_on = Alert.objects.filter(stream__in=list(stream_ids), ended_at=None)
    rows = unclosed(going_on).select_related("detector").order_by("began_at")
    found: dict[int, list[Standing]] = {}
    for row in rows:
        stream = row.stream_id or 0
        found.setdefault(stream, []).append(
            Standing(
                row.pk, stream, row.began_at, row.severity, row.detector.kind, row.detector.name,
                row.worst, row.level, row.state != AlertState.OPEN,
            )
        )  # fmt: skip
    return found


def detectors_of(actor: Actor, stream_id: int) -> QuerySet[Detector]:
    """The detectors of a stream, those of groups that it belongs to among them."""
    rows = Detector.objects.visible_to(actor).select_related("cluster__programme", "stream__thing")
    return rows.filter(Q(stream=stream_id) | Q(members=stream_id)).distinct()


def owners(actor: Actor) -> QuerySet[User]:
    """Accounts that hold a role which answers alerts in a scope where the actor does."""
    roles = [role.value for role in ANSWER_ALERTS.roles]
    held = Q(pk__in=[])
    for scope in actor.scopes(ANSWER_ALERTS):
        held |= Q(grants__scope_kind=scope.kind, grants__scope_id=scope.id)
    rows = User.objects.filter(held, grants__role__in=roles, is_active=True)
    return rows.distinct().order_by("name", "pk")
