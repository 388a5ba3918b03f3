"""What water is judged by, and the rivers of India by station and year."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request, listing
from sankul.core.rules.roles import PLATFORM, require, verdict
from sankul.core.ui import Column, Day, Link, Moment, Pages, Table
from sankul.field.water import forms
from sankul.field.water.actions import limits as limit_actions
from sankul.field.water.actions import rivers as actions
from sankul.field.water.models import Limit
from sankul.field.water.queries import rivers as queries
from sankul.field.water.rules import IMPORT_RIVERS, PARAMETERS, SET_LIMITS
from sankul.field.water.rules.use import NAMES

from .parts import asks, change, crumbs, exact, measured, named

SHOWN = 300
"""Problems of a table that its page shows; all of them are in the table's record."""


@require_safe
def limits(request: Request) -> HttpResponse:
    """Every limit of drinking water with the days it was in force and its source."""
    columns = [
        Column("what", _("Parameter")),
        Column("acceptable", _("Acceptable")),
        Column("permissible", _("Permissible")),
        Column("method", _("Method"), fold=True),
        Column("since", _("From"), fold=True),
        Column("until", _("Until"), fold=True),
        Column("source", _("Source"), fold=True),
    ]
    rows = [
        {
            "what": named(row.parameter),
            "acceptable": _acceptable(row),
            "permissible": _("no relaxation")
            if row.permissible is None
            else measured(row.parameter, row.permissible),
            "method": PARAMETERS[row.parameter].method,
            "since": Day(row.from_on),
            "until": Day(row.until_on) if row.until_on else _("in force"),
            "source": row.source,
        }
        for row in Limit.objects.all()
    ]
    table = Table(_("Limits of drinking water"), columns, rows, hide_caption=True)
    may_set = verdict(request.actor, SET_LIMITS, PLATFORM).allowed
    return render(
        request, "water/limits.html", {"table": table, "crumbs": crumbs(), "may_set": may_set}
    )


def _acceptable(row: Limit) -> str:
    shown = measured(row.parameter, row.acceptable)
    if row.is_least:
        return _("at least %s") % shown
    if row.low is not None:
        return _("%(low)s to %(high)s") % {
            "low": exact(row.low),
            "high": shown,
        }
    return _("none at all") if not row.acceptable else _("at most %s") % shown


@require_safe
def rivers(request: Request) -> HttpResponse:
    """River stations by year: ``?q=`` searches, ``?year=`` and ``?use=`` filter."""
    found = listing(
        request,
        queries.years(),
        search=("station__name", "station__state", "station__code"),
        sorts={
            "year": "year",
            "station": "station__name",
            "state": "station__state",
            "use": "best_use",
        },
        filters={"year": "year", "use": "best_use"},
        default="-year",
    )
    columns = [
        Column("station", _("Station"), sort="station"),
        Column("state", _("State"), sort="state", fold=True),
        Column("year", _("Year"), sort="year"),
        Column("use", _("Fit all year for"), sort="use"),
    ]
    rows = [
        {
            "station": row.station.name,
            "state": row.station.state,
            "year": str(row.year),
            "use": f"{row.best_use} · {NAMES[row.best_use]}"
            if row.best_use
            else _("none that its figures show"),
        }
        for row in found.rows
    ]
    total = None if found.is_capped else found.total
    context = {
        "found": found,
        "crumbs": crumbs(),
        "table": Table(
            _("Rivers"),
            columns,
            rows,
            request.GET,
            hide_caption=True,
            empty=_("No table was taken over yet."),
        ),
        "pages": Pages(request.GET, page=found.page, last=found.page + found.has_next, total=total),
        "may_import": verdict(request.actor, IMPORT_RIVERS, PLATFORM).allowed,
    }
    return render(request, "water/rivers.html", context)


@asks
def rivers_new(request: Request) -> HttpResponse:
    """Take over a table of river stations."""
    require(request.actor, IMPORT_RIVERS, PLATFORM)

    def act(form: forms.RiversForm) -> str:
        file = form.cleaned_data["file"]
        made = actions.take_over(actor=request.actor, file=file.file, name=file.name, at=request.at)
        told = {"kept": made.kept, "rows": made.rows, "problems": len(made.problems)}
        return _("%(kept)d of %(rows)d rows are kept; %(problems)d faults are named.") % told

    form = forms.RiversForm(request.POST or None, request.FILES or None)
    back = reverse("water-imports")
    return change(request, form, act, heading=_("Take over a table of rivers"), back=back)


@require_safe
def imports(request: Request) -> HttpResponse:
    """Tables taken over, and what was wrong in them by line."""
    require(request.actor, IMPORT_RIVERS, PLATFORM)
    made = list(queries.imports()[:20])
    tables = [
        {
            "made": row,
            "at": Moment(row.at),
            "problems": _notes(_("Left out"), row.problems),
            "doubts": _notes(_("Kept, but to be looked at"), row.doubts),
        }
        for row in made
    ]
    way = crumbs(Link(_("Rivers"), reverse("water-rivers")))
    return render(request, "water/imports.html", {"tables": tables, "crumbs": way})


def _notes(caption: str, notes: list[list[str]]) -> Table:
    columns = [Column("place", _("Where")), Column("wrong", _("What"))]
    rows = [{"place": place, "wrong": wrong} for place, wrong in notes[:SHOWN]]
    more = len(notes) - len(rows)
    note = _("%d more are not shown.") % more if more else ""
    return Table(f"{caption}: {len(notes)}", columns, rows, note=note, empty=_("Nothing."))


@asks
def limit_new(request: Request) -> HttpResponse:
    """Record a limit from a day on."""
    require(request.actor, SET_LIMITS, PLATFORM)

    def act(form: forms.LimitForm) -> str:
        limit_actions.set_limit(actor=request.actor, at=request.at, **form.cleaned_data)
        return _("Recorded. The limit before it ends the day before.")

    form = forms.LimitForm(request.POST or None)
    return change(request, form, act, heading=_("Record a limit"), back=reverse("water-limits"))
