"""Tokens of devices, and dead letters mended."""

from typing import Any

import pytest

from sankul.core.models import Event
from sankul.core.rules.roles import Actor, Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.field.streams.actions import device as devices
from sankul.field.streams.actions import mend
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import Datastream, DeadLetter, Observation
from sankul.field.streams.queries.devices import managed, shown
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import NOON

pytestmark = pytest.mark.django_db


def operator(stream: Datastream) -> Actor:
    return registry.actor_with(Role.OPERATOR, stream.thing.scopes[0])


def made(actor: Actor | None, thing: Any, **more: Any) -> devices.Made:
    return devices.make(
        actor=actor, name="Gateway 1", cluster=thing.cluster, thing=thing, at=registry.AT, **more
    )


def test_a_token_is_told_once_and_only_its_digest_is_kept() -> None:
    stream = makers.stream()
    device, secret = made(operator(stream), stream.thing)
    assert secret.startswith("sankul_")
    assert secret not in str(vars(device))
    assert shown(secret) == (device, shown(secret).verdict)
    assert shown(secret).verdict.allowed
    assert Event.objects.get(verb="device.made").subject == f"device/{device.pk}"


def test_a_revoked_token_is_not_valid() -> None:
    stream = makers.stream()
    actor = operator(stream)
    device, secret = made(actor, stream.thing)
    devices.revoke(actor=actor, device=device, at=registry.AT)
    assert shown(secret).verdict.reason == "The token of this device was revoked."
    assert shown(secret + "x").verdict.reason == "There is no device with this token."
    with pytest.raises(Refused, match="revoked already"):
        devices.revoke(actor=actor, device=device, at=registry.AT)


def test_tokens_are_given_and_revoked_in_the_own_scope_alone() -> None:
    stream, other = makers.stream(), makers.stream()
    actor = operator(stream)
    with pytest.raises(Forbidden):
        made(actor, other.thing)
    device, _ = made(None, other.thing)
    with pytest.raises(Forbidden):
        devices.revoke(actor=actor, device=device, at=registry.AT)
    assert managed(actor).count() == 0


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"name": " "}, "a name"),
        ({"per_minute": 0}, "1 to 10000000"),
    ],
)
def test_a_device_has_a_name_and_a_rate(more: dict[str, Any], reason: str) -> None:
    stream = makers.stream()
    given: dict[str, Any] = {"name": "Gateway"} | more
    with pytest.raises(Refused, match=reason):
        devices.make(
            actor=None, cluster=stream.thing.cluster, thing=stream.thing, at=registry.AT, **given
        )


def test_a_thing_of_elsewhere_is_refused() -> None:
    stream = makers.stream()
    with pytest.raises(Refused, match="another cluster"):
        devices.make(
            actor=None, name="G", cluster=registry.cluster(), thing=stream.thing, at=registry.AT
        )


def conflict(stream: Datastream) -> DeadLetter:
    for value in (1.0, 2.0):
        ingest(
            batch=Batch.of((stream.pk, NOON, value)),
            sender=Sender(DoorName.COMMAND),
            at=registry.AT,
        )
    return DeadLetter.objects.get()


def test_a_dead_letter_is_mended_and_sent_again() -> None:
    stream = makers.stream()
    letter, actor = conflict(stream), operator(stream)
    with pytest.raises(Refused, match="another result"):
        mend.replay(actor=actor, letter=letter, changes={}, note="", at=registry.AT)
    assert DeadLetter.objects.count() == 1
    changes = {"time": "2026-11-20T12:05:00+05:30"}
    mended = mend.replay(
        actor=actor, letter=letter, changes=changes, note="Minutes were lost.", at=registry.AT
    )
    assert mended.observation_id == Observation.objects.get(value=2.0).pk
    assert (mended.settled_by, mended.payload["time"]) == (actor.user, NOON.isoformat())
    assert DeadLetter.objects.waiting().count() == 0
    with pytest.raises(Refused, match="settled already"):
        mend.replay(actor=actor, letter=letter, changes={}, note="", at=registry.AT)


def test_a_dead_letter_is_put_away_with_a_note() -> None:
    stream = makers.stream()
    letter, actor = conflict(stream), operator(stream)
    with pytest.raises(Refused, match="why this is not needed"):
        mend.put_away(actor=actor, letter=letter, note=" ", at=registry.AT)
    mend.put_away(actor=actor, letter=letter, note="A test of the gateway.", at=registry.AT)
    assert Event.objects.get(verb="dead_letter.put_away").subject == f"deadletter/{letter.pk}"


def test_letters_of_elsewhere_are_not_seen() -> None:
    letter = conflict(makers.stream())
    beside = registry.actor_with(Role.OPERATOR, registry.cluster().scopes[0])
    with pytest.raises(DeadLetter.DoesNotExist):
        mend.put_away(actor=beside, letter=letter, note="x", at=registry.AT)
