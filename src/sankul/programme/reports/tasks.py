"""Annual reports in the background."""

from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from sankul.core.actions import work
from sankul.core.queries.actors import actor
from sankul.programme.evaluation.models import Run
from sankul.programme.reports.actions import reports


@app.task(name="reports.make", queue="evaluation", retry=3)
def make(*, work_id: int, run_id: int, language: str) -> None:
    """Make a report as asked by the person of the work."""
    with work.going_on(work_id) as (asked, advance):
        at = timezone.now()
        run = Run.objects.select_related("programme", "period", "framework__decision").get(
            pk=run_id
        )
        reports.make(
            actor=actor(asked.asked_by, at), run=run, language=language, at=at, progress=advance
        )
        asked.href = reverse("report", args=[run.programme.slug, run.period.label, language])
