"""When sources are to be sampled, and how water supplies do."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request
from sankul.core.ui import Column, Day, Link, State, Table, Tile, Tiles, Tone
from sankul.field.water.queries import planning as queries

from .parts import crumbs

SOON_DAYS = 7


@require_safe
def plans(request: Request) -> HttpResponse:
    """Which samples are due when, the late ones first."""
    found, today = queries.due(request.actor), timezone.localdate(request.at)
    columns = [
        Column("due", _("Due")),
        Column("state", _("State")),
        Column("source", _("Source")),
        Column("village", _("Village"), fold=True),
        Column("last", _("Last sample"), fold=True),
        Column("every", _("Every"), unit=_("days"), numeric=True, fold=True),
    ]
    rows = [
        {
            "due": Day(one.on),
            "state": _state((one.on - today).days),
            "source": Link(one.source.name, reverse("water-source", args=[one.source.pk])),
            "village": one.source.village.name,
            "last": Day(timezone.localtime(one.last_at) if one.last_at else None),
            "every": one.every_days,
        }
        for one in found
    ]
    late = sum(one.on < today for one in found)
    soon = sum(0 <= (one.on - today).days <= SOON_DAYS for one in found)
    context = {
        "crumbs": crumbs(Link(_("Water at risk"), reverse("water-risks"))),
        "tiles": Tiles([Tile(_("Late"), late), Tile(_("Due within a week"), soon)]),
        "table": Table(
            _("Samples by the day they are due"), columns, rows, empty=_("No source has a plan.")
        ),
        "is_demonstration": any(
            one.source.village.cluster.programme.is_demonstration for one in found
        ),
    }
    return render(request, "water/plans.html", context)


def _state(days: int) -> State:
    if days < 0:
        return State(Tone.PROBLEM, _("%d days late") % -days)
    if days <= SOON_DAYS:
        return State(Tone.ATTENTION, _("in %d days") % days if days else _("today"))
    return State(Tone.GOOD, _("in %d days") % days)


@require_safe
def schemes(request: Request) -> HttpResponse:
    """Water supplies: who runs them, how many sources, the last sample, how many samples of a year were within the limits."""
    found = queries.supplies(request.actor, request.at)
    columns = [
        Column("name", _("Scheme")),
        Column("run_by", _("Run by"), fold=True),
        Column("sources", _("Sources"), numeric=True),
        Column("last", _("Last sample"), fold=True),
        Column("share", _("Samples of a year within the limits")),
    ]
    rows = [
        {
            "name": one.scheme.name,
            "run_by": one.scheme.run_by.name if one.scheme.run_by else "",
            "sources": one.sources,
            "last": Day(timezone.localtime(one.last_at) if one.last_at else None),
            "share": _("%(complied)d of %(judged)d")
            % {"complied": one.complied, "judged": one.judged}
            if one.judged
            else _("none judged"),
        }
        for one in found
    ]
    context = {
        "crumbs": crumbs(),
        "table": Table(
            _("Water supplies"), columns, rows, hide_caption=True, empty=_("No scheme yet.")
        ),
        "is_demonstration": any(one.is_demonstration for one in found),
    }
    return render(request, "water/schemes.html", context)
