"""The archive's clock: each night ended days are closed, files checked, leftovers removed."""

from datetime import datetime

import structlog
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from sankul.core.actions import work
from sankul.core.queries.actors import actor
from sankul.field.streams.actions import archive, detecting, ruling
from sankul.field.streams.models import Datastream
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


@app.task(name="streams.detect", retry=3)
def detect(*, work_id: int, stream_id: int, since: str, until: str) -> None:
    """Look through a stream from ``since`` to before ``until`` (ISO 8601), as the person of the work asked."""
    with work.going_on(work_id) as (asked, advance):
        at = timezone.now()
        stream = _stream(stream_id)
        made = detecting.detect(
            actor=actor(asked.asked_by, at),
            stream=stream,
            since=datetime.fromisoformat(since),
            until=datetime.fromisoformat(until),
            at=at,
        )
        advance(1)
        told = _("%(values)d values were read; %(n)d stretches are proposed.")
        asked.message = told % {"values": made.values, "n": made.proposals.count()}
        asked.href = reverse("streams:review", args=[stream_id]) + "#proposals"


@app.task(name="streams.flag_again", retry=3)
def flag_again(*, work_id: int, stream_id: int) -> None:
    """Flag the history of a stream by the rules in force, as the person of the work asked."""
    with work.going_on(work_id) as (asked, advance):
        at = timezone.now()

        def progress(days: int, of: int) -> None:
            advance(days * 100 // of - asked.done)

        ruling.flag_again(
            actor=actor(asked.asked_by, at), stream=_stream(stream_id), at=at, progress=progress
        )
        advance(100 - asked.done)
        asked.href = reverse("streams:rules", args=[stream_id]) + "#again"


def _stream(stream_id: int) -> Datastream:
    return Datastream.objects.select_related("thing__cluster__programme", "latest").get(
        pk=stream_id
    )
