"""Devices: whom a token stands for, and which devices somebody manages."""

from __future__ import annotations

import math
import time
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet
from django.utils.translation import gettext as _t

from sankul.core.queries import prepared
from sankul.core.rules.roles import Actor
from sankul.core.rules.tokens import digest
from sankul.core.rules.verdicts import ALLOWED, Verdict, refused
from sankul.field.streams.models import Device


class Shown(NamedTuple):
    """A token that a device showed: the device if there is one, and whether it is valid."""

    device: Device | None
    verdict: Verdict


FIELDS = [field.attname for field in Device._meta.concrete_fields]
SHOWN = f"SELECT {', '.join(FIELDS)} FROM streams_device WHERE digest = %s"


def shown(secret: str) -> Shown:
    """The device with this token, and why it is not valid if it is not: one query."""
    rows = prepared.rows(SHOWN, digest(secret))
    if not rows:
        return Shown(None, refused(_t("There is no device with this token.")))
    found = Device.from_db(DEFAULT_DB_ALIAS, FIELDS, rows[0])
    if found.revoked_at is not None:
        return Shown(found, refused(_t("The token of this device was revoked.")))
    return Shown(found, ALLOWED)


BELIEVED_S, MOST_BELIEVED = 60, 10_000
"""For how many seconds a token is believed from memory, and how many tokens are kept there."""
_believed: dict[str, tuple[float, Device]] = {}


def believed(secret: str) -> Shown:
    """As ``shown``, from memory where the token was valid a moment ago: for what ``allowance.take`` looks at again as it writes.

    Nothing of a device changes but that its token is revoked.
    """
    key, now = digest(secret), time.monotonic()
    since, device = _believed.get(key, (-math.inf, None))
    if device is not None and now - since < BELIEVED_S:
        return Shown(device, ALLOWED)
    found = shown(secret)
    if len(_believed) >= MOST_BELIEVED:
        _believed.clear()
    if found.device and found.verdict:
        _believed[key] = now, found.device
    else:
        _believed.pop(key, None)
    return found


def managed(actor: Actor) -> QuerySet[Device]:
    """Devices that the actor manages, those in use first."""
    return Device.objects.visible_to(actor).select_related("thing", "cluster__programme")
