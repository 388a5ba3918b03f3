"""The board: projects by cluster or sector, and stage; every count opens the list of what it counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request, asked, filtered
from sankul.core.rules.roles import Actor
from sankul.core.ui import Column, Figure, Link, Table, Tabs, Tile, Tiles, href_with
from sankul.programme.portfolio.models import Deployment, Lesson, Problem
from sankul.programme.portfolio.queries import board as queries
from sankul.programme.portfolio.queries.board import Lane
from sankul.programme.portfolio.rules import Stage
from sankul.programme.registry.models import Cluster

from .lists import cluster_choice, sector_choice

FILTERS = {"cluster": "cluster__slug", "sector": "sector"}
LEADS = {"cluster": "lead", "sector": "sector"}
"""The filters of the board, and what the list of projects calls them: the board counts a project for the leading cluster."""


@require_safe
def board(request: Request) -> HttpResponse:
    """Projects that one may see, counted by stage: ``?by=sector`` instead of clusters; ``?cluster=``, ``?sector=`` narrow."""
    by = "sector" if asked(request, "by") == "sector" else "cluster"
    rows = filtered(request, queries.visible(request.actor), FILTERS)
    lanes = queries.lanes(rows, by)
    chosen = {name: value for name in FILTERS if (value := asked(request, name))}
    context = {
        "tabs": _tabs(request, by),
        "table": _table(lanes, by, chosen),
        "choices": [
            cluster_choice(request, "cluster", _("Cluster")),
            sector_choice(request),
        ],
        "by": by,
        "is_narrowed": bool(chosen),
        "counts": _counts(request),
        "is_demonstration": rows.filter(programme__is_demonstration=True).exists(),
    }
    return render(request, "portfolio/board.html", context)


def _tabs(request: Request, by: str) -> Tabs:
    links = [
        Link(_("By cluster"), href_with(request.GET, by="cluster"), current=by == "cluster"),
        Link(_("By sector"), href_with(request.GET, by="sector"), current=by == "sector"),
    ]
    return Tabs(_("Rows of the board"), links)


def _table(lanes: list[Lane], by: str, chosen: Mapping[str, str]) -> Table:
    columns = [
        Column("lane", _("Cluster") if by == "cluster" else _("Sector")),
        *(Column(stage.value, stage.label, numeric=True, fold=True) for stage in Stage),
        Column("total", _("All"), numeric=True),
    ]
    rows = [_line(lane, by, chosen) for lane in lanes]
    if len(lanes) > 1:
        rows.append(_sum(lanes, chosen))
    note = _("A project of several clusters is counted once, for the one that leads it.")
    empty = _("No project is public here yet: projects are shown from the pilot on.")
    return Table(_("Projects by stage"), columns, rows, note=note, empty=empty)


def _line(lane: Lane, by: str, chosen: Mapping[str, str]) -> dict[str, Any]:
    here = {**chosen, by: lane.key}
    other = "sector" if by == "cluster" else "cluster"
    inner = "?" + urlencode({**here, "by": other})
    listed = {LEADS[name]: value for name, value in here.items()}
    cells: dict[str, Any] = {
        stage.value: _count(lane.counts[stage], {**listed, "stage": stage.value}, stage.label)
        for stage in Stage
    }
    heading: Any = Link(lane.title, inner) if other not in chosen else lane.title
    return {"lane": heading, "total": _count(lane.total, listed, _("All")), **cells}


def _sum(lanes: list[Lane], chosen: Mapping[str, str]) -> dict[str, Any]:
    """The last line: every lane together."""
    listed = {LEADS[name]: value for name, value in chosen.items()}
    counts = {stage: sum(lane.counts[stage] for lane in lanes) for stage in Stage}
    cells = {
        stage.value: _count(number, {**listed, "stage": stage.value}, stage.label)
        for stage, number in counts.items()
    }
    return {"lane": _("All"), "total": _count(sum(counts.values()), listed, _("All")), **cells}


def _count(number: int, asks: Mapping[str, str], name: Any) -> Figure | str:
    if not number:
        return "0"
    return Figure(number, href=f"{reverse('projects')}?{urlencode(asks)}", name=name)


def _counts(request: Request) -> list[tuple[Any, str, int]]:
    """What else there is to see, with how much of it."""
    actor = request.actor
    return [
        (_("Problems"), reverse("problems"), Problem.objects.visible_to(actor).count()),
        (_("Deployments"), reverse("deployments"), Deployment.objects.visible_to(actor).count()),
        (_("Lessons"), reverse("lessons"), Lesson.objects.visible_to(actor).count()),
    ]


def of_cluster(actor: Actor, cluster: Cluster) -> SafeString:
    """What a cluster works on, for its profile: its projects by stage, and the way to the rest."""
    slug = cluster.slug
    rows = queries.visible(actor).filter(cluster=cluster)
    lanes = queries.lanes(rows, "cluster")
    counts = lanes[0].counts if lanes else {}
    tiles = [
        Tile(stage.label, _count(number, {"lead": slug, "stage": stage.value}, stage.label))
        for stage, number in counts.items()
        if number
    ]
    links = [
        Link(_("Its board, by sector"), f"{reverse('board')}?by=sector&cluster={slug}"),
        Link(_("Problems"), f"{reverse('problems')}?cluster={slug}"),
        Link(_("Projects it takes part in"), f"{reverse('projects')}?cluster={slug}"),
        Link(_("Deployments"), f"{reverse('deployments')}?cluster={slug}"),
        Link(_("Lessons"), f"{reverse('lessons')}?cluster={slug}"),
    ]
    return render_to_string(
        "portfolio/cluster_portfolio.html", {"tiles": Tiles(tiles), "links": links}
    )
