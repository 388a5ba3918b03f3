"""Making and revoking the addresses by which calendar programs read a calendar."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from sankul.core.actions import events
from sankul.core.models import User
from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.bookings.models import CalendarToken
from sankul.programme.facilities.models import Instrument

MOST = 20
"""So many calendars one person may have at once."""
NOTED_EVERY = timedelta(hours=24)


class Made(NamedTuple):
    """A new calendar with the secret of its address, which is told this once and kept nowhere."""

    token: CalendarToken
    secret: str


@transaction.atomic
def open_(*, actor: Actor, instrument: Instrument | None, at: datetime) -> Made:
    """Make a calendar of the actor's own bookings, or of an instrument.

    Raises Forbidden to whom nobody gave a role, to tokens, and for an instrument that one may not see; Refused beyond 20.
    """
    if actor.user is None or actor.token_id is not None or not actor.held:
        raise Forbidden(_("Sign in with an account that has a role to make a calendar."))
    seen = Instrument.objects.visible_to(actor)
    if instrument is not None and not seen.filter(pk=instrument.pk).exists():
        raise Forbidden(_("This instrument is not offered to you."))
    User.objects.select_for_update(no_key=True).get(pk=actor.user.pk)
    if CalendarToken.objects.filter(user=actor.user, revoked_at=None).count() >= MOST:
        raise Refused(_("You have %d calendars. Revoke one that is not in use.") % MOST)
    secret = token_urlsafe(32)
    token = CalendarToken.objects.create(
        user=actor.user,
        instrument=instrument,
        sha256=sha256(secret.encode()).hexdigest(),
        made_at=at,
    )
    events.record(actor=actor, verb="calendar.made", subject=token, at=at)
    return Made(token, secret)


@transaction.atomic
def revoke(*, actor: Actor, token: CalendarToken, at: datetime) -> CalendarToken:
    """End a calendar: what reads it finds it empty from now on. One's own only; twice changes nothing."""
    if actor.user_id != token.user_id or actor.token_id is not None:
        raise Forbidden(_("Only the person who made a calendar can revoke it."))
    token = CalendarToken.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        events.record(actor=actor, verb="calendar.revoked", subject=token, at=at)
    return token


def note_use(*, token: CalendarToken, at: datetime) -> None:
    """Keep when a calendar was last read, to the day: one write a day, none for the requests after it."""
    if token.used_at is None or at - token.used_at >= NOTED_EVERY:
        CalendarToken.objects.filter(pk=token.pk).update(used_at=at)
