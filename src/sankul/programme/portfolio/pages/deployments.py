"""Deployments as pages: the list, one deployment, and the forms that change it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from sankul.core import formats
from sankul.core.doors import Request, asked
from sankul.core.rules.roles import require
from sankul.core.ui import Column, Crumbs, Day, Entry, Link, Summary, Table
from sankul.programme.portfolio import forms
from sankul.programme.portfolio.actions import deployment as actions
from sankul.programme.portfolio.models import Deployment
from sankul.programme.portfolio.queries import deployments as queries
from sankul.programme.portfolio.queries import projects
from sankul.programme.portfolio.rules import RECORD_PORTFOLIO, DeploymentStatus

from .lists import Page, choice, cluster_choice, sector_choice, show
from .parts import (
    address_link,
    asks,
    change,
    cluster_link,
    deployment_state,
    organisation_link,
    project_href,
    speaking,
)
from .tables import deployment_line, place

EDITED = (
    "title", "cluster", "place", "district", "state", "latitude", "longitude", "paid_by", "payment",
)  # fmt: skip
PAGE = Page(
    name="deployments",
    heading=gettext_lazy("Deployments"),
    lede=gettext_lazy("Where solutions are in use, since when, by how many people, and who pays."),
    search=gettext_lazy("Search the deployments"),
    empty=gettext_lazy("No deployment fits. Take a filter away, or search for another place."),
    columns=(
        Column("title", gettext_lazy("Deployment"), sort="title"),
        Column("place", gettext_lazy("Place"), sort="place", fold=True),
        Column("since", gettext_lazy("In use since"), sort="since", fold=True),
        Column("pays", gettext_lazy("Who pays"), fold=True),
        Column("users", gettext_lazy("Users"), numeric=True, sort="users"),
        Column("status", gettext_lazy("Status"), fold=True),
    ),
    line=deployment_line,
    sorts={"since": "since_on", "title": "title", "place": "place", "users": "users"},
    default="-since",
    filters={
        "cluster": "project__cluster__slug",
        "sector": "project__sector",
        "status": "status",
    },
    exported=queries.EXPORTED,
    is_demonstration=lambda row: row.project.programme.is_demonstration,
)


@require_safe
def deployments(request: Request) -> HttpResponseBase:
    """Deployments that one may see: ``?q=``, ``?cluster=``, ``?sector=``, ``?status=``; ``?as=csv`` exports."""
    rows = queries.visible(request.actor, asked(request, "q")[:100])
    choices = [
        cluster_choice(request, "cluster", _("Cluster that leads")),
        sector_choice(request),
        choice(request, "status", _("Status"), DeploymentStatus.choices),
    ]
    return show(request, PAGE, rows, choices)


@require_safe
def deployment(request: Request, number: int) -> HttpResponse:
    """One deployment, with every count of its users."""
    found = get_object_or_404(queries.detailed(request.actor), pk=number)
    crumbs = [
        Link(_("Portfolio"), reverse("board")),
        Link(_("Deployments"), reverse("deployments")),
    ]
    context = {
        "deployment": found,
        "is_demonstration": found.project.programme.is_demonstration,
        "crumbs": Crumbs(crumbs),
        "summary": _summary(found),
        "users": _users(found),
        "may_record": projects.may_record(request.actor, found.project),
    }
    return render(request, "portfolio/deployment.html", context)


def _summary(found: Deployment) -> Summary:
    project = found.project
    where = [part for part in (found.latitude, found.longitude) if part is not None]
    cluster = cluster_link(found.cluster, found.cluster.programme) if found.cluster else ""
    entries = [
        Entry(_("Status"), deployment_state(found)),
        Entry(_("Project"), Link(project.title, project_href(project))),
        Entry(_("Led by"), cluster_link(project.cluster, project.programme)),
        Entry(_("Place"), place(found)),
        Entry(_("In the region of"), cluster),
        Entry(_("Latitude and longitude"), ", ".join(f"{part:f}" for part in where)),
        Entry(_("In use since"), Day(found.since_on) if found.since_on else _("not yet")),
        Entry(_("Until"), Day(found.until_on) if found.until_on else ""),
        Entry(_("Why it ended"), found.end_reason),
        Entry(_("Paid by"), organisation_link(found.paid_by)),
        Entry(_("How it is paid"), found.payment),
    ]
    return Summary([entry for entry in entries if entry.value != ""])


def _users(found: Deployment) -> Table:
    columns = [
        Column("as_of", _("As of")),
        Column("users", _("Users"), numeric=True),
        Column("source", _("Source"), fold=True),
        Column("address", _("Address"), fold=True),
    ]
    rows = [
        {
            "as_of": Day(row.as_of_on),
            "users": formats.number(row.users),
            "source": row.source,
            "address": address_link(row.source_url),
        }
        for row in found.user_counts.all()
    ]
    empty = _("Nobody has counted its users yet.")
    shown = speaking(columns, rows)
    return Table(_("Users through time"), shown, rows, hide_caption=True, empty=empty)


def _own(request: Request, number: int) -> Deployment:
    found = get_object_or_404(queries.visible(request.actor), pk=number)
    require(request.actor, RECORD_PORTFOLIO, *found.scopes)
    return found


@asks
def deployment_edit(request: Request, number: int) -> HttpResponse:
    """Change where a deployment is and who pays."""
    found = _own(request, number)
    programme = found.project.programme
    initial = {name: getattr(found, name) for name in EDITED}
    form = forms.DeploymentForm(request.POST or None, programme=programme, initial=initial)
    heading = _("Change “%s”") % found.title
    return _change(request, found, form, actions.revise, heading)


@asks
def deployment_start(request: Request, number: int) -> HttpResponse:
    """Say that a deployment is in use."""
    found, form = _own(request, number), forms.StartForm(request.POST or None)
    return _change(request, found, form, actions.start, _("“%s” is in use") % found.title)


@asks
def deployment_end(request: Request, number: int) -> HttpResponse:
    """Say that a deployment has ended."""
    found, form = _own(request, number), forms.EndForm(request.POST or None)
    return _change(request, found, form, actions.end, _("“%s” has ended") % found.title)


@asks
def deployment_users(request: Request, number: int) -> HttpResponse:
    """Count the users of a deployment."""
    found, form = _own(request, number), forms.UsersForm(request.POST or None)
    heading = _("Count the users of “%s”") % found.title
    return _change(request, found, form, actions.count_users, heading)


def _change(
    request: Request, found: Deployment, form: Any, action: Any, heading: str
) -> HttpResponse:
    back = reverse("deployment", args=[found.pk])

    def act(given: dict[str, Any]) -> tuple[str, str]:
        action(actor=request.actor, deployment=found, at=request.at, **given)
        return _("Recorded."), back

    programme = found.project.programme
    return change(request, form, act, heading=heading, back=back, programme=programme)
