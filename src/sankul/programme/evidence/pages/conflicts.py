"""Conflicts of interest: declared ones, a form for one more, and what is computed for oneself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sankul.core.doors import Request
from sankul.core.models import User
from sankul.core.rules.roles import require, verdict
from sankul.core.rules.verdicts import Refused
from sankul.core.ui import Column, Confirm, Day, Link, Table
from sankul.programme.evidence.actions import conflicts as actions
from sankul.programme.evidence.forms import ConflictForm
from sankul.programme.evidence.models import Conflict
from sankul.programme.evidence.queries import conflicts as queries
from sankul.programme.evidence.rules import MANAGE_CONFLICTS, VERIFY, Interests, Tie
from sankul.programme.registry.models import Cluster, Organisation, Programme

from . import shown

asks = require_http_methods(["GET", "HEAD", "POST"])


@asks
def conflicts(request: Request, programme: str) -> HttpResponse:
    """Declared conflicts of a programme that one may see, a form to declare one, and one's own computed ones."""
    found = get_object_or_404(Programme, slug=programme)
    manages = bool(verdict(request.actor, MANAGE_CONFLICTS, *found.scopes))
    if not manages:
        require(request.actor, VERIFY, *found.scopes)
    form = _form(request, found, manages=manages)
    if request.method == "POST" and form.is_valid() and _declared(request, found, form):
        return redirect("conflicts", programme)
    user = request.actor.user_id or 0
    computed = queries.interests(user, timezone.localdate(request.at))
    context = {
        "programme": found,
        "form": form,
        "table": _table(list(queries.visible(request.actor).filter(programme=found)), manages),
        "computed": _computed(found, computed),
        "crumbs": shown.crumbs(),
        "is_demonstration": found.is_demonstration,
    }
    return render(request, "evidence/conflicts.html", context, status=422 if form.errors else 200)


@asks
def retract(request: Request, number: int) -> HttpResponse:
    """Take a conflict back, after asking."""
    found = get_object_or_404(queries.visible(request.actor), pk=number)
    require(request.actor, MANAGE_CONFLICTS, *found.scopes)
    back = reverse("conflicts", args=[found.programme.slug])
    if request.method == "POST":
        actions.retract(actor=request.actor, conflict=found, at=request.at)
        messages.success(request, _("The conflict is taken back."))
        return redirect(back)
    confirm = Confirm(
        _("Take the conflict of %(who)s with %(party)s back?")
        % {"who": found.verifier, "party": found.cluster or found.organisation},
        _("Claims of that party can be given to this verifier again."),
        _("Take it back"),
        back,
    )
    context = {"confirm": confirm, "is_demonstration": found.programme.is_demonstration}
    return render(request, "evidence/confirm.html", context)


def _form(request: Request, found: Programme, *, manages: bool) -> ConflictForm:
    people = list(queries.verifiers(found, timezone.localdate(request.at)))
    own: Sequence[User] = [one for one in people if manages or one.pk == request.actor.user_id]
    return ConflictForm(
        request.POST or None,
        verifiers=own,
        clusters=list(found.clusters.order_by("name")),
        organisations=list(
            Organisation.objects.filter(is_demonstration=found.is_demonstration).order_by("name")
        ),
        initial={"verifier": request.actor.user_id},
    )


def _declared(request: Request, found: Programme, form: ConflictForm) -> bool:
    given = form.cleaned_data
    try:
        actions.declare(
            actor=request.actor,
            programme=found,
            verifier=User.objects.get(pk=given["verifier"]),
            cluster=Cluster.objects.filter(pk=given["cluster"]).first(),
            organisation=Organisation.objects.filter(pk=given["organisation"]).first(),
            reason=given["reason"],
            at=request.at,
        )
    except Refused as refusal:
        form.add_error(None, refusal.reason)
        return False
    messages.success(request, _("Declared. Claims that it touches go to others."))
    return True


def _table(rows: Sequence[Conflict], manages: bool) -> Table:
    columns = [
        Column("verifier", _("Verifier")),
        Column("party", _("With")),
        Column("reason", _("Reason"), fold=True),
        Column("declared", _("Declared"), fold=True),
    ]
    if manages:
        columns.append(Column("change", _("Change")))
    lines: list[dict[str, Any]] = [
        {
            "verifier": str(row.verifier),
            "party": str(row.cluster or row.organisation),
            "reason": row.reason,
            "declared": Day(row.declared_at),
            "change": Link(_("Take back"), reverse("conflict-retract", args=[row.pk])),
        }
        for row in rows
    ]
    empty = _("No conflict is declared.")
    return Table(_("Declared conflicts"), columns, lines, empty=empty, hide_caption=True)


def _computed(found: Programme, own: Interests) -> Table:
    """What the registry says of the reader: clusters of the programme and organisations, each with the tie."""
    clusters = found.clusters.filter(pk__in=own.clusters).in_bulk()
    bodies = Organisation.objects.filter(pk__in=own.organisations).in_bulk()
    rows = [
        {"party": party.name, "tie": Tie(tie).label}
        for parties, ties in ((clusters, own.clusters), (bodies, own.organisations))
        for pk, tie in ties.items()
        if (party := parties.get(pk)) is not None
    ]
    columns = [Column("party", _("With")), Column("tie", _("Because your account"))]
    empty = _("The registry knows of no tie of yours to this programme.")
    return Table(_("Computed conflicts"), columns, rows, empty=empty, hide_caption=True)
