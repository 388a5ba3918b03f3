"""A stream: its line over time, its observations page by page, its corrections, its rules."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core import charts, formats
from sankul.core.doors import Request, asked
from sankul.core.rules.roles import verdict
from sankul.core.ui import (
    Column,
    Crumbs,
    Entry,
    Link,
    Moment,
    Notice,
    Step,
    Steps,
    Summary,
    Table,
    Tone,
    href_with,
)
from sankul.field.streams.models import Datastream, QualityRule, Revision
from sankul.field.streams.queries import things
from sankul.field.streams.queries.plots import plots
from sankul.field.streams.queries.things import Reading, Readings
from sankul.field.streams.rules import RECORD_STREAMS
from sankul.field.streams.rules.ranges import Range

from .shown import (
    age,
    chart_of,
    crumbs,
    flag_state,
    measured,
    range_of,
    range_tabs,
    range_words,
)
from .thing import due

SHOWN_REVISIONS = 20
TABLE_ROWS = 20


@require_safe
def stream(request: Request, number: int) -> HttpResponse:
    """One stream: ``?range=`` as a thing has it; ``?before=`` pages through its observations, newest first."""
    rows = things.stream_rows(request.actor)
    found = get_object_or_404(rows, pk=number)
    last = found.latest
    span = range_of(request, last.first_time, last.time)
    rule = things.rules_of([found.pk]).get(found.pk)
    plot = plots([found.pk], span.since, span.until).get(found.pk)
    chart = chart_of(found, plot, span, rule, title=_("%s over time") % found.name)
    if chart and (answered := charts.answer(request, [chart])):
        return answered
    before = _before(request, span)
    page = things.readings(found, span.since, before)
    revisions = list(things.history(found)[: SHOWN_REVISIONS + 1])
    may_record = verdict(request.actor, RECORD_STREAMS, *found.thing.scopes).allowed
    cluster = found.thing.cluster
    context = {
        "stream": found,
        "crumbs": _crumbs(found),
        "summary": _summary(request, found, rule),
        "range": span,
        "range_words": range_words(span),
        "wrong": Notice(Tone.ATTENTION, span.wrong) if span.wrong else "",
        "tabs": range_tabs(request, span),
        "picture": _picture(request, chart) if chart else "",
        "observations": _observations(found, page),
        "older_href": href_with(request.GET, before=page.rows[-1].time.isoformat())
        if page.has_older
        else "",
        "newest_href": href_with(request.GET, before=None) if before < span.until else "",
        "revisions": _revisions(revisions[:SHOWN_REVISIONS], named=may_record) if revisions else "",
        "is_cut": len(revisions) > SHOWN_REVISIONS,
        "may_record": may_record,
        "is_demonstration": bool(cluster and cluster.programme.is_demonstration),
    }
    return render(request, "streams/stream.html", context)


def _picture(request: Request, chart: charts.Chart) -> charts.Picture:
    more = Link(_("All observations, page by page"), "#observations")
    return charts.Picture(chart, most_rows=TABLE_ROWS, more=more, query=request.GET)


def _crumbs(found: Datastream) -> Crumbs:
    of = Link(found.thing.name, reverse("streams:thing", args=[found.thing_id]))
    return crumbs(of)


def _before(request: Request, span: Range) -> datetime:
    try:
        told = parse_datetime(asked(request, "before"))
    except ValueError:
        told = None
    return min(told, span.until) if told and told.tzinfo else span.until


def _summary(request: Request, found: Datastream, rule: QualityRule | None) -> Summary:
    last, unit = found.latest, found.unit
    entries = [
        Entry(_("Observes"), found.observed_property.name),
        Entry(_("Sensor"), found.sensor.name),
        Entry(
            _("Unit"),
            " · ".join(dict.fromkeys(filter(None, (found.unit_symbol, unit.get("name"))))) or "–",
        ),
        Entry(_("Due every"), due(found)),
        Entry(_("Observations"), formats.number(last.count)),
    ]
    if last.time:
        told = measured(last.value, found.unit_symbol)
        entries.append(Entry(_("Last value"), f"{told} · {age(last.time, request.at)}"))
        entries.append(Entry(_("Quality of it"), flag_state(last.flag)))
        entries.append(Entry(_("First observation"), Moment(last.first_time)))
    told = _("version %(n)d, since %(at)s") % {"n": rule.version, "at": formats.moment(rule.made_at)} if rule else ""  # fmt: skip
    entries.append(Entry(_("Quality rules"), told or _("none: values are not evaluated")))
    return Summary(entries)


def _observations(found: Datastream, page: Readings) -> Table:
    columns = [
        Column("time", _("Time")),
        Column("value", _("Value"), numeric=True, unit=found.unit_symbol),
        Column("flag", _("Quality")),
    ]
    rows = [{"time": Moment(one.time) if one.time.second == 0 else _exact(one.time),
             "value": _value(one), "flag": flag_state(one.flag)} for one in page.rows]  # fmt: skip
    empty = _("Nothing was observed in this range. Choose a longer one.")
    return Table(_("Observations"), columns, rows, hide_caption=True, empty=empty)


def _exact(at: datetime) -> str:
    return f"{formats.moment(at)} ({at:%H:%M:%S} UTC)"


def _value(one: Reading) -> str:
    return measured(one.value, "", one.result)


def _revisions(found: list[Revision], *, named: bool) -> Steps:
    return Steps(_("Corrections"), [_step(one, named=named) for one in found])


def _step(one: Revision, *, named: bool) -> Step:
    """A correction; who made it is told to those who make some themselves."""
    changed: int = getattr(one, "changed", 0) or 0
    by = _("a rule") if one.made_by is None else str(one.made_by) if named else _("a technician")
    told = _("%(reason)s · %(n)s observations · by %(by)s")
    text = told % {"reason": one.reason, "n": formats.number(changed), "by": by}
    return Step(one.get_kind_display(), done=True, at=Moment(one.made_at), text=text)
