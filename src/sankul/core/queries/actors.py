"""Who stands at the door, with the roles in force at that moment."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone

from sankul.core.models import Grant, User
from sankul.core.rules.roles import Actor, Held, Role


def actor(user: User | AnonymousUser | None, at: datetime) -> Actor:
    """The actor for an account (or the public) at a moment: one query, none for the public."""
    if not isinstance(user, User) or not user.is_active:
        return Actor(None, frozenset(), at)
    return Actor(user, frozenset(Held(Role(g.role), g.scope) for g in in_force(user, at)), at)


def in_force(user: User, at: datetime) -> list[Grant]:
    """The grants of an account in force on the (Indian) day of ``at``."""
    day = timezone.localdate(at)
    grants = user.grants.filter(Q(until_on__isnull=True) | Q(until_on__gte=day), from_on__lte=day)
    return list(grants.order_by("role", "scope_kind", "scope_id"))
