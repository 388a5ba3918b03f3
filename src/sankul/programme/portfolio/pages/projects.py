"""Projects as pages: the list, and one project with everything that hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from sankul.core.doors import Request, asked
from sankul.core.rules.roles import verdict
from sankul.core.ui import (
    Column,
    Crumbs,
    Day,
    Entry,
    Link,
    Money,
    Notice,
    Step,
    Steps,
    Summary,
    Tone,
)
from sankul.programme.portfolio.models import Project
from sankul.programme.portfolio.queries import projects as queries
from sankul.programme.portfolio.rules import (
    ENDED,
    GOING,
    RECORD_PORTFOLIO,
    SEE_PORTFOLIO,
    Stage,
)

from . import sections
from .lists import Page, choice, cluster_choice, goal_choice, sector_choice, show, with_goal
from .parts import cluster_link, goals
from .tables import project_line

PAGE = Page(
    name="projects",
    heading=gettext_lazy("Projects"),
    lede=gettext_lazy("What clusters work on, from idea to platform, and how it ended."),
    search=gettext_lazy("Search the projects"),
    empty=gettext_lazy(
        "No project fits. Ideas and research are shown to their own clusters; everybody sees projects from the pilot on."
    ),
    columns=(
        Column("title", gettext_lazy("Project"), sort="title"),
        Column("cluster", gettext_lazy("Led by"), fold=True),
        Column("sector", gettext_lazy("Sector"), sort="sector", fold=True),
        Column("stage", gettext_lazy("Stage"), sort="stage"),
        Column("since", gettext_lazy("Since"), sort="since", fold=True),
    ),
    line=project_line,
    sorts={"since": "stage_on", "title": "title", "sector": "sector", "stage": "stage"},
    default="-since",
    filters={"lead": "cluster__slug", "sector": "sector", "stage": "stage"},
    exported=queries.EXPORTED,
    is_demonstration=lambda row: row.programme.is_demonstration,
)


@require_safe
def projects(request: Request) -> HttpResponseBase:
    """Projects that one may see: ``?q=``, ``?lead=``, ``?cluster=``, ``?sector=``, ``?stage=``, ``?sdg=``, ``?as=csv``."""
    rows = with_goal(request, queries.visible(request.actor, asked(request, "q")[:100]))
    rows = queries.of_cluster(rows, asked(request, "cluster"))
    choices = [
        (led := cluster_choice(request, "lead", _("Led by"))),
        choice(request, "cluster", _("With the cluster"), led.options),
        sector_choice(request),
        choice(request, "stage", _("Stage"), Stage.choices),
        goal_choice(request),
    ]
    new = [Link(_("Propose a project"), reverse("project-new"))]
    return show(request, PAGE, rows, choices, new if request.actor.scopes(RECORD_PORTFOLIO) else ())


def one(request: Request, programme: str, code: str) -> Project:
    """The project at this address that the actor may see, with everything at hand. Raises Http404."""
    rows = queries.detailed(request.actor)
    found = rows.filter(programme__slug=programme, code=code).first()
    if found is None:
        raise Http404
    return found


@require_safe
def project(request: Request, programme: str, code: str) -> HttpResponse:
    """One project: its stage and what the next one needs, partners, money, milestones, results, deployments, lessons."""
    found, actor = one(request, programme, code), request.actor
    may_record = queries.may_record(actor, found)
    may_measure = queries.may_measure(actor, found)
    sees_inside = may_measure or verdict(actor, SEE_PORTFOLIO, *found.scopes).allowed
    today = timezone.localdate(request.at)
    context = {
        "project": found,
        "is_demonstration": found.programme.is_demonstration,
        "crumbs": Crumbs(
            [Link(_("Portfolio"), reverse("board")), Link(_("Projects"), reverse("projects"))]
        ),
        "notice": _notice(found),
        "path": _path(found),
        "summary": _summary(found),
        "missing": sections.missing(found, today) if sees_inside else [],
        "problems": sections.problems(found),
        "partners": sections.partners(found, may_record=may_record),
        "milestones": sections.milestones(found, today, may_record=may_record),
        "results": sections.results(found),
        "may_record": may_record,
        "may_measure": may_measure,
        "readiness": sections.readiness(found),
        "sites": sections.sites(found),
        "budget": sections.budget(found, may_record=may_record),
        "deployments": sections.deployments(found),
        "history": sections.history(list(queries.history(actor, found)[:50])),
        "is_going": found.stage in GOING,
        "may_baseline": may_record and found.stage in (Stage.IDEA, Stage.RESEARCH),
    }
    return render(request, "portfolio/project.html", context)


def _notice(found: Project) -> Notice | str:
    if found.shared_at is None:
        text = _(
            "Only the clusters that take part, the programme's officers and evaluators see it."
        )
        return Notice(Tone.UNKNOWN, text, title=_("Not public yet."))
    if found.stage == Stage.FAILED:
        text = _("It did not do what was expected, and says why. That is how others are spared it.")
        return Notice(Tone.ATTENTION, text, title=_("A failed experiment, told."))
    return ""


def _path(found: Project) -> Steps:
    """The stages with the days on which it entered them, its end last."""
    days = {Stage(row.stage): row for row in found.changes.all()}
    now = Stage(found.stage)
    shown: Sequence[Stage] = (*(it for it in GOING if it in days), now) if now in ENDED else GOING
    reached = GOING.index(now) if now in GOING else len(GOING)
    steps = []
    for stage in shown:
        row = days.get(stage)
        is_gone = row is not None and (stage in ENDED or GOING.index(stage) <= reached)
        steps.append(
            Step(
                stage.label,
                done=is_gone and stage != now,
                current=stage == now,
                at=Day(row.on) if row and is_gone else "",
                text=row.note if row and is_gone else "",
            )
        )
    return Steps(_("Stages"), steps)


def _summary(found: Project) -> Summary:
    ready = found.readiness.all()
    total = sum(line.amount_inr for line in found.budget.all())
    entries = [
        Entry(_("Code"), found.code),
        Entry(_("Led by"), cluster_link(found.cluster, found.programme)),
        Entry(_("Sector"), found.get_sector_display()),
        Entry(_("Focus area"), found.focus_area.name if found.focus_area else ""),
        Entry(_("Goals"), goals(found.sdgs)),
        Entry(_("Starts"), Day(found.starts_on) if found.starts_on else ""),
        Entry(_("Ends"), Day(found.ends_on) if found.ends_on else ""),
        Entry(_("Technology readiness level"), _level(ready[0].level) if ready else ""),
        Entry(_("Budget"), Money(total) if total else ""),
    ]
    return Summary([entry for entry in entries if entry.value != ""])


def _level(level: int) -> Any:
    return _("%d of 9") % level
