"""Whom a token stands for, and which tokens somebody has."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from sankul.core.models import ApiToken
from sankul.core.queries.actors import actor
from sankul.core.rules.roles import Actor
from sankul.core.rules.tokens import digest
from sankul.core.rules.verdicts import ALLOWED, Verdict, refused


class Shown(NamedTuple):
    """A token that a program showed: the token if there is one, and whether it is valid now."""

    token: ApiToken | None
    verdict: Verdict


def shown(secret: str, at: datetime) -> Shown:
    """The token with this secret, and why it is not valid if it is not: one query."""
    found = ApiToken.objects.select_related("owner").filter(digest=digest(secret)).first()
    return Shown(found, _why_not(found, at))


def own(actor: Actor) -> QuerySet[ApiToken]:
    """The actor's tokens that are not revoked, newest first; those that have ended among them."""
    return ApiToken.objects.filter(owner_id=actor.user_id, revoked_at__isnull=True)


def bearer(token: ApiToken, at: datetime) -> Actor:
    """The actor whom a token stands for: its owner's roles in force, on the token's scope alone if it has one."""
    whole = actor(token.owner, at)
    held = frozenset(it for it in whole.held if token.scope in (None, it.scope))
    return Actor(whole.user, held, at, token_id=token.pk, reads_only=token.reads_only)


def _why_not(token: ApiToken | None, at: datetime) -> Verdict:
    if token is None:
        return refused(_("There is no such token. Copy it whole, with its beginning “sankul_”."))
    if token.revoked_at is not None:
        return refused(_("This token was revoked. Make a new one on your account's page."))
    if token.expires_at <= at:
        return refused(_("This token has ended. Make a new one on your account's page."))
    if not token.owner.is_active:
        return refused(_("The account of this token is closed."))
    return ALLOWED
