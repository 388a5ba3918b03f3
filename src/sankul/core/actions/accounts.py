"""Making accounts and granting roles."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.models import Grant, User
from sankul.core.rules.roles import (
    GRANTABLE_ON,
    Actor,
    Permission,
    Role,
    Scope,
    require,
)
from sankul.core.rules.verdicts import Refused

from . import events

MANAGE_ACCOUNTS = Permission(
    "core.manage_accounts", _("Make accounts and grant roles"), frozenset({Role.PROGRAMME_OFFICER})
)


@transaction.atomic
def create(
    *, actor: Actor | None, email: str, name: str, at: datetime, password: str | None = None
) -> User:
    """Make an account; without a password it signs in by a reset link, a passkey or single sign-on.

    ``actor`` None is the operator at the terminal. Raises Refused if the address is taken.
    """
    if actor is not None:
        require(actor, MANAGE_ACCOUNTS)
    user = User(email=User.objects.normalize_email(email), name=name)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise Refused(_t("An account with the address %s exists already.") % email) from None
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
    if scope.kind not in GRANTABLE_ON[role]:
        raise Refused(
            _t("“%(role)s” is granted on: %(kinds)s.")
            % {
                "role": role.label,
                "kinds": ", ".join(str(kind.label) for kind in sorted(GRANTABLE_ON[role])),
            }
        )
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
    try:
        with transaction.atomic():
            granted.save()
    except IntegrityError:
        raise Refused(_t("This role is held on this scope in these days already.")) from None
    events.record(
        actor=actor,
        verb="role.granted",
        subject=user,
        at=at,
        scopes=(scope, *enclosing),
        data={"role": str(role), "from": from_on, "until": until_on},
    )
    return granted
