"""Detectors of many sites: the list, one with its streams and alerts, setting and changing it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request, listing
from sankul.core.rules.roles import PLATFORM, require, verdict
from sankul.core.ui import Column, Entry, Link, Moment, Pages, State, Summary, Table, Tone
from sankul.field.alerts import forms
from sankul.field.alerts.actions import detectors as actions
from sankul.field.alerts.models import Detector
from sankul.field.alerts.queries import groups as queries
from sankul.field.alerts.queries.alerts import visible
from sankul.field.alerts.rules import SEE_ALERTS, SET_DETECTORS
from sankul.field.alerts.rules.detecting import length, told
from sankul.field.streams.models import Datastream

from .parts import asks, change, crumbs, is_demonstration, state_of, tabs, went_on, worst

SORTS = {"name": "name", "severity": "severity", "state": "is_enabled"}
SHOWN = 50


@login_required
@require_safe
def groups(request: Request) -> HttpResponse:
    """The detectors of many sites that the reader may see."""
    require(request.actor, SEE_ALERTS, PLATFORM, *request.actor.scopes(SEE_ALERTS))
    found = listing(request, queries.groups(request.actor), search=("name",), sorts=SORTS)
    context = {
        "tabs": tabs(request.actor, "detector-groups"),
        "table": _table(request, found.rows),
        "pages": Pages(request.GET, page=found.page, last=max(1, -(-found.total // 50)), total=found.total),
        "sets": bool(request.actor.scopes(SET_DETECTORS)),
        "is_demonstration": any(is_demonstration(row.cluster) for row in found.rows),
    }  # fmt: skip
    return render(request, "alerts/groups.html", context)


@login_required
@asks
def group_new(request: Request) -> HttpResponse:
    """Set a detector on many sites."""
    require(request.actor, SET_DETECTORS, *request.actor.scopes(SET_DETECTORS))
    form = forms.GroupForm(request.POST or None, groups=queries.alike(request.actor))

    def act() -> tuple[str, str]:
        made = actions.set_group(
            actor=request.actor, streams=queries.like(request.actor, form.cleaned_data["streams"]),
            parameters=form.parameters(), at=request.at, **form.about(),
        )  # fmt: skip
        return _("Set. It counts what begins from now on."), reverse(
            "detector-group", args=[made.pk]
        )

    heading, back = _("Look at many sites at once"), reverse("detector-groups")
    return change(
        request, form, act, heading=heading, back=back, button=_("Set it"), lede=_meaning()
    )


@login_required
@require_safe
def group(request: Request, number: int) -> HttpResponse:
    """One detector of many sites: what it looks for, its alerts, its streams."""
    row = get_object_or_404(queries.groups(request.actor), pk=number)
    context = {
        "group": row,
        "crumbs": crumbs(Link(_("Many sites at once"), reverse("detector-groups"))),
        "state": _state(row),
        "meaning": _meaning(),
        "summary": _summary(row),
        "alerts": _alerts(request, row),
        "streams": _streams(row),
        "sets": verdict(request.actor, SET_DETECTORS, *row.scopes).allowed,
        "is_demonstration": is_demonstration(row.cluster),
    }
    return render(request, "alerts/group.html", context)


@login_required
@asks
def group_change(request: Request, number: int) -> HttpResponse:
    """Change a detector of many sites, or take in the streams that came since."""
    row = get_object_or_404(queries.groups(request.actor), pk=number)
    require(request.actor, SET_DETECTORS, *row.scopes)
    initial = forms.GroupForm.shown(row.parameters) | {
        "name": row.name,
        "severity": row.severity,
        "guidance": row.guidance,
        "cool_down": row.cool_down_s // 60,
    }
    form = forms.GroupForm(
        request.POST or None, streams=getattr(row, "streams", 0), initial=initial
    )
    back = reverse("detector-group", args=[number])

    def act() -> tuple[str, str]:
        streams = _alike(request, row) if form.cleaned_data["renew"] else None
        actions.change_group(
            actor=request.actor, detector=row, streams=streams, parameters=form.parameters(), at=request.at,
            **form.about(),
        )  # fmt: skip
        return _("Changed."), back

    return change(
        request, form, act, heading=row.name, back=back, button=_("Change it"), lede=_meaning(),
        is_demonstration=is_demonstration(row.cluster),
    )  # fmt: skip


def _alike(request: Request, row: Detector) -> list[Datastream]:
    first = row.members.order_by("pk").first()
    return queries.like(request.actor, first.pk) if first else []


def _meaning() -> str:
    return _(
        "A stream stands out when a detector of its own raises an alert. When enough of a group begin to within the time,"
        " one alert is raised of all, and those of the single streams are part of it."
    )


def _state(row: Detector) -> State:
    return State(Tone.GOOD, _("on")) if row.is_enabled else State(Tone.UNKNOWN, _("off"))


def _observed(row: Detector) -> str:
    what = getattr(row, "observed", None) or _("no stream any more")
    unit = getattr(row, "unit", "")
    return f"{what} ({unit})" if unit else what


def _watched(row: Detector) -> str:
    counts = {"all": getattr(row, "streams", 0), "watched": getattr(row, "watched", 0)}
    return _("%(all)d, %(watched)d with a detector that is on") % counts


def _table(request: Request, rows: list[Detector]) -> Table:
    columns = [
        Column("name", _("Detector"), sort="name"),
        Column("observed", _("Looks at"), fold=True),
        Column("streams", _("Streams"), fold=True),
        Column("looks", _("Looks for"), fold=True),
        Column("severity", _("Severity"), sort="severity", fold=True),
        Column("alerts", _("Alerts"), numeric=True, fold=True),
        Column("state", _("State"), sort="state"),
    ]
    lines = [
        {
            "name": Link(row.name, reverse("detector-group", args=[row.pk])),
            "observed": _observed(row),
            "streams": _watched(row),
            "looks": told(row.kind, row.parameters, ""),
            "severity": row.get_severity_display(),
            "alerts": getattr(row, "raised", 0),
            "state": _state(row),
        }
        for row in rows
    ]
    empty = _("Nothing looks at many sites yet.")
    caption = _("Detectors of many sites")
    return Table(caption, columns, lines, request.GET, hide_caption=True, empty=empty)


def _summary(row: Detector) -> Summary:
    entries = [
        Entry(_("Looks at"), _observed(row)),
        Entry(_("Streams"), _watched(row)),
        Entry(_("Looks for"), told(row.kind, row.parameters, "")),
        Entry(_("Severity"), row.get_severity_display()),
        Entry(_("Cool-down"), length(row.cool_down_s)),
    ]
    if row.cluster:
        entries.append(Entry(_("Cluster"), row.cluster.name))
    if row.guidance:
        entries.append(Entry(_("What to do first"), row.guidance))
    return Summary(entries)


def _alerts(request: Request, row: Detector) -> Table:
    columns = [
        Column("began", _("Began")),
        Column("lasted", _("Lasted"), fold=True),
        Column("worst", _("Worst"), numeric=True, fold=True),
        Column("state", _("State")),
    ]
    found = visible(request.actor).filter(detector=row).order_by("-began_at", "-pk")[:SHOWN]
    lines = [
        {
            "began": Link(Moment(one.began_at), reverse("alert", args=[one.pk])),
            "lasted": went_on(one, request.at),
            "worst": worst(one),
            "state": state_of(one),
        }
        for one in found
    ]
    return Table(_("Its last alerts"), columns, lines, empty=_("It has raised none."))


def _streams(row: Detector) -> Table:
    columns = [Column("site", _("Site")), Column("stream", _("Stream"))]
    members = row.members.select_related("thing").order_by("thing__name", "pk")
    lines = [
        {"site": one.thing.name, "stream": Link(one.name, reverse("detectors", args=[one.pk]))}
        for one in members[:500]
    ]
    return Table(_("Its streams"), columns, lines, empty=_("It has no stream any more."))
