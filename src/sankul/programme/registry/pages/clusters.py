"""All clusters, under their programmes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request, listing
from sankul.core.ui import Column, Day, Link, Table
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.pages.lists import pages
from sankul.programme.registry.queries import clusters as queries
from sankul.programme.registry.queries import programmes


@require_safe
def clusters(request: Request) -> HttpResponse:
    """Every cluster under its programme; ``?q=`` searches, ``?programme=`` shows one programme."""
    page = listing(
        request,
        queries.shelved(request.actor, request.GET.get("q", "").strip()),
        sorts={"programme": "shelf"},
        filters={"programme": "programme__slug"},
    )
    context = {
        "page": page,
        "shelves": _shelves(page.rows),
        "programmes": programmes.visible(request.actor),
        "pages": pages(request, page),
    }
    return render(request, "registry/clusters.html", context)


def _shelves(rows: Iterable[Cluster]) -> list[dict[str, Any]]:
    grouped = groupby(rows, key=lambda cluster: cluster.programme)
    return [
        {"programme": programme, "table": _shelf(programme.name, list(shelved))}
        for programme, shelved in grouped
    ]


def _shelf(caption: str, rows: list[Cluster]) -> Table:
    columns = [
        Column("name", _("Cluster")),
        Column("short", _("Short name"), fold=True),
        Column("place", _("City or region"), fold=True),
        Column("entity", _("Legal entity"), fold=True),
        Column("focus", _("Focus areas"), fold=True),
        Column("launched", _("Launched")),
    ]
    return Table(caption, columns, [_line(row) for row in rows], hide_caption=True)


def _line(cluster: Cluster) -> Mapping[str, Any]:
    stewards = cluster.stewards  # type: ignore[attr-defined]
    short = (name.name for name in cluster.short_names)  # type: ignore[attr-defined]
    return {
        "name": Link(cluster.name, href(cluster)),
        "short": ", ".join(short),
        "place": cluster.place,
        "entity": stewards[0].entity.name if stewards else _("not recorded"),
        "focus": ", ".join(area.name for area in cluster.focus_areas.all()),
        "launched": Day(cluster.launched_on),
    }


def href(cluster: Cluster) -> str:
    """Where the profile of a cluster is."""
    return reverse("cluster", args=[cluster.programme.slug, cluster.slug])
