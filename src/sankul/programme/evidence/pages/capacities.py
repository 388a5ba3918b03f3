"""Declared capacities: for everybody to read, for the programme office to declare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sankul.core import formats
from sankul.core.doors import Request
from sankul.core.rules.roles import require, verdict
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.ui import Column, Confirm, Crumbs, Day, Link, Table
from sankul.programme.evidence.actions import capacities as actions
from sankul.programme.evidence.forms import CapacityForm
from sankul.programme.evidence.models import Capacity
from sankul.programme.evidence.queries import plausibility as queries
from sankul.programme.evidence.rules import DECLARE_CAPACITY
from sankul.programme.registry.models import Cluster, Programme

asks = require_http_methods(["GET", "HEAD", "POST"])


@asks
def capacities(request: Request, programme: str) -> HttpResponse:
    """What there is room for, with its sources, and the form to declare more."""
    found = get_object_or_404(Programme, slug=programme)
    declares = bool(verdict(request.actor, DECLARE_CAPACITY, *found.scopes))
    if request.method == "POST":
        require(request.actor, DECLARE_CAPACITY, *found.scopes)
    own = list(found.clusters.order_by("name"))
    form = CapacityForm(request.POST or None, clusters=own) if declares else None
    if form is not None and form.is_bound and form.is_valid() and _declared(request, found, form):
        return redirect("capacities", programme)
    context = {
        "programme": found,
        "form": form,
        "table": _table(list(queries.capacities(found)), declares),
        "crumbs": Crumbs([Link(_("Plausibility"), reverse("plausibility"))]),
        "is_demonstration": found.is_demonstration,
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "evidence/capacities.html", context, status=status)


@asks
def retract(request: Request, number: int) -> HttpResponse:
    """Take a capacity back, after asking."""
    found = get_object_or_404(Capacity.objects.select_related("programme", "cluster"), pk=number)
    require(request.actor, DECLARE_CAPACITY, *found.scopes)
    back = reverse("capacities", args=[found.programme.slug])
    if request.method == "POST":
        actions.retract(actor=request.actor, capacity=found, at=request.at)
        messages.success(request, _("The capacity is taken back."))
        return redirect(back)
    confirm = Confirm(
        _("Take the capacity of %s back?") % (found.name or found.cluster),
        _("Rules do not compare with it any more, and what they found by it is closed."),
        _("Take it back"),
        back,
    )
    context = {"confirm": confirm, "is_demonstration": found.programme.is_demonstration}
    return render(request, "evidence/confirm.html", context)


def _declared(request: Request, found: Programme, form: CapacityForm) -> bool:
    given = form.cleaned_data
    cluster = Cluster.objects.filter(pk=given["cluster"]).first()
    try:
        actions.declare(
            actor=request.actor, programme=found, at=request.at, **given | {"cluster": cluster}
        )
    except Forbidden:
        raise
    except Refused as refusal:
        form.add_error(None, refusal.reason)
        return False
    messages.success(request, _("Declared. The rules compare with it from now on."))
    return True


def _table(rows: Sequence[Capacity], declares: bool) -> Table:
    columns = [
        Column("name", _("Of")),
        Column("what", _("What is counted"), fold=True),
        Column("amount", _("How much"), numeric=True),
        Column("source", _("Source"), fold=True),
        Column("declared", _("Declared"), fold=True),
    ]
    if declares:
        columns.append(Column("change", _("Change")))
    lines: list[dict[str, Any]] = [
        {
            "name": " · ".join(filter(None, (row.name, str(row.cluster or "")))),
            "what": row.get_of_display(),
            "amount": formats.number(row.amount),
            "source": Link(row.source, row.source_url) if row.source_url else row.source,
            "declared": Day(row.declared_at),
            "change": Link(_("Take back"), reverse("capacity-retract", args=[row.pk])),
        }
        for row in rows
    ]
    empty = _("No capacity is declared: the rules that compare with one find nothing.")
    return Table(_("Declared capacities"), columns, lines, empty=empty, hide_caption=True)
