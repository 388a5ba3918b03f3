"""Raising alerts and ending them: what a detector found becomes a row, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from sankul.field.alerts.actions.answering import record
from sankul.field.alerts.models import Alert, Detector
from sankul.field.alerts.rules import AlertState
from sankul.field.streams.models import Datastream

MOST_IDS = 100
"""So many of the observations that raised an alert are named in it."""


@transaction.atomic
def raise_(
    *,
    detector: Detector,
    began_at: datetime,
    at: datetime,
    worst: float | None = None,
    worst_at: datetime | None = None,
    level: float | None = None,
    observation_ids: Sequence[int] = (),
    stream: Datastream | None = None,
) -> tuple[Alert, bool]:
    """Raise an alert of a detector from ``began_at`` on, and whether it is a new one.

    One is open at a time: where one is, or was closed less than the cool-down before ``began_at``, it goes on. It then keeps its
    first begin, and its worst value if that was worse.
    """
    stream = stream or detector.stream
    found = _going_on(detector, stream, began_at)
    if found is None:
        return _new(detector, stream, began_at, at, worst, worst_at, level, observation_ids), True
    begins_again = found.ended_at is not None or found.state == AlertState.CLOSED
    if found.state == AlertState.CLOSED:
        found.state, found.cause, found.closed_at, found.closed_by = (
            AlertState.ACKNOWLEDGED,
            "",
            None,
            None,
        )
    found.ended_at = None
    found.times += begins_again
    found.began_at = min(found.began_at, began_at)
    widen(found, worst, worst_at)
    known = set(found.observation_ids)
    found.observation_ids += [one for one in observation_ids if one not in known]
    del found.observation_ids[MOST_IDS:]
    found.save()
    if begins_again:
        record(None, "alert.began_again", found, at, times=found.times)
    return found, False


@transaction.atomic
def end(*, alert: Alert, ended_at: datetime, at: datetime) -> Alert:
    """Note from when on the observations of an alert are normal again. It stays open until somebody closes it."""
    rows = Alert.objects.select_for_update(of=("self",))
    row = rows.select_related("cluster__programme", "detector").get(pk=alert.pk)
    if row.ended_at is None:
        row.ended_at = max(ended_at, row.began_at)
        row.save(update_fields=["ended_at"])
        record(None, "alert.ended", row, at)
    return row


def widen(alert: Alert, worst: float | None, worst_at: datetime | None) -> bool:
    """Take over a worst value that lies farther beyond the level than the one known; whether it did."""
    if worst is None or (alert.worst is not None and not is_worse(alert, worst)):
        return False
    alert.worst, alert.worst_at = worst, worst_at
    return True


def is_worse(alert: Alert, value: float) -> bool:
    """Whether a value lies farther beyond the alert's level than its worst one."""
    level, worst = alert.level or 0.0, alert.worst or 0.0
    return abs(value - level) > abs(worst - level)


def _going_on(detector: Detector, stream: Datastream | None, began_at: datetime) -> Alert | None:
    rows = Alert.objects.select_for_update(of=("self",)).filter(detector=detector, stream=stream)
    rows = rows.select_related("cluster__programme")
    cool = began_at - timedelta(seconds=detector.cool_down_s)
    open_one = rows.exclude(state=AlertState.CLOSED).first()
    return open_one or rows.filter(ended_at__gte=cool, began_at__lte=began_at).first()


def _new(
    detector: Detector,
    stream: Datastream | None,
    began_at: datetime,
    at: datetime,
    worst: float | None,
    worst_at: datetime | None,
    level: float | None,
    observation_ids: Sequence[int],
) -> Alert:
    made = Alert.objects.create(
        detector=detector,
        stream=stream,
        thing=stream.thing if stream else None,
        cluster=detector.cluster,
        organisation=detector.organisation,
        severity=detector.severity,
        began_at=began_at,
        raised_at=at,
        level=level,
        worst=worst,
        worst_at=worst_at,
        observation_ids=list(observation_ids[:MOST_IDS]),
    )
    record(None, "alert.raised", made, at, severity=made.severity)
    return made
