"""What stands above its limit now: for local government, and in plain words for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core import formats
from sankul.core.doors import Request
from sankul.core.ui import Column, Crumbs, Day, Link, Notice, State, Table, Tile, Tiles, Tone
from sankul.field.water.queries.judging import AtRisk, at_risk, by_source, last_taken, sources
from sankul.field.water.queries.sensors import readings
from sankul.field.water.rules import RECORD_WATER, Purpose, Standing
from sankul.field.water.rules.advice import OTHERWISE, SAFE, advice

from .parts import limit, measured, named, now


def _state(one: AtRisk, today: date) -> State:
    if one.response is None:
        return State(Tone.PROBLEM, _("nobody on it"))
    late = one.response.due_on < today
    return State(Tone.ATTENTION, _("overdue")) if late else State(Tone.UNKNOWN, _("in hand"))


def _line(one: AtRisk, today: date) -> Mapping[str, Any]:
    last = one.risk.last
    return {
        "village": one.source.village.name,
        "source": Link(one.source.name, reverse("water-source", args=[one.source.pk])),
        "what": named(one.risk.parameter),
        "value": measured(one.risk.parameter, last.value),
        "limit": limit(last.finding.bound),
        "since": Day(timezone.localtime(one.risk.since)),
        "state": _state(one, today),
        "who": one.response.owner if one.response else "",
        "due": Day(one.response.due_on) if one.response else "",
    }


def _columns() -> list[Column]:
    return [
        Column("village", _("Village")),
        Column("source", _("Source")),
        Column("what", _("Above its limit")),
        Column("value", _("Last value"), numeric=True, fold=True),
        Column("limit", _("Limit"), fold=True),
        Column("since", _("Since"), fold=True),
        Column("state", _("Response")),
        Column("who", _("Who is on it"), fold=True),
        Column("due", _("By"), fold=True),
    ]


@require_safe
def risks(request: Request) -> HttpResponse:
    """Which villages drink unsafe water now, since when, and who deals with it."""
    rows = sources(request.actor)
    found = at_risk(request.actor, request.at, rows)
    drinking = rows.filter(purpose=Purpose.DRINKING).count()
    villages = {one.source.village_id: one.source.village for one in found}
    people = sum(village.people or 0 for village in villages.values())
    tiles = [
        Tile(
            _("Villages at risk"),
            len(villages),
            _("of people there: %s") % formats.number(people) if people else "",
        ),
        Tile(_("Nobody on it"), sum(one.response is None for one in found), _("need somebody now")),
        Tile(_("Drinking sources watched"), drinking),
    ]
    today = timezone.localdate(request.at)
    context = {
        "tiles": Tiles(tiles),
        "table": Table(
            _("Sources above a limit, the longest there first"),
            _columns(),
            [_line(one, today) for one in found],
            empty=_("Nothing is above its limit in the last samples."),
            note=_(
                "By the last result of each parameter, and the limit of IS 10500 on the day it was taken."
            ),
        ),
        "is_demonstration": any(
            one.source.village.cluster.programme.is_demonstration for one in found
        ),
        "months": [_month_before(today)],
        "may_record": bool(request.actor.scopes(RECORD_WATER)),
    }
    return render(request, "water/risks.html", context)


def _month_before(today: date) -> str:
    last = today.replace(day=1) - timedelta(days=1)
    return f"{last:%Y-%m}"


@require_safe
def places(request: Request) -> HttpResponse:
    """Drinking water in plain words: every source that one may see, safe or not, and what to do."""
    rows = list(
        sources(request.actor).filter(purpose=Purpose.DRINKING).order_by("village__name", "name")
    )
    risky = by_source(at_risk(request.actor, request.at))
    last = last_taken(rows)
    lines = [
        {
            "source": Link(row.name, reverse("water-place", args=[row.pk])),
            "village": row.village.name,
            "state": _plain(risky.get(row.pk, []), tested=row.pk in last),
            "tested": Day(timezone.localtime(last[row.pk]) if row.pk in last else None),
        }
        for row in rows
    ]
    columns = [
        Column("source", _("Source")),
        Column("village", _("Village")),
        Column("state", _("Safe to drink?")),
        Column("tested", _("Last test"), fold=True),
    ]
    context = {
        "table": Table(
            _("Sources"), columns, lines, hide_caption=True, empty=_("No source is public yet.")
        ),
        "is_demonstration": any(row.village.cluster.programme.is_demonstration for row in rows),
    }
    return render(request, "water/places.html", context)


def _plain(found: list[AtRisk], *, tested: bool) -> State:
    if found:
        return State(Tone.PROBLEM, ", ".join(named(one.risk.parameter) for one in found))
    if not tested:
        return State(Tone.UNKNOWN, _("not tested yet"))
    return State(Tone.GOOD, _("yes, by the last tests"))


@require_safe
def place(request: Request, number: int) -> HttpResponse:
    """One source in plain words of English and Hindi: is it safe, since when not, what to do."""
    source = get_object_or_404(sources(request.actor), pk=number, purpose=Purpose.DRINKING)
    found = at_risk(request.actor, request.at, sources(request.actor).filter(pk=number))
    tested = last_taken([source])
    said = readings(source, request.at)
    told = [
        {
            "what": named(one.risk.parameter),
            "value": measured(one.risk.parameter, one.risk.last.value),
            "limit": limit(one.risk.last.finding.bound),
            "since": Day(timezone.localtime(one.risk.since)),
            "advice": advice(one.risk.parameter),
            "response": one.response,
        }
        for one in found
    ]
    notice = Notice(
        Tone.GOOD, _("The last tests found nothing above the limits."), title=_("Safe to drink.")
    )
    above = [one for one in said if one.finding.standing == Standing.UNSAFE]
    if above and not found:
        told_now = _("A sensor found %s above the limit within the last day.") % ", ".join(
            named(one.parameter) for one in above
        )
        notice = Notice(Tone.PROBLEM, told_now, title=_("Do not drink it as it is."))
    elif found:
        notice = Notice(
            Tone.PROBLEM,
            _("See below what was found, and what to do."),
            title=_("Do not drink it as it is."),
        )
    elif not tested:
        notice = Notice(Tone.UNKNOWN, _("Nobody has tested this water yet."), title=_("Not known."))
    context = {
        "source": source,
        "crumbs": Crumbs([Link(_("Is the water safe?"), reverse("water-places"))]),
        "notice": notice,
        "now": now(said) if said else "",
        "found": told,
        "safe": SAFE if tested and not found else None,
        "otherwise": OTHERWISE,
        "tested": Day(timezone.localtime(tested[source.pk]) if source.pk in tested else None),
        "is_demonstration": source.village.cluster.programme.is_demonstration,
    }
    return render(request, "water/place.html", context)
