"""One alert: what was seen, who did what when, what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core import formats
from sankul.core.actions import documents
from sankul.core.charts import About, Chart, Picture, answer, told
from sankul.core.doors import Request, pressed
from sankul.core.rules.roles import require, verdict
from sankul.core.ui import Entry, Link, Moment, Step, Steps, Summary
from sankul.engines import pictures
from sankul.field.alerts import forms
from sankul.field.alerts.actions import answering
from sankul.field.alerts.models import Action, Alert
from sankul.field.alerts.queries import alerts as queries
from sankul.field.alerts.rules import ANSWER_ALERTS, AlertState, DetectorKind
from sankul.field.alerts.rules.escalation import next_due
from sankul.field.streams.queries.plots import few
from sankul.field.streams.queries.reading import read
from sankul.field.streams.rules import Flag
from sankul.field.streams.rules.numbers import micros

from .parts import (
    after,
    asks,
    change,
    crumbs,
    is_demonstration,
    lasted,
    posts,
    severity_of,
    state_of,
    valued,
    worst,
)

MOST_POINTS = 1000
MARKS = {Flag.SUSPECT: "suspect", Flag.FAIL: "fail"}


@login_required
@require_safe
def alert(request: Request, number: int) -> HttpResponse:
    """One alert, with what its reader can do."""
    row = _found(request, number)
    chart = _chart(row, request)
    if chart and (picture := answer(request, [chart])):
        return picture
    context = {
        "alert": row,
        "state": state_of(row),
        "crumbs": crumbs(),
        "summary": _summary(row, request),
        "picture": Picture(chart, downloads=True, most_rows=25) if chart else None,
        "steps": Steps(_("Who did what, when"), list(_steps(row, request))),
        "answers": verdict(request.actor, ANSWER_ALERTS, *row.scopes).allowed,
        "actions": list(row.actions.all()),
        "parts": list(row.parts.all()),
        "at": request.at,
        "is_demonstration": is_demonstration(row.cluster),
    }
    return render(request, "alerts/alert.html", context)


@posts
def acknowledge(request: Request, number: int) -> HttpResponse:
    """Say that one is on it: one tap."""
    row = _found(request, number)
    return pressed(
        request,
        lambda: answering.acknowledge(actor=request.actor, alert=row, at=request.at),
        _("You are on it, and nobody else is told. Say next what is done."),
        reverse("alert", args=[number]),
    )


@login_required
@asks
def act(request: Request, number: int) -> HttpResponse:
    """Say what is done, by whom and by when."""
    row, back = _answered(request, number), reverse("alert", args=[number])
    form = forms.ActForm(request.POST or None, owners=queries.owners(request.actor), at=request.at)

    def begin() -> tuple[str, str]:
        answering.act(actor=request.actor, alert=row, at=request.at, **form.cleaned_data)
        return _("Noted. When it is done, say so and show it."), back

    return _change(request, row, form, begin, _("What is done about it"), back, _("Begin"))


@login_required
@asks
def done(request: Request, number: int) -> HttpResponse:
    """Say that an action is done, and show it."""
    action = get_object_or_404(
        Action.objects.select_related("alert"), pk=number, alert__in=queries.visible(request.actor)
    )
    row, back = _answered(request, action.alert_id), reverse("alert", args=[action.alert_id])
    form = forms.ProveForm(request.POST or None, request.FILES or None)

    def prove() -> tuple[str, str]:
        shown = [
            documents.keep(actor=request.actor, file=file, name=file.name, at=request.at)
            for file in form.attached()
        ]
        answering.prove(
            actor=request.actor, action=action, note=form.cleaned_data["note"], documents=shown, at=request.at
        )  # fmt: skip
        proven = _("Done and proven.")
        return (
            proven if shown else _("Done. Without a document it does not count as proven.")
        ), back

    heading = _("Done: %s") % action.what
    return _change(request, row, form, prove, heading, back, _("It is done"), has_files=True)


@login_required
@asks
def close(request: Request, number: int) -> HttpResponse:
    """Close it with its cause."""
    row, back = _answered(request, number), reverse("alert", args=[number])
    form = forms.CloseForm(request.POST or None)

    def shut() -> tuple[str, str]:
        answering.close(actor=request.actor, alert=row, at=request.at, **form.cleaned_data)
        return _("Closed."), back

    return _change(request, row, form, shut, _("What was the cause?"), back, _("Close it"))


@require_safe
def counted(request: Request, number: int) -> HttpResponse:
    """An alert that an indicator counts, without its people: the end of the way down from a rank, open to everybody."""
    row = queries.counted_one(number)
    if row is None:
        raise Http404
    own = queries.visible(request.actor).filter(pk=row.pk).exists()
    context = {
        "alert": row,
        "summary": _counted(row),
        "href": reverse("alert", args=[row.pk]) if own else "",
        "proofs": [proof.document for action in row.actions.all() for proof in action.proofs.all()],
        "may_read": own,
        "is_demonstration": is_demonstration(row.cluster),
    }
    return render(request, "alerts/counted.html", context)


def _found(request: Request, number: int) -> Alert:
    row = queries.one(request.actor, number)
    if row is None:
        raise Http404
    return row


def _answered(request: Request, number: int) -> Alert:
    row = _found(request, number)
    require(request.actor, ANSWER_ALERTS, *row.scopes)
    return row


def _change(
    request: Request, row: Alert, form: Any, act: Any, heading: str, back: str, button: str, **more: Any
) -> HttpResponse:  # fmt: skip
    what = row.thing.name if row.thing else _("many sites")
    return change(
        request, form, act, heading=heading, back=back, button=button, lede=f"{row.detector.name}, {what}",
        is_demonstration=is_demonstration(row.cluster), **more,
    )  # fmt: skip


def _summary(row: Alert, request: Request) -> Summary:
    ended = (
        _("%(when)s, after %(length)s") % {"when": formats.moment(row.ended_at), "length": lasted(row.ended_at - row.began_at)}
        if row.ended_at
        else _("not yet: %s so far") % lasted(request.at - row.began_at)
    )  # fmt: skip
    entries = [
        Entry(_("Severity"), severity_of(row)),
        Entry(_("Began"), Moment(row.began_at)),
        Entry(_("Back to normal"), ended),
    ]
    if row.worst is not None:
        entries.append(Entry(_("Worst"), worst(row)))
    if row.level is not None:
        entries.append(Entry(_("Raised beyond"), valued(row, row.level)))
    if row.times > 1:
        entries.append(
            Entry(_("Began again"), _("%d times in all, within the cool-down") % row.times)
        )
    if row.stream:
        entries.append(
            Entry(_("Detectors"), Link(row.stream.name, reverse("detectors", args=[row.stream_id])))
        )
    elif row.detector.kind == DetectorKind.NETWORK:
        entries.append(
            Entry(_("Detector"), Link(row.detector.name, reverse("detector-group", args=[row.detector_id])))
        )  # fmt: skip
    if row.part_of:
        entries.append(
            Entry(_("Part of"), Link(row.part_of.detector.name, reverse("alert", args=[row.part_of_id])))
        )  # fmt: skip
    if row.cause:
        entries.append(Entry(_("Cause"), row.get_cause_display()))
    return Summary(entries)


def _counted(row: Alert) -> Summary:
    entries = [
        Entry(_("What was found"), row.detector.name),
        Entry(_("Site"), row.thing.name if row.thing else ""),
        Entry(_("Deployment"), _deployment(row)),
        Entry(_("Began"), Moment(row.began_at)),
        Entry(_("Back to normal"), Moment(row.ended_at) if row.ended_at else _("not yet")),
        Entry(_("Worst"), worst(row)),
        Entry(_("Somebody on it"), after(row.began_at, row.acknowledged_at) or _("nobody")),
        Entry(_("Acted upon, with proof"), after(row.began_at, row.acted_at) or _("no proof")),
        Entry(_("Cause"), row.get_cause_display() if row.cause else _("not closed")),
    ]
    return Summary(entries)


def _deployment(row: Alert) -> Any:
    made = row.thing.deployment if row.thing else None
    return made.title if made else ""


def _steps(row: Alert, request: Request) -> Iterator[Step]:
    """What happened, in the order of time; then what comes next."""
    happened: list[tuple[Any, str, str]] = [
        (row.began_at, _("It began"), ""),
        (row.raised_at, _("The alert was raised"), row.get_telling_display()),
    ]
    happened += [(one.at, _("Told: %s") % one.get_rung_display(), "") for one in row.told.all()]
    if row.acknowledged_at:
        happened.append((row.acknowledged_at, _("Acknowledged"), str(row.acknowledged_by or "")))
    for action in row.actions.all():
        happened.append((action.begun_at, action.what, action.owner_post))
        if action.done_at:
            happened.append((action.done_at, _("Done: %s") % action.what, action.note))
    if row.ended_at:
        happened.append((row.ended_at, _("Back to normal"), ""))
    if row.closed_at:
        text = " ".join(part for part in (row.get_cause_display(), row.note) if part)
        happened.append((row.closed_at, _("Closed"), text))
    for at, label, text in sorted(happened, key=lambda one: one[0]):
        yield Step(label, done=True, at=Moment(at), text=text)
    yield from _ahead(row)


def _ahead(row: Alert) -> Iterator[Step]:
    if row.state != AlertState.OPEN or row.telling != "now":
        return
    told_to = {one.rung for one in row.told.all() if one.times == row.times}
    coming = next_due(row.severity, row.raised_at, told_to)
    if coming:
        rung, at = coming
        yield Step(_("If nobody answers, told next: %s") % rung.label, at=Moment(at))


def _chart(row: Alert, request: Request) -> Chart | None:
    """The stream around the alert, with the level that was passed."""
    if row.stream_id is None or row.stream is None:
        return None
    until = min(row.ended_at or request.at, row.began_at + timedelta(days=14))
    pad = min(max((until - row.began_at) / 2, timedelta(hours=3)), timedelta(days=2))
    since, until = row.began_at - pad, min(until + pad, request.at)
    rows = few(read([row.stream_id], since, until), MOST_POINTS)
    if not np.isfinite(rows.values).any():
        return None
    picture = pictures.readings(
        _said(rows), unit=row.stream.unit_symbol, begin=_local_ms(micros(since)), end=_local_ms(micros(until)),
        levels=_levels(row), clock=timezone.localtime(until).tzname() or "",
        months=formats.months(), gettext=_,
    )  # fmt: skip
    about: About = {
        "key": f"alert-{row.pk}",
        "title": row.stream.name,
        "finding": _finding(row),
        "demonstration": is_demonstration(row.cluster),
    }
    return told(picture, about)


def _levels(row: Alert) -> list[pictures.Level]:
    if row.detector.kind not in (DetectorKind.ABOVE, DetectorKind.BELOW) or row.level is None:
        return []
    levels = [pictures.Level(row.level, _("raised: %s") % valued(row, row.level), is_hard=True)]
    clear = row.detector.parameters.get("clear_at")
    if isinstance(clear, float | int) and clear != row.level:
        levels.append(pictures.Level(float(clear), _("over again: %s") % valued(row, float(clear))))
    return levels


def _finding(row: Alert) -> str:
    return _("From %(began)s; worst: %(worst)s.") % {
        "began": formats.moment(row.began_at),
        "worst": worst(row) or _("not known"),
    }


def _said(rows: Any) -> list[pictures.Said]:
    made = []
    columns = zip(rows.time_us.tolist(), rows.values.tolist(), rows.flags.tolist(), strict=True)
    for us, value, flag in columns:
        shown = value if np.isfinite(value) else None
        at = _local_ms(us)
        made.append(
            pictures.Said(at, _stamp(at), shown, MARKS.get(Flag(flag), ""), str(Flag(flag).label))
        )
    return made


def _local_ms(us: int) -> int:
    """Milliseconds of the clock on the wall here: pictures know no time zones."""
    at = timezone.localtime(datetime.fromtimestamp(us / 1e6, UTC))
    return us // 1000 + int((at.utcoffset() or timedelta()).total_seconds() * 1000)


def _stamp(local_ms: int) -> str:
    return datetime.fromtimestamp(local_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
