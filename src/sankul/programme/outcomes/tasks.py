"""Tables of claims, checked and taken over in the background; reminders of returns, each morning."""

import structlog
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from sankul.core.actions import work
from sankul.core.queries.actors import actor
from sankul.programme.outcomes.actions import duties, imports
from sankul.programme.outcomes.models import Import
from sankul.programme.outcomes.rules.imports import ImportState

log = structlog.get_logger("sankul.tasks")


@app.task(name="outcomes.check_import", queue="imports", retry=3)
def check_import(*, work_id: int, import_id: int, applies: bool = False) -> None:
    """Check a table as the person of the work; take it over too, where that was asked and nothing is wrong."""
    with work.going_on(work_id) as (asked, advance):
        at = timezone.now()
        batch = Import.objects.select_related("cluster__programme").get(pk=import_id)
        asked.href = reverse("import", args=[batch.pk])
        who = actor(asked.asked_by, at)
        imports.check(actor=who, batch=batch, at=at, advance=advance)
        if applies and batch.state == ImportState.SOUND:
            imports.apply(actor=who, batch=batch, at=at, advance=advance)


@app.task(name="outcomes.apply_import", queue="imports", retry=3)
def apply_import(*, work_id: int, import_id: int) -> None:
    """Take a checked table over as the person of the work."""
    with work.going_on(work_id) as (asked, advance):
        at = timezone.now()
        batch = Import.objects.select_related("cluster__programme").get(pk=import_id)
        asked.href = reverse("import", args=[batch.pk])
        imports.apply(actor=actor(asked.asked_by, at), batch=batch, at=at, advance=advance)


@app.periodic(cron="0 2 * * *")
@app.task(name="outcomes.remind", queueing_lock="outcomes.remind", retry=3)
def remind(timestamp: int) -> None:
    """At 07:30 in India: mail what is due to those who make the returns; see ``actions.duties.remind``."""
    at = timezone.now()
    log.info("reminded", mails=duties.remind(at=at))
    duties.forget_reminders(at=at)
