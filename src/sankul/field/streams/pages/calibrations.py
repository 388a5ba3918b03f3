"""Calibrations of a stream's sensor: record one, see what taking out the drift would do, do it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sankul.core import formats
from sankul.core.actions import documents
from sankul.core.doors import Request, accepted, pressed
from sankul.core.rules.verdicts import Refused
from sankul.core.ui import Column, Entry, Link, Moment, State, Summary, Table, Tone
from sankul.field.streams.actions import calibrating as actions
from sankul.field.streams.forms import CalibrationForm, ReasonForm
from sankul.field.streams.models import Calibration, Datastream, Revision
from sankul.field.streams.queries.calibrations import before, corrections
from sankul.field.streams.rules.windows import Window

from . import review_parts as parts
from .shown import number as shown_number


@require_http_methods(["GET", "HEAD", "POST"])
def calibrations(request: Request, number: int) -> HttpResponse:
    """All calibrations of a stream, and a form for a new one."""
    stream = parts.stream_of(request, number)
    form = CalibrationForm(request.POST or None, request.FILES or None)

    def act() -> tuple[str, str]:
        _record(request, stream, form.cleaned_data)
        return _("Recorded."), reverse("streams:calibrations", args=[number])

    if done := accepted(request, form, act):
        return done
    context = {
        "stream": stream,
        "form": form,
        "table": _table(stream),
        "tabs": parts.tabs(stream, "calibrations"),
        "crumbs": parts.crumbs(stream),
        "is_demonstration": parts.is_demonstration(stream),
    }
    status = 422 if form.errors else 200
    return render(request, "streams/calibrations.html", context, status=status)


def _record(request: Request, stream: Datastream, given: dict[str, Any]) -> None:
    document = None
    if sent := given["file"]:
        document = documents.keep(
            actor=request.actor, file=sent.file, name=sent.name, at=request.at
        )
    actions.record(
        actor=request.actor,
        stream=stream,
        calibrated=given["calibrated"],
        read=given["read"],
        true=given["true"],
        note=given["note"],
        document=document,
        at=request.at,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def calibration(request: Request, number: int, calibration: int) -> HttpResponse:
    """One calibration: what taking out the drift since the one before would change, and the button that does it."""
    stream = parts.stream_of(request, number)
    found = get_object_or_404(
        stream.calibrations.select_related("document", "made_by"), pk=calibration
    )
    found.stream = stream
    form = ReasonForm(request.POST or None)

    def act() -> tuple[str, str]:
        made = actions.correct(
            actor=request.actor,
            calibration=found,
            reason=form.cleaned_data["reason"],
            at=request.at,
        )
        told = _("%d observations have a new version without the drift.") % made.method["n"]
        return told, reverse("streams:calibration", args=[number, found.pk])

    if done := accepted(request, form, act):
        return done
    preview, why_not = _preview(found)
    done_already = corrections(stream.pk).get(found.pk)
    context = {
        "stream": stream,
        "summary": _summary(found),
        "preview": _previewed(found, preview) if preview else None,
        "why_not": why_not,
        "look": parts.review_href(stream.pk, _window(found)),
        "undo": reverse("streams:undo", args=[stream.pk, done_already.pk]) if done_already else "",
        "remove": reverse("streams:calibration-remove", args=[stream.pk, found.pk]),
        "form": form,
        "crumbs": parts.crumbs(stream),
        "is_demonstration": parts.is_demonstration(stream),
    }
    status = 422 if form.errors else 200
    return render(request, "streams/calibration.html", context, status=status)


@require_POST
def remove(request: Request, number: int, calibration: int) -> HttpResponse:
    """Take back a calibration that was recorded by mistake."""
    stream = parts.stream_of(request, number)
    found = get_object_or_404(stream.calibrations, pk=calibration)
    found.stream = stream
    return pressed(
        request,
        lambda: actions.remove(actor=request.actor, calibration=found, at=request.at),
        _("The calibration is taken back."),
        reverse("streams:calibrations", args=[number]),
    )


def _preview(found: Calibration) -> tuple[actions.Correction | None, str]:
    try:
        return actions.preview(found), ""
    except Refused as refusal:
        return None, refusal.reason


def _window(found: Calibration) -> Window | None:
    earlier = before(found)
    return Window(earlier.at, found.at) if earlier else None


def _summary(found: Calibration) -> Summary:
    unit = found.stream.unit_symbol
    entries = [
        Entry(_("Calibrated"), Moment(found.at)),
        Entry(_("What the sensor read"), f"{shown_number(found.read)} {unit}"),
        Entry(_("What was true"), f"{shown_number(found.true)} {unit}"),
        Entry(_("Drift since the calibration before"), f"{shown_number(found.gap)} {unit}"),
        Entry(_("Recorded"), Moment(found.made_at)),
        Entry(_("By"), str(found.made_by or "–")),
    ]
    if found.note:
        entries.append(Entry(_("Note"), found.note))
    if found.document:
        entries.append(
            Entry(
                _("Document"),
                Link(found.document.name, reverse("document", args=[found.document_id])),
            )
        )
    return Summary(entries)


def _previewed(found: Calibration, preview: actions.Correction) -> Summary:
    unit = found.stream.unit_symbol
    rows = preview.rows
    return Summary(
        [
            Entry(_("Observations"), formats.number(len(rows.ids))),
            Entry(_("Largest change"), f"{shown_number(preview.largest)} {unit}"),
            Entry(_("First value"), _change(rows.values[0], preview.values[0], unit)),
            Entry(_("Last value"), _change(rows.values[-1], preview.values[-1], unit)),
        ]
    )


def _change(was: float, becomes: float, unit: str) -> str:
    told = _("%(was)s becomes %(becomes)s %(unit)s")
    return told % {"was": shown_number(was), "becomes": shown_number(becomes), "unit": unit}


def _table(stream: Datastream) -> Table:
    found = list(stream.calibrations.order_by("-at")[:500])
    stand = corrections(stream.pk)
    columns = [
        Column("at", _("Calibrated")),
        Column("read", _("Read"), numeric=True, unit=stream.unit_symbol),
        Column("true", _("True"), numeric=True, unit=stream.unit_symbol),
        Column("gap", _("Drift"), numeric=True, unit=stream.unit_symbol),
        Column("state", _("Correction"), fold=True),
    ]
    empty = _("None yet. When a sensor is calibrated, record here what it read and what was true.")
    lines = [_line(stream, one, stand.get(one.pk)) for one in found]
    return Table(_("Calibrations"), columns, lines, empty=empty, hide_caption=True)


def _line(stream: Datastream, one: Calibration, correction: Revision | None) -> dict[str, Any]:
    address = reverse("streams:calibration", args=[stream.pk, one.pk])
    return {
        "at": format_html('<a href="{}">{}</a>', address, Moment(one.at)),
        "read": shown_number(one.read),
        "true": shown_number(one.true),
        "gap": shown_number(one.gap),
        "state": State(Tone.GOOD, _("drift taken out")) if correction else "–",
    }
