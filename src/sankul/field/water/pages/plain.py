"""Drinking water in plain words of English and Hindi: is it safe, since when not, what to do, who is on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from sankul.core import charts
from sankul.core.charts import PlaceMap
from sankul.core.doors import Request, asked
from sankul.core.ui import Column, Day, Link, Notice, State, Table, Tone
from sankul.engines.pictures.maps import Spot
from sankul.field.water.models import Source
from sankul.field.water.queries.judging import last_taken, sources
from sankul.field.water.queries.risks import AtRisk, at_risk, by_source
from sankul.field.water.queries.sensors import readings, silences
from sankul.field.water.rules import Purpose
from sankul.field.water.rules.advice import (
    LONG_AGO,
    OTHERWISE,
    SAFE,
    SILENT,
    UNTESTED,
    Advice,
    advice,
    since_in_words,
)
from sankul.field.water.rules.risk import Known, known

from .parts import crumbs, limit, measured, named, now, since

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class _Standing(NamedTuple):
    """A source with what can be said of it."""

    source: Source
    found: list[AtRisk]
    tested_at: datetime | None
    silent_since: datetime | None
    known: Known


def _standing(request: Request, rows: QuerySet[Source]) -> list[_Standing]:
    """What can be said of drinking sources, in a fixed number of queries."""
    drinking = list(rows.filter(purpose=Purpose.DRINKING).order_by("village__name", "name"))
    risky = by_source(at_risk(request.actor, request.at, rows))
    tested = last_taken(drinking)
    silent = silences([row.pk for row in drinking], request.at)
    return [
        _Standing(
            row,
            risky.get(row.pk, []),
            tested.get(row.pk),
            silent.get(row.pk),
            known(
                is_unsafe=row.pk in risky,
                tested_at=tested.get(row.pk),
                silent_since=silent.get(row.pk),
                at=request.at,
            ),
        )
        for row in drinking
    ]


def _state(one: _Standing) -> State:
    said = {
        Known.UNSAFE: (Tone.PROBLEM, ", ".join(named(each.risk.parameter) for each in one.found)),
        Known.SAFE: (Tone.GOOD, _("yes, by the last tests")),
        Known.UNTESTED: (Tone.UNKNOWN, _("not tested yet")),
        Known.LONG_AGO: (Tone.UNKNOWN, _("not known: tested long ago")),
        Known.SILENT: (Tone.UNKNOWN, _("not known: the sensor is silent")),
    }
    return State(*said[one.known])


def _listed(found: list[_Standing], at: datetime, *, with_village: bool) -> Table:
    columns = [
        Column("source", _("Source")),
        *([Column("village", _("Village"), fold=True)] if with_village else []),
        Column("state", _("Safe to drink?")),
        Column("since", _("Since"), fold=True),
        Column("tested", _("Last test"), fold=True),
    ]
    lines = [
        {
            "source": Link(one.source.name, reverse("water-place", args=[one.source.pk])),
            "village": Link(
                one.source.village.name, reverse("water-village", args=[one.source.village_id])
            ),
            "state": _state(one),
            "since": since(min(each.risk.since for each in one.found), at) if one.found else "",
            "tested": Day(timezone.localtime(one.tested_at) if one.tested_at else None),
        }
        for one in found
    ]
    return Table(
        _("Sources"), columns, lines, hide_caption=True, empty=_("No source is public yet.")
    )


KINDS: Mapping[str, tuple[Tone, StrOrPromise]] = {
    Known.SAFE: (Tone.GOOD, gettext_lazy("safe by the last tests")),
    Known.UNTESTED: (Tone.UNKNOWN, gettext_lazy("not known")),
    Known.UNSAFE: (Tone.PROBLEM, gettext_lazy("not safe")),
}


def _map(request: Request, found: list[_Standing]) -> PlaceMap:
    """Where the sources are that have a place, and how each is."""
    told = {Known.SILENT: Known.UNTESTED, Known.LONG_AGO: Known.UNTESTED}
    spots = [
        Spot(
            one.source.name,
            float(one.source.longitude),
            float(one.source.latitude),
            told.get(one.known, one.known),
            reverse("water-place", args=[one.source.pk]),
        )
        for one in found
        if one.source.longitude is not None and one.source.latitude is not None
    ]
    unsafe = sum(one.known == Known.UNSAFE for one in found)
    return PlaceMap(
        key="water",
        title=_("Where the water is safe"),
        finding=_("%(unsafe)d of %(all)d sources are not safe now.")
        % {"unsafe": unsafe, "all": len(found)},
        spots=spots,
        kinds=charts.kinds(KINDS),
        box=charts.asked_box(asked(request, "box")),
        query=request.GET,
        demonstration=_is_demonstration(found),
    )


def _is_demonstration(found: list[_Standing]) -> bool:
    return any(one.source.village.cluster.programme.is_demonstration for one in found)


@require_safe
def places(request: Request) -> HttpResponse:
    """Every drinking source that one may see, safe or not."""
    found = _standing(request, sources(request.actor))
    found.sort(key=lambda one: one.known != Known.UNSAFE)  # what is not safe stands first
    drawn = _map(request, found)
    if answered := charts.map_answer(request, drawn):
        return answered
    context = {
        "map": drawn if drawn.spots else "",
        "table": _listed(found, request.at, with_village=True),
        "is_demonstration": _is_demonstration(found),
    }
    return render(request, "water/places.html", context)


@require_safe
def village(request: Request, number: int) -> HttpResponse:
    """A village: which of its sources are safe, what is wrong with the others, what to do, who is on it."""
    found = _standing(request, sources(request.actor).filter(village=number))
    if not found:
        raise Http404
    context = {
        "village": found[0].source.village,
        "crumbs": crumbs(),
        "table": _listed(found, request.at, with_village=False),
        "found": [
            _told(each, request.at) | {"source": one.source} for one in found for each in one.found
        ],
        "is_demonstration": _is_demonstration(found),
    }
    return render(request, "water/village.html", context)


def _told(one: AtRisk, at: datetime) -> dict[str, Any]:
    began, today = timezone.localtime(one.risk.since), timezone.localdate(at)
    english, hindi = since_in_words(one.risk.parameter, began, today)
    return {
        "what": named(one.risk.parameter),
        "value": measured(one.risk.parameter, one.risk.last.value),
        "limit": limit(one.risk.last.finding.bound),
        "since": since(one.risk.since, at),
        "english": english,
        "hindi": hindi,
        "advice": advice(one.risk.parameter),
        "owner": one.owner,
        "action": one.action,
        "is_seen": one.is_seen,
        "by_sensor": one.by_sensor,
    }


NOTICES: Mapping[Known, Advice] = {
    Known.SAFE: SAFE,
    Known.UNTESTED: UNTESTED,
    Known.LONG_AGO: LONG_AGO,
    Known.SILENT: SILENT,
}


def _notice(one: _Standing) -> Notice:
    said = {
        Known.UNSAFE: (Tone.PROBLEM, _("Do not drink it as it is."), _("See below what was found, and what to do.")),
        Known.SAFE: (Tone.GOOD, _("Safe to drink."), _("The last tests found nothing above the limits.")),
        Known.UNTESTED: (Tone.UNKNOWN, _("Not known."), _("Nobody has tested this water yet.")),
        Known.LONG_AGO: (Tone.UNKNOWN, _("Not known."), _("The last test was good, but it is more than half a year old.")),
        Known.SILENT: (Tone.UNKNOWN, _("Not known now."), _("The last test was good, but the sensor here says nothing now.")),
    }  # fmt: skip
    tone, title, text = said[one.known]
    return Notice(tone, text, title=title)


@require_safe
def place(request: Request, number: int) -> HttpResponse:
    """One source: is it safe, since when not, what to do."""
    rows = sources(request.actor).filter(pk=number, purpose=Purpose.DRINKING)
    source = get_object_or_404(rows)
    [one] = _standing(request, rows)
    said = readings(source, request.at)
    context = {
        "source": source,
        "crumbs": crumbs(
            Link(source.village.name, reverse("water-village", args=[source.village_id]))
        ),
        "notice": _notice(one),
        "now": now(said) if said else "",
        "found": [_told(each, request.at) for each in one.found],
        "plain": NOTICES.get(one.known),
        "otherwise": OTHERWISE,
        "silent": since(one.silent_since, request.at) if one.silent_since else None,
        "tested": Day(timezone.localtime(one.tested_at) if one.tested_at else None),
        "is_demonstration": source.village.cluster.programme.is_demonstration,
    }
    return render(request, "water/place.html", context)
