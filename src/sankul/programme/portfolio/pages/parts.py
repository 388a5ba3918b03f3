"""What the area's pages share: links to its records, states in its words, the form that changes something."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sankul.core.doors import Request, accepted, pressed
from sankul.core.ui import Column, Confirm, Link, State, Tone
from sankul.programme.portfolio.models import Deployment, Milestone, Problem, Project
from sankul.programme.portfolio.queries import choices
from sankul.programme.portfolio.rules import DeploymentStatus, ProblemStatus, Sdg
from sankul.programme.registry.models import Cluster, Organisation, Programme

asks = require_http_methods(["GET", "HEAD", "POST"])
PROBLEM_TONES = {
    ProblemStatus.OPEN: Tone.ATTENTION,
    ProblemStatus.WORKED_ON: Tone.UNKNOWN,
    ProblemStatus.SOLVED: Tone.GOOD,
    ProblemStatus.SET_ASIDE: Tone.UNKNOWN,
}
DEPLOYMENT_TONES = {
    DeploymentStatus.PLANNED: Tone.UNKNOWN,
    DeploymentStatus.IN_USE: Tone.GOOD,
    DeploymentStatus.ENDED: Tone.ATTENTION,
}


def speaking(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """The columns in which some row says something; all of them where there are no rows."""
    return [one for one in columns if not rows or any(row.get(one.key, "") != "" for row in rows)]


def project_href(project: Project) -> str:
    """Where a project is; its programme is at hand."""
    return reverse("project", args=[project.programme.slug, project.code])


def cluster_link(cluster: Cluster, programme: Programme) -> Link:
    """A cluster, as a link to its profile."""
    return Link(cluster.name, reverse("cluster", args=[programme.slug, cluster.slug]))


def organisation_link(organisation: Organisation | None) -> Link | str:
    """An organisation, as a link to its page."""
    if organisation is None:
        return ""
    return Link(organisation.name, reverse("organisation", args=[organisation.slug]))


def address_link(address: str) -> Link | str:
    """An address elsewhere, as a link."""
    return Link(_("open"), address) if address else ""


def goals(numbers: list[int]) -> SafeString:
    """Sustainable Development Goals, one a line."""
    lines = ((number, Sdg(number).label) for number in sorted(numbers))
    return format_html_join(mark_safe("<br>"), "{} · {}", lines)


def problem_state(problem: Problem) -> State:
    """Where a problem stands."""
    status = ProblemStatus(problem.status)
    return State(PROBLEM_TONES[status], status.label)


def deployment_state(deployment: Deployment) -> State:
    """Where a deployment is in its life."""
    status = DeploymentStatus(deployment.status)
    return State(DEPLOYMENT_TONES[status], status.label)


def milestone_state(milestone: Milestone, today: date) -> State:
    """Whether a milestone was reached, has slipped, is overdue or lies ahead."""
    if milestone.done_on is not None:
        return State(
            Tone.GOOD, _("reached late") if milestone.has_slipped else _("reached in time")
        )
    if milestone.expected_on < today:
        return State(Tone.PROBLEM, _("overdue"))
    return (
        State(Tone.ATTENTION, _("slipped"))
        if milestone.has_slipped
        else State(Tone.UNKNOWN, _("ahead"))
    )


def change(
    request: Request,
    form: forms.Form,
    act: Callable[[dict[str, Any]], tuple[str, str]],
    *,
    heading: str,
    back: str,
    programme: Programme,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Show a form; when it comes back valid, act and go where the action says, with its message.

    A refusal stands above the form with its reason. ``more`` is what the template shows beside the form: ``lede``, ``aside``.
    """
    if answer := accepted(request, form, lambda: act(form.cleaned_data)):
        return answer
    context = {
        "form": form,
        "heading": heading,
        "back": back,
        "is_demonstration": programme.is_demonstration,
        **(more or {}),
    }
    return render(request, "portfolio/change.html", context, status=422 if form.errors else 200)


def confirm(
    request: Request,
    question: Confirm,
    act: Callable[[], object],
    *,
    told: str,
    programme: Programme,
) -> HttpResponse:
    """Ask before something is done; a refusal is told on the page that one goes back to."""
    if request.method == "POST":
        return pressed(request, act, told, question.cancel_href)
    context = {"confirm": question, "is_demonstration": programme.is_demonstration}
    return render(request, "portfolio/confirm.html", context)


def own_cluster(request: Request) -> Cluster | None:
    """The cluster that something new is recorded for: the one named by ``?cluster=`` (its number), else the only own one."""
    own = list(choices.clusters_to_record(request.actor))
    wanted = request.GET.get("cluster", "")
    for cluster in own:
        if wanted == str(cluster.pk):
            return cluster
    return own[0] if len(own) == 1 else None


def choose_cluster(request: Request, heading: str) -> HttpResponse:
    """Let somebody who keeps several clusters choose one."""
    own = choices.clusters_to_record(request.actor)
    links = [Link(cluster.name, f"?cluster={cluster.pk}") for cluster in own]
    return render(request, "portfolio/choose.html", {"heading": heading, "links": links})
