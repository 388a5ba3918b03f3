"""Who stands at the door, with the roles in force at that moment."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from sankul.core.models import Grant, User
from sankul.core.rules.roles import Actor, Held, Role, Scope, ScopeKind

from . import prepared

_ACCOUNT = f"SELECT {prepared.columns(User)} FROM {User._meta.db_table} WHERE id = %s"
_IN_FORCE = (
    f"SELECT role, scope_kind, scope_id FROM {Grant._meta.db_table}"
    " WHERE user_id = %s AND from_on <= %s AND (until_on IS NULL OR until_on >= %s)"
    " ORDER BY role, scope_kind, scope_id"
)


def actor(user: User | AnonymousUser | None, at: datetime) -> Actor:
    """The actor for an account (or the public) at a moment: one query, none for the public."""
    if not isinstance(user, User) or not user.is_active:
        return Actor(None, frozenset(), at)
    return Actor(user, frozenset(in_force(user, at)), at)


def account(number: int) -> User | None:
    """The account with a number: one query."""
    return next(iter(prepared.instances(User, prepared.rows(_ACCOUNT, number))), None)


def in_force(user: User, at: datetime) -> list[Held]:
    """The roles of an account in force on the (Indian) day of ``at``."""
    day = timezone.localdate(at)
    rows = prepared.rows(_IN_FORCE, user.pk, day, day)
    return [Held(Role(role), Scope(ScopeKind(kind), number)) for role, kind, number in rows]
