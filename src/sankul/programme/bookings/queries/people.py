"""Who reads a letter about a booking or an order."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from sankul.core.models import User
from sankul.core.rules.roles import Role, Scope, ScopeKind
from sankul.programme.bookings.models import Booking, Order
from sankul.programme.bookings.rules.news import To

from .requests import clusters_of

ROLES = {
    To.LAB: (Role.LAB_MANAGER,),
    To.NODAL: (Role.NODAL_OFFICER,),
    To.CLUSTER: (Role.CLUSTER_STAFF, Role.CLUSTER_CEO),
}


def readers(about: Booking | Order, to: To, at: datetime) -> list[User]:
    """The people whom a letter goes to. A lab without a manager is its nodal officer's; the host has at least one of them."""
    if to == To.USER:
        return [about.user] if about.user.is_active else []
    found = list(_holders(ROLES[to], _scopes(about, to), at))
    if not found and to == To.LAB:
        found = list(_holders(ROLES[To.NODAL], _scopes(about, to), at))
    return found


def _scopes(about: Booking | Order, to: To) -> list[Scope]:
    if to != To.CLUSTER:
        return list(about.scopes)
    host = about.scopes[0].id
    clusters = clusters_of([host])[host]
    return [Scope(ScopeKind.CLUSTER, cluster) for cluster in clusters]


def _holders(roles: tuple[Role, ...], scopes: list[Scope], at: datetime) -> QuerySet[User]:
    day = timezone.localdate(at)
    held = Q(pk__in=[])
    for scope in scopes:
        held |= Q(grants__scope_kind=scope.kind, grants__scope_id=scope.id)
    rows = User.objects.filter(
        held,
        Q(grants__until_on=None) | Q(grants__until_on__gte=day),
        grants__role__in=roles,
        grants__from_on__lte=day,
        is_active=True,
    )
    return rows.distinct().order_by("pk")
