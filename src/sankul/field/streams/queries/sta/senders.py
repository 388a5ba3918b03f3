"""Devices by the token that they show."""

from __future__ import annotations

from sankul.core.rules.tokens import digest
from sankul.field.streams.models import Device


def device_with(secret: str) -> Device | None:
    """The device with this token, if it is not revoked: one query."""
    devices = Device.objects.select_related("cluster")
    return devices.filter(digest=digest(secret), revoked_at=None).first()
