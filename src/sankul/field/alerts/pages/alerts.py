"""The list of alerts."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request, asked, csv_download, filtered, listing
from sankul.core.rules.roles import PLATFORM, require
from sankul.core.ui import Column, Link, Moment, Pages, Table, Tile, Tiles
from sankul.field.alerts.models import Alert
from sankul.field.alerts.queries import alerts as queries
from sankul.field.alerts.rules import SEE_ALERTS, AlertSeverity, AlertState
from sankul.field.streams.models import Thing

from .parts import is_demonstration, number, severity_of, state_of, tabs, went_on, worst

FILTERS = {"state": "state", "severity": "severity", "site": "thing"}
SORTS = {"began": "began_at", "severity": "severity", "state": "state", "site": "thing__name"}
HEAD = (
    "number", "detector", "kind", "site", "stream", "severity", "state", "began", "raised", "ended", "level", "worst",
    "unit", "acknowledged", "acted_with_proof", "closed", "cause",
)  # fmt: skip


@login_required
@require_safe
def alerts(request: Request) -> HttpResponseBase:
    """Alerts that the reader may see: those to be closed, ``?show=mine`` or ``?show=all``; and as CSV."""
    require(request.actor, SEE_ALERTS, PLATFORM, *request.actor.scopes(SEE_ALERTS))
    show = asked(request, "show")
    rows = _shown(request, show)
    if asked(request, "as") == "csv":
        kept = filtered(request, rows, FILTERS).order_by("-began_at", "-pk")
        return csv_download("alerts.csv", HEAD, (_line(row) for row in kept[:100_000]))
    found = listing(
        request, rows, search=("detector__name", "thing__name"), sorts=SORTS, filters=FILTERS, default="-began"
    )  # fmt: skip
    context = {
        "tabs": tabs(request.actor, "alerts"),
        "tiles": _tiles(request),
        "found": found,
        "show": show,
        "states": AlertState.choices,
        "severities": AlertSeverity.choices,
        "sites": Thing.objects.filter(alerts__in=queries.visible(request.actor).order_by()).distinct().order_by("name")[:500],
        "table": _table(request, found.rows),
        "pages": Pages(request.GET, page=found.page, last=max(1, -(-found.total // 50)), total=found.total),
        "csv_href": f"?{_query(request)}as=csv",
        "is_demonstration": any(is_demonstration(row.cluster) for row in found.rows),
    }  # fmt: skip
    return render(request, "alerts/alerts.html", context)


def _shown(request: Request, show: str) -> QuerySet[Alert]:
    if show == "mine":
        return queries.mine(request.actor)
    rows = queries.visible(request.actor)
    return rows if show == "all" or asked(request, "state") else queries.unclosed(rows)


def _query(request: Request) -> str:
    kept = request.GET.copy()
    kept.pop("page", None)
    return f"{kept.urlencode()}&" if kept else ""


def _tiles(request: Request) -> Tiles:
    rows = queries.visible(request.actor).order_by()
    waiting, late = rows.filter(state=AlertState.OPEN), queries.overdue(request.actor)
    urgent = waiting.filter(severity=AlertSeverity.URGENT)
    return Tiles([
        Tile(_("Nobody on it yet"), waiting.count(), _("%s of them urgent") % number(urgent.count())),
        Tile(_("Not closed"), queries.unclosed(rows).count()),
        Tile(_("Actions overdue"), late.count()),
    ])  # fmt: skip


def _table(request: Request, rows: list[Alert]) -> Table:
    columns = [
        Column("what", _("Alert")),
        Column("site", _("Site"), sort="site", fold=True),
        Column("severity", _("Severity"), sort="severity", fold=True),
        Column("began", _("Began"), sort="began", fold=True),
        Column("lasted", _("Lasted"), fold=True),
        Column("worst", _("Worst"), numeric=True, fold=True),
        Column("state", _("State"), sort="state"),
    ]
    lines = [
        {
            "what": Link(row.detector.name, reverse("alert", args=[row.pk])),
            "site": row.thing.name if row.thing else _("many sites"),
            "severity": severity_of(row),
            "began": Moment(row.began_at),
            "lasted": went_on(row, request.at),
            "worst": worst(row),
            "state": state_of(row),
        }
        for row in rows
    ]
    empty = _("No alert. Detectors look at what comes in every minute, and raise one when something stands out.")  # fmt: skip
    return Table(_("Alerts"), columns, lines, request.GET, hide_caption=True, empty=empty)


def _line(row: Alert) -> list[Any]:
    moments = (row.acknowledged_at, row.acted_at, row.closed_at)
    return [
        row.pk, row.detector.name, row.detector.kind, row.thing.name if row.thing else "",
        row.stream.name if row.stream else "", row.severity, row.state,
        row.began_at.isoformat(), row.raised_at.isoformat(), _iso(row.ended_at), row.level, row.worst,
        row.stream.unit_symbol if row.stream else "", *map(_iso, moments), row.cause,
    ]  # fmt: skip


def _iso(at: Any) -> str:
    return at.isoformat() if at else ""
