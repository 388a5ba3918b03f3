"""Many instruments at once: a template, a table sent and checked, the report, and taking it over."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.core import signing
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from sankul.core.doors import Request
from sankul.core.exports import FILES
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.tables import writing
from sankul.core.ui import Column, Crumbs, Table
from sankul.programme.facilities.actions import listing as actions
from sankul.programme.facilities.models import Facility
from sankul.programme.facilities.rules.listed import COLUMNS

from .parts import asks, crumbs_to, facility_href, find_facility, manages

SALT = "facilities.import"
SHOWN = 200


class TableForm(forms.Form):
    """A table."""

    file = forms.FileField(
        label=gettext_lazy("Table"),
        help_text=gettext_lazy("XLSX or CSV made from the template; 500 lines at most."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        allow_empty_file=True,
    )


@asks
def instruments_import(request: Request, organisation: str, slug: str) -> HttpResponse:
    """Send a table of instruments; it is checked at once, and taken over when one has seen what would come of it."""
    found = find_facility(request, organisation, slug)
    manages(request, found)
    if request.method == "POST" and "sound" in request.POST:
        return _taken_over(request, found)
    form = TableForm(request.POST or None, request.FILES or None)
    report = None
    if request.method == "POST" and form.is_valid():
        report = _checked(request, found, form)
    return _page(request, found, form, report)


def _checked(request: Request, found: Facility, form: forms.Form) -> actions.Report | None:
    file: Any = form.cleaned_data["file"]
    try:
        return actions.check(actor=request.actor, facility=found, file=file, at=request.at)
    except Forbidden:
        raise
    except Refused as refusal:
        form.add_error("file", refusal.reason)
        return None


def _taken_over(request: Request, found: Facility) -> HttpResponse:
    try:
        told = signing.loads(request.POST["sound"], salt=SALT, max_age=86_400)
    except signing.BadSignature:
        raise Refused(_("Check the table again: its check is older than a day.")) from None
    if told["facility"] != found.pk:
        raise Refused(_("That table was checked for another facility."))
    actions.apply(actor=request.actor, facility=found, sha256=told["sha256"], at=request.at)
    return redirect(facility_href(found))


def _page(
    request: Request, found: Facility, form: forms.Form, report: actions.Report | None
) -> HttpResponse:
    sound = report is not None and report.is_sound and report.fresh + report.changed
    told = {"facility": found.pk, "sha256": report.sha256} if report else {}
    context = {
        "facility": found,
        "form": form,
        "report": report,
        "problems": _problems(report) if report and report.problems else None,
        "more": max(len(report.problems) - SHOWN, 0) if report else 0,
        "sound": signing.dumps(told, salt=SALT) if sound else "",
        "columns": _columns(),
        "back": facility_href(found),
        "crumbs": Crumbs(crumbs_to(found)),
        "is_demonstration": found.organisation.is_demonstration,
    }
    status = 422 if form.errors or (report and report.problems) else 200
    return render(request, "facilities/import.html", context, status=status)


@require_safe
def template(request: Request, organisation: str, slug: str, form: str) -> HttpResponseBase:
    """The template of the table, as XLSX or CSV."""
    found = find_facility(request, organisation, slug)
    manages(request, found)
    head = [one.head for one in COLUMNS]
    name = f"instruments-{found.slug}.{form}"
    if form == "csv":
        buffer = io.StringIO("\ufeff")
        buffer.seek(0, io.SEEK_END)
        csv.writer(buffer, lineterminator="\r\n").writerow(head)
        answer = HttpResponse(buffer.getvalue(), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    if form != "xlsx":
        raise Http404
    with tempfile.TemporaryDirectory(prefix="sankul-") as folder:
        made = writing.spreadsheet(
            Path(folder) / "template.xlsx",
            title=actions.SHEET,
            head=head,
            rows=(),
            about=lambda: ((one.head, str(one.meaning)) for one in COLUMNS),
        ).open("rb")
    return FileResponse(made, as_attachment=True, filename=name, content_type=FILES["xlsx"])


def _problems(report: actions.Report) -> Table:
    columns = [
        Column("line", _("Line"), numeric=True),
        Column("column", _("Column")),
        Column("value", _("What stands there"), fold=True),
        Column("wrong", _("What is wrong")),
        Column("expected", _("What is expected"), fold=True),
    ]
    rows = [
        problem._asdict() | {"line": problem.line or "–"}  # none: of the whole table
        for problem in report.problems[:SHOWN]
    ]
    return Table(_("Problems, line by line"), columns, rows, hide_caption=True)


def _columns() -> Table:
    rows = [
        {"head": one.head, "meaning": one.meaning, "needed": _("yes") if one.required else ""}
        for one in COLUMNS
    ]
    columns = [
        Column("head", _("Column")),
        Column("meaning", _("What it means")),
        Column("needed", _("Needed")),
    ]
    return Table(_("Columns"), columns, rows, hide_caption=True)
