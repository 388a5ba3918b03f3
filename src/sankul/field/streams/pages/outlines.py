"""Outlines under the map: which there are, a new one, and taking one away."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sankul.core import formats
from sankul.core.doors import Request, accepted, pressed
from sankul.core.rules.roles import require
from sankul.core.ui import Column, Confirm, Day, Link, Table
from sankul.field.streams.actions import outlines as actions
from sankul.field.streams.forms import OutlineForm
from sankul.field.streams.models import Outline
from sankul.field.streams.queries.fleet import recorded
from sankul.field.streams.rules import RECORD_STREAMS

from .shown import crumbs

MOST = 500


@require_safe
def outlines(request: Request) -> HttpResponse:
    """The outlines of the clusters that one records for."""
    require(request.actor, RECORD_STREAMS, *request.actor.scopes(RECORD_STREAMS))
    rows = list(_own(request)[:MOST])
    context = {
        "crumbs": crumbs(),
        "table": _table(rows),
        "is_demonstration": any(row.cluster.programme.is_demonstration for row in rows),
    }
    return render(request, "streams/outlines.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def outline_new(request: Request) -> HttpResponse:
    """Supply an outline: a GeoJSON file with its source and licence."""
    require(request.actor, RECORD_STREAMS, *request.actor.scopes(RECORD_STREAMS))
    form = OutlineForm(
        request.POST or None,
        request.FILES or None,
        clusters=recorded(request.actor),
    )

    def act() -> tuple[str, str]:
        made = actions.supply(actor=request.actor, at=request.at, **form.cleaned_data)
        kept = sum(map(len, made.lines))
        told = _("Kept: %(kept)s of %(given)s positions, which draw the same line.")
        counts = {"kept": formats.number(kept), "given": formats.number(made.given)}
        return told % counts, reverse("streams:outlines")

    if answer := accepted(request, form, act):
        return answer
    context = {"form": form, "crumbs": crumbs(Link(_("Outlines"), reverse("streams:outlines")))}
    return render(request, "streams/outline.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def outline_remove(request: Request, number: int) -> HttpResponse:
    """Ask, and then take an outline off the maps."""
    require(request.actor, RECORD_STREAMS, *request.actor.scopes(RECORD_STREAMS))
    found = get_object_or_404(_own(request), pk=number)
    back = reverse("streams:outlines")
    if request.method == "POST":
        return pressed(
            request,
            lambda: actions.remove(actor=request.actor, outline=found, at=request.at),
            _("Taken off the maps."),
            back,
        )
    question = Confirm(
        _("Take %s off the maps?") % found.name,
        _("Its lines are deleted; maps show the places without them. It can be supplied again."),
        _("Take it off"),
        back,
    )
    context: dict[str, Any] = {
        "question": question,
        "crumbs": crumbs(Link(_("Outlines"), back)),
        "is_demonstration": found.cluster.programme.is_demonstration,
    }
    return render(request, "streams/confirm.html", context)


def _own(request: Request) -> Any:
    rows = Outline.objects.changeable_by(request.actor)
    return rows.select_related("cluster__programme").defer("lines")


def _table(rows: list[Outline]) -> Table:
    columns = [
        Column("name", _("Outline")),
        Column("cluster", _("Cluster"), fold=True),
        Column("source", _("Source"), fold=True),
        Column("licence", _("Licence"), fold=True),
        Column("made", _("Supplied"), fold=True),
        Column("remove", _("Change")),
    ]
    empty = _(
        "Maps show places over a bare grid of degrees. Supply an outline whose source and licence you know: wards, a river, "
        "the area of a scheme."
    )
    return Table(
        _("Outlines"), columns, [_line(row) for row in rows], empty=empty, hide_caption=True
    )


def _line(row: Outline) -> dict[str, Any]:
    return {
        "name": row.name,
        "cluster": row.cluster.name,
        "source": row.source,
        "licence": row.licence,
        "made": Day(row.made_at),
        "remove": Link(_("Take it off"), reverse("streams:outline-remove", args=[row.pk])),
    }
