"""Giving tokens to devices, and revoking them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.tokens import PREFIX_LENGTH, digest, new_secret
from sankul.core.rules.verdicts import Refused
from sankul.field.streams.models import Device, Thing
from sankul.field.streams.rules import MANAGE_DEVICES
from sankul.programme.portfolio.models import Deployment
from sankul.programme.registry.models import Cluster

MOST_PER_MINUTE = 10_000_000


class Made(NamedTuple):
    """A new device with its token, which is told this once and kept nowhere."""

    device: Device
    secret: str


@transaction.atomic
def make(
    *,
    actor: Actor | None,
    name: str,
    cluster: Cluster,
    thing: Thing | None = None,
    deployment: Deployment | None = None,
    per_minute: int = 60_000,
    at: datetime,
) -> Made:
    """Give a token to a device: for one thing, or all of a deployment, or all of the cluster (actor None: the terminal).

    Raises Forbidden, and Refused for a name that is empty, a thing or deployment of elsewhere, or a rate that is none.
    """
    if actor is not None:
        require(actor, MANAGE_DEVICES, *(thing.scopes if thing else cluster.scopes))
    _check(name, cluster, thing, deployment, per_minute)
    secret = new_secret()
    device = Device.objects.create(
        name=name.strip(),
        cluster=cluster,
        organisation=thing.organisation if thing else None,
        thing=thing,
        deployment=deployment,
        prefix=secret[:PREFIX_LENGTH],
        digest=digest(secret),
        per_minute=per_minute,
        made_at=at,
        made_by=actor.user if actor else None,
    )
    data = {"thing": thing.pk if thing else None, "per_minute": per_minute}
    events.record(
        actor=actor, verb="device.made", subject=device, at=at, scopes=device.scopes, data=data
    )
    return Made(device, secret)


@transaction.atomic
def revoke(*, actor: Actor | None, device: Device, at: datetime) -> Device:
    """End a device's token at once (actor None: the terminal)."""
    if actor is not None:
        require(actor, MANAGE_DEVICES, *device.scopes)
    device = (
        Device.objects.select_for_update(of=("self",)).select_related("cluster").get(pk=device.pk)
    )
    if device.revoked_at is not None:
        raise Refused(_t("The token of this device was revoked already."))
    device.revoked_at = at
    device.save(update_fields=["revoked_at"])
    events.record(actor=actor, verb="device.revoked", subject=device, at=at, scopes=device.scopes)
    return device


def note_seen(*, device: Device, at: datetime) -> None:
    """Keep the day on which a device was last heard: one write a day."""
    today = timezone.localdate(at)
    if device.last_seen_on != today:
        Device.objects.filter(pk=device.pk).update(last_seen_on=today)
        device.last_seen_on = today


def _check(
    name: str, cluster: Cluster, thing: Thing | None, deployment: Deployment | None, rate: int
) -> None:
    if not 0 < len(name.strip()) <= 120 or not name.strip().isprintable():
        raise Refused(_t("Give the device a name of at most 120 characters."))
    if thing and thing.cluster_id != cluster.pk:
        raise Refused(_t("%s belongs to another cluster.") % thing)
    if deployment and deployment.cluster_id != cluster.pk:
        raise Refused(_t("%s belongs to another cluster.") % deployment)
    if not 1 <= rate <= MOST_PER_MINUTE:
        told = _t("A device may send 1 to %d observations a minute.")
        raise Refused(told % MOST_PER_MINUTE)
