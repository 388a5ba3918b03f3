"""The annual report as a page, and the desk where it is made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sankul.core.actions import work
from sankul.core.charts import Chart, Picture, answer
from sankul.core.doors import Request
from sankul.core.formats import day
from sankul.core.rules.roles import require, verdict
from sankul.core.rules.verdicts import Refused
from sankul.core.ui import Column, Crumbs, Link, Table, Tile, Tiles
from sankul.programme.evaluation.models import Run
from sankul.programme.evaluation.queries import runs
from sankul.programme.reports.actions.chapters import Chapter, Glance, Grid, Part, chapters, title
from sankul.programme.reports.models import AnnualReport
from sankul.programme.reports.queries import reports as queries
from sankul.programme.reports.rules import MAKE_REPORT, Language, why_not_report
from sankul.programme.reports.tasks import make as make_task


@require_safe
def reports(request: Request) -> HttpResponse:
    """Every annual report that there is, and for whom may make them what can be made."""
    found = list(queries.visible(request.actor))
    published = list(runs.published(request.actor))
    makeable = [run for run in published if verdict(request.actor, MAKE_REPORT, *run.scopes)]
    context = {"table": _table(_latest(found)), "makeable": makeable, "languages": Language.choices}
    return render(request, "reports/reports.html", context)


@require_safe
def report(request: Request, programme: str, period: str, language: str) -> HttpResponse:
    """A report as a web page, from the very contents that its PDF was typeset from."""
    found = _found(request, programme, period, language)
    told = found.contents
    with translation.override(language):
        written = chapters(told)
        pictures = [part for one in written for part in one.parts if isinstance(part, Chart)]
        if drawn := answer(request, pictures):
            return drawn
        context = {
            "report": found,
            "title": title(told),
            "made": day(found.made_at),
            "is_demonstration": told["is_demonstration"],
            "chapters": [_shown(chapter) for chapter in written],
            "crumbs": Crumbs([Link(_("Annual reports"), reverse("reports"))]),
            "others": [
                Link(label, reverse("report", args=[programme, period, code]))
                for code, label in Language.choices
                if code != language
            ],
        }
        return render(request, "reports/report.html", context)


@require_POST
def make(request: Request, programme: str, period: str) -> HttpResponse:
    """Ask for a report in the background."""
    run = _run(request, programme, period)
    require(request.actor, MAKE_REPORT, *run.scopes)
    language = request.POST.get("language", "")
    why_not_report(is_published=run.status == "published", language=language).enforce()
    if request.actor.user is None:
        raise Refused(_("Sign in first."))
    with transaction.atomic():
        named = _("Annual report %(period)s (%(language)s)") % {
            "period": period,
            "language": Language(language).label,
        }
        total = 3 * run.programme.clusters.count() + 6
        asked = work.ask(user=request.actor.user, title=named, at=request.at, total=total)
        make_task.defer(work_id=asked.pk, run_id=run.pk, language=language)
    return redirect("work", asked.pk)


def _run(request: Request, programme: str, period: str) -> Run:
    try:
        return runs.find(request.actor, programme, period)
    except Run.DoesNotExist:
        raise Http404(_("No evaluation of this period is published.")) from None


def _found(request: Request, programme: str, period: str, language: str) -> AnnualReport:
    rows = queries.visible(request.actor).defer(None)
    rows = rows.filter(run__programme__slug=programme, run__period__label=period, language=language)
    return get_object_or_404(rows[:1])


def _latest(found: list[AnnualReport]) -> Iterator[AnnualReport]:
    """The latest report of each period and language."""
    seen: set[tuple[int, str]] = set()
    for one in found:
        key = (one.run.period_id, one.language)
        if key not in seen:
            seen.add(key)
            yield one


def _table(found: Iterator[AnnualReport]) -> Table:
    columns = [
        Column("report", _("Report")),
        Column("language", _("Language")),
        Column("made", _("Made")),
        Column("pdf", _("To take away")),
    ]
    rows = []
    for one in found:
        run = one.run
        address = reverse("report", args=[run.programme.slug, run.period.label, one.language])
        rows.append(
            {
                "report": Link(f"{run.programme} {run.period}", address),
                "language": one.get_language_display(),
                "made": day(one.made_at),
                "pdf": Link(_("PDF"), reverse("document", args=[one.document_id])),
            }
        )
    empty = _(
        "No annual report is made yet. The programme office makes one once a ranking is published."
    )
    return Table(_("Annual reports"), columns, rows, empty=empty, hide_caption=True)


def _shown(chapter: Chapter) -> dict[str, Any]:
    return {
        "title": chapter.title,
        "anchor": chapter.anchor,
        "level": chapter.level + 1,
        "parts": [_part(part, chapter.level + 2) for part in chapter.parts],
    }


def _part(part: Part, level: int) -> Any:
    match part:
        case Chart():
            return Picture(part, level=level)
        case Glance():
            return Tiles([Tile(label, value) for label, value in part.figures])
        case Grid():
            columns = [
                Column(str(place), head, numeric=place in part.figures, fold=place > 1)
                for place, head in enumerate(part.head)
            ]
            rows = [{str(place): cell for place, cell in enumerate(row)} for row in part.rows]
            return Table(part.caption, columns, rows)
        case str():
            return part
