"""Keeping the register: villages, sources, plans, and samples on their way."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request
from sankul.core.rules.roles import require, verdict
from sankul.core.ui import Column, Crumbs, Link, Moment, Table
from sankul.field.water import forms
from sankul.field.water.actions import places as place_actions
from sankul.field.water.actions import samples as actions
from sankul.field.water.models import Sample, Scheme
from sankul.field.water.queries.judging import clusters_to_record, sources, villages
from sankul.field.water.queries.samples import one_sample
from sankul.field.water.queries.sensors import free_streams
from sankul.field.water.rules import RECORD_WATER

from .parts import asks, change, crumbs, measured, named


@asks
def village_new(request: Request) -> HttpResponse:
    """Record a village or ward."""
    require(request.actor, RECORD_WATER, *request.actor.scopes(RECORD_WATER))

    def act(form: forms.VillageForm) -> str:
        place_actions.add_village(actor=request.actor, at=request.at, **form.cleaned_data)
        return _("Recorded. Now record its sources.")

    form = forms.VillageForm(request.POST or None, clusters=clusters_to_record(request.actor))
    return change(request, form, act, heading=_("Record a village"), back=reverse("water-villages"))


@require_safe
def village_list(request: Request) -> HttpResponse:
    """The villages that one keeps, and a way to their sources."""
    require(request.actor, RECORD_WATER, *request.actor.scopes(RECORD_WATER))
    found = list(villages(request.actor).prefetch_related("sources")[:500])
    columns = [
        Column("village", _("Village")),
        Column("body", _("Local government"), fold=True),
        Column("sources", _("Sources"), numeric=True),
        Column("add", _("Add")),
    ]
    rows = [
        {
            "village": f"{row.name}, {row.district}",
            "body": row.body.name,
            "sources": len(row.sources.all()),
            "add": Link(_("a source"), reverse("water-source-new", args=[row.pk])),
        }
        for row in found
    ]
    table = Table(_("Villages"), columns, rows, hide_caption=True, empty=_("No village yet."))
    context = {
        "table": table,
        "crumbs": crumbs(Link(_("Water at risk"), reverse("water-risks"))),
        "is_demonstration": any(row.cluster.programme.is_demonstration for row in found),
    }
    return render(request, "water/villages.html", context)


@asks
def source_new(request: Request, number: int) -> HttpResponse:
    """Record a source of a village."""
    village = get_object_or_404(villages(request.actor), pk=number)

    def act(form: forms.SourceForm) -> str:
        place_actions.add_source(
            actor=request.actor, village=village, at=request.at, **form.cleaned_data
        )
        return _("Recorded.")

    schemes = Scheme.objects.filter(cluster=village.cluster)
    form = forms.SourceForm(request.POST or None, schemes=schemes)
    return change(
        request, form, act, heading=_("A source of %s") % village.name, back=reverse("water-villages"),
        is_demonstration=village.cluster.programme.is_demonstration,
    )  # fmt: skip


@asks
def plan_new(request: Request, number: int) -> HttpResponse:
    """Plan how often a source is sampled."""
    source = get_object_or_404(sources(request.actor), pk=number)
    require(request.actor, RECORD_WATER, *source.scopes)

    def act(form: forms.PlanForm) -> str:
        actions.plan(actor=request.actor, source=source, at=request.at, **form.cleaned_data)
        return _("Planned.")

    form = forms.PlanForm(request.POST or None)
    return change(
        request, form, act, heading=_("When %s is sampled") % source.name,
        back=reverse("water-source", args=[number]),
        is_demonstration=source.village.cluster.programme.is_demonstration,
    )  # fmt: skip


@asks
def sensor_new(request: Request, number: int) -> HttpResponse:
    """Say which stream measures what at a source."""
    source = get_object_or_404(sources(request.actor), pk=number)
    require(request.actor, RECORD_WATER, *source.scopes)

    def act(form: forms.SensorForm) -> str:
        place_actions.place_sensor(
            actor=request.actor, source=source, at=request.at, **form.cleaned_data
        )
        return _("Recorded.")

    form = forms.SensorForm(request.POST or None, streams=free_streams(source))
    return change(
        request, form, act, heading=_("A sensor at %s") % source.name,
        back=reverse("water-source", args=[number]),
        is_demonstration=source.village.cluster.programme.is_demonstration,
    )  # fmt: skip


@require_safe
def sample(request: Request, number: int) -> HttpResponse:
    """One sample: who had it when, and what was found."""
    found = get_object_or_404(one_sample(request.actor, number))
    source = found.source
    custody = Table(
        _("Who had it"),
        [
            Column("step", _("Step")),
            Column("who", _("Who")),
            Column("at", _("When")),
            Column("box", _("Box"), unit="°C", numeric=True, fold=True),
            Column("note", _("Note"), fold=True),
        ],
        [
            {
                "step": row.get_step_display(),
                "who": row.holder,
                "at": Moment(row.at),
                "box": "" if row.temperature_c is None else str(row.temperature_c),
                "note": row.note,
            }
            for row in found.custody.all()
        ],
        empty=_("Nothing is recorded of its way."),
    )
    results = Table(
        _("What was found"),
        [Column("what", _("Parameter")), Column("value", _("Value"), numeric=True)],
        [
            {
                "what": named(row.parameter),
                "value": measured(
                    row.parameter, row.value, is_below_detection=row.is_below_detection
                ),
            }
            for row in found.results.all()
        ],
        empty=_("Not analysed yet."),
    )
    context = {
        "sample": found,
        "crumbs": Crumbs([Link(source.name, reverse("water-source", args=[source.pk]))]),
        "custody": custody,
        "results": results,
        "may_record": verdict(request.actor, RECORD_WATER, *found.scopes).allowed,
        "is_demonstration": source.village.cluster.programme.is_demonstration,
    }
    return render(request, "water/sample.html", context)


def _own(request: Request, number: int) -> Sample:
    found = get_object_or_404(one_sample(request.actor, number))
    require(request.actor, RECORD_WATER, *found.scopes)
    return found


@asks
def hand_on(request: Request, number: int) -> HttpResponse:
    """Record who has a sample now."""
    found = _own(request, number)

    def act(form: forms.CustodyForm) -> str:
        actions.hand_on(actor=request.actor, sample=found, at=request.at, **form.cleaned_data)
        return _("Recorded.")

    form = forms.CustodyForm(request.POST or None, initial={"happened_at": timezone.localtime()})
    return change(
        request, form, act, heading=_("Who has sample %s") % found.code,
        back=reverse("water-sample", args=[number]),
        is_demonstration=found.source.village.cluster.programme.is_demonstration,
    )  # fmt: skip


@asks
def results(request: Request, number: int) -> HttpResponse:
    """Record what was found in a sample, or correct it."""
    found = _own(request, number)

    def act(form: forms.ResultsForm) -> str:
        actions.report(actor=request.actor, sample=found, results=form.results(), at=request.at)
        return _("Recorded.")

    lede = _(
        "Leave empty what was not analysed. Write <0.5 for less than what the method can find."
    )
    return change(
        request, forms.ResultsForm(request.POST or None), act, lede=lede,
        heading=_("What was found in sample %s") % found.code,
        back=reverse("water-sample", args=[number]),
        is_demonstration=found.source.village.cluster.programme.is_demonstration,
    )  # fmt: skip
