"""The clock of alerts."""

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from sankul.field.alerts.actions.watch import watch

log = structlog.get_logger("sankul.tasks")


@app.periodic(cron="* * * * *")
@app.task(name="alerts.watch", queueing_lock="alerts.watch", retry=3)
def watch_streams(timestamp: int) -> None:
    """Each minute: put what came in before its detectors, raise, end and tell alerts (``actions.watch.watch``)."""
    done = watch(at=timezone.now())
    if done is not None and any(done):
        log.info("streams watched", **done._asdict())
