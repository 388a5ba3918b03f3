"""Who is told of alerts and when: at once, in the day's digest, or not while it is silent; and who next if nobody answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from sankul.core.actions import events
from sankul.field.alerts.models import Alert, Digest, Silence, Told
from sankul.field.alerts.rules import AlertState, Telling
from sankul.field.alerts.rules.escalation import due, is_one_of_many
from sankul.field.streams.models import Thing

from .answering import record


@transaction.atomic
def tell(*, alerts: Sequence[Alert], at: datetime) -> int:
    """Decide how each new alert is told, end silences, and tell who is due by the clock; how many are told now."""
    for alert in alerts:
        _decide(alert, at)
    _after_silence(at)
    return sum(_climb(alert, at) for alert in _unanswered()) + _digests(at)


def _decide(alert: Alert, at: datetime) -> None:
    """How an alert is told: not at all in a silence window, in the digest where the site has had enough, else at once."""
    silence = silences(alert, at).first()
    if silence is not None:
        alert.telling, alert.silence = Telling.SILENT, silence
    elif alert.thing_id and is_one_of_many(alert.severity, _told_today(alert, at)):
        alert.telling = Telling.DIGEST
        Digest.objects.get_or_create(thing_id=alert.thing_id, on=timezone.localdate(at))
    else:
        alert.telling = Telling.NOW
    alert.save(update_fields=["telling", "silence"])


def silences(alert: Alert, at: datetime) -> QuerySet[Silence]:
    """Windows in which an alert is not told: of its thing, or of all that its holder has."""
    rows = Silence.objects.filter(starts_at__lte=at, ends_at__gt=at)
    whole = Q(thing=None) & (
        Q(cluster__isnull=False, cluster=alert.cluster_id)
        | Q(organisation__isnull=False, organisation=alert.organisation_id)
    )
    return rows.filter(Q(thing__isnull=False, thing=alert.thing_id) | whole)


def _told_today(alert: Alert, at: datetime) -> int:
    """How many alerts of its site were told one by one on the day (in India)."""
    start = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Alert.objects.filter(
        thing=alert.thing_id, raised_at__gte=start, raised_at__lte=at, telling=Telling.NOW
    )
    return rows.exclude(pk=alert.pk).count()


def _after_silence(at: datetime) -> None:
    """What was not told because of a window, and still stands after it, is told."""
    rows = Alert.objects.filter(
        telling=Telling.SILENT, state=AlertState.OPEN, ended_at=None, raised_at__lte=at
    )
    for alert in rows.select_related("cluster__programme"):
        if not silences(alert, at).exists():
            alert.telling = Telling.NOW
            alert.save(update_fields=["telling"])


def _unanswered() -> QuerySet[Alert]:
    """Open alerts that are told one by one, by how many were told; those of many sites at once are told as that."""
    rows = Alert.objects.filter(state=AlertState.OPEN, telling=Telling.NOW, part_of=None)
    return rows.select_related("cluster__programme").annotate(
        rungs=Count("told", filter=Q(told__times=F("times")))
    )


def _climb(alert: Alert, at: datetime) -> int:
    """Tell those who are due and were not told; the lowest step of each alert comes first."""
    ready = due(alert.severity, alert.raised_at, at)
    if len(ready) <= getattr(alert, "rungs", 0):
        return 0
    known = set(alert.told.filter(times=alert.times).values_list("rung", flat=True))
    fresh = [rung for rung in ready if rung not in known]
    Told.objects.bulk_create(
        [Told(alert=alert, rung=rung, times=alert.times, at=at) for rung in fresh],
        ignore_conflicts=True,
    )
    for rung in fresh:
        record(None, f"alert.told_{rung}", alert, at)
    return len(fresh)


def _digests(at: datetime) -> int:
    """Close the digests of days that have ended: one letter each."""
    today = timezone.localdate(at)
    found = Digest.objects.select_for_update().filter(sent_at=None, on__lt=today)
    sent = 0
    for digest in found:
        digest.sent_at, digest.alerts = at, in_digest(digest).count()
        digest.save(update_fields=["sent_at", "alerts"])
        thing = Thing.objects.select_related("cluster__programme").get(pk=digest.thing_id)
        events.record(
            actor=None, verb="alert.digest", subject=digest, at=at, scopes=thing.scopes,
            data={"thing": thing.pk, "alerts": digest.alerts},
        )  # fmt: skip
        sent += 1
    return sent


def in_digest(digest: Digest) -> QuerySet[Alert]:
    """The alerts of a digest's day."""
    start = timezone.make_aware(datetime.combine(digest.on, datetime.min.time()))
    rows = Alert.objects.filter(thing=digest.thing_id, telling=Telling.DIGEST)
    return rows.filter(raised_at__gte=start, raised_at__lt=start + timedelta(days=1))
