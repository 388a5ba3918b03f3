"""Commands on accounts and their roles."""

from __future__ import annotations

from datetime import date, datetime

from rich.table import Table
from rich.text import Text

from sankul.site.cli.data import console, refusals

# The line above sets Django up, so it stays before the rest.
# isort: split
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from sankul.core.actions import accounts, tokens
from sankul.core.models import User
from sankul.core.queries import actors
from sankul.core.rules.roles import PLATFORM, Role, Scope, ScopeKind
from sankul.core.rules.verdicts import Refused
from sankul.programme.registry.models import Cluster, Organisation, Programme


def create_user(email: str, name: str, role: str, scope: str, password: str | None) -> None:
    """Make an account and grant its role."""
    with refusals():
        at = timezone.now()
        with transaction.atomic():
            user = accounts.create(actor=None, email=email, name=name, at=at, password=password)
            if role:
                _grant(user, role, scope, None, at)
    console.print(f"Made {email}.", highlight=False)


def grant_role(email: str, role: str, scope: str, until: str) -> None:
    """Grant a role from today until a day (open if none is given)."""
    with refusals():
        _grant(_user(email), role, scope, _day(until) if until else None, timezone.now())
    console.print(f"{email} is {role} on {scope}.", highlight=False)


def end_role(email: str, role: str, scope: str, until: str) -> None:
    """End a role on a day (today if none is given)."""
    with refusals():
        at = timezone.now()
        last = _day(until) if until else timezone.localdate(at)
        where, enclosing = _scope(scope)
        held = _user(email).grants.filter(
            Q(until_on=None) | Q(until_on__gt=last),
            role=_role(role),
            scope_kind=where.kind,
            scope_id=where.id,
        )
        found = held.order_by("from_on").first()
        if found is None:
            raise Refused(f"{email} does not hold the role {role} on {scope} after {last}.")
        accounts.end(actor=None, grant=found, enclosing=enclosing, until_on=last, at=at)
    console.print(f"{email} is {role} on {scope} until {last}.", highlight=False)


def turn_user(email: str, *, is_open: bool) -> None:
    """Close an account, or open it again."""
    turn = accounts.reopen if is_open else accounts.close
    with refusals():
        turn(actor=None, user=_user(email), at=timezone.now())
    console.print(f"{email} is {'open' if is_open else 'closed'}.", highlight=False)


def list_tokens(email: str) -> None:
    """Tokens of an account that are not revoked."""
    table = Table("Begins with", "Name", "May", "Last used", "Ends")
    with refusals():
        for token in _user(email).tokens.filter(revoked_at=None):
            may = "read" if token.reads_only else "read and write"
            used = str(token.last_used_on or "never")
            ends = f"{timezone.localtime(token.expires_at):%Y-%m-%d %H:%M}"
            table.add_row(Text(token.prefix), Text(token.name), may, used, ends)
    console.print(table)


def revoke_token(email: str, prefix: str) -> None:
    """Revoke the one token of an account that begins so."""
    with refusals():
        rows = _user(email).tokens.filter(revoked_at=None, prefix=prefix)
        found = rows.first()
        if found is None or rows.count() > 1:
            raise Refused(f"{email} has no one token that begins with {prefix!r}.")
        tokens.revoke(actor=None, token=found, at=timezone.now())
    console.print(f"Revoked {found.name!r} of {email}.", highlight=False)


def _grant(user: User, role: str, scope: str, until_on: date | None, at: datetime) -> None:
    where, enclosing = _scope(scope)
    accounts.grant(
        actor=None,
        user=user,
        role=_role(role),
        scope=where,
        enclosing=enclosing,
        from_on=timezone.localdate(at),
        until_on=until_on,
        at=at,
    )


def _user(email: str) -> User:
    found = User.objects.filter(email__iexact=email).first()
    if found is None:
        raise Refused(f"There is no account {email!r}; sankul user list shows all.")
    return found


def _role(name: str) -> Role:
    if name not in Role.values:
        raise Refused(f"--role: {name!r} is not a role; expected one of {', '.join(Role.values)}")
    return Role(name)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"--until: {text!r} is not a day; expected one as in 2027-03-31") from None


def list_users() -> None:
    """Accounts with the roles in force now."""
    table = Table("E-mail", "Name", "Roles", "State")
    at = timezone.now()
    for user in User.objects.order_by("email"):
        held = ", ".join(f"{role.label} on {scope.kind} {scope.id}"
                         for role, scope in actors.in_force(user, at))  # fmt: skip
        state = "open" if user.is_active else "closed"
        table.add_row(Text(user.email), Text(user.name), Text(held), state)
    console.print(table)


def _scope(text: str) -> tuple[Scope, tuple[Scope, ...]]:
    kind, _colon, rest = text.partition(":")
    try:
        match kind:
            case "platform":
                return PLATFORM, ()
            case "programme":
                return Scope(ScopeKind.PROGRAMME, Programme.objects.get(slug=rest).pk), ()
            case "cluster":
                programme, _slash, slug = rest.partition("/")
                cluster = Cluster.objects.get(programme__slug=programme, slug=slug)
                return cluster.scopes[0], cluster.scopes[1:]
            case "organisation":
                return Organisation.objects.get(slug=rest).scopes[0], ()
    except (Programme.DoesNotExist, Cluster.DoesNotExist, Organisation.DoesNotExist):
        raise Refused(f"--scope: there is no {kind} {rest!r}") from None
    raise Refused(
        f"--scope: {text!r} is not a scope; expected platform, programme:SLUG, "
        "cluster:PROGRAMME/SLUG or organisation:SLUG"
    )
