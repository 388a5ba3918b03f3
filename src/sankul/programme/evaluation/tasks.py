"""Evaluations in the background."""

from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from sankul.core.actions import work
from sankul.core.queries.actors import actor
from sankul.programme.evaluation.actions import runs
from sankul.programme.indicators.models import Framework
from sankul.programme.registry.models import Period


@app.task(name="evaluation.compute", queue="evaluation", retry=3)
def compute(*, work_id: int, period_id: int, framework_id: int) -> None:
    """Compute a run as asked by the person of the work."""
    with work.going_on(work_id) as (asked, advance):
        at = timezone.now()
        run = runs.compute(
            actor=actor(asked.asked_by, at),
            period=Period.objects.select_related("programme").get(pk=period_id),
            framework=Framework.objects.get(pk=framework_id),
            at=at,
            progress=advance,
        )
        address = reverse("ranking", args=[run.programme.slug, run.period.label])
        asked.href = f"{address}?run={run.pk}"
