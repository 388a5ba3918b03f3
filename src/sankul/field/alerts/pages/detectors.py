"""What raises alerts, when nobody is told, and who is told outside."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from sankul.core.doors import Request, pressed
from sankul.core.rules.roles import PLATFORM, require, verdict
from sankul.core.rules.verdicts import Refused
from sankul.core.ui import Column, Link, Moment, State, Table, Tone
from sankul.field.alerts import forms
from sankul.field.alerts.actions import detectors as actions
from sankul.field.alerts.models import Delivery, Detector, Silence, Webhook, within
from sankul.field.alerts.queries.alerts import detectors_of
from sankul.field.alerts.queries.trying import DAYS, tried
from sankul.field.alerts.rules import SEE_ALERTS, SET_DETECTORS, DetectorKind
from sankul.field.alerts.rules.detecting import told
from sankul.field.alerts.rules.watching import Occurrence
from sankul.field.streams.models import Datastream, Thing
from sankul.field.streams.rules.numbers import moment
from sankul.programme.registry.models import Cluster

from .parts import asks, change, crumbs, is_demonstration, lasted, posts, tabs

OF_STREAMS = [kind for kind in DetectorKind if kind != DetectorKind.NETWORK]
SHOWN = 12


@login_required
@require_safe
def detectors(request: Request, number: int) -> HttpResponse:
    """The detectors of a stream."""
    stream = _stream(request, number)
    rows = list(detectors_of(request.actor, number))
    sets = verdict(request.actor, SET_DETECTORS, *stream.thing.scopes).allowed
    columns = [
        Column("name", _("Detector")),
        Column("looks", _("Looks for"), fold=True),
        Column("severity", _("Severity"), fold=True),
        Column("state", _("State")),
    ]
    lines = [
        {
            "name": _named(row, sets),
            "looks": told(row.kind, row.parameters, stream.unit_symbol),
            "severity": row.get_severity_display(),
            "state": State(Tone.GOOD, _("on")) if row.is_enabled else State(Tone.UNKNOWN, _("off")),
        }
        for row in rows
    ]  # fmt: skip
    empty = _("Nothing is looked for yet.")
    context = {
        "stream": stream,
        "crumbs": crumbs(),
        "table": Table(_("Detectors"), columns, lines, hide_caption=True, empty=empty),
        "kinds": [(kind.value, kind.label) for kind in OF_STREAMS] if sets else [],
        "is_demonstration": is_demonstration(stream.thing.cluster),
    }
    return render(request, "alerts/detectors.html", context)


@login_required
@asks
def detector_new(request: Request, number: int, kind: str) -> HttpResponse:
    """Set a detector on a stream; "try it" tells what it would have raised."""
    if kind not in OF_STREAMS:
        raise Http404
    stream = _stream(request, number)
    require(request.actor, SET_DETECTORS, *stream.thing.scopes)
    form = forms.DetectorForm(request.POST or None, kind=kind, unit=stream.unit_symbol)
    back = reverse("detectors", args=[number])

    def act() -> tuple[str, str]:
        actions.set_new(
            actor=request.actor, stream=stream, kind=kind, parameters=form.parameters(), at=request.at, **form.about()
        )  # fmt: skip
        return _("Set. It looks at what comes in from now on."), back

    heading = f"{DetectorKind(kind).label}: {stream.name}"
    return _asked(request, form, act, stream, kind, heading=heading, back=back, button=_("Set it"))


@login_required
@asks
def detector(request: Request, number: int) -> HttpResponse:
    """Change a detector, try it, or switch it."""
    rows = Detector.objects.visible_to(request.actor).filter(stream__isnull=False)
    row = get_object_or_404(
        rows.select_related("stream__thing__cluster__programme", "cluster__programme"), pk=number
    )
    require(request.actor, SET_DETECTORS, *row.scopes)
    if row.stream is None:
        raise Http404
    initial = forms.DetectorForm.shown(row.parameters) | {
        "name": row.name,
        "severity": row.severity,
        "guidance": row.guidance,
        "cool_down": row.cool_down_s // 60,
    }
    unit, back = row.stream.unit_symbol, reverse("detectors", args=[row.stream_id])
    form = forms.DetectorForm(request.POST or None, kind=row.kind, unit=unit, initial=initial)

    def act() -> tuple[str, str]:
        actions.change(
            actor=request.actor, detector=row, parameters=form.parameters(), at=request.at, **form.about()
        )  # fmt: skip
        return _("Changed."), back

    return _asked(
        request, form, act, row.stream, row.kind, heading=row.name, back=back, button=_("Change it"), detector=row
    )  # fmt: skip


@posts
def detector_switch(request: Request, number: int) -> HttpResponse:
    """Switch a detector on or off."""
    row = get_object_or_404(Detector.objects.visible_to(request.actor), pk=number)
    on = not row.is_enabled
    back = (
        reverse("detectors", args=[row.stream_id])
        if row.stream_id
        else reverse("detector-group", args=[row.pk])
    )
    return pressed(
        request,
        lambda: actions.switch(actor=request.actor, detector=row, on=on, at=request.at),
        _("It is on, and begins anew.") if on else _("It is off."),
        back,
    )


@login_required
@require_safe
def silences(request: Request) -> HttpResponse:
    """When nobody is told: windows that go on or come, then those of the past."""
    require(request.actor, SEE_ALERTS, PLATFORM, *request.actor.scopes(SEE_ALERTS))
    rows = Silence.objects.visible_to(request.actor).select_related("thing", "cluster__programme")
    found = list(rows.order_by("-ends_at")[:200])
    context = {
        "tabs": tabs(request.actor, "silences"),
        "windows": found,
        "at": request.at,
        "sets": bool(request.actor.scopes(SET_DETECTORS)),
        "is_demonstration": any(is_demonstration(row.cluster) for row in found),
    }
    return render(request, "alerts/silences.html", context)


@login_required
@asks
def silence_new(request: Request) -> HttpResponse:
    """Set a silence window."""
    scopes = request.actor.scopes(SET_DETECTORS)
    require(request.actor, SET_DETECTORS, *scopes)
    things = Thing.objects.changeable_by(request.actor).order_by("name")
    form = forms.SilenceForm(
        request.POST or None, things=things, clusters=_clusters(request), at=request.at
    )
    back = reverse("silences")

    def act() -> tuple[str, str]:
        actions.silence(actor=request.actor, at=request.at, **form.cleaned_data)
        return _("Set. Alerts are recorded, and told to nobody until it ends."), back

    return change(
        request, form, act, heading=_("Tell nobody for a time"), back=back, button=_("Set it")
    )


@posts
def silence_end(request: Request, number: int) -> HttpResponse:
    """End a silence window now."""
    row = get_object_or_404(Silence.objects.visible_to(request.actor), pk=number)
    return pressed(
        request,
        lambda: actions.end_silence(actor=request.actor, silence=row, at=request.at),
        _("Ended. What still stands is told."),
        reverse("silences"),
    )


@login_required
@require_safe
def webhooks(request: Request) -> HttpResponse:
    """Addresses that are told, and how the last messages went."""
    scopes = request.actor.scopes(SET_DETECTORS)
    require(request.actor, SET_DETECTORS, *scopes)
    rows = list(_own_webhooks(request))
    context = {
        "tabs": tabs(request.actor, "webhooks"),
        "webhooks": rows,
        "deliveries": _deliveries(rows),
        "is_demonstration": any(is_demonstration(row.cluster) for row in rows),
    }
    return render(request, "alerts/webhooks.html", context)


@login_required
@asks
def webhook_new(request: Request) -> HttpResponse:
    """Register an address; its secret stands on the list, for those who set it."""
    require(request.actor, SET_DETECTORS, *request.actor.scopes(SET_DETECTORS))
    form = forms.WebhookForm(request.POST or None, clusters=_clusters(request))
    back = reverse("webhooks")

    def act() -> tuple[str, str]:
        actions.add_webhook(actor=request.actor, at=request.at, **form.cleaned_data)
        return _("Added. Give its secret to whoever checks the signature."), back

    return change(request, form, act, heading=_("Tell an address"), back=back, button=_("Add it"))


@posts
def webhook_stop(request: Request, number: int) -> HttpResponse:
    """Tell an address nothing any more."""
    row = get_object_or_404(_own_webhooks(request), pk=number)
    return pressed(
        request,
        lambda: actions.stop_webhook(actor=request.actor, webhook=row, at=request.at),
        _("It is told nothing any more."),
        reverse("webhooks"),
    )


def _named(row: Detector, sets: bool) -> Link | str:
    if row.stream_id is None:
        return Link(row.name, reverse("detector-group", args=[row.pk]))
    return Link(row.name, reverse("detector", args=[row.pk])) if sets else row.name


def _stream(request: Request, number: int) -> Datastream:
    rows = Datastream.objects.filter(within(request.actor, SEE_ALERTS, "thing__"))
    return get_object_or_404(rows.select_related("thing__cluster__programme"), pk=number)


def _asked(
    request: Request, form: forms.DetectorForm, act: Any, stream: Datastream, kind: str, **more: Any
) -> HttpResponse:
    """Try what the form says, or act on it."""
    is_tried = "try" in request.POST and form.is_valid()
    more |= {"tries": True, "is_demonstration": is_demonstration(stream.thing.cluster)}
    if not is_tried:
        return change(request, form, act, **more)
    try:
        cool = form.about()["cool_down_s"]
        found = tried(stream, kind, form.parameters(), cool, request.at)
    except Refused as refusal:
        form.add_error(None, refusal.reason)
        return render(request, "alerts/change.html", {"form": form} | more, status=422)
    return render(request, "alerts/change.html", {"form": form, "tried": _tried(found)} | more)


def _tried(found: list[Occurrence]) -> Table:
    columns = [Column("began", _("Began")), Column("lasted", _("Lasted"))]
    lines = [
        {
            "began": Moment(moment(one.began_us)),
            "lasted": lasted(moment(one.ended_us) - moment(one.began_us))
            if one.ended_us
            else _("goes on"),
        }
        for one in found[::-1][:SHOWN]
    ]
    text = ngettext("It would have raised %d alert", "It would have raised %d alerts", len(found))
    caption = _("%(raised)s in the last %(days)d days") % {
        "raised": text % len(found),
        "days": DAYS,
    }
    return Table(caption, columns, lines, empty=_("Nothing in these days went so far."))


def _clusters(request: Request) -> Any:
    scopes = request.actor.scopes(SET_DETECTORS)
    own = [scope.id for scope in scopes if scope.kind == "cluster"]
    rows = Cluster.objects.select_related("programme")
    return rows if PLATFORM in scopes else rows.filter(pk__in=own)


def _own_webhooks(request: Request) -> Any:
    return Webhook.objects.open_to(request.actor, SET_DETECTORS).select_related("cluster__programme")  # fmt: skip


def _deliveries(rows: list[Webhook]) -> Table:
    columns = [
        Column("at", _("Made")),
        Column("what", _("News")),
        Column("to", _("Address"), fold=True),
        Column("tries", _("Tries"), numeric=True, fold=True),
        Column("state", _("Answer")),
    ]
    found = Delivery.objects.filter(webhook__in=rows).select_related("webhook")[:50]
    lines = [
        {
            "at": Moment(one.made_at),
            "what": Link(one.verb, reverse("alert", args=[one.alert_id])),
            "to": one.webhook.url,
            "tries": one.tries,
            "state": _answer(one),
        }
        for one in found
    ]
    return Table(_("The last messages"), columns, lines, empty=_("None was sent yet."))


def _answer(one: Delivery) -> State:
    if one.delivered_at:
        return State(Tone.GOOD, str(one.status or ""))
    return State(Tone.PROBLEM if one.error else Tone.UNKNOWN, one.error or _("waits"))
