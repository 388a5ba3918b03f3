"""The desk from which an evaluation is computed and published."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sankul.core.actions import work
from sankul.core.doors import Request
from sankul.core.formats import day
from sankul.core.rules.roles import require, verdict
from sankul.core.rules.verdicts import Refused
from sankul.core.ui import Column, Confirm, Link, State, Table, Tone
from sankul.programme.evaluation.actions import runs as actions
from sankul.programme.evaluation.models import Run
from sankul.programme.evaluation.queries import rounds
from sankul.programme.evaluation.rules import COMPUTE_RUN, PUBLISH_RUN, SEE_RUNS, RunStatus
from sankul.programme.evaluation.tasks import compute as compute_task
from sankul.programme.indicators.queries import frameworks
from sankul.programme.registry.models import Programme

from .ranking import address

TONES = {
    RunStatus.COMPUTED: Tone.ATTENTION,
    RunStatus.PUBLISHED: Tone.GOOD,
    RunStatus.RETIRED: Tone.UNKNOWN,
}


@require_safe
def desk(request: Request, programme: str) -> HttpResponse:
    """The runs of a programme, with what may be done now."""
    found = get_object_or_404(Programme, slug=programme)
    require(request.actor, SEE_RUNS, *found.scopes)
    context = {
        "programme": found,
        "is_demonstration": found.is_demonstration,
        "framework": frameworks.in_force(found),
        "periods": found.periods.all(),
        "may_compute": bool(verdict(request.actor, COMPUTE_RUN, *found.scopes)),
        "table": _table(request, found),
    }
    return render(request, "evaluation/desk.html", context)


@require_POST
def compute(request: Request, programme: str) -> HttpResponse:
    """Ask for an evaluation of a period in the background."""
    found = get_object_or_404(Programme, slug=programme)
    require(request.actor, COMPUTE_RUN, *found.scopes)
    period = get_object_or_404(found.periods, label=request.POST.get("period", ""))
    framework = rounds.bound(period) or frameworks.in_force(found)
    if framework is None or request.actor.user is None:
        raise Refused(_("The programme has no approved framework yet."))
    with transaction.atomic():
        title = _("Evaluation of %(period)s") % {"period": period}
        total = actions.evaluations(framework)
        asked = work.ask(user=request.actor.user, title=title, at=request.at, total=total)
        compute_task.defer(work_id=asked.pk, period_id=period.pk, framework_id=framework.pk)
    return redirect("work", asked.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: Request, programme: str, number: int) -> HttpResponse:
    """Publish a computed run, after a page that says what that means."""
    run = (
        Run.objects.visible_to(request.actor)
        .select_related("programme", "period", "framework")
        .filter(pk=number, programme__slug=programme)
        .first()
    )
    if run is None:
        raise Http404
    require(request.actor, PUBLISH_RUN, *run.scopes)
    if request.method == "POST":
        actions.publish(actor=request.actor, run=run, at=request.at)
        messages.success(
            request, _("The ranking of %(period)s is published.") % {"period": run.period}
        )
        return redirect("ranking", run.programme.slug, run.period.label)
    confirm = Confirm(
        _("Publish the ranking of %(period)s?") % {"period": run.period},
        _(
            "Everybody will see it, with every record behind it. A ranking published before is kept, marked as replaced."
        ),
        _("Publish"),
        address("ranking", run),
        danger=False,
    )
    context = {"run": run, "confirm": confirm, "is_demonstration": run.programme.is_demonstration}
    return render(request, "evaluation/publish.html", context)


def _table(request: Request, programme: Programme) -> Table:
    columns = [
        Column("run", _("Run")),
        Column("period", _("Period")),
        Column("computed", _("Computed")),
        Column("state", _("State")),
        Column("next", _("Next")),
    ]
    found = Run.objects.visible_to(request.actor).filter(programme=programme)
    may_publish = bool(verdict(request.actor, PUBLISH_RUN, *programme.scopes))
    rows = [
        {
            "run": Link(f"{run.pk}", _run_href(run)),
            "period": run.period,
            "computed": day(run.computed_at),
            "state": State(TONES[RunStatus(run.status)], run.get_status_display()),
            "next": Link(_("Publish"), f"runs/{run.pk}/publish/")
            if may_publish and run.status == RunStatus.COMPUTED
            else "",
        }
        for run in found.select_related("period", "programme").order_by("-computed_at")[:100]
    ]
    return Table(
        _("Evaluations"),
        columns,
        rows,
        empty=_("No evaluation yet. Compute one from the form above."),
    )


def _run_href(run: Run) -> str:
    path = address("ranking", run)
    return path if "?" in path or run.status == RunStatus.PUBLISHED else f"{path}?run={run.pk}"
