"""A thing in the field: how it is, where it stands, what its streams said last and over time."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core import charts, formats
from sankul.core.charts.places import told as told_box
from sankul.core.doors import Request
from sankul.core.rules.roles import verdict
from sankul.core.ui import (
    Column,
    Entry,
    Link,
    Moment,
    Notice,
    Summary,
    Table,
    Tone,
)
from sankul.engines.pictures.maps import Box
from sankul.field.streams.models import Datastream, HistoricalLocation, Thing
from sankul.field.streams.queries import things
from sankul.field.streams.queries.health import health
from sankul.field.streams.queries.plots import plots
from sankul.field.streams.queries.things import Where
from sankul.field.streams.rules import SEE_STREAMS
from sankul.field.streams.rules.health import ThingHealth

from .shown import (
    age,
    chart_of,
    crumbs,
    flag_state,
    health_state,
    measured,
    position,
    range_of,
    range_tabs,
    range_words,
)

POINTS = 1000
"""Drawn of each stream where several are on a page."""
TABLE_ROWS = 20
MOST_PLOTS = 12
AROUND_DEG = 0.02


@require_safe
def thing(request: Request, number: int) -> HttpResponse:
    """One thing: ``?range=`` hour to all, or ``?from=`` and ``?to=`` days of one's own."""
    found = get_object_or_404(things.visible(request.actor), pk=number)
    streams = things.streams_of(found)
    for one in streams:
        one.thing = found
    span = range_of(request, *things.last_of(streams))
    drawn = streams[:MOST_PLOTS]
    rules = things.rules_of(one.pk for one in drawn)
    seen = plots([one.pk for one in drawn], span.since, span.until, POINTS)
    made = [chart_of(one, seen.get(one.pk), span, rules.get(one.pk)) for one in drawn]
    shown = [one for one in made if one]
    if answered := charts.answer(request, shown):
        return answered
    how = health([found.pk], request.at)[found.pk]
    at = things.where(request.actor, [found.pk]).get(found.pk)
    context = {
        "thing": found,
        "crumbs": crumbs(),
        "state": health_state(how.state),
        "summary": _summary(request, found, how, at),
        "latest": _latest(request, streams, how),
        "range": span,
        "range_words": range_words(span),
        "wrong": Notice(Tone.ATTENTION, span.wrong) if span.wrong else "",
        "tabs": range_tabs(request, span),
        "pictures": [_picture(request, one) for one in shown],
        "quiet": [one for one, chart in zip(drawn, made, strict=True) if chart is None],
        "left_out": streams[MOST_PLOTS:],
        "moves": _moves(found),
        "may_see": verdict(request.actor, SEE_STREAMS, *found.scopes).allowed,
        "is_demonstration": bool(found.cluster and found.cluster.programme.is_demonstration),
    }
    return render(request, "streams/thing.html", context)


def _picture(request: Request, chart: charts.Chart) -> charts.Picture:
    stream_id = chart.key.removeprefix("stream-")
    more = Link(_("All observations of it"), reverse("streams:stream", args=[stream_id]))
    return charts.Picture(chart, level=3, most_rows=TABLE_ROWS, more=more, query=request.GET)


def _summary(request: Request, found: Thing, how: ThingHealth, at: Where | None) -> Summary:
    entries = [Entry(_("State"), health_state(how.state))]
    if how.since:
        entries.append(Entry(_("Since"), Moment(how.since)))
    if how.last_at:
        entries.append(
            Entry(
                _("Last value"),
                format_html("{} · {}", Moment(how.last_at), age(how.last_at, request.at)),
            )
        )
    entries += _battery(how)
    if at:
        around = Box(at.lon, at.lat, at.lon, at.lat).grown(1)
        box = Box(
            *(edge + sign * AROUND_DEG for edge, sign in zip(around, (-1, -1, 1, 1), strict=True))
        )
        link = Link(_("On the map"), f"{reverse('streams:fleet')}?box={told_box(box)}")
        entries.append(Entry(_("Where"), f"{at.name}: {position(at)}", link))
    if found.cluster:
        entries.append(Entry(_("Cluster"), found.cluster.name))
    if deployment := things.deployment_seen(request.actor, found):
        href = reverse("deployment", args=[deployment.pk])
        entries.append(Entry(_("Deployment"), Link(deployment.title, href)))
    return Summary(entries)


def _battery(how: ThingHealth) -> list[Entry]:
    if how.battery is None:
        return []
    level = measured(how.battery.level, how.battery.unit)
    if how.battery.empty_at:
        ends = Moment(how.battery.empty_at)
        return [Entry(_("Battery"), level), Entry(_("Battery empty, at this rate"), ends)]
    return [Entry(_("Battery"), level)]


def _latest(request: Request, streams: list[Datastream], how: ThingHealth) -> Table:
    columns = [
        Column("stream", _("Stream")),
        Column("value", _("Last value"), numeric=True),
        Column("age", _("Age"), fold=True),
        Column("flag", _("Quality")),
        Column("due", _("Due every"), fold=True),
        Column("count", _("Observations"), numeric=True, fold=True),
    ]
    empty = _("This thing has no stream yet. One comes into being through the SensorThings API.")
    rows = [_line(request, one, is_late=one.pk in how.late) for one in streams]
    return Table(_("Latest of every stream"), columns, rows, hide_caption=True, empty=empty)


def _line(request: Request, one: Datastream, *, is_late: bool) -> dict[str, Any]:
    last = one.latest
    told = age(last.time, request.at) if last.time else _("nothing yet")
    return {
        "stream": Link(one.name, reverse("streams:stream", args=[one.pk])),
        "value": measured(last.value, one.unit_symbol) if last.time else "–",
        "age": _("%s, late") % told if is_late else told,
        "flag": flag_state(last.flag) if last.time else "–",
        "due": due(one),
        "count": formats.number(last.count),
    }


def due(one: Datastream) -> str:
    """How often a value is due."""
    told = one.expected_every_s
    if not told:
        return _("not told")
    if told % 3600 == 0:
        return _("%d h") % (told // 3600)
    return _("%d min") % (told // 60) if told % 60 == 0 else _("%d s") % told


def _moves(found: Thing) -> Table | None:
    """Where the thing was before, where it was anywhere else."""
    past = HistoricalLocation.objects.filter(thing=found).order_by("-time")
    rows = list(past.prefetch_related("locations")[:20])
    if len(rows) < 2:
        return None
    columns = [Column("since", _("Since")), Column("place", _("Place"))]
    lines = [
        {"since": Moment(one.time), "place": ", ".join(map(str, one.locations.all()))}
        for one in rows
    ]
    return Table(_("Where it was"), columns, lines)
