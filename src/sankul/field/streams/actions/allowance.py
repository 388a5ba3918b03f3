"""How much a device may send: a bucket that fills with its observations a minute, and holds one minute's."""

from __future__ import annotations

import math
from datetime import datetime

from django.utils.translation import gettext as _t

from sankul.core.rules.verdicts import Refused
from sankul.field.streams.models import Allowance, Device


class TooFast(Refused):
    """A device sends more than it may; after ``wait_s`` seconds it may send the same again."""

    def __init__(self, reason: str, wait_s: int) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


def take(*, device: Device, observations: int, at: datetime) -> None:
    """Take as much from a device's allowance, within the caller's transaction. Raises TooFast where that is not left.

    A batch larger than a minute's allowance needs a full bucket and empties it, so that it is not refused for ever.
    """
    full = float(device.per_minute)
    Allowance.objects.get_or_create(device=device, defaults={"left": full, "at": at})
    bucket = Allowance.objects.select_for_update().get(device=device)
    filled = max(0.0, (at - bucket.at).total_seconds()) * full / 60
    left, wanted = min(full, bucket.left + filled), min(full, float(observations))
    if left < wanted:
        wait_s = math.ceil((wanted - left) * 60 / full)
        told = _t("%(device)s may send %(most)d observations a minute. Send again in %(wait)d s.")
        raise TooFast(told % {"device": device, "most": device.per_minute, "wait": wait_s}, wait_s)
    Allowance.objects.filter(device=device).update(left=left - wanted, at=max(at, bucket.at))
