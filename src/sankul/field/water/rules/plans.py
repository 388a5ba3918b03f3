"""When the next sample is due."""

from __future__ import annotations

from datetime import date, timedelta


def due_on(starts_on: date, every_days: int, last_on: date | None) -> date:
    """The day of the plan's next sample: the first of its days after the last sample, or its first day.

    Days of the plan stay where they are when a sample comes late, so that lateness does not add up.
    """
    if last_on is None or last_on < starts_on:
        return starts_on
    periods = (last_on - starts_on).days // every_days + 1
    return starts_on + timedelta(days=periods * every_days)
