"""The forms that change a project and what hangs on it. Each asks, then lets one action decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms as django_forms
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sankul.core.doors import Request
from sankul.core.rules.roles import Permission, require
from sankul.core.ui import Confirm
from sankul.programme.portfolio import forms
from sankul.programme.portfolio.actions import deployment, progress, project, stage
from sankul.programme.portfolio.models import Baseline, BudgetLine, Milestone, Partner, Project
from sankul.programme.portfolio.queries import projects as queries
from sankul.programme.portfolio.rules import MEASURE_PROJECT, MOVES, RECORD_PORTFOLIO, Stage

from . import sections
from .parts import asks, change, choose_cluster, confirm, own_cluster, project_href

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

EDITED = ("title", "summary", "sector", "focus_area", "sdgs", "starts_on", "ends_on")


@dataclass(frozen=True)
class Change:
    """A change of a project: its heading, the form that asks, and the action that decides."""

    heading: StrOrPromise
    form: Callable[[Request, Project], django_forms.Form]
    action: Callable[..., object]

    def __call__(self, request: Request, programme: str, code: str) -> HttpResponse:
        """Ask, and act when the form comes back valid."""
        found = _own(request, programme, code)
        back = project_href(found)

        def act(given: dict[str, Any]) -> tuple[str, str]:
            self.action(actor=request.actor, project=found, at=request.at, **given)
            return _("Recorded."), back

        heading = f"{self.heading}: {found.title}"
        form = self.form(request, found)
        return change(request, form, act, heading=heading, back=back, programme=found.programme)


def _own(request: Request, programme: str, code: str) -> Project:
    rows = queries.visible(request.actor).filter(programme__slug=programme, code=code)
    found = rows.first()
    if found is None:
        raise Http404
    require(request.actor, RECORD_PORTFOLIO, *found.scopes)
    return found


def _edit_form(request: Request, found: Project) -> django_forms.Form:
    initial = {name: getattr(found, name) for name in EDITED}
    initial["problems"] = list(found.problems.all())
    return forms.ProjectForm(
        request.POST or None, programme=found.programme, actor=request.actor, initial=initial
    )


def _of_programme(form: Callable[..., django_forms.Form], **initial: str) -> Any:
    def made(request: Request, found: Project) -> django_forms.Form:
        given = {name: getattr(found, column) for name, column in initial.items()}
        return form(request.POST or None, programme=found.programme, initial=given)

    return made


def _plain(form: Callable[..., django_forms.Form]) -> Any:
    def made(request: Request, found: Project) -> django_forms.Form:
        return form(request.POST or None)

    return made


CHANGES: dict[str, Change] = {
    "edit": Change(gettext_lazy("Change the project"), _edit_form, project.revise),
    "partner": Change(
        gettext_lazy("Add a partner"),
        _of_programme(forms.PartnerForm, cluster="cluster"),
        project.admit,
    ),
    "fund": Change(gettext_lazy("Add money"), _of_programme(forms.BudgetForm), project.fund),
    "assess": Change(
        gettext_lazy("Record an assessment of readiness"),
        _of_programme(forms.ReadinessForm),
        project.assess,
    ),
    "site": Change(
        gettext_lazy("Record an agreed site"), _of_programme(forms.SiteForm), project.agree_site
    ),
    "milestone": Change(
        gettext_lazy("Set a milestone"), _plain(forms.MilestoneForm), progress.promise
    ),
    "baseline": Change(
        gettext_lazy("Record a baseline"), _plain(forms.BaselineForm), progress.set_baseline
    ),
    "deploy": Change(
        gettext_lazy("Plan a deployment"),
        _of_programme(forms.DeploymentForm, cluster="cluster"),
        deployment.plan,
    ),
}
"""Changes at ``/projects/<programme>/<code>/<word>/``, by their word."""


def view_of(word: str) -> Callable[..., HttpResponseBase]:
    """The page of one of ``CHANGES``."""
    asked = CHANGES[word]

    @asks
    def view(request: Request, programme: str, code: str) -> HttpResponse:
        return asked(request, programme, code)

    view.__doc__ = str(asked.heading)
    return view


@asks
def project_new(request: Request) -> HttpResponse:
    """Propose a project."""
    require(request.actor, RECORD_PORTFOLIO, *request.actor.scopes(RECORD_PORTFOLIO))
    heading, cluster = _("Propose a project"), own_cluster(request)
    if cluster is None:
        return choose_cluster(request, heading)

    def act(given: dict[str, Any]) -> tuple[str, str]:
        made = project.propose(actor=request.actor, cluster=cluster, at=request.at, **given)
        return _("Kept as an idea. Name its partners next."), project_href(made)

    form = forms.NewProjectForm(
        request.POST or None, programme=cluster.programme, actor=request.actor
    )
    back = reverse("projects")
    return change(request, form, act, heading=heading, back=back, programme=cluster.programme)


@asks
def project_share(request: Request, programme: str, code: str) -> HttpResponse:
    """Make a project public before its pilot, after asking."""
    found = _own(request, programme, code)
    question = Confirm(
        _("Share “%s” with everybody?") % found.title,
        _("Partners, money, milestones and results become public. It cannot be taken back."),
        _("Share the project"),
        project_href(found),
        danger=False,
    )

    def act() -> object:
        return project.share(actor=request.actor, project=found, at=request.at)

    return confirm(request, question, act, told=_("It is public."), programme=found.programme)


@asks
def project_stage(request: Request, programme: str, code: str) -> HttpResponse:
    """Let a project enter a stage; the conditions stand beside the form."""
    found = _own(request, programme, code)
    today = timezone.localdate(request.at)
    stages = MOVES[Stage(found.stage)]

    def act(given: dict[str, Any]) -> tuple[str, str]:
        stage.enter(actor=request.actor, project=found, at=request.at, **given)
        return _("Recorded."), project_href(found)

    form = forms.StageForm(request.POST or None, stages=stages, initial={"on": today})
    more = {
        "lede": _("From the pilot on a project is public. An end is final."),
        "missing": sections.missing(found, today),
    }
    return change(
        request,
        form,
        act,
        heading=_("The next stage of “%s”") % found.title,
        back=project_href(found),
        programme=found.programme,
        more=more,
    )


def _child(request: Request, rows: Any, number: int, permission: Permission) -> Any:
    """A row that hangs on a project which the actor may see, once the actor may change it."""
    seen = queries.visible(request.actor).values("pk")
    related = rows.select_related("project__programme", "project__cluster")
    row = get_object_or_404(related.filter(project__in=seen), pk=number)
    scopes = (
        queries.partner_scopes(row.project) if permission == MEASURE_PROJECT else row.project.scopes
    )
    require(request.actor, permission, *scopes)
    return row


def _change_child(
    request: Request, project_: Project, form: Any, act: Callable[..., object], heading: str
) -> HttpResponse:
    back = project_href(project_)

    def done(given: dict[str, Any]) -> tuple[str, str]:
        act(actor=request.actor, at=request.at, **given)
        return _("Recorded."), back

    return change(request, form, done, heading=heading, back=back, programme=project_.programme)


@asks
def milestone_reach(request: Request, number: int) -> HttpResponse:
    """Say that a milestone was reached."""
    row = _child(request, Milestone.objects, number, RECORD_PORTFOLIO)
    form = forms.ReachForm(request.POST or None, request.FILES or None)

    def act(*, proof: Any, **given: Any) -> object:
        name = proof.name if proof else ""
        return progress.reach(milestone=row, proof=proof, proof_name=name, **given)

    return _change_child(request, row.project, form, act, _("Reached: %s") % row.title)


@asks
def milestone_postpone(request: Request, number: int) -> HttpResponse:
    """Expect a milestone later."""
    row = _child(request, Milestone.objects, number, RECORD_PORTFOLIO)
    form = forms.PostponeForm(request.POST or None)

    def act(**given: Any) -> object:
        return progress.postpone(milestone=row, **given)

    return _change_child(request, row.project, form, act, _("Slipped: %s") % row.title)


@asks
def baseline_measure(request: Request, number: int) -> HttpResponse:
    """Measure again what a baseline measured."""
    row = _child(request, Baseline.objects, number, MEASURE_PROJECT)
    form = forms.MeasureForm(request.POST or None)

    def act(**given: Any) -> object:
        return progress.measure(baseline=row, **given)

    heading = _("Measured: %(what)s, in %(unit)s") % {"what": row.indicator, "unit": row.unit}
    return _change_child(request, row.project, form, act, heading)


@asks
def partner_release(request: Request, number: int) -> HttpResponse:
    """Let a partner go, after asking."""
    row = _child(request, Partner.objects.select_related("organisation"), number, RECORD_PORTFOLIO)
    question = Confirm(
        _("Let %s leave the consortium?") % row.organisation,
        _("People of its cluster may no longer see what is not public, nor add measurements."),
        _("Let it go"),
        project_href(row.project),
    )

    def act() -> object:
        return project.release(actor=request.actor, partner=row, at=request.at)

    return confirm(request, question, act, told=_("It has left."), programme=row.project.programme)


@asks
def budget_strike(request: Request, number: int) -> HttpResponse:
    """Take a budget line away, after asking."""
    row = _child(request, BudgetLine.objects, number, RECORD_PORTFOLIO)
    question = Confirm(
        _("Take “%s” from the budget?") % row.head,
        _("The line stays in the history of the project."),
        _("Take it away"),
        project_href(row.project),
    )

    def act() -> object:
        return project.strike(actor=request.actor, line=row, at=request.at)

    return confirm(request, question, act, told=_("Taken away."), programme=row.project.programme)
