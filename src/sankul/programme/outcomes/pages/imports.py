"""Many results at once: the template of a kind, a table sent and checked, what was found, and taking it over."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sankul.core import formats
from sankul.core.actions import work
from sankul.core.doors import Request, csv_download, listing
from sankul.core.exports import FILES
from sankul.core.models import Work
from sankul.core.rules.roles import require
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.ui import (
    Column,
    Confirm,
    Crumbs,
    Entry,
    Link,
    Moment,
    Pages,
    State,
    Summary,
    Table,
    Tone,
)
from sankul.programme.outcomes.actions import imports as actions
from sankul.programme.outcomes.forms.imports import SUBMITTED, ImportForm
from sankul.programme.outcomes.models import Import, ImportProblem
from sankul.programme.outcomes.queries import claims, template
from sankul.programme.outcomes.queries import imports as queries
from sankul.programme.outcomes.rules import KINDS, RECORD_CLAIM, Kind, permission_to_record
from sankul.programme.outcomes.rules.imports import ImportState, columns, why_not_apply
from sankul.programme.outcomes.tasks import apply_import, check_import
from sankul.programme.registry.models import Cluster

TONES = {
    ImportState.WAITING: Tone.UNKNOWN,
    ImportState.SOUND: Tone.ATTENTION,
    ImportState.WRONG: Tone.PROBLEM,
    ImportState.APPLIED: Tone.GOOD,
}
REPORT_HEAD = ("line", "column", "value", "wrong", "expected")
asks = require_http_methods(["GET", "HEAD", "POST"])


@asks
def claims_import(request: Request) -> HttpResponse:
    """Send a table of claims; it is checked in the background. Below, the tables sent before."""
    kinds = claims.kinds_to_record(request.actor)
    if not kinds:
        require(request.actor, RECORD_CLAIM)
    own = _own(request, kinds)
    start = {"kind": request.GET.get("kind", "")}
    form = ImportForm(
        request.POST or None, request.FILES or None, kinds=kinds, clusters=own, initial=start
    )
    if request.method == "POST" and form.is_valid():
        asked = _received(request, form, own)
        if asked is not None:
            return redirect("work", asked.pk)
    chosen = KINDS.get(start["kind"])
    context = {
        "form": form,
        "kinds": kinds,
        "kind": chosen if chosen in kinds else None,
        "columns": _meanings(chosen) if chosen in kinds and chosen else None,
        "cluster": own[0] if own else None,
        "table": _before(request),
        "crumbs": Crumbs([Link(_("Claims"), reverse("claims"))]),
        "is_demonstration": any(one.programme.is_demonstration for one in own),
    }
    status = 422 if form.errors else 200
    return render(request, "outcomes/import_new.html", context, status=status)


@require_safe
def import_template(request: Request, kind: str, form: str) -> HttpResponseBase:
    """The template of a kind as XLSX or CSV, for the cluster of ``?cluster=`` or one's first."""
    found = KINDS.get(kind)
    if found is None or form not in ("xlsx", "csv"):
        raise Http404
    own = list(claims.clusters_to_record(request.actor, permission_to_record(kind)))
    if not own:
        require(request.actor, permission_to_record(kind))
    wanted = request.GET.get("cluster", "")
    cluster = next((one for one in own if one.slug == wanted), own[0])
    name = f"{kind}-{cluster.slug}.{form}"
    if form == "csv":
        answer = HttpResponse(template.text(found, cluster), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    with tempfile.TemporaryDirectory(prefix="sankul-") as folder:
        made = template.spreadsheet(found, cluster, Path(folder) / "template.xlsx").open("rb")
    return FileResponse(made, as_attachment=True, filename=name, content_type=FILES["xlsx"])


@require_safe
def claims_batch(request: Request, number: int) -> HttpResponseBase:
    """A table that was sent, with what was found in it; ``?as=csv`` gives all problems."""
    batch = get_object_or_404(queries.visible(request.actor), pk=number)
    if request.GET.get("as") == "csv":
        name = f"{slugify(Path(batch.name).stem) or 'table'}-problems.csv"
        rows = batch.found.values_list(*REPORT_HEAD).iterator(chunk_size=2000)
        return csv_download(name, REPORT_HEAD, rows)
    page = listing(request, batch.found.all(), sorts={"line": "line"}, search=("column", "wrong"))
    total = None if page.is_capped else page.total
    context = {
        "batch": batch,
        "summary": _summary(batch),
        "problems": _problems(request, page.rows) if batch.problems else None,
        "pages": Pages(request.GET, page=page.page, last=page.page + page.has_next, total=total),
        "may_apply": why_not_apply(batch.state).allowed and batch.fresh,
        "crumbs": _crumbs(),
        "is_demonstration": batch.cluster.programme.is_demonstration,
    }
    return render(request, "outcomes/import.html", context)


@asks
def import_apply(request: Request, number: int) -> HttpResponse:
    """Take a checked table over, after asking, in the background."""
    batch = get_object_or_404(queries.visible(request.actor), pk=number)
    require(request.actor, permission_to_record(batch.kind), *batch.scopes)
    why_not_apply(batch.state).enforce()
    if request.method == "POST":
        asked = _asked(request, batch, _("Taking over “%s”") % batch.name, apply_import)
        return redirect("work", asked.pk)
    told = _("All become drafts, in one step; if one cannot be written, none is.")
    if batch.submits:
        told = _("All are submitted, in one step; if one cannot be written, none is.")
    confirm = Confirm(
        ngettext(
            "Take over %(count)s claim from “%(name)s”?",
            "Take over %(count)s claims from “%(name)s”?",
            batch.fresh,
        )
        % {"count": formats.number(batch.fresh), "name": batch.name},
        told,
        _("Take them over"),
        reverse("import", args=[batch.pk]),
        danger=False,
    )
    context = {
        "confirm": confirm,
        "is_demonstration": batch.cluster.programme.is_demonstration,
    }
    return render(request, "outcomes/confirm.html", context)


@require_POST
def import_again(request: Request, number: int) -> HttpResponse:
    """Have a table checked again, after something that it names was put right."""
    batch = get_object_or_404(queries.visible(request.actor), pk=number)
    require(request.actor, permission_to_record(batch.kind), *batch.scopes)
    asked = _asked(request, batch, _("Checking “%s”") % batch.name, check_import)
    return redirect("work", asked.pk)


def _own(request: Request, kinds: list[Kind]) -> list[Cluster]:
    """Clusters for which the actor records something."""
    permissions = {permission_to_record(kind.code) for kind in kinds}
    found = {
        cluster.pk: cluster
        for permission in sorted(permissions, key=lambda one: one.code)
        for cluster in claims.clusters_to_record(request.actor, permission)
    }
    return sorted(found.values(), key=lambda one: one.name)


def _received(request: Request, form: ImportForm, own: list[Cluster]) -> Work | None:
    given = form.cleaned_data
    file = given["file"]
    try:
        batch = actions.receive(
            actor=request.actor,
            cluster=next(one for one in own if one.pk == given["cluster"]),
            kind=given["kind"],
            file=file,
            name=file.name or "table",
            submits=given["become"] == SUBMITTED,
            along=[(one.name or "document", one) for one in given["documents"]],
            at=request.at,
        )
    except Forbidden:
        raise
    except Refused as refusal:
        form.add_error(None, refusal.reason)
        return None
    return _asked(request, batch, _("Checking “%s”") % batch.name, check_import)


def _asked(request: Request, batch: Import, title: str, task: Any) -> Work:
    if request.actor.user is None:
        raise Forbidden(_("Sign in first."))
    with transaction.atomic():
        total = batch.rows or None
        asked = work.ask(user=request.actor.user, title=title, at=request.at, total=total)
        task.defer(work_id=asked.pk, import_id=batch.pk)
    return asked


def _summary(batch: Import) -> Summary:
    state = State(TONES[ImportState(batch.state)], batch.get_state_display())
    become = _("submitted claims") if batch.submits else _("drafts")
    entries = [
        Entry(_("State"), state),
        Entry(_("Kind"), batch.kind_of.title),
        Entry(_("Cluster"), batch.cluster.name),
        Entry(_("The claims become"), become),
        Entry(_("Lines"), formats.number(batch.rows)),
        Entry(_("New claims"), formats.number(batch.fresh)),
        Entry(_("There already"), formats.number(batch.same)),
        Entry(_("Problems"), formats.number(batch.problems)),
        Entry(_("Sent"), format_html("{}, {}", batch.asked_by, Moment(batch.asked_at))),
        Entry("SHA-256", batch.sha256),
    ]
    if batch.applied_at is not None:
        who = format_html("{}, {}", batch.applied_by, Moment(batch.applied_at))
        entries.append(Entry(_("Taken over"), who))
    return Summary(entries)


def _problems(request: Request, rows: list[Any]) -> Table:
    columns = [
        Column("line", _("Line"), sort="line"),
        Column("wrong", _("What is wrong")),
        Column("value", _("What stands there"), fold=True),
        Column("expected", _("What is expected"), fold=True),
    ]
    lines = [
        {
            "line": _place(row),
            "wrong": row.wrong,
            "value": row.value,
            "expected": row.expected,
        }
        for row in rows
    ]
    return Table(_("Problems"), columns, lines, request.GET, hide_caption=True)


def _place(row: ImportProblem) -> SafeString | str:
    """The line with its column below it: names of columns are long, and narrow pages are not."""
    if not row.line:
        return _("all")
    name = row.column.replace("_", " ")
    return format_html('{}<br><span class="muted small">{}</span>', row.line, name)


def _before(request: Request) -> Table:
    columns = [
        Column("name", _("Table")),
        Column("kind", _("Kind"), fold=True),
        Column("at", _("Sent"), fold=True),
        Column("rows", _("Lines"), numeric=True),
        Column("state", _("State")),
    ]
    lines = [
        {
            "name": Link(batch.name, reverse("import", args=[batch.pk])),
            "kind": batch.kind_of.title,
            "at": Moment(batch.asked_at),
            "rows": formats.number(batch.rows),
            "state": State(TONES[ImportState(batch.state)], batch.get_state_display()),
        }
        for batch in queries.visible(request.actor)[:20]
    ]
    return Table(_("Tables sent before"), columns, lines, empty=_("None yet."))


def _meanings(kind: Kind) -> Table:
    heads = [
        Column("title", _("Column")),
        Column("name", _("or")),
        Column("ask", _("What stands there")),
    ]
    lines = [
        {"title": f"{one.title}{' *' if one.required else ''}", "name": one.name, "ask": one.ask}
        for one in columns(kind)
    ]
    return Table(_("Columns of the template"), heads, lines, hide_caption=True)


def _crumbs() -> Crumbs:
    links = [
        Link(_("Claims"), reverse("claims")),
        Link(_("Many at once"), reverse("claims-import")),
    ]
    return Crumbs(links)
