"""The sections of a project's page, each as the parts that draw it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sankul.core import formats
from sankul.core.models import Event
from sankul.core.ui import (
    Column,
    Day,
    Link,
    Moment,
    Money,
    State,
    Step,
    Steps,
    Table,
    Task,
    Tasks,
    Tone,
)
from sankul.programme.portfolio.models import Baseline, Milestone, Project
from sankul.programme.portfolio.queries.projects import known
from sankul.programme.portfolio.rules import MOVES, Stage, checks, is_back

from .parts import (
    address_link,
    cluster_link,
    milestone_state,
    organisation_link,
    problem_state,
    speaking,
)
from .tables import deployment_columns, deployment_line

VERBS = {
    "project.proposed": gettext_lazy("Proposed"),
    "project.revised": gettext_lazy("Changed"),
    "project.shared": gettext_lazy("Shared with everybody"),
    "project.partner_admitted": gettext_lazy("A partner came in"),
    "project.partner_released": gettext_lazy("A partner left"),
    "project.funded": gettext_lazy("Budget line added"),
    "project.line_struck": gettext_lazy("Budget line taken away"),
    "project.assessed": gettext_lazy("Readiness assessed"),
    "project.site_agreed": gettext_lazy("Site agreed"),
    "project.stage_entered": gettext_lazy("Stage entered"),
    "project.milestone_set": gettext_lazy("Milestone set"),
    "project.milestone_reached": gettext_lazy("Milestone reached"),
    "project.milestone_slipped": gettext_lazy("Milestone slipped"),
    "project.baseline_set": gettext_lazy("Baseline recorded"),
    "project.measured": gettext_lazy("Measured"),
}


class Missing(NamedTuple):
    """A stage that a project can enter, and which of its conditions hold."""

    stage: Stage
    tasks: Tasks
    holds: int
    total: int


class Result(NamedTuple):
    """What is measured: its baseline, its later values, and how far it has come."""

    baseline: Baseline
    tells: SafeString
    table: Table


def missing(project: Project, on: date) -> list[Missing]:
    """Every stage that follows and asks for something, with the conditions as they stand on a day."""
    now = Stage(project.stage)
    stages = [stage for stage in MOVES[now] if not is_back(now, stage)]
    facts = known(project, on) if stages else None
    found = []
    for stage in stages:
        asked = checks(stage, facts) if facts else []
        if asked:
            tasks = [
                Task(
                    check.title,
                    State(Tone.GOOD, _("holds"))
                    if check.verdict
                    else State(Tone.ATTENTION, _("missing")),
                    hint=check.verdict.reason,
                )
                for check in asked
            ]
            label = _("Conditions of the stage “%s”") % stage.label
            holds = sum(1 for check in asked if check.verdict)
            found.append(Missing(stage, Tasks(label, tasks), holds, len(asked)))
    return found


def problems(project: Project) -> Table:
    """The problems that it addresses."""
    columns = [
        Column("title", _("Problem")),
        Column("owner", _("Owner"), fold=True),
        Column("status", _("Status")),
    ]
    rows = [
        {
            "title": Link(row.title, reverse("problem", args=[row.pk])),
            "owner": organisation_link(row.owner) or _("not named yet"),
            "status": problem_state(row),
        }
        for row in project.problems.all()
    ]
    empty = _("No problem is named yet. Research needs one, with its owner.")
    return Table(_("Problems that it addresses"), columns, rows, hide_caption=True, empty=empty)


def _with_change(columns: list[Column], *, may_record: bool) -> list[Column]:
    return [*columns, Column("change", _("Change"), fold=True)] if may_record else columns


def partners(project: Project, *, may_record: bool) -> Table:
    """The consortium."""
    columns = [
        Column("organisation", _("Organisation")),
        Column("cluster", _("For the cluster"), fold=True),
        Column("role", _("Role")),
    ]
    rows = [
        {
            "organisation": organisation_link(row.organisation),
            "cluster": cluster_link(row.cluster, row.cluster.programme),
            "role": row.get_role_display(),
            "change": Link(_("Let go"), reverse("partner-release", args=[row.pk])),
        }
        for row in project.partners.all()
    ]
    shown = _with_change(columns, may_record=may_record)
    return Table(
        _("Who takes part"), shown, rows, hide_caption=True, empty=_("Nobody is named yet.")
    )


def milestones(project: Project, today: date, *, may_record: bool) -> Table:
    """What was promised by when, and what came of it."""
    columns = [
        Column("title", _("Milestone")),
        Column("stage", _("Stage"), fold=True),
        Column("due", _("First due"), fold=True),
        Column("day", _("Reached or expected")),
        Column("state", _("State"), fold=True),
        Column("proof", _("Proof"), fold=True),
    ]
    rows = [
        {
            "title": _milestone_title(row),
            "stage": row.get_stage_display(),
            "due": Day(row.due_on),
            "day": Day(row.done_on or row.expected_on),
            "state": milestone_state(row, today),
            "proof": _proof(row),
            "change": _milestone_links(row),
        }
        for row in project.milestones.all()
    ]
    shown = _with_change(columns, may_record=may_record)
    empty = _("No milestone is set. The pilot needs at least one.")
    return Table(_("Milestones"), shown, rows, hide_caption=True, empty=empty)


def _milestone_title(row: Milestone) -> Any:
    if not row.slip_reason:
        return row.title
    return format_html('{}<br><small class="muted">{}</small>', row.title, row.slip_reason)


def _proof(row: Milestone) -> Link | str:
    if row.proof is not None:
        return Link(row.proof.name, reverse("document", args=[row.proof.sha256]))
    return address_link(row.proof_url)


def _milestone_links(row: Milestone) -> SafeString | str:
    if row.done_on is not None:
        return ""
    reached = Link(_("Reached"), reverse("milestone-reach", args=[row.pk]))
    slipped = Link(_("Slipped"), reverse("milestone-postpone", args=[row.pk]))
    return format_html("{} · {}", reached, slipped)


def results(project: Project) -> list[Result]:
    """What is measured, from the baseline on."""
    return [Result(row, _tells(row), _values(row)) for row in project.baselines.all()]


def _tells(row: Baseline) -> SafeString:
    values = list(row.measurements.all())
    if not values:
        return format_html("{}", _("Not measured again yet."))
    last = values[-1]
    words = _("From %(first)s to %(last)s %(unit)s.") % {
        "first": formats.number(row.value),
        "last": formats.number(last.value),
        "unit": row.unit,
    }
    if row.target is None or row.target == row.value:
        return format_html("{}", words)
    share = (last.value - row.value) / (row.target - row.value)
    way = _("%(share)s of the way to the target of %(target)s.") % {
        "share": formats.percent(share),
        "target": formats.number(row.target),
    }
    return format_html("{} {}", words, way)


def _values(row: Baseline) -> Table:
    measured = list(row.measurements.all())
    places = formats.common_places([row.value, *(one.value for one in measured)])
    columns = [
        Column("on", _("Measured on")),
        Column("value", _("Value"), numeric=True, unit=row.unit),
        Column("change", _("Change"), numeric=True, fold=True),
        Column("source", _("Source"), fold=True),
        Column("note", _("Note"), fold=True),
    ]
    first = {
        "on": Day(row.measured_on),
        "value": formats.number(row.value, places),
        "change": _("baseline"),
        "source": row.source,
        "note": row.method,
    }
    later = [
        {
            "on": Day(one.measured_on),
            "value": formats.number(one.value, places),
            "change": _signed(one.value - row.value, places),
            "source": one.source,
            "note": one.note,
        }
        for one in measured
    ]
    rows = [first, *later]
    return Table(row.indicator, speaking(columns, rows), rows, hide_caption=True)


def _signed(change: Decimal, places: int) -> str:
    told = formats.number(change, places)
    return f"+{told}" if change > 0 else told


def readiness(project: Project) -> Table:
    """How ready the technology was, newest first."""
    columns = [
        Column("level", _("Level"), numeric=True),
        Column("on", _("Assessed on")),
        Column("by", _("Assessed by"), fold=True),
        Column("note", _("Note"), fold=True),
    ]
    rows = [
        {
            "level": str(row.level),
            "on": Day(row.on),
            "by": organisation_link(row.assessed_by),
            "note": row.note,
        }
        for row in project.readiness.all()
    ]
    empty = _("Nobody has assessed it. The pilot needs level 4.")
    shown = speaking(columns, rows)
    return Table(_("Technology readiness"), shown, rows, hide_caption=True, empty=empty)


def sites(project: Project) -> Table:
    """Places to which public bodies agreed."""
    columns = [
        Column("place", _("Place")),
        Column("by", _("Agreed by"), fold=True),
        Column("on", _("Agreed on")),
        Column("note", _("Note"), fold=True),
    ]
    rows = [
        {
            "place": row.place,
            "by": organisation_link(row.agreed_by),
            "on": Day(row.agreed_on),
            "note": row.note,
        }
        for row in project.sites.all()
    ]
    empty = _("No site is agreed. The pilot needs one from the owner of the problem.")
    return Table(_("Sites"), speaking(columns, rows), rows, hide_caption=True, empty=empty)


def budget(project: Project, *, may_record: bool) -> Table:
    """Its money, line by line."""
    columns = [
        Column("head", _("For")),
        Column("source", _("Source of money"), fold=True),
        Column("giver", _("Given by"), fold=True),
        Column("amount", _("Amount"), numeric=True),
    ]
    rows = [
        {
            "head": row.head,
            "source": row.get_source_display(),
            "giver": organisation_link(row.giver),
            "amount": Money(row.amount_inr),
            "change": Link(_("Take away"), reverse("budget-strike", args=[row.pk])),
        }
        for row in project.budget.all()
    ]
    shown = _with_change(speaking(columns, rows), may_record=may_record)
    return Table(_("Money"), shown, rows, hide_caption=True, empty=_("No budget is recorded."))


def deployments(project: Project) -> Table:
    """Where it is in use."""
    rows = [deployment_line(row) for row in project.deployments.all()]
    empty = _("It is not deployed. Deployments are planned from the pilot on.")
    return Table(_("Deployments"), deployment_columns(), rows, hide_caption=True, empty=empty)


def history(events: Sequence[Event]) -> Steps:
    """What was done, newest first."""
    steps = [
        Step(
            VERBS.get(event.verb, event.verb),
            done=True,
            at=Moment(event.at),
            text=event.actor.name if event.actor else _("the system"),
        )
        for event in events
    ]
    return Steps(_("History"), steps)
