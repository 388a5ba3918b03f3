"""Mail about alerts: one letter to each reader of a rung, and one of a day's digest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from sankul.core.actions import mail
from sankul.field.alerts.models import Alert, Digest
from sankul.field.alerts.queries.readers import readers
from sankul.field.alerts.rules import AlertState, Rung
from sankul.field.alerts.rules.news import SUBJECTS
from sankul.field.streams.models import Thing

from .telling import in_digest


def send(*, alert_id: int, rung: str, at: datetime) -> int:
    """Mail an alert to a rung; how many letters went.

    Nothing goes out about what was answered meanwhile, nor for a fictional cluster.
    """
    rows = Alert.objects.select_related("detector", "thing", "stream", "cluster__programme")
    alert = rows.filter(pk=alert_id).first()
    if alert is None or alert.state != AlertState.OPEN or _is_fictional(alert.cluster):
        return 0
    context: dict[str, Any] = {
        "alert": alert,
        "subject": SUBJECTS[rung],
        "href": reverse("alert", args=[alert.pk]),
        "unit": alert.stream.unit_symbol if alert.stream else "",
    }
    people = list(readers(alert.scopes, rung, at))
    for one in people:
        mail.send(user=one, template="alerts/mail/alert", context=context)
    return len(people)


def send_digest(*, digest_id: int, at: datetime) -> int:
    """Mail the digest of a site's day to the operators; how many letters went."""
    digest = Digest.objects.filter(pk=digest_id).first()
    if digest is None:
        return 0
    thing = Thing.objects.select_related("cluster__programme").get(pk=digest.thing_id)
    if _is_fictional(thing.cluster):
        return 0
    alerts = list(in_digest(digest).select_related("detector").order_by("began_at"))
    context = {"thing": thing, "alerts": alerts, "on": digest.on, "href": reverse("alerts")}
    people = list(readers(thing.scopes, Rung.OPERATOR, at))
    for one in people:
        mail.send(user=one, template="alerts/mail/digest", context=context)
    return len(people)


def _is_fictional(cluster: Any) -> bool:
    return bool(cluster and cluster.programme.is_demonstration)
