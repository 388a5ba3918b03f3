"""Dead letters: the list of what was refused, and the page on which one is mended or put away."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sankul.core.doors import Request, asked, listing
from sankul.core.rules.roles import require
from sankul.core.rules.verdicts import Refused
from sankul.core.ui import Column, Entry, Link, Moment, Pages, State, Summary, Table
from sankul.field.streams.actions import mend
from sankul.field.streams.forms import MendForm
from sankul.field.streams.models import DeadLetter
from sankul.field.streams.rules import RECORD_STREAMS, RefusalCode

from .shown import crumbs

ROWS = DeadLetter.objects.select_related("stream", "device", "cluster__programme", "settled_by")


@require_safe
def letters(request: Request) -> HttpResponse:
    """What was refused and waits for somebody; ``?all=1`` shows what is settled too."""
    require(request.actor, RECORD_STREAMS, *request.actor.scopes(RECORD_STREAMS))
    rows = ROWS.filter(pk__in=DeadLetter.objects.visible_to(request.actor))
    shows_all = asked(request, "all") == "1"
    page = listing(
        request,
        rows if shows_all else rows.waiting(),
        sorts={"received": "received_at", "kind": "code"},
        filters={"kind": "code", "stream": "stream"},
        search=("reason", "place"),
        default="-received",
    )
    total = None if page.is_capped else page.total
    context = {
        "table": _table(request, page.rows),
        "crumbs": crumbs(),
        "pages": Pages(request.GET, page=page.page, last=page.page + page.has_next, total=total),
        "kinds": RefusalCode.choices,
        "kind": asked(request, "kind"),
        "query": page.query,
        "shows_all": shows_all,
        "upload": reverse("streams:upload"),
        "is_demonstration": any(_is_demonstration(row) for row in page.rows),
    }
    return render(request, "streams/letters.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: Request, number: int) -> HttpResponse:
    """One dead letter: what was sent, why it was refused, and what to do."""
    require(request.actor, RECORD_STREAMS, *request.actor.scopes(RECORD_STREAMS))
    found = get_object_or_404(
        ROWS.filter(pk__in=DeadLetter.objects.visible_to(request.actor)), pk=number
    )
    form = MendForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _settled(request, found, form):
        return redirect("streams:letters")
    context = {
        "letter": found,
        "summary": _summary(found),
        "payload": json.dumps(found.payload, ensure_ascii=False, indent=1),
        "form": None if found.settled_at else form,
        "crumbs": crumbs(Link(_("Refused observations"), reverse("streams:letters"))),
        "is_demonstration": _is_demonstration(found),
    }
    status = 422 if form.errors else 200
    return render(request, "streams/letter.html", context, status=status)


def _settled(request: Request, found: DeadLetter, form: MendForm) -> bool:
    given: dict[str, Any] = {
        "actor": request.actor,
        "letter": found,
        "note": form.cleaned_data["note"],
        "at": request.at,
    }
    try:
        if request.POST.get("do") == "put_away":
            mend.put_away(**given)
            messages.success(request, _("Put away."))
        else:
            mend.replay(**given, changes=form.changes)
            messages.success(request, _("Sent again, and taken in."))
    except Refused as error:
        form.add_error(None, error.reason)
        return False
    return True


def _table(request: Request, rows: list[DeadLetter]) -> Table:
    columns = [
        Column("reason", _("Why")),
        Column("kind", _("Kind"), sort="kind", fold=True),
        Column("stream", _("Stream"), fold=True),
        Column("place", _("Place"), fold=True),
        Column("received", _("Received"), sort="received", fold=True),
        Column("state", _("State")),
    ]
    told = _("Nothing was refused. What is sent and cannot be taken in waits here to be mended.")
    return Table(
        _("Refused observations"),
        columns,
        [_line(row) for row in rows],
        query=request.GET,
        empty=told,
        hide_caption=True,
    )


def _line(row: DeadLetter) -> dict[str, Any]:
    return {
        "reason": Link(row.reason, reverse("streams:letter", args=[row.pk])),
        "kind": row.get_code_display(),
        "stream": row.stream.name if row.stream else "",
        "place": row.place,
        "received": Moment(row.received_at),
        "state": _state(row),
    }


def _state(row: DeadLetter) -> State:
    if row.settled_at is None:
        return State("attention", _("waits"))
    return State("good", _("sent again") if row.observation_id else _("put away"))


def _summary(row: DeadLetter) -> Summary:
    entries = [
        Entry(_("State"), _state(row)),
        Entry(_("Kind"), row.get_code_display()),
        Entry(_("Door"), row.get_door_display()),
        Entry(_("Place in what was sent"), row.place or "–"),
        Entry(_("Received"), Moment(row.received_at)),
    ]
    if row.stream:
        entries.append(Entry(_("Stream"), f"{row.stream_id} · {row.stream.name}"))
    if row.device:
        entries.append(Entry(_("Device"), row.device.name))
    if row.settled_at:
        entries += [
            Entry(_("Settled"), Moment(row.settled_at)),
            Entry(_("By"), str(row.settled_by)),
            Entry(_("Note"), row.note or "–"),
        ]
    return Summary(entries)


def _is_demonstration(row: DeadLetter) -> bool:
    return bool(row.cluster and row.cluster.programme.is_demonstration)
