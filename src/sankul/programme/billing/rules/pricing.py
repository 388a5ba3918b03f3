"""What a booking costs in the end."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Span(NamedTuple):
    """From a moment to a moment."""

    starts_at: datetime
    ends_at: datetime


def charged(booked: Span, used: Span | None) -> Span:
    """The time that is charged: all that was booked, as it was kept from others, and what the use took beyond it.

    Whoever leaves early pays for the slot; whoever begins early or stays longer pays for that too.
    """
    if used is None:
        return booked
    return Span(min(booked.starts_at, used.starts_at), max(booked.ends_at, used.ends_at))
