"""What the pages share: states and values in words, ways between pages, the form that changes something."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from sankul.core import formats
from sankul.core.doors import Request, accepted
from sankul.core.rules.roles import Actor
from sankul.core.ui import Crumbs, Link, State, Tabs, Tone
from sankul.field.alerts.models import Alert
from sankul.field.alerts.rules import SET_DETECTORS, AlertSeverity, AlertState, DetectorKind

asks = require_http_methods(["GET", "HEAD", "POST"])
posts = require_POST
STATES = {
    AlertState.OPEN: Tone.PROBLEM,
    AlertState.ACKNOWLEDGED: Tone.ATTENTION,
    AlertState.ACTING: Tone.ATTENTION,
    AlertState.CLOSED: Tone.GOOD,
}
SEVERITIES = {
    AlertSeverity.NOTICE: Tone.UNKNOWN,
    AlertSeverity.WARNING: Tone.ATTENTION,
    AlertSeverity.URGENT: Tone.PROBLEM,
}


def state_of(alert: Alert) -> State:
    """Where an alert stands."""
    return State(STATES[AlertState(alert.state)], alert.get_state_display())


def severity_of(alert: Alert) -> State:
    """How bad it is."""
    return State(SEVERITIES[AlertSeverity(alert.severity)], alert.get_severity_display())


def number(value: float) -> str:
    """A value without needless places."""
    size = abs(value)
    shown = formats.number(value, 4 if size < 1 else 2 if size < 100 else 1)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def worst(alert: Alert) -> str:
    """The worst value in words."""
    if alert.worst is None:
        return ""
    return valued(alert, alert.worst)


def valued(alert: Alert, value: float) -> str:
    """A value of an alert, or its level, in what its detector measures in."""
    kind = alert.detector.kind
    if kind == DetectorKind.ABSENCE:
        return lasted(timedelta(seconds=value))
    if kind == DetectorKind.NETWORK:
        return _("%s %% of the sites") % number(value * 100)
    unit = alert.stream.unit_symbol if alert.stream else ""
    if kind == DetectorKind.RATE:
        return _("%(value)s %(unit)s in an hour") % {"value": number(value), "unit": unit}
    return f"{number(value)} {unit}".strip()


def lasted(length: timedelta) -> str:
    """A length of time in its largest unit or two: 3 d 4 h, 2 h 5 min."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, hours = divmod(minutes // 60, 24)
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes % 60}
    return ngettext("%d minute", "%d minutes", minutes) % minutes


def went_on(alert: Alert, at: datetime) -> str:
    """How long an alert lasted, or that it goes on."""
    if alert.ended_at:
        return lasted(alert.ended_at - alert.began_at)
    return _("%s, goes on") % lasted(at - alert.began_at)


def after(began_at: datetime, at: datetime | None) -> str:
    """How long after the begin something was."""
    return "" if at is None else _("after %s") % lasted(at - began_at)


def crumbs(*links: Link) -> Crumbs:
    """The way from the list of alerts."""
    return Crumbs([Link(_("Alerts"), reverse("alerts")), *links])


def tabs(actor: Actor, current: str) -> Tabs:
    """The pages beside the list, for those who set what they show."""
    names = [
        ("alerts", _("Alerts")),
        ("detector-groups", _("Many sites at once")),
        ("silences", _("Silence windows")),
    ]
    if actor.scopes(SET_DETECTORS):
        names.append(("webhooks", _("Webhooks")))
    links = [Link(label, reverse(name), current=name == current) for name, label in names]
    return Tabs(_("Alerts and what raises them"), links)


def is_demonstration(cluster: Any) -> bool:
    """Whether a cluster is of the demonstration."""
    return bool(cluster and cluster.programme.is_demonstration)


def change(
    request: Request,
    form: forms.Form,
    act: Callable[[], tuple[str, str]],
    *,
    heading: str,
    back: str,
    button: str,
    lede: str = "",
    **more: Any,
) -> HttpResponse:
    """Show a form; when it comes back valid, act, tell what the action says and go where it says."""
    if answer := accepted(request, form, act):
        return answer
    context = {"form": form, "heading": heading, "back": back, "button": button, "lede": lede}
    return render(request, "alerts/change.html", context | more, status=422 if form.errors else 200)
