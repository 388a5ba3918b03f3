"""Evaluations in the background."""

import json
from collections.abc import Sequence

from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from sankul.core.actions import following, work
from sankul.core.models import Event
from sankul.core.queries.actors import actor
from sankul.programme.evaluation.actions import runs, trends
from sankul.programme.evaluation.models import Run
from sankul.programme.evaluation.rules import Phase
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


@app.task(name="evaluation.explain_change", queue="evaluation", retry=3)
def explain_change(*, run_id: int) -> None:
    """Explain what moved the scores of a run since the evaluation of the period before."""
    run = Run.objects.select_related("package", "period", "programme").get(pk=run_id)
    trends.explain(run=run, at=timezone.now())


def follow_runs(news: Sequence[Event]) -> None:
    """Ask for the explanation of every run that is final in its round, or published."""
    for event in news:
        told = json.loads(event.body)["data"]
        if event.verb == "run.published":
            explain_change.defer(run_id=int(event.subject.removeprefix("run/")))
        elif told.get("to") == Phase.SEALING:
            explain_change.defer(run_id=int(told["run"]))


following.declare("evaluation.trends", ("run.published", "round.moved"), follow_runs)
