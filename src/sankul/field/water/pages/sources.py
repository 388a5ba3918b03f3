"""Sources for those who look after them: samples, results, index, compliance, responses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core import charts, formats
from sankul.core.charts import Picture
from sankul.core.doors import Request
from sankul.core.rules.roles import require, verdict
from sankul.core.ui import Column, Crumbs, Day, Entry, Link, Moment, Summary, Table
from sankul.field.water import forms
from sankul.field.water.actions import responses as response_actions
from sankul.field.water.actions import samples as sample_actions
from sankul.field.water.models import Response, Source
from sankul.field.water.queries.judging import sources
from sankul.field.water.queries.periods import by_day, by_quarter, midnight
from sankul.field.water.queries.samples import (
    Quarter,
    SampleJudged,
    judged_samples,
    next_due,
    quarters,
)
from sankul.field.water.queries.sensors import readings
from sankul.field.water.rules import RECORD_WATER, RESPOND_WATER, Purpose

from .parts import asks, change, index, limit, measured, named, now, standing
from .sensing import CHARTED, charts_of, days_of, sampled_of

SHOWN: Final = timedelta(days=7)


def _results(found: SampleJudged) -> list[Mapping[str, Any]]:
    return [
        {
            "what": named(row.parameter),
            "value": measured(row.parameter, row.value, is_below_detection=row.is_below_detection),
            "limit": limit(found.findings[row.parameter].bound),
            "standing": standing(found.findings[row.parameter].standing),
        }
        for row in found.sample.results.all()
    ]


def _last(found: list[SampleJudged]) -> Table:
    columns = [
        Column("what", _("Parameter")),
        Column("value", _("Value"), numeric=True),
        Column("limit", _("Limit"), fold=True),
        Column("standing", _("By the limit")),
    ]
    rows = _results(found[0]) if found else []
    return Table(_("The last sample"), columns, rows, hide_caption=True, empty=_("No sample yet."))


def _history(source: Source, found: list[SampleJudged], *, linked: bool) -> Table:
    columns = [
        Column("code", _("Sample")),
        Column("taken", _("Taken")),
        Column("kind", _("Analysed by"), fold=True),
        Column("custody", _("Where it is"), fold=True),
        Column("results", _("Results"), numeric=True),
    ]
    if source.purpose == Purpose.SURFACE:  # the index is of rivers and lakes
        columns.append(Column("index", _("Water-quality index")))
    rows = [
        {
            "code": Link(one.sample.code, reverse("water-sample", args=[one.sample.pk]))
            if linked
            else one.sample.code,
            "taken": Moment(one.sample.taken_at),
            "kind": one.sample.laboratory.name
            if one.sample.laboratory
            else one.sample.get_kind_display(),
            "custody": _where(one),
            "results": len(one.findings),
            "index": index(one.index),
        }
        for one in found
    ]
    return Table(_("Samples"), columns, rows, hide_caption=True, empty=_("No sample yet."))


def _where(one: SampleJudged) -> str:
    steps = list(one.sample.custody.all())
    return f"{steps[-1].get_step_display()}: {steps[-1].holder}" if steps else ""


def _complied(found: list[Quarter]) -> Table:
    columns = [
        Column("quarter", _("Quarter")),
        Column("share", _("Samples within the limits")),
        Column("load", _("Exceedance load"), numeric=True, fold=True),
        Column("values", _("Sensor values within the limits")),
        Column("sensor_load", _("Exceedance load of sensors"), numeric=True, fold=True),
    ]
    rows = [
        {
            "quarter": one.label,
            "share": _of(one.complied, one.judged),
            "load": "" if one.load is None else formats.number(one.load, 2),
            "values": _of(one.values.within, one.values.values),
            "sensor_load": ""
            if one.values.load is None
            else formats.number(Decimal(str(one.values.load)), 3),
        }
        for one in found
    ]
    note = _(
        "Exceedance load: by how much values are above their limits, as a multiple, over all values judged."
    )
    return Table(
        _("By quarter"), columns, rows, hide_caption=True, empty=_("No sample yet."), note=note
    )


def _of(within: int, judged: int) -> str:
    if not judged:
        return ""
    told = {"complied": formats.number(within), "judged": formats.number(judged)}
    return _("%(complied)s of %(judged)s") % told


def _responses(source: Source, *, may_close: bool) -> Table:
    columns = [
        Column("what", _("Above its limit")),
        Column("who", _("Who dealt with it")),
        Column("action", _("What was done"), fold=True),
        Column("since", _("Since"), fold=True),
        Column("end", _("Closed with its cause")),
    ]
    rows = [
        {
            "what": named(row.parameter),
            "who": row.owner,
            "action": row.action,
            "since": Day(timezone.localtime(row.opened_at)),
            "end": row.cause or _open(row, may_close=may_close),
        }
        for row in source.responses.all()
    ]
    return Table(
        _("Responses"), columns, rows, hide_caption=True, empty=_("Nothing was to be done yet.")
    )


def _open(row: Response, *, may_close: bool) -> Any:
    return (
        Link(_("open, close it"), reverse("water-close", args=[row.pk])) if may_close else _("open")
    )


@require_safe
def source(request: Request, number: int) -> HttpResponse:
    """One source: its last sample by the limits, its samples, compliance by quarter, responses."""
    found = get_object_or_404(sources(request.actor), pk=number)
    samples = judged_samples(found)
    said = readings(found, request.at)
    days = (
        by_day(found, midnight(timezone.localdate(request.at) - CHARTED), request.at)
        if said
        else []
    )
    sampled = sampled_of(samples)
    drawn = charts_of(found, days, sampled, request.at)
    if answered := charts.answer(request, drawn):
        return answered
    shown = timezone.localdate(request.at) - SHOWN
    may_respond = verdict(request.actor, RESPOND_WATER, *found.scopes).allowed
    may_record = verdict(request.actor, RECORD_WATER, *found.scopes).allowed
    context = {
        "source": found,
        "crumbs": Crumbs([Link(_("Water at risk"), reverse("water-risks"))]),
        "summary": _summary(found, samples),
        "now": now(said) if said else "",
        "last": _last(samples),
        "history": _history(found, samples, linked=may_record),
        "quarters": _complied(quarters(samples, by_quarter(found, request.at))),
        "days": days_of([one for one in days if one.on > shown], sampled) if days else "",
        "pictures": [Picture(one) for one in drawn],
        "responses": _responses(found, may_close=may_respond),
        "may_record": may_record,
        "may_respond": may_respond,
        "is_demonstration": found.village.cluster.programme.is_demonstration,
    }
    return render(request, "water/source.html", context)


def _summary(found: Source, samples: list[SampleJudged]) -> Summary:
    due = next_due(found, samples)
    entries = [
        Entry(
            _("Village"), f"{found.village.name}, {found.village.district}, {found.village.state}"
        ),
        Entry(_("Local government"), found.village.body.name),
        Entry(_("Kind"), found.get_kind_display()),
        Entry(_("Used as"), found.get_purpose_display()),
        Entry(_("Scheme"), found.scheme.name if found.scheme else ""),
        Entry(_("Next sample due"), Day(due) if due else _("no plan")),
    ]
    return Summary([entry for entry in entries if entry.value != ""])


@asks
def sample_new(request: Request, number: int) -> HttpResponse:
    """Record a sample, with its results where they are there."""
    found = get_object_or_404(sources(request.actor), pk=number)
    require(request.actor, RECORD_WATER, *found.scopes)

    def act(form: forms.SampleForm) -> str:
        sample_actions.take(
            actor=request.actor, source=found, at=request.at, results=form.results(), **form.about()
        )
        return _("Recorded.")

    is_demonstration = found.village.cluster.programme.is_demonstration
    form = forms.SampleForm(request.POST or None, is_demonstration=is_demonstration)
    lede = _(
        "Leave empty what was not analysed. Write <0.5 for less than what the method can find."
    )
    return change(
        request, form, act, heading=_("A sample of %s") % found.name, lede=lede,
        back=reverse("water-source", args=[number]), is_demonstration=is_demonstration,
    )  # fmt: skip


@asks
def respond(request: Request, number: int) -> HttpResponse:
    """Say who deals with a parameter above its limit."""
    found = get_object_or_404(sources(request.actor), pk=number)
    require(request.actor, RESPOND_WATER, *found.scopes)

    def act(form: forms.ResponseForm) -> str:
        response_actions.begin(
            actor=request.actor, source=found, at=request.at, **form.cleaned_data
        )
        return _("Kept. Close it with the cause when the water is good again.")

    form = forms.ResponseForm(
        request.POST or None, initial={"parameter": request.GET.get("parameter", "")}
    )
    return change(
        request, form, act, heading=_("Who deals with the water of %s") % found.name,
        back=reverse("water-source", args=[number]),
        is_demonstration=found.village.cluster.programme.is_demonstration,
    )  # fmt: skip


@asks
def close(request: Request, number: int) -> HttpResponse:
    """Close a response with its cause."""
    rows = Response.objects.filter(source__in=sources(request.actor))
    found = get_object_or_404(rows.select_related("source__village__cluster__programme"), pk=number)
    require(request.actor, RESPOND_WATER, *found.scopes)

    def act(form: forms.CloseForm) -> str:
        response_actions.close(
            actor=request.actor, response=found, at=request.at, **form.cleaned_data
        )
        return _("Closed.")

    form = forms.CloseForm(request.POST or None)
    return change(
        request, form, act, heading=_("%(what)s at %(source)s: what was the cause?") % {
            "what": named(found.parameter), "source": found.source.name,
        },
        back=reverse("water-source", args=[found.source_id]),
        is_demonstration=found.source.village.cluster.programme.is_demonstration,
    )  # fmt: skip
