"""Problems as pages: the list, one problem, and the forms that change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from sankul.core import formats
from sankul.core.doors import Request, asked
from sankul.core.rules.roles import require
from sankul.core.ui import Column, Confirm, Crumbs, Day, Entry, Link, Notice, Summary, Table, Tone
from sankul.programme.portfolio import forms
from sankul.programme.portfolio.actions import problem as actions
from sankul.programme.portfolio.models import Problem
from sankul.programme.portfolio.queries import problems as queries
from sankul.programme.portfolio.rules import RECORD_PORTFOLIO, ProblemStatus

from .lists import Page, choice, cluster_choice, goal_choice, sector_choice, show, with_goal
from .parts import (
    address_link,
    asks,
    change,
    choose_cluster,
    cluster_link,
    confirm,
    goals,
    organisation_link,
    own_cluster,
    problem_state,
)
from .tables import project_columns, project_line

EDITED = (
    "title", "description", "owner", "contact_role", "sector", "sdgs", "since_on", "size_value", "size_unit",
    "size_on", "size_source", "size_url",
)  # fmt: skip


def _line(row: Problem) -> Mapping[str, Any]:
    return {
        "title": Link(row.title, reverse("problem", args=[row.pk])),
        "cluster": row.cluster.name,
        "owner": row.owner.name if row.owner else _("not named yet"),
        "sector": row.get_sector_display(),
        "since": Day(row.since_on),
        "status": problem_state(row),
    }


PAGE = Page(
    name="problems",
    heading=gettext_lazy("Problems of cities"),
    lede=gettext_lazy("What public bodies need solved, how big it is, and who works on it."),
    search=gettext_lazy("Search the problems"),
    empty=gettext_lazy("No problem fits. Take a filter away, or search for another word."),
    columns=(
        Column("title", gettext_lazy("Problem"), sort="title"),
        Column("cluster", gettext_lazy("Cluster"), fold=True),
        Column("owner", gettext_lazy("Owner"), fold=True),
        Column("sector", gettext_lazy("Sector"), sort="sector", fold=True),
        Column("since", gettext_lazy("Known since"), sort="since", fold=True),
        Column("status", gettext_lazy("Status")),
    ),
    line=_line,
    sorts={"since": "since_on", "title": "title", "sector": "sector"},
    default="-since",
    filters={"cluster": "cluster__slug", "sector": "sector", "status": "status"},
    exported=queries.EXPORTED,
    is_demonstration=lambda row: row.programme.is_demonstration,
)


@require_safe
def problems(request: Request) -> HttpResponseBase:
    """Problems that one may see: ``?q=``, ``?cluster=``, ``?sector=``, ``?status=``, ``?sdg=``; ``?as=csv`` exports."""
    rows = with_goal(request, queries.visible(request.actor, asked(request, "q")[:100]))
    choices = [
        cluster_choice(request, "cluster", _("Cluster")),
        sector_choice(request),
        choice(request, "status", _("Status"), ProblemStatus.choices),
        goal_choice(request),
    ]
    new = [Link(_("State a problem"), reverse("problem-new"))]
    return show(request, PAGE, rows, choices, new if request.actor.scopes(RECORD_PORTFOLIO) else ())


@require_safe
def problem(request: Request, number: int) -> HttpResponse:
    """One problem: its owner, its size, and the projects that address it."""
    found = get_object_or_404(queries.detailed(request.actor), pk=number)
    worked = list(found.projects.all())
    context = {
        "problem": found,
        "is_demonstration": found.programme.is_demonstration,
        "crumbs": Crumbs(
            [Link(_("Portfolio"), reverse("board")), Link(_("Problems"), reverse("problems"))]
        ),
        "notice": _notice(found),
        "summary": _summary(found),
        "projects": Table(
            _("Projects that address it"),
            project_columns(),
            [project_line(row) for row in worked],
            hide_caption=True,
            empty=_("Nobody works on it in public yet. Projects are shown from the pilot on."),
        ),
        "may_record": queries.may_record(request.actor, found),
    }
    return render(request, "portfolio/problem.html", context)


def _notice(found: Problem) -> Notice | str:
    if found.shared_at is None:
        text = _("Only your cluster, the programme's officers and evaluators see it.")
        return Notice(Tone.UNKNOWN, text, title=_("Not public yet."))
    return ""


def _summary(found: Problem) -> Summary:
    areas = ", ".join(area.name for area in found.focus_areas.all())
    entries = [
        Entry(_("Status"), problem_state(found)),
        Entry(_("Reason"), found.status_reason),
        Entry(_("Owner"), organisation_link(found.owner) or _("not named yet")),
        Entry(_("Contact at the owner"), found.contact_role),
        Entry(_("Stated by"), cluster_link(found.cluster, found.programme)),
        Entry(_("Sector"), found.get_sector_display()),
        Entry(_("Focus areas"), areas),
        Entry(_("Goals"), goals(found.sdgs)),
        Entry(_("Known since"), Day(found.since_on)),
        Entry(_("How big it is"), _size(found)),
    ]
    return Summary([entry for entry in entries if entry.value != ""])


def _size(found: Problem) -> Any:
    if found.size_value is None:
        return format_html('<span class="muted">{}</span>', _("not measured yet"))
    return format_html(
        "{} {}<br><small>{}{} {}</small>",
        formats.number(found.size_value),
        found.size_unit,
        found.size_source,
        f", {formats.day(found.size_on)}" if found.size_on else "",
        address_link(found.size_url),
    )


@asks
def problem_new(request: Request) -> HttpResponse:
    """State a problem."""
    require(request.actor, RECORD_PORTFOLIO, *request.actor.scopes(RECORD_PORTFOLIO))
    heading = _("State a problem")
    cluster = own_cluster(request)
    if cluster is None:
        return choose_cluster(request, heading)

    def act(given: dict[str, Any]) -> tuple[str, str]:
        made = actions.state(actor=request.actor, cluster=cluster, at=request.at, **given)
        return _("Kept. Share it when its owner agrees."), reverse("problem", args=[made.pk])

    form = forms.ProblemForm(request.POST or None, programme=cluster.programme)
    back = reverse("problems")
    return change(request, form, act, heading=heading, back=back, programme=cluster.programme)


def _own(request: Request, number: int) -> Problem:
    rows = queries.visible(request.actor).prefetch_related("focus_areas")
    found = get_object_or_404(rows, pk=number)
    require(request.actor, RECORD_PORTFOLIO, *found.scopes)
    return found


@asks
def problem_edit(request: Request, number: int) -> HttpResponse:
    """Change what a problem says."""
    found = _own(request, number)
    back = reverse("problem", args=[number])

    def act(given: dict[str, Any]) -> tuple[str, str]:
        actions.revise(actor=request.actor, problem=found, at=request.at, **given)
        return _("Changed."), back

    initial = {name: getattr(found, name) for name in EDITED}
    initial["focus_areas"] = list(found.focus_areas.all())
    form = forms.ProblemForm(request.POST or None, programme=found.programme, initial=initial)
    heading = _("Change “%s”") % found.title
    return change(request, form, act, heading=heading, back=back, programme=found.programme)


@asks
def problem_status(request: Request, number: int) -> HttpResponse:
    """Say where a problem stands."""
    found = _own(request, number)
    back = reverse("problem", args=[number])

    def act(given: dict[str, Any]) -> tuple[str, str]:
        actions.set_status(actor=request.actor, problem=found, at=request.at, **given)
        return _("Changed."), back

    initial = {"status": found.status, "reason": found.status_reason}
    form = forms.StatusForm(request.POST or None, initial=initial)
    heading = _("Where “%s” stands") % found.title
    return change(request, form, act, heading=heading, back=back, programme=found.programme)


@asks
def problem_share(request: Request, number: int) -> HttpResponse:
    """Make a problem public, after asking."""
    found = _own(request, number)
    question = Confirm(
        _("Share “%s” with everybody?") % found.title,
        _(
            "Its owner, its size and the post of the contact become public. It cannot be taken back."
        ),
        _("Share the problem"),
        reverse("problem", args=[number]),
        danger=False,
    )

    def act() -> object:
        return actions.share(actor=request.actor, problem=found, at=request.at)

    return confirm(request, question, act, told=_("It is public."), programme=found.programme)
