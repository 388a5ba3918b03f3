"""Who stands at this door: a program with a token of its owner, a device with its own, or the public, which reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest

from sankul.core.actions.tokens import note_use
from sankul.core.queries import tokens
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import PLATFORM, Actor, Held, Role
from sankul.field.streams.actions.device import note_seen
from sankul.field.streams.queries import devices
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName

BEARER = "Bearer "


@dataclass(frozen=True)
class Caller:
    """Who reads, who writes (None: nobody), and why a token that was shown is not valid, if it is not."""

    actor: Actor
    sender: Sender | None
    why_not: str = ""


def caller(request: HttpRequest) -> Caller:
    """Who calls. A session lets its owner read; only a token lets somebody write, so that no other site can."""
    at: datetime = request.at  # type: ignore[attr-defined]
    shown = request.headers.get("Authorization", "")
    if shown:
        secret = shown[len(BEARER) :].strip() if shown.startswith(BEARER) else ""
        return with_token(
            secret, at, find=devices.believed if _only_observes(request) else devices.shown
        )
    if settings.STA_OPEN:
        return on_trial(at)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return Caller(actor, None)


def on_trial(at: datetime, door: DoorName = DoorName.STA) -> Caller:
    """Anybody, on a trial server."""
    trial = Actor(None, frozenset({Held(Role.OPERATOR, PLATFORM)}), at)
    return Caller(trial, Sender(door, actor=trial))


def _only_observes(request: HttpRequest) -> bool:
    """Whether all that is asked is to take in observations."""
    return request.method == "POST" and request.path.endswith(
        ("/Observations", "/CreateObservations")
    )


def with_token(
    secret: str,
    at: datetime,
    door: DoorName = DoorName.STA,
    find: Callable[[str], devices.Shown] = devices.shown,
) -> Caller:
    """Whoever has this token: a program of its owner, or a device."""
    device, known = find(secret)
    if device is not None and known:
        note_seen(device=device, at=at)
        return Caller(actor_of(None, at), Sender(door, device=device))
    found, verdict = tokens.shown(secret, at)
    if found is None:
        return Caller(actor_of(None, at), None, known.reason)
    if not verdict:
        return Caller(actor_of(None, at), None, verdict.reason)
    note_use(token=found, at=at)
    actor = tokens.bearer(found, at)
    return Caller(actor, Sender(door, actor=actor))
