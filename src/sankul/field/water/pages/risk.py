"""What stands above its limit now: for local government, and in plain words for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core import formats
from sankul.core.doors import Request
from sankul.core.ui import Column, Day, Link, State, Table, Tile, Tiles, Tone
from sankul.field.water.queries.judging import sources
from sankul.field.water.queries.risks import AtRisk, at_risk
from sankul.field.water.rules import RECORD_WATER, Purpose

from .parts import crumbs, limit, measured, named, since


def _state(one: AtRisk, today: date) -> State:
    if not one.owner:
        seen = State(Tone.ATTENTION, _("seen, nothing done yet"))
        return seen if one.is_seen else State(Tone.PROBLEM, _("nobody on it"))
    due = _due(one)
    late = due is not None and due < today
    return State(Tone.ATTENTION, _("overdue")) if late else State(Tone.UNKNOWN, _("in hand"))


def _due(one: AtRisk) -> date | None:
    if one.response:
        return one.response.due_on
    return timezone.localdate(one.due_at) if one.due_at else None


def _line(one: AtRisk, at: datetime) -> Mapping[str, Any]:
    last, today = one.risk.last, timezone.localdate(at)
    return {
        "village": Link(
            one.source.village.name, reverse("water-village", args=[one.source.village_id])
        ),
        "source": Link(one.source.name, reverse("water-source", args=[one.source.pk])),
        "what": named(one.risk.parameter),
        "by": _("sensor") if one.by_sensor else _("sample"),
        "value": measured(one.risk.parameter, last.value),
        "limit": limit(last.finding.bound),
        "since": since(one.risk.since, at),
        "state": _state(one, today),
        "who": one.owner,
        "due": Day(due) if (due := _due(one)) else "",
    }


def _columns() -> list[Column]:
    return [
        Column("village", _("Village")),
        Column("source", _("Source"), fold=True),
        Column("what", _("Above its limit")),
        Column("by", _("Found by"), fold=True),
        Column("value", _("Last value"), numeric=True, fold=True),
        Column("limit", _("Limit"), fold=True),
        Column("since", _("Since"), fold=True),
        Column("state", _("Response")),
        Column("who", _("Who is on it"), fold=True),
        Column("due", _("By when"), fold=True),
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
            _("%s people live there") % formats.number(people) if people else "",
        ),
        Tile(_("Nobody on it"), sum(not one.is_seen for one in found), _("need somebody now")),
        Tile(_("Drinking sources watched"), drinking),
    ]
    today = timezone.localdate(request.at)
    context = {
        "crumbs": crumbs(),
        "tiles": Tiles(tiles),
        "table": Table(
            _("Sources above a limit, the longest there first"),
            _columns(),
            [_line(one, request.at) for one in found],
            empty=_("Nothing is above its limit, by the last samples and sensors."),
            note=_(
                "By the last result of each parameter, or the last values of a sensor, and the limit of IS 10500 on that day."
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
