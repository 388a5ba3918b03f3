"""Makers of the area's records: each writes rows directly, past rights and rules."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from sankul.core.models import Document
from sankul.core.rules.roles import Actor, Role
from sankul.field.alerts.models import Action, Alert, Detector, Proof, Silence, Webhook
from sankul.field.alerts.rules import AlertSeverity, AlertState, DetectorKind
from sankul.field.streams.models import Datastream, Thing
from sankul.field.streams.tests import makers as streams
from sankul.programme.registry.tests import makers

_numbers = count(1)
AT = makers.AT
NOON = streams.NOON


def detector(stream: Datastream | None = None, **fields: Any) -> Detector:
    """Turbidity above 5 NTU, until it is at most 4, at once."""
    of = stream or streams.stream()
    defaults = {
        "name": f"Too turbid {next(_numbers)}",
        "stream": of,
        "kind": DetectorKind.ABOVE,
        "parameters": {"raise_at": 5.0, "clear_at": 4.0, "for_s": 0.0},
        "severity": AlertSeverity.WARNING,
        "cluster": of.thing.cluster,
        "organisation": of.thing.organisation,
        "made_at": AT,
        "changed_at": AT,
    }
    return Detector.objects.create(**defaults | fields)


def network(*members: Datastream, **fields: Any) -> Detector:
    """Half of the streams stand out within an hour."""
    of = members[0].thing
    defaults = {
        "name": f"Many at once {next(_numbers)}",
        "kind": DetectorKind.NETWORK,
        "parameters": {"share": 0.5, "within_s": 3600.0, "least": 2},
        "severity": AlertSeverity.URGENT,
        "cluster": of.cluster,
        "organisation": of.organisation,
        "made_at": AT,
        "changed_at": AT,
    }
    made = Detector.objects.create(**defaults | fields)
    made.members.set(members)
    return made


def alert(detector: Detector | None = None, **fields: Any) -> Alert:
    """An open alert since ``NOON``, raised a minute later: 7.5 NTU where 5 are the limit."""
    of = detector or _detector()
    defaults = {
        "detector": of,
        "stream": of.stream,
        "thing": of.stream.thing if of.stream else None,
        "cluster": of.cluster,
        "organisation": of.organisation,
        "severity": of.severity,
        "began_at": NOON,
        "raised_at": NOON + timedelta(minutes=1),
        "level": 5.0,
        "worst": 7.5,
        "worst_at": NOON,
    }
    return Alert.objects.create(**defaults | fields)


def acknowledged(detector: Detector | None = None, **fields: Any) -> Alert:
    """The same, acknowledged after half an hour."""
    return alert(
        detector,
        **{
            "state": AlertState.ACKNOWLEDGED,
            "acknowledged_at": NOON + timedelta(minutes=30),
        }
        | fields,
    )


def action(alert: Alert, **fields: Any) -> Action:
    """Flushing the line, due two hours after it began."""
    defaults = {
        "what": "Flush the line",
        "owner_post": "Assistant engineer, water works",
        "begun_at": alert.began_at + timedelta(hours=1),
        "due_at": alert.began_at + timedelta(hours=3),
    }
    return Action.objects.create(alert=alert, **defaults | fields)


def proof(action: Action, document: Document | None = None, **fields: Any) -> Proof:
    """A document behind an action."""
    shown = document or makers.document()
    return Proof.objects.create(
        action=action, document=shown, **{"added_at": action.begun_at} | fields
    )


def silence(thing: Thing | None = None, **fields: Any) -> Silence:
    """Two hours without news from ``NOON`` on."""
    of = thing or streams.thing()
    defaults = {
        "thing": of,
        "cluster": of.cluster,
        "reason": "The tank is cleaned",
        "starts_at": NOON,
        "ends_at": NOON + timedelta(hours=2),
        "made_at": NOON,
    }
    return Silence.objects.create(**defaults | fields)


def webhook(**fields: Any) -> Webhook:
    """An address that is told of everything of a cluster."""
    number = next(_numbers)
    if "cluster" not in fields:
        fields["cluster"] = makers.cluster()
    defaults = {
        "url": f"https://hooks.example.org/{number}",
        "salt": f"{number:064}",
        "made_at": AT,
    }
    return Webhook.objects.create(**defaults | fields)


def operator(thing: Thing) -> Actor:
    """An operator of the thing's cluster."""
    assert thing.cluster is not None
    return makers.actor_with(Role.OPERATOR, thing.cluster.scopes[0])


_detector = detector  # as seen from where a parameter has the same name
