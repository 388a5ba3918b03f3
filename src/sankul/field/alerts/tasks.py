"""The clock of alerts, letters about them, and messages to other systems."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from sankul.core.actions import following
from sankul.core.models import Event
from sankul.field.alerts.actions import letters, webhooks
from sankul.field.alerts.actions.watch import watch
from sankul.field.alerts.rules.news import TOLD, WEBHOOK_NEWS

log = structlog.get_logger("sankul.tasks")
STALE = timedelta(days=2)
"""News older than this is told to nobody: it was read from the log when the site had stood still."""


@app.periodic(cron="* * * * *")
@app.task(name="alerts.watch", queueing_lock="alerts.watch", retry=3)
def watch_streams(timestamp: int) -> None:
    """Each minute: put what came in before its detectors, raise, end and tell alerts (``actions.watch.watch``)."""
    done = watch(at=timezone.now())
    if done is not None and any(done):
        log.info("streams watched", **done._asdict())


@app.task(name="alerts.mail", retry=5)
def mail_alert(*, alert_id: int, rung: str) -> None:
    """Mail an alert to a rung of its escalation."""
    letters.send(alert_id=alert_id, rung=rung, at=timezone.now())


@app.task(name="alerts.mail_digest", retry=5)
def mail_digest(*, digest_id: int) -> None:
    """Mail the digest of a site's day."""
    letters.send_digest(digest_id=digest_id, at=timezone.now())


@app.task(name="alerts.deliver", retry=5)
def deliver(*, delivery_id: int) -> None:
    """Send a message to a webhook; where it is not taken, ask for another try."""
    again_at = webhooks.deliver(delivery_id=delivery_id, at=timezone.now())
    if again_at is not None:
        deliver.configure(schedule_at=again_at).defer(delivery_id=delivery_id)


def follow_letters(news: Sequence[Event]) -> None:
    """Ask for the letters of each event, in the transaction that moves the follower on."""
    for event in news:
        number = int(event.subject.partition("/")[2])
        if event.at <= timezone.now() - STALE:
            continue
        if event.verb == "alert.digest":
            mail_digest.defer(digest_id=number)
        else:
            mail_alert.defer(alert_id=number, rung=TOLD[event.verb].value)


def follow_webhooks(news: Sequence[Event]) -> None:
    """Make the messages of each event, and ask for them to be sent."""
    at = timezone.now()
    for event in news:
        if event.at > at - STALE:
            for made in webhooks.prepare(event=event, at=at):
                deliver.defer(delivery_id=made.pk)


following.declare("alerts.letters", (*TOLD, "alert.digest"), follow_letters)
following.declare("alerts.webhooks", WEBHOOK_NEWS, follow_webhooks)
