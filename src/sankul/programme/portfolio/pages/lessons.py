"""Lessons as pages: the list, one lesson, and the forms that tell, credit and share it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from sankul.core import formats
from sankul.core.doors import Request, asked
from sankul.core.rules.roles import require
from sankul.core.ui import Column, Confirm, Crumbs, Day, Entry, Link, Notice, Summary, Table, Tone
from sankul.programme.portfolio import forms
from sankul.programme.portfolio.actions import lesson as actions
from sankul.programme.portfolio.models import Lesson, LessonCredit
from sankul.programme.portfolio.models.lessons import TOLD
from sankul.programme.portfolio.queries import lessons as queries
from sankul.programme.portfolio.rules import RECORD_PORTFOLIO

from .lists import Page, cluster_choice, sector_choice, show
from .parts import (
    address_link,
    asks,
    change,
    choose_cluster,
    cluster_link,
    confirm,
    organisation_link,
    own_cluster,
    project_href,
    speaking,
)

EDITED = ("title", "project", "sector", "on", *TOLD, "report_url")


def _line(row: Lesson) -> Mapping[str, Any]:
    return {
        "title": Link(row.title, reverse("lesson", args=[row.pk])),
        "cluster": row.cluster.name,
        "sector": row.get_sector_display(),
        "on": Day(row.on),
        "shared": Day(row.shared_at) if row.shared_at else _("not shared yet"),
    }


PAGE = Page(
    name="lessons",
    heading=gettext_lazy("Lessons"),
    lede=gettext_lazy(
        "Experiments that did not do what was expected, and what they taught. Read them before you try."
    ),
    search=gettext_lazy("Search the lessons"),
    empty=gettext_lazy(
        "No lesson fits. Search with other words: every part of a lesson is searched, in any form of a word."
    ),
    columns=(
        Column("title", gettext_lazy("Lesson"), sort="title"),
        Column("cluster", gettext_lazy("Cluster"), fold=True),
        Column("sector", gettext_lazy("Sector"), sort="sector", fold=True),
        Column("on", gettext_lazy("Experiment ended"), sort="on"),
        Column("shared", gettext_lazy("Shared"), sort="shared", fold=True),
    ),
    line=_line,
    sorts={"on": "on", "title": "title", "sector": "sector", "shared": "shared_at"},
    default="-on",
    filters={"cluster": "cluster__slug", "sector": "sector"},
    exported=queries.EXPORTED,
    is_demonstration=lambda row: row.programme.is_demonstration,
)


@require_safe
def lessons(request: Request) -> HttpResponseBase:
    """Lessons that one may see: ``?q=`` searches all their words, ``?cluster=``, ``?sector=``; ``?as=csv`` exports."""
    rows = queries.visible(request.actor, asked(request, "q")[:100])
    choices = [cluster_choice(request, "cluster", _("Cluster")), sector_choice(request)]
    new = [Link(_("Write down a lesson"), reverse("lesson-new"))]
    return show(request, PAGE, rows, choices, new if request.actor.scopes(RECORD_PORTFOLIO) else ())


@require_safe
def lesson(request: Request, number: int) -> HttpResponse:
    """One lesson, as it is told."""
    found = get_object_or_404(queries.detailed(request.actor), pk=number)
    may_record = queries.may_record(request.actor, found)
    parts = [
        (Lesson._meta.get_field(part).verbose_name, getattr(found, part))  # type: ignore[union-attr]
        for part in TOLD
    ]
    context = {
        "lesson": found,
        "is_demonstration": found.programme.is_demonstration,
        "crumbs": Crumbs(
            [Link(_("Portfolio"), reverse("board")), Link(_("Lessons"), reverse("lessons"))]
        ),
        "notice": _notice(found),
        "summary": _summary(found),
        "parts": [(label, text) for label, text in parts if text],
        "credits": _credits(found, may_record=may_record),
        "may_record": may_record,
        "may_change": may_record and found.shared_at is None,
    }
    return render(request, "portfolio/lesson.html", context)


def _notice(found: Lesson) -> Notice | str:
    if found.shared_at is None:
        text = _("Only your cluster, the programme's officers and evaluators see it.")
        return Notice(Tone.UNKNOWN, text, title=_("Not shared yet."))
    return ""


def _summary(found: Lesson) -> Summary:
    project = found.project if found.shows_project else None  # type: ignore[attr-defined]
    report = found.report
    document = Link(report.name, reverse("document", args=[report.sha256])) if report else ""
    entries = [
        Entry(_("Cluster"), cluster_link(found.cluster, found.programme)),
        Entry(_("Project"), Link(project.title, project_href(project)) if project else ""),
        Entry(_("Sector"), found.get_sector_display()),
        Entry(_("The experiment ended"), Day(found.on)),
        Entry(_("Shared"), Day(found.shared_at) if found.shared_at else _("not yet")),
        Entry(_("Report or data"), document or address_link(found.report_url)),
    ]
    return Summary([entry for entry in entries if entry.value != ""])


def _credits(found: Lesson, *, may_record: bool) -> Table:
    columns = [
        Column("organisation", _("Organisation")),
        Column("person", _("Person"), fold=True),
        Column("cluster", _("For the cluster"), fold=True),
        Column("role", _("Role")),
        Column("share", _("Share"), numeric=True),
        *([Column("change", _("Change"), fold=True)] if may_record else []),
    ]
    rows = [_credit_line(found, row) for row in found.credits.all()]
    empty = _("Nobody is credited yet.")
    shown = speaking(columns, rows)
    return Table(_("Who is credited"), shown, rows, hide_caption=True, empty=empty)


def _credit_line(found: Lesson, row: LessonCredit) -> dict[str, Any]:
    away = Link(_("Take away"), reverse("lesson-uncredit", args=[row.pk]))
    may_go = found.shared_at is None or row.person_id is not None
    return {
        "organisation": organisation_link(row.organisation),
        "person": row.person.name if row.person else "",
        "cluster": cluster_link(row.cluster, row.cluster.programme),
        "role": row.get_role_display(),
        "share": formats.percent(row.share, 1),
        "change": away if may_go else "",
    }


@asks
def lesson_new(request: Request) -> HttpResponse:
    """Write down a lesson."""
    require(request.actor, RECORD_PORTFOLIO, *request.actor.scopes(RECORD_PORTFOLIO))
    heading, cluster = _("Write down a lesson"), own_cluster(request)
    if cluster is None:
        return choose_cluster(request, heading)

    def act(given: dict[str, Any]) -> tuple[str, str]:
        made = actions.tell(actor=request.actor, cluster=cluster, at=request.at, **given)
        told = _("Kept. Credit those who learned it, then share it.")
        return told, reverse("lesson", args=[made.pk])

    form = forms.LessonForm(request.POST or None, cluster=cluster)
    back = reverse("lessons")
    return change(request, form, act, heading=heading, back=back, programme=cluster.programme)


def _own(request: Request, number: int) -> Lesson:
    found = get_object_or_404(queries.visible(request.actor), pk=number)
    require(request.actor, RECORD_PORTFOLIO, *found.scopes)
    return found


@asks
def lesson_edit(request: Request, number: int) -> HttpResponse:
    """Change a lesson that is not shared."""
    found = _own(request, number)
    initial = {name: getattr(found, name) for name in EDITED}
    form = forms.LessonForm(request.POST or None, cluster=found.cluster, initial=initial)
    return _change(request, found, form, actions.revise, _("Change “%s”") % found.title)


@asks
def lesson_credit(request: Request, number: int) -> HttpResponse:
    """Credit somebody with a lesson."""
    found = _own(request, number)
    form = forms.CreditForm(
        request.POST or None, programme=found.programme, initial={"cluster": found.cluster}
    )
    heading = _("Credit somebody with “%s”") % found.title
    return _change(request, found, form, actions.credit, heading)


@asks
def lesson_report(request: Request, number: int) -> HttpResponse:
    """Keep the report behind a lesson."""
    found = _own(request, number)
    form = forms.ReportForm(request.POST or None, request.FILES or None)

    def keep(*, file: Any, **given: Any) -> object:
        return actions.report(file=file, name=file.name, **given)

    return _change(request, found, form, keep, _("The report behind “%s”") % found.title)


def _change(request: Request, found: Lesson, form: Any, action: Any, heading: str) -> HttpResponse:
    back = reverse("lesson", args=[found.pk])

    def act(given: dict[str, Any]) -> tuple[str, str]:
        action(actor=request.actor, lesson=found, at=request.at, **given)
        return _("Recorded."), back

    return change(request, form, act, heading=heading, back=back, programme=found.programme)


@asks
def lesson_share(request: Request, number: int) -> HttpResponse:
    """Make a lesson public, after asking."""
    found = _own(request, number)
    question = Confirm(
        _("Share “%s” with everybody?") % found.title,
        _("It becomes public with the names of those who agreed, and then stays as it is."),
        _("Share the lesson"),
        reverse("lesson", args=[number]),
        danger=False,
    )

    def act() -> object:
        return actions.share(actor=request.actor, lesson=found, at=request.at)

    return confirm(request, question, act, told=_("It is public."), programme=found.programme)


@asks
def lesson_uncredit(request: Request, number: int) -> HttpResponse:
    """Take a credit or a name away, after asking."""
    rows = LessonCredit.objects.select_related("lesson__programme", "organisation", "person")
    seen = queries.visible(request.actor).values("pk")
    row = get_object_or_404(rows.filter(lesson__in=seen), pk=number)
    require(request.actor, RECORD_PORTFOLIO, *row.lesson.scopes)
    question = Confirm(
        _("Take the credit of %s away?") % (row.person or row.organisation),
        _("A shared lesson keeps the credit of the organisation and loses the name."),
        _("Take it away"),
        reverse("lesson", args=[row.lesson_id]),
    )

    def act() -> object:
        return actions.uncredit(actor=request.actor, credit=row, at=request.at)

    return confirm(request, question, act, told=_("Taken away."), programme=row.lesson.programme)
