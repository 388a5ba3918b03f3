"""Making accounts and granting roles."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.models import Grant, User
from sankul.core.rules.roles import (
    GRANTABLE_ON,
    Actor,
    Permission,
    Role,
    Scope,
    ScopeKind,
    require,
)
from sankul.core.rules.verdicts import ALLOWED, Refused, Verdict, refused

from . import events
from .constraints import refusing

MANAGE_ACCOUNTS = Permission(
    "core.manage_accounts", _("Make accounts and grant roles"), frozenset({Role.PROGRAMME_OFFICER})
)


@transaction.atomic
def create(
    *, actor: Actor | None, email: str, name: str, at: datetime, password: str | None = None
) -> User:
    """Make an account; without a password it signs in by a reset link, a passkey or single sign-on.

    ``actor`` None is the operator at the terminal. Raises Refused if the address is none or is taken.
    """
    if actor is not None:
        require(actor, MANAGE_ACCOUNTS)
    _why_not_address(email).enforce()
    user = User(email=User.objects.normalize_email(email), name=name)
    user.set_password(password)
    with refusing(
        {"user_email_unique": _t("An account with the address %s exists already.") % email}
    ):
        user.save()
    events.record(actor=actor, verb="account.created", subject=user, at=at)
    return user


@transaction.atomic
def grant(
    *,
    actor: Actor | None,
    user: User,
    role: Role,
    scope: Scope,
    enclosing: tuple[Scope, ...] = (),
    from_on: date,
    until_on: date | None = None,
    at: datetime,
) -> Grant:
    """Grant a role on a scope; ``enclosing`` are the scopes around it (a cluster's programme).

    Raises Refused when the role cannot be held on such a scope, the dates are reversed, or it is held already.
    """
    if actor is not None:
        require(actor, MANAGE_ACCOUNTS, scope, *enclosing)
    _why_not_on(role, scope).enforce()
    if until_on is not None and until_on < from_on:
        raise Refused(_t("The grant ends before it begins."))
    granted = Grant(
        user=user,
        role=role,
        scope_kind=scope.kind,
        scope_id=scope.id,
        from_on=from_on,
        until_on=until_on,
        granted_by=actor.user if actor else None,
        granted_at=at,
    )
    held = _("This role is held on this scope in these days already.")
    with refusing({"grant_once_at_a_time": held}):
        granted.save()
    events.record(
        actor=actor,
        verb="role.granted",
        subject=user,
        at=at,
        scopes=(scope, *enclosing),
        data={"role": str(role), "from": from_on, "until": until_on},
    )
    return granted


@transaction.atomic
def end(
    *,
    actor: Actor | None,
    grant: Grant,
    enclosing: tuple[Scope, ...] = (),
    until_on: date,
    at: datetime,
) -> Grant:
    """End a role: ``until_on`` is its last day. A grant that has not begun by then is refused, and one that ended before."""
    if actor is not None:
        require(actor, MANAGE_ACCOUNTS, grant.scope, *enclosing)
    grant = Grant.objects.select_for_update().get(pk=grant.pk)
    if until_on < grant.from_on:
        raise Refused(_t("The grant ends before it begins."))
    if grant.until_on is not None and grant.until_on <= until_on:
        raise Refused(_t("The grant has ended by then already."))
    grant.until_on = until_on
    grant.save(update_fields=["until_on"])
    events.record(
        actor=actor,
        verb="role.ended",
        subject=f"user/{grant.user_id}",
        at=at,
        scopes=(grant.scope, *enclosing),
        data={"role": grant.role, "until": until_on},
    )
    return grant


def close(*, actor: Actor | None, user: User, at: datetime) -> User:
    """Close an account: it signs in no more, and its open sessions end with their next request."""
    return _turn(actor, user, at, active=False)


def reopen(*, actor: Actor | None, user: User, at: datetime) -> User:
    """Let a closed account sign in again."""
    return _turn(actor, user, at, active=True)


@transaction.atomic
def _turn(actor: Actor | None, user: User, at: datetime, *, active: bool) -> User:
    if actor is not None:
        require(actor, MANAGE_ACCOUNTS)
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_active == active:
        raise Refused(
            _t("This account is open already.") if active else _t("This account is closed already.")
        )
    user.is_active = active
    user.save(update_fields=["is_active"])
    verb = "account.reopened" if active else "account.closed"
    events.record(actor=actor, verb=verb, subject=user, at=at)
    return user


def _why_not_address(email: str) -> Verdict:
    try:
        validate_email(email)
    except ValidationError:
        return refused(_t("“%s” is not an e-mail address.") % email)
    return ALLOWED


def _why_not_on(role: Role, scope: Scope) -> Verdict:
    kinds = GRANTABLE_ON[role]
    if scope.kind in kinds:
        return ALLOWED
    if not kinds:
        return refused(_t("“%s” is held by everybody, and is never granted.") % role.label)
    listed = ", ".join(str(kind.label) for kind in ScopeKind if kind in kinds)
    return refused(
        _t("“%(role)s” is granted on: %(kinds)s.") % {"role": role.label, "kinds": listed}
    )
