"""How much a device may send: a bucket that fills with its observations a minute, and holds one minute's."""

from __future__ import annotations

import math
from datetime import datetime

from django.utils.translation import gettext as _t

from sankul.core.queries import prepared
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.field.streams.models import Device


class TooFast(Refused):
    """A device sends more than it may; after ``wait_s`` seconds it may send the same again."""

    def __init__(self, reason: str, wait_s: int) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


class Revoked(Forbidden):
    """The token of a device is not valid any more."""


def take(*, device: Device, observations: int, at: datetime) -> None:
    """Take as much from a device's allowance, within the caller's transaction.

    Raises TooFast where that is not left, and Revoked, so that nothing is written once a token is revoked, whenever it was shown.
    A batch larger than a minute's allowance needs a full bucket and empties it, so that it is not refused for ever.
    """
    full = float(device.per_minute)
    wanted = min(full, float(observations))
    asked = {"device": device.pk, "full": full, "wanted": wanted, "at": at}
    if not prepared.rows(TAKE, **asked):
        [(left, is_revoked)] = prepared.rows(LEFT, **asked)
        if is_revoked:
            raise Revoked(_t("The token of this device was revoked."))
        wait_s = math.ceil((wanted - left) * 60 / full)
        told = _t("%(device)s may send %(most)d observations a minute. Send again in %(wait)d s.")
        raise TooFast(told % {"device": device, "most": device.per_minute, "wait": wait_s}, wait_s)


FILLED = """least(
    %(full)s::float8,
    a."left" + greatest(0, extract(epoch FROM %(at)s::timestamptz - a.at)) * %(full)s::float8 / 60
)"""
TAKE = f"""
INSERT INTO streams_allowance AS a (device_id, "left", at)
SELECT d.id, %(full)s::float8 - %(wanted)s::float8, %(at)s FROM streams_device d
WHERE d.id = %(device)s AND d.revoked_at IS NULL
ON CONFLICT (device_id) DO UPDATE
SET "left" = {FILLED} - %(wanted)s::float8, at = greatest(a.at, excluded.at)
WHERE {FILLED} >= %(wanted)s::float8
RETURNING "left"
"""
LEFT = f"""
SELECT {FILLED}, d.revoked_at IS NOT NULL
FROM streams_device d LEFT JOIN streams_allowance a ON a.device_id = d.id
WHERE d.id = %(device)s
"""
