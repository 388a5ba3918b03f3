"""What is due: computed from duties and the returns that were made, never stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone

from sankul.core.models import Grant, User
from sankul.core.rules.roles import Actor, Role, ScopeKind, narrowed
from sankul.programme.outcomes.models import Claim, Duty, DutyReturn
from sankul.programme.outcomes.rules import RECORD_CLAIM, SEE_CLAIMS, STANDING, ClaimStatus
from sankul.programme.outcomes.rules.duties import (
    SET_DUTIES,
    DueState,
    Span,
    span_of,
    spans,
    state_of,
)
from sankul.programme.registry.models import Cluster

ORDER = {state: place for place, state in enumerate(DueState)}
Key = tuple[int, int, date]


class Due(NamedTuple):
    """The return for one span that one cluster owes or made."""

    duty: Duty
    cluster: Cluster
    span: Span
    due_on: date
    state: DueState
    made: DutyReturn | None

    @property
    def key(self) -> Key:
        """What names it."""
        return self.duty.pk, self.cluster.pk, self.span.starts_on


class Counted(NamedTuple):
    """Claims of a span: those that stand, and drafts."""

    claims: int
    drafts: int


def clusters(actor: Actor) -> QuerySet[Cluster]:
    """Clusters whose returns the actor may see: those whose claims he may see."""
    own = narrowed(actor, SEE_CLAIMS, cluster="pk", programme="programme")
    return Cluster.objects.filter(own).select_related("programme").order_by("name", "pk")


def own(actor: Actor) -> QuerySet[Cluster]:
    """Clusters for which the actor makes returns."""
    rows = narrowed(actor, RECORD_CLAIM, cluster="pk", programme="programme")
    return Cluster.objects.filter(rows).select_related("programme").order_by("name", "pk")


def visible(actor: Actor) -> QuerySet[Duty]:
    """Duties of programmes where the actor may set them."""
    rows = Duty.objects.filter(narrowed(actor, SET_DUTIES, programme="programme"))
    return rows.select_related("programme")


def what_is_due(of: Iterable[Cluster], at: datetime) -> list[Due]:
    """Returns of these clusters, the overdue first, those that were made last and newest first: two queries."""
    today = timezone.localdate(at)
    places = list(of)
    duties: dict[int, list[Duty]] = {}
    for duty in Duty.objects.filter(programme__in={one.programme_id for one in places}):
        duties.setdefault(duty.programme_id, []).append(duty)
    made = {
        (row.duty_id, row.cluster_id, row.starts_on): row
        for row in DutyReturn.objects.filter(cluster__in=places).select_related("made_by")
    }
    found = [
        _due(duty, cluster, span, made, today)
        for cluster in places
        for duty in duties.get(cluster.programme_id, ())
        for span in _spans(duty, cluster, today)
    ]
    return sorted(found, key=_order)


def one(duty: Duty, cluster: Cluster, starts_on: date, at: datetime) -> Due | None:
    """The return of a cluster for the span that begins on a day, or None where there is no such span."""
    today = timezone.localdate(at)
    span = span_of(duty.every, starts_on)
    if span.starts_on != starts_on or span not in set(_spans(duty, cluster, today)):
        return None
    rows = DutyReturn.objects.filter(duty=duty, cluster=cluster, starts_on=starts_on)
    row = rows.select_related("made_by").first()
    made = {(duty.pk, cluster.pk, starts_on): row} if row else {}
    return _due(duty, cluster, span, made, today)


def counted(duty: Duty, cluster: Cluster, span: Span) -> Counted:
    """How many claims of a duty's kinds a cluster has in a span: one query."""
    rows = Claim.objects.filter(
        cluster=cluster, kind__in=duty.kinds, on__range=(span.starts_on, span.ends_on)
    )
    states = list(rows.values_list("status", flat=True))
    open_states = (ClaimStatus.DRAFT, ClaimStatus.RETURNED)
    return Counted(sum(it in STANDING for it in states), sum(it in open_states for it in states))


def to_remind(of: Sequence[Cluster], at: datetime) -> dict[int, tuple[list[User], list[User]]]:
    """Open accounts that hold a role of each cluster today: its staff, and its CEOs."""
    day = timezone.localdate(at)
    rows = Grant.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gte=day),
        role__in=(Role.CLUSTER_STAFF, Role.CLUSTER_CEO),
        scope_kind=ScopeKind.CLUSTER,
        scope_id__in=[one.pk for one in of],
        from_on__lte=day,
        user__is_active=True,
    )
    found: dict[int, tuple[list[User], list[User]]] = {one.pk: ([], []) for one in of}
    for grant in rows.select_related("user").order_by("user"):
        found[grant.scope_id][grant.role == Role.CLUSTER_CEO].append(grant.user)
    return found


def _spans(duty: Duty, cluster: Cluster, today: date) -> Iterable[Span]:
    first = max(duty.from_on, cluster.launched_on or duty.from_on)
    return spans(duty.every, first, min(today, duty.until_on or today))


def _due(duty: Duty, cluster: Cluster, span: Span, made: dict[Key, DutyReturn], today: date) -> Due:
    due_on = duty.due_on(span.ends_on)
    row = made.get((duty.pk, cluster.pk, span.starts_on))
    state = state_of(span, due_on, today, is_made=row is not None)
    return Due(duty, cluster, span, due_on, state, row)


def _order(due: Due) -> tuple[int, int, str]:
    forward = due.state != DueState.MADE
    return ORDER[due.state], due.due_on.toordinal() * (1 if forward else -1), due.cluster.name
