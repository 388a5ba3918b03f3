"""What the past of a stream suggests as its rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from sankul.field.streams.models import Datastream
from sankul.field.streams.rules import Flag
from sankul.field.streams.rules.suggesting import SUGGESTED_FROM_DAYS, suggested

from .reading import read


def draft(stream: Datastream) -> dict[str, Any] | None:
    """Rules suggested by the last 90 days of a stream's observations, None where they are too few; failed ones are left out."""
    last = stream.latest.time
    if last is None:
        return None
    until = last + timedelta(microseconds=1)
    rows = read([stream.pk], until - timedelta(days=SUGGESTED_FROM_DAYS), until)
    kept = rows.at(~np.isin(rows.flags, (Flag.FAIL, Flag.MISSING)))
    return suggested(kept.time_us, kept.values)
