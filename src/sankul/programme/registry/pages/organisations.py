"""Organisations as pages: the list with its export, and one organisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request, csv_download, listing
from sankul.core.rules.roles import verdict
from sankul.core.ui import Column, Crumbs, Entry, Link, State, Summary, Table, Tone, href_with
from sankul.programme.registry.models import Membership, Organisation
from sankul.programme.registry.pages.clusters import href as cluster_href
from sankul.programme.registry.pages.lists import pages
from sankul.programme.registry.pages.profile import day_columns, days
from sankul.programme.registry.queries import organisations as queries
from sankul.programme.registry.rules import MANAGE_MEMBERS, REGISTER, OrganisationKind

EXPORT_HEAD = ("slug", "name", "kind", "city", "country", "ror", "clusters", "is_demonstration")


@require_safe
def organisations(request: Request) -> HttpResponseBase:
    """Every organisation: ``?q=`` searches, ``?kind=`` filters, ``?sort=`` sorts, ``?as=csv`` exports all that is found."""
    found = queries.found(request.actor, request.GET.get("q", "").strip()[:100])
    if request.GET.get("as") == "csv":
        return _export(found, request.GET.get("kind", ""))
    page = listing(
        request,
        found,
        sorts={"name": "name", "kind": "kind", "city": "city", "clusters": "cluster_count"},
        filters={"kind": "kind"},
    )
    may_register = verdict(request.actor, REGISTER, *request.actor.scopes(REGISTER)).allowed
    context = {
        "page": page,
        "table": _table(request, page.rows),
        "pages": pages(request, page),
        "kinds": OrganisationKind.choices,
        "may_register": may_register,
        "csv_href": href_with(request.GET, **{"as": "csv", "page": None}),
    }
    return render(request, "registry/organisations.html", context)


def _export(found: QuerySet[Organisation], kind: str) -> HttpResponseBase:
    chosen = found.filter(kind=kind) if kind else found
    columns = ("slug", "name", "kind", "city", "country", "ror", "cluster_count")
    rows = chosen.order_by("name", "pk").values_list(*columns, "is_demonstration")
    return csv_download("organisations.csv", EXPORT_HEAD, rows.iterator(chunk_size=2000))


def _table(request: Request, rows: list[Organisation]) -> Table:
    columns = [
        Column("name", _("Organisation"), sort="name"),
        Column("kind", _("Kind"), sort="kind", fold=True),
        Column("city", _("City"), sort="city", fold=True),
        Column("clusters", _("Clusters"), sort="clusters", numeric=True),
        Column("real", _("Marked"), fold=True),
    ]
    lines = [_line(row) for row in rows]
    if not any(row.is_demonstration for row in rows):
        columns.pop()
    return Table(
        _("Organisations"),
        columns,
        lines,
        request.GET,
        hide_caption=True,
        empty=_("No organisation fits. Search for a part of its name, its city or its ROR id."),
    )


def _line(row: Organisation) -> Mapping[str, Any]:
    fictional = State(Tone.ATTENTION, _("Demonstration")) if row.is_demonstration else ""
    return {
        "name": Link(row.name, reverse("organisation", args=[row.slug])),
        "kind": row.get_kind_display(),
        "city": row.city,
        "clusters": row.cluster_count,  # type: ignore[attr-defined]
        "real": fictional,
    }


@require_safe
def organisation(request: Request, slug: str) -> HttpResponse:
    """One organisation: its identity, its names, and the clusters it belongs or belonged to."""
    found = get_object_or_404(queries.detailed(request.actor), slug=slug)
    day = timezone.localdate(request.at)
    memberships = list(found.memberships.all())
    context = {
        "organisation": found,
        "is_demonstration": found.is_demonstration,
        "crumbs": Crumbs([Link(_("Organisations"), reverse("organisations"))]),
        "identity": _identity(found),
        "names": found.names.all(),
        "clusters": _clusters([row for row in memberships if row.holds_on(day)]),
        "former": _clusters([row for row in memberships if not row.holds_on(day)]),
        "posts": [post for post in found.posts.all() if post.holds_on(day)],
        "may_admit": bool(request.actor.scopes(MANAGE_MEMBERS)),
    }
    return render(request, "registry/organisation.html", context)


def _identity(found: Organisation) -> Summary:
    ror = Link(f"ror.org/{found.ror}", f"https://ror.org/{found.ror}") if found.ror else ""
    entries = [
        Entry(_("Kind"), found.get_kind_display()),
        Entry(_("City"), found.city),
        Entry(_("Country"), found.country),
        Entry(_("ROR id"), ror or _("not recorded")),
    ]
    return Summary([entry for entry in entries if entry.value != ""])


def _clusters(memberships: list[Membership]) -> Table:
    columns = [
        Column("name", _("Cluster")),
        Column("as", _("Belongs as")),
        *day_columns(memberships),
    ]
    rows = [
        {
            "name": Link(row.cluster.name, cluster_href(row.cluster)),
            "as": row.get_kind_display(),
            **days(row),
        }
        for row in memberships
    ]
    empty = _("It belongs to no cluster.")
    return Table(_("Clusters"), columns, rows, empty=empty, hide_caption=True)
