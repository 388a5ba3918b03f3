"""What the survey does in the background and by the clock."""

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from sankul.core.actions import work
from sankul.programme.feedback.actions import answering, letters, purging, running
from sankul.programme.feedback.models import Ballot, Survey
from sankul.programme.feedback.queries.surveys import over, to_purge

log = structlog.get_logger("sankul.feedback")


@app.task(name="feedback.send_letters", queue="mail", retry=3)
def send_letters(*, work_id: int, survey_id: int, address: str) -> None:
    """Send the letters of a survey that wait."""
    with work.going_on(work_id) as (asked, advance):
        survey = Survey.objects.get(pk=survey_id)
        done = letters.send(survey=survey, address=address, advance=advance)
        log.info("letters sent", survey=survey_id, sent=done.sent, failed=done.failed)
        asked.message = f"{done.sent} / {done.sent + done.failed}"


@app.periodic(cron="40 20 * * *")
@app.task(name="feedback.close_and_mix", queueing_lock="feedback.close_and_mix")
def close_and_mix(timestamp: int) -> None:
    """After the last day: close what is over. Every night: mix the ballots of the others, so that none stands where it came."""
    at = timezone.now()
    for survey in over(timezone.localdate(at)):
        running.close(actor=None, survey=survey, at=at)
    if Ballot.objects.exists():
        log.info("ballots mixed", ballots=answering.mix())


@app.periodic(cron="50 20 * * *")
@app.task(name="feedback.purge", queueing_lock="feedback.purge")
def purge(timestamp: int) -> None:
    """Remove names and addresses where their time is over."""
    at = timezone.now()
    for survey in to_purge(at):
        purging.purge(survey=survey, at=at)
