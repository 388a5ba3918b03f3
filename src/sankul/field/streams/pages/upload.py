"""A table of observations is sent, and what became of it is told at once."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sankul.core import formats
from sankul.core.doors import Request
from sankul.core.rules.roles import require
from sankul.core.rules.verdicts import Refused
from sankul.core.ui import Column, Entry, Link, Summary, Table
from sankul.field.streams.actions import upload as actions
from sankul.field.streams.forms import UploadForm
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import RECORD_STREAMS, DoorName

from .shown import crumbs


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: Request) -> HttpResponse:
    """Send a table of observations; below, what became of it."""
    require(request.actor, RECORD_STREAMS, *request.actor.scopes(RECORD_STREAMS))
    form = UploadForm(request.POST or None, request.FILES or None)
    done = _taken_in(request, form) if request.method == "POST" and form.is_valid() else None
    context: dict[str, Any] = {
        "form": form,
        "crumbs": crumbs(),
        "letters": reverse("streams:letters"),
    }
    if done is not None:
        context |= {"summary": _summary(done), "reasons": _reasons(done)}
    status = 422 if form.errors else 200
    return render(request, "streams/upload.html", context, status=status)


def _taken_in(request: Request, form: UploadForm) -> actions.Uploaded | None:
    sender = Sender(DoorName.UPLOAD, actor=request.actor)
    try:
        return actions.upload(
            file=form.cleaned_data["file"], sender=sender, zone=form.chosen_zone, at=request.at
        )
    except Refused as error:
        form.add_error("file", error.reason)
        return None


def _summary(done: actions.Uploaded) -> Summary:
    action = Link(_("Mend them"), reverse("streams:letters")) if done.refused else None
    return Summary(
        [
            Entry(_("New"), formats.number(done.new)),
            Entry(_("There already"), formats.number(done.known)),
            Entry(_("Refused"), formats.number(done.refused), action),
        ]
    )


def _reasons(done: actions.Uploaded) -> Table | None:
    if not done.reasons:
        return None
    columns = [Column("place", _("Place")), Column("reason", _("Why"))]
    rows = [{"place": place, "reason": reason} for place, reason in done.reasons]
    note = _("The first %d are shown.") % len(rows) if done.refused > len(rows) else ""
    return Table(_("What was refused"), columns, rows, note=note)
