"""Making and revoking tokens."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sankul.core.models import ApiToken, User
from sankul.core.rules.roles import Actor, Scope, require
from sankul.core.rules.tokens import (
    MAKE_TOKEN,
    MOST_AT_ONCE,
    PREFIX_LENGTH,
    digest,
    new_secret,
    why_not_lifetime,
)
from sankul.core.rules.verdicts import Forbidden, Refused

from . import events
from .accounts import MANAGE_ACCOUNTS
from .constraints import refusing


class Made(NamedTuple):
    """A new token with its secret, which is told this once and kept nowhere."""

    token: ApiToken
    secret: str


@transaction.atomic
def create(
    *,
    actor: Actor,
    name: str,
    expires_on: date,
    reads_only: bool = True,
    scope: Scope | None = None,
    at: datetime,
) -> Made:
    """Make a token for the actor's own account, valid through ``expires_on``; on one ``scope`` of the actor's roles, or on all.

    Raises Refused for a name that is in use, a day that is past or more than a year off, too many tokens; Forbidden where the
    actor holds no role there, and to tokens: none begets another.
    """
    if actor.user is None or actor.token_id is not None:
        raise Forbidden(_("Sign in to make a token; a token cannot make another."))
    require(actor, MAKE_TOKEN, *([scope] if scope else actor.scopes(MAKE_TOKEN)))
    why_not_lifetime(today=timezone.localdate(at), expires_on=expires_on).enforce()
    User.objects.select_for_update(no_key=True).get(pk=actor.user.pk)
    if actor.user.tokens.filter(revoked_at=None, expires_at__gt=at).count() >= MOST_AT_ONCE:
        raise Refused(_("You have %d tokens. Revoke one that is not in use.") % MOST_AT_ONCE)
    secret = new_secret()
    token = ApiToken(
        owner=actor.user,
        name=_name(name),
        prefix=secret[:PREFIX_LENGTH],
        digest=digest(secret),
        reads_only=reads_only,
        scope_kind=scope.kind if scope else "",
        scope_id=scope.id if scope else 0,
        made_at=at,
        expires_at=_end_of(expires_on),
    )
    with refusing({"token_name_once": _("You have a token of this name already.")}):
        token.save()
    data = {"reads_only": reads_only, "until": expires_on}
    events.record(
        actor=actor,
        verb="token.created",
        subject=token,
        at=at,
        scopes=[scope] if scope else (),
        data=data,
    )
    return Made(token, secret)


@transaction.atomic
def revoke(*, actor: Actor | None, token: ApiToken, at: datetime) -> ApiToken:
    """End a token at once: one's own, or anybody's for those who manage accounts (None: the operator at the terminal)."""
    if actor is not None and (actor.user_id != token.owner_id or actor.token_id is not None):
        require(actor, MANAGE_ACCOUNTS)
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at is not None:
        raise Refused(_("This token is revoked already."))
    token.revoked_at = at
    token.save(update_fields=["revoked_at"])
    events.record(actor=actor, verb="token.revoked", subject=token, at=at)
    return token


def note_use(*, token: ApiToken, at: datetime) -> None:
    """Keep the day on which a token was last used: one write a day, none for the requests after it."""
    today = timezone.localdate(at)
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)


def _name(text: str) -> str:
    name = text.strip()
    if not 0 < len(name) <= 80 or not name.isprintable():
        raise Refused(_("Give the token a name of at most 80 characters: which program uses it?"))
    return name


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
