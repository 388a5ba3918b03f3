"""Who stands at the door, with the roles in force at that moment."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from sankul.core.models import Grant, User
from sankul.core.rules.roles import Actor, Held, Role

_IN_FORCE = (
    f"SELECT * FROM {Grant._meta.db_table}"
    " WHERE user_id = %s AND from_on <= %s AND (until_on IS NULL OR until_on >= %s)"
    " ORDER BY role, scope_kind, scope_id"
)
"""Every request asks this, so the statement is not put together each time."""


def actor(user: User | AnonymousUser | None, at: datetime) -> Actor:
    """The actor for an account (or the public) at a moment: one query, none for the public."""
    if not isinstance(user, User) or not user.is_active:
        return Actor(None, frozenset(), at)
    return Actor(user, frozenset(Held(Role(g.role), g.scope) for g in in_force(user, at)), at)


def in_force(user: User, at: datetime) -> list[Grant]:
    """The grants of an account in force on the (Indian) day of ``at``."""
    day = timezone.localdate(at)
    return list(Grant.objects.raw(_IN_FORCE, [user.pk, day, day]))
