"""What is due: the list with the overdue first, the confirmation of one return, and the duties of a programme."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from sankul.core import formats
from sankul.core.doors import Request, asked
from sankul.core.rules.roles import require, verdict
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.ui import Column, Confirm, Crumbs, Day, Link, State, Table, Tone
from sankul.programme.outcomes.actions import duties as actions
from sankul.programme.outcomes.forms.duties import DutyForm
from sankul.programme.outcomes.models import Duty
from sankul.programme.outcomes.queries import duties as queries
from sankul.programme.outcomes.queries.duties import Due
from sankul.programme.outcomes.rules import KINDS, RECORD_CLAIM
from sankul.programme.outcomes.rules.duties import SET_DUTIES, DueState
from sankul.programme.registry.models import Cluster, Programme

TONES = {
    DueState.OVERDUE: Tone.PROBLEM,
    DueState.DUE: Tone.ATTENTION,
    DueState.RUNNING: Tone.UNKNOWN,
    DueState.MADE: Tone.GOOD,
}
SHOWN = 200
asks = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def duties(request: Request) -> HttpResponse:
    """Returns of one's clusters, the overdue first; ``?cluster=`` and ``?state=`` narrow the list."""
    if request.actor.user is None:
        return redirect_to_login(request.get_full_path())
    places = list(queries.clusters(request.actor))
    wanted, state = asked(request, "cluster"), asked(request, "state")
    found = queries.what_is_due([one for one in places if wanted in ("", one.slug)], request.at)
    rows = [one for one in found if state in ("", one.state)]
    mine = {one.pk for one in queries.own(request.actor)}
    programmes = {one.programme for one in places}
    context = {
        "table": _table(rows[:SHOWN], mine),
        "more": max(0, len(rows) - SHOWN),
        "clusters": places,
        "wanted": wanted,
        "state": state,
        "states": DueState.choices,
        "overdue": sum(one.state == DueState.OVERDUE for one in found),
        "programmes": [
            one for one in programmes if verdict(request.actor, SET_DUTIES, *one.scopes)
        ],
        "is_demonstration": any(one.programme.is_demonstration for one in places),
    }
    return render(request, "outcomes/duties.html", context)


@asks
def duty_return(request: Request, duty: int, cluster: int, starts_on: str) -> HttpResponse:
    """Confirm that the claims of a span are all, or that there was nothing."""
    if request.actor.user is None:
        return redirect_to_login(request.get_full_path())
    place = get_object_or_404(queries.clusters(request.actor), pk=cluster)
    found = get_object_or_404(Duty.objects.filter(programme=place.programme_id), pk=duty)
    due = queries.one(found, place, _day(starts_on), request.at)
    if due is None:
        raise Http404
    if due.made is not None:
        return render(request, "outcomes/duty_made.html", _context(due))
    require(request.actor, RECORD_CLAIM, *place.scopes)
    if request.method == "POST":
        seen = request.POST.get("claims", "")
        actions.make_return(
            actor=request.actor, duty=found, cluster=place, starts_on=due.span.starts_on,
            claims=int(seen) if seen.isascii() and seen.isdigit() else -1, at=request.at,
        )  # fmt: skip
        messages.success(request, _("The return is made. Thank you."))
        return redirect("duties")
    counted = queries.counted(found, place, due.span)
    context = _context(due) | {"counted": counted, "question": _question(due, counted.claims)}
    return render(request, "outcomes/duty_return.html", context)


@asks
def duties_set(request: Request, programme: str) -> HttpResponse:
    """The duties of a programme, and a form for another."""
    found = get_object_or_404(Programme, slug=programme)
    require(request.actor, SET_DUTIES, *found.scopes)
    form = DutyForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _is_set(request, found, form):
        messages.success(request, _("The duty is set."))
        return redirect("duties-set", programme)
    rows = Duty.objects.filter(programme=found)
    context = {
        "programme": found,
        "form": form,
        "table": _duties(rows),
        "crumbs": Crumbs([Link(_("What is due"), reverse("duties"))]),
        "is_demonstration": found.is_demonstration,
    }
    return render(request, "outcomes/duties_set.html", context, status=422 if form.errors else 200)


@asks
def duty_end(request: Request, number: int) -> HttpResponse:
    """End a duty today, after asking."""
    duty = get_object_or_404(queries.visible(request.actor), pk=number)
    back = reverse("duties-set", args=[duty.programme.slug])
    if request.method == "POST":
        today = timezone.localdate(request.at)
        actions.end_duty(actor=request.actor, duty=duty, until_on=today, at=request.at)
        messages.success(request, _("The duty ends today."))
        return redirect(back)
    confirm = Confirm(
        _("End the duty “%s” today?") % duty.title,
        _("No new return is asked for. What is due already stays due."),
        _("End the duty"),
        back,
    )
    context = {"confirm": confirm, "is_demonstration": duty.programme.is_demonstration}
    return render(request, "outcomes/confirm.html", context)


def _is_set(request: Request, programme: Programme, form: DutyForm) -> bool:
    try:
        actions.set_duty(
            actor=request.actor, programme=programme, at=request.at, **form.cleaned_data
        )
    except Forbidden:
        raise
    except Refused as refusal:
        form.add_error(None, refusal.reason)
        return False
    return True


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None


def _context(due: Due) -> dict[str, Any]:
    return {
        "due": due,
        "state": State(TONES[due.state], due.state.label),
        "kinds": [KINDS[code].title for code in due.duty.kinds],
        "claims_href": _claims_href(due.duty, due.cluster),
        "import_href": reverse("claims-import"),
        "crumbs": Crumbs([Link(_("What is due"), reverse("duties"))]),
        "is_demonstration": due.cluster.programme.is_demonstration,
    }


def _claims_href(duty: Duty, cluster: Cluster) -> str:
    chosen = {"cluster": cluster.slug}
    if len(duty.kinds) == 1:
        chosen["kind"] = duty.kinds[0]
    return f"{reverse('claims')}?{urlencode(chosen)}"


def _question(due: Due, claims: int) -> str:
    if not claims:
        return _("Nothing this time")
    return (
        ngettext("This %d claim, and nothing more", "These %d claims, and nothing more", claims)
        % claims
    )


def _span(due: Due) -> str:
    return f"{formats.day(due.span.starts_on)} – {formats.day(due.span.ends_on)}"


def _table(rows: list[Due], mine: set[int]) -> Table:
    columns = [
        Column("title", _("Return")),
        Column("cluster", _("Cluster"), fold=True),
        Column("span", _("Covers"), fold=True),
        Column("due", _("Due")),
        Column("state", _("State")),
        Column("claims", _("Claims"), numeric=True),
    ]
    lines = [_line(row, mine) for row in rows]
    empty = _("Nothing is due, and nothing was.")
    return Table(_("Returns"), columns, lines, hide_caption=True, empty=empty)


def _line(due: Due, mine: set[int]) -> dict[str, Any]:
    key = [due.duty.pk, due.cluster.pk, due.span.starts_on.isoformat()]
    opens = due.made is not None or (
        due.cluster.pk in mine and due.state in (DueState.OVERDUE, DueState.DUE)
    )
    return {
        "title": Link(due.duty.title, reverse("duty-return", args=key))
        if opens
        else due.duty.title,
        "cluster": due.cluster.name,
        "span": _span(due),
        "due": Day(due.due_on),
        "state": State(TONES[due.state], due.state.label),
        "claims": formats.number(due.made.claims) if due.made else "",
    }


def _duties(rows: Any) -> Table:
    columns = [
        Column("title", _("Duty")),
        Column("kinds", _("Kinds of results"), fold=True),
        Column("every", _("How often")),
        Column("days", _("Due after"), numeric=True, unit=_("days")),
        Column("until", _("Last day"), fold=True),
        Column("next", _("Next")),
    ]
    lines = [
        {
            "title": row.title,
            "kinds": ", ".join(str(KINDS[code].title) for code in row.kinds),
            "every": row.get_every_display(),
            "days": row.due_days,
            "until": Day(row.until_on) if row.until_on else _("open"),
            "next": "" if row.until_on else Link(_("End it"), reverse("duty-end", args=[row.pk])),
        }
        for row in rows
    ]
    return Table(_("Duties"), columns, lines, hide_caption=True, empty=_("No duty is set yet."))
