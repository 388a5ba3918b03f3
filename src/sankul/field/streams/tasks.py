"""The archive's clock: each night ended days are closed, files checked, leftovers removed."""

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from sankul.field.streams.actions import archive
from sankul.field.streams.queries.archive import damages

log = structlog.get_logger("sankul.tasks")


@app.periodic(cron="30 20 * * *")
@app.task(name="streams.tend_archive", queueing_lock="streams.tend_archive", retry=3)
def tend_archive(timestamp: int) -> None:
    """At 02:00 in India: close days that ended, name files that are damaged, remove what no span names."""
    at = timezone.now()
    closed, swept = archive.close_ended(at=at), archive.sweep(at=at)
    for damage in damages():
        log.error("a file of the archive is damaged", reason=damage.reason)
    log.info("archive tended", closed=len(closed), swept=len(swept))
