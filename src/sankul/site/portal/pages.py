"""Public pages that cross areas: home, method, accessibility, and a cluster's profile."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request
from sankul.core.formats import number, percent
from sankul.core.ui import Figure, Link, Tile, Tiles
from sankul.programme.evaluation.models import Run, Standing
from sankul.programme.evaluation.pages.ranking import address, interval
from sankul.programme.evaluation.queries import explanations, runs
from sankul.programme.evaluation.queries.explanations import Beside
from sankul.programme.portfolio.pages.board import of_cluster
from sankul.programme.registry.pages import cluster_context


@require_safe
def home(request: Request) -> HttpResponse:
    """What Sankul is, and the latest ranking of every programme."""
    latest: dict[int, Run] = {}
    for run in runs.published(request.actor):
        latest.setdefault(run.programme_id, run)
    rankings = [
        {"run": run, "leaders": list(runs.standings(run).filter(rank__isnull=False)[:3])}
        for run in latest.values()
    ]
    return render(request, "front/home.html", {"rankings": rankings})


@require_safe
def method(request: Request) -> HttpResponse:
    """How a figure comes about, from the record to the rank."""
    return render(request, "front/method.html", {"runs": list(runs.published(request.actor)[:20])})


@require_safe
def accessibility(request: Request) -> HttpResponse:
    """The accessibility statement."""
    return render(request, "front/accessibility.html")


@require_safe
def cluster(request: Request, programme: str, slug: str) -> HttpResponse:
    """A cluster's profile: who it is, and how it did in the latest published evaluation."""
    context = cluster_context(request.actor, programme, slug)
    found = runs.latest(request.actor, context["cluster"])
    standing = _standing(found) if found is not None else ""
    portfolio = of_cluster(request.actor, context["cluster"])
    context["standing"] = format_html("{}{}", standing, portfolio)
    return render(request, "registry/cluster.html", context)


def _standing(found: Standing) -> str:
    run = found.run
    profile = explanations.profile(run, found.cluster)
    context = {
        "standing": found,
        "tiles": _tiles(run, found),
        "profile": {
            "strengths": [_line(run, found, one) for one in profile.strengths],
            "to_improve": [_line(run, found, one) for one in profile.to_improve],
            "missing": [
                Link(item.title, address("value", run, found.cluster.slug, item.code))
                for item in profile.missing
            ],
        },
        "href": address("standing", run, found.cluster.slug),
    }
    return render_to_string("evaluation/cluster_standing.html", context)


def _line(run: Run, found: Standing, one: Beside) -> dict[str, Any]:
    href = address("value", run, found.cluster.slug, one.indicator.code)
    return {"link": Link(one.indicator.title, href), "lead": abs(one.lead)}


def _tiles(run: Run, found: Standing) -> Tiles:
    href = address("standing", run, found.cluster.slug)
    tiles = [Tile(_("Indicators with evidence"), percent(found.coverage))]
    if found.rank is not None:
        tiles = [
            Tile(_("Rank"), Figure(found.rank, href=href), _("5 to 95 %%: %s") % interval(found)),
            Tile(_("Score"), Figure(found.score, places=1, href=href), _range(found)),
            *tiles,
        ]
    else:
        tiles.insert(0, Tile(_("Rank"), _("not ranked"), found.not_ranked))
    return Tiles(tiles)


def _range(found: Standing) -> str:
    if found.score_low is None or found.score_high is None:
        return ""
    return _("%(low)s to %(high)s") % {
        "low": number(found.score_low, 1),
        "high": number(found.score_high, 1),
    }
