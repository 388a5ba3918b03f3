"""What the clock does: hands events on, checks the log at night, takes up jobs of dead workers, clears what has expired."""

from datetime import timedelta

import structlog
from django.core.management import call_command
from django.utils import timezone
from procrastinate.contrib.django import app

from sankul.core.actions import following
from sankul.core.models import Work
from sankul.core.queries import events

log = structlog.get_logger("sankul.tasks")
WORK_KEPT = timedelta(days=90)


@app.periodic(cron="30 1 * * *")
@app.task(name="core.verify_events", queueing_lock="core.verify_events")
def verify_events(timestamp: int) -> None:
    """Check the whole chain of events; a broken one is logged as an error every night until it is mended."""
    held, broken = events.first_break()
    if broken is None:
        log.info("events verified", held=held, head=str(events.head()))
    else:
        log.error("events broken", held=held, seq=broken.seq, why=broken.why)


@app.periodic(cron="*/5 * * * *")
@app.task(name="core.retry_stalled", queueing_lock="core.retry_stalled")
async def retry_stalled(timestamp: int) -> None:
    """Hand the jobs of workers that died (no heartbeat for 30 s) to those that live."""
    for job in await app.job_manager.get_stalled_jobs():
        log.warning("job taken up again", job=job.id, task=job.task_name)
        await app.job_manager.retry_job(job)


@app.periodic(cron="0 2 * * *")
@app.task(name="core.clear_expired", queueing_lock="core.clear_expired")
def clear_expired(timestamp: int) -> None:
    """Remove expired sessions, and work that ended more than 90 days ago."""
    call_command("clearsessions")
    Work.objects.filter(ended_at__lt=timezone.now() - WORK_KEPT).delete()


@app.periodic(cron="* * * * *")
@app.task(name="core.follow_events", queueing_lock="core.follow_events")
def follow_events(timestamp: int) -> None:
    """Hand new events to those that follow the log. Who fails is logged as an error, tries again, and holds up nobody."""
    for name in following.FOLLOWED:
        try:
            handled = following.catch_up(name)
        except Exception:
            log.exception("events not handled", follower=name)
        else:
            if handled:
                log.info("events handled", follower=name, events=handled)
