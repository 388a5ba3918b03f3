"""Raising alerts and ending them: what a detector found becomes a row, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from sankul.field.alerts.actions.answering import record
from sankul.field.alerts.models import Alert, Detector
from sankul.field.alerts.rules import AlertState
from sankul.field.streams.models import Datastream

MOST_IDS = 100
"""So many of the observations that raised an alert are named in it."""


class Raised(NamedTuple):
    """An alert, and whether it is a new one or began again: then there is news of it."""

    alert: Alert
    is_news: bool


@transaction.atomic
def raise_(
    *,
    detector: Detector,
    began_at: datetime,
    at: datetime,
    ended_at: datetime | None = None,
    worst: float | None = None,
    worst_at: datetime | None = None,
    level: float | None = None,
    observation_ids: Sequence[int] = (),
    stream: Datastream | None = None,
) -> Raised:
    """Note what a detector found from ``began_at`` to ``ended_at`` (None: it goes on).

    It is a new alert, unless one stands or ended less than the cool-down before: then it is that one, with its first begin, and
    the worst of both. One that was closed is open again, acknowledged, if what it was about goes on.
    """
    stream = stream or detector.stream
    found = _same(detector, stream, began_at, ended_at)
    if found is None:
        made = _new(detector, stream, began_at, at)
        made.ended_at, made.level, made.worst, made.worst_at = ended_at, level, worst, worst_at
        made.observation_ids = list(observation_ids[:MOST_IDS])
        made.save()
        record(None, "alert.raised", made, at, severity=made.severity)
        return Raised(made, True)
    begins_again = found.ended_at is not None and began_at > found.ended_at
    if begins_again or found.ended_at is not None:
        found.ended_at = max(found.ended_at, ended_at) if found.ended_at and ended_at else ended_at
    elif ended_at is not None:
        found.ended_at = ended_at
        record(None, "alert.ended", found, at)
    found.began_at = min(found.began_at, began_at)
    found.times += begins_again
    _widen(found, worst, worst_at)
    known = set(found.observation_ids)
    found.observation_ids += [one for one in observation_ids if one not in known]
    del found.observation_ids[MOST_IDS:]
    was_closed = found.state == AlertState.CLOSED
    if was_closed and begins_again and ended_at is None:
        found.state, found.cause = AlertState.ACKNOWLEDGED, ""
        found.closed_at = found.closed_by = None
    found.save()
    if begins_again:
        record(None, "alert.began_again", found, at, times=found.times, was_closed=was_closed)
    return Raised(found, begins_again and was_closed)


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


def _widen(alert: Alert, worst: float | None, worst_at: datetime | None) -> None:
    """Take over a worst value that lies farther beyond the level than the one known, or where no level tells which does."""
    if worst is None:
        return
    if alert.worst is None or alert.level is None or _is_farther(alert, worst):
        alert.worst, alert.worst_at = worst, worst_at


def _is_farther(alert: Alert, value: float) -> bool:
    level, worst = alert.level or 0.0, alert.worst or 0.0
    return abs(value - level) > abs(worst - level)


def _same(
    detector: Detector, stream: Datastream | None, began_at: datetime, ended_at: datetime | None
) -> Alert | None:
    """The alert that something found belongs to: one whose time it meets, cool-down included, or else the open one."""
    rows = Alert.objects.select_for_update(of=("self",)).filter(detector=detector, stream=stream)
    rows = rows.select_related("cluster__programme", "detector").order_by("-began_at", "-pk")
    cool = timedelta(seconds=detector.cool_down_s)
    meets = Q(ended_at=None) | Q(ended_at__gte=began_at - cool)
    if ended_at is not None:
        meets &= Q(began_at__lte=ended_at + cool)
    met = sorted(rows.filter(meets), key=lambda row: row.state == AlertState.CLOSED)
    return met[0] if met else rows.exclude(state=AlertState.CLOSED).first()


def _new(detector: Detector, stream: Datastream | None, began_at: datetime, at: datetime) -> Alert:
    return Alert(
        detector=detector,
        stream=stream,
        thing=stream.thing if stream else None,
        cluster=detector.cluster,
        organisation=detector.organisation,
        severity=detector.severity,
        began_at=began_at,
        raised_at=at,
    )
