"""What every change of the area does: take the row, check it as a whole, tell the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.models import User
from sankul.core.rules.roles import Actor, Scope, require
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.facilities.models import Facility, Instrument
from sankul.programme.facilities.rules import MANAGE_FACILITY, REPORT
from sankul.programme.facilities.rules.life import why_not_offered


def facility(actor: Actor, given: Facility) -> Facility:
    """The facility, locked, once the actor may manage it."""
    require(actor, MANAGE_FACILITY, *given.scopes)
    rows = Facility.objects.select_related("organisation").select_for_update(of=("self",))
    return rows.get(pk=given.pk)


def instrument(actor: Actor, given: Instrument) -> Instrument:
    """The instrument, locked, once the actor may manage it. Raises Refused where it is withdrawn."""
    require(actor, MANAGE_FACILITY, *given.scopes)
    found = locked(given)
    why_not_offered(found.status).enforce()
    return found


def locked(given: Instrument) -> Instrument:
    """The instrument, locked, with its facility at hand."""
    rows = Instrument.objects.select_related("facility__organisation")
    return rows.select_for_update(of=("self",)).get(pk=given.pk)


def asking(actor: Actor) -> User:
    """The account, once it uses facilities for some organisation."""
    require(actor, REPORT, *actor.scopes(REPORT))
    if actor.user is None:
        raise Forbidden(_t("Sign in first."))
    return actor.user


def fill(row: Model, given: Mapping[str, Any]) -> None:
    """Set columns, texts without white space around them."""
    for name, value in given.items():
        setattr(row, name, value.strip() if isinstance(value, str) else value)


def samples(kinds: Iterable[str]) -> list[str]:
    """Kinds of samples, each once, in small letters but for what is written in capitals."""
    told = (" ".join(kind.split()) for kind in kinds)
    found = list(dict.fromkeys(kind for kind in told if kind))
    if any(len(kind) > 60 for kind in found):
        raise Refused(_t("A kind of sample is named in at most 60 characters."))
    return found


def record(
    actor: Actor,
    verb: str,
    subject: Model | str,
    at: datetime,
    scopes: Iterable[Scope],
    **data: Any,
) -> None:
    """Tell the event log."""
    events.record(actor=actor, verb=verb, subject=subject, at=at, scopes=scopes, data=data)
