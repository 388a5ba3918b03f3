"""Who is told of an alert, after how long, and when many become one letter.

Times are counted from when the alert was raised, while nobody acknowledges it. They are the house's own: no standard sets them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from .words import AlertSeverity, Rung

HOUR = timedelta(hours=1)
AFTER: dict[str, dict[Rung, timedelta]] = {
    AlertSeverity.URGENT: {
        Rung.OPERATOR: 0 * HOUR,
        Rung.CLUSTER: HOUR / 2,
        Rung.PROGRAMME: 2 * HOUR,
    },
    AlertSeverity.WARNING: {
        Rung.OPERATOR: 0 * HOUR,
        Rung.CLUSTER: 4 * HOUR,
        Rung.PROGRAMME: 24 * HOUR,
    },
    AlertSeverity.NOTICE: {Rung.OPERATOR: 0 * HOUR, Rung.CLUSTER: 48 * HOUR},
}
MOST_A_DAY = 5
"""So many alerts of a site are told one by one on a day (in India); the others stand in the day's digest, urgent ones apart."""
RANK = {severity.value: place for place, severity in enumerate(AlertSeverity)}


def due(severity: str, raised_at: datetime, at: datetime) -> list[Rung]:
    """The rungs that are to be told by now, lowest first."""
    return [rung for rung, after in AFTER[severity].items() if at - raised_at >= after]


def next_due(severity: str, raised_at: datetime, told: set[str]) -> tuple[Rung, datetime] | None:
    """Who is told next and when, if nobody acknowledges; None where nobody is left."""
    for rung, after in AFTER[severity].items():
        if rung not in told:
            return rung, raised_at + after
    return None


def is_one_of_many(severity: str, told_today: int) -> bool:
    """Whether an alert of a site goes into the day's digest."""
    return severity != AlertSeverity.URGENT and told_today >= MOST_A_DAY


def is_at_least(severity: str, least: str) -> bool:
    """Whether a severity is as bad as another, or worse."""
    return RANK[severity] >= RANK[least]
