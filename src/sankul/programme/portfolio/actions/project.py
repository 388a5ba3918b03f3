"""Projects: proposed, revised, shared; who takes part, with whose money, how ready."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events
from sankul.core.actions.rows import write
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.portfolio.models import (
    BudgetLine,
    Partner,
    Problem,
    Project,
    Readiness,
    Site,
    StageChange,
)
from sankul.programme.portfolio.queries.projects import partner_scopes
from sankul.programme.portfolio.rules import RECORD_PORTFOLIO, Stage
from sankul.programme.portfolio.rules.life import (
    why_not_change,
    why_not_code,
    why_not_past,
    why_not_share,
)
from sankul.programme.registry.models import Cluster, FocusArea, Organisation

from .problem import check_real


class Proposal(TypedDict, total=False):
    """What a project says of itself; whatever is left out stays empty, or as it was."""

    title: str
    summary: str
    sector: str
    sdgs: list[int]
    focus_area: FocusArea | None
    starts_on: date | None
    ends_on: date | None
    problems: Iterable[Problem]


@transaction.atomic
def propose(
    *, actor: Actor, cluster: Cluster, code: str, at: datetime, **given: Unpack[Proposal]
) -> Project:
    """Put a project on record as an idea of the cluster that leads it; it is not public until shared or piloted.

    Raises Refused for a code that is taken or malformed, for problems and focus areas of another programme, and for an end
    before the start.
    """
    require(actor, RECORD_PORTFOLIO, *cluster.scopes)
    why_not_code(code).enforce()
    project = Project(
        programme=cluster.programme,
        cluster=cluster,
        code=code,
        stage_on=timezone.localdate(at),
        recorded_at=at,
        recorded_by=actor.user,
    )
    _fill(project, given)
    StageChange.objects.create(
        project=project,
        stage=Stage.IDEA,
        on=project.stage_on,
        changed_at=at,
        changed_by=actor.user,
    )
    record(actor, "project.proposed", project, at, code=code)
    return project


@transaction.atomic
def revise(*, actor: Actor, project: Project, at: datetime, **given: Unpack[Proposal]) -> Project:
    """Change what a project says of itself; its code and leading cluster stay. Raises Refused as ``propose``, and once ended."""
    project = locked(actor, project)
    why_not_change(project.stage).enforce()
    _fill(project, given)
    record(actor, "project.revised", project, at)
    return project


@transaction.atomic
def share(*, actor: Actor, project: Project, at: datetime) -> Project:
    """Make a project public before its pilot does. Raises Refused if it is public already."""
    project = locked(actor, project)
    why_not_share(is_shared=project.shared_at is not None).enforce()
    project.shared_at = at
    project.save(update_fields=["shared_at"])
    record(actor, "project.shared", project, at)
    return project


@transaction.atomic
def admit(
    *,
    actor: Actor,
    project: Project,
    organisation: Organisation,
    cluster: Cluster,
    role: str,
    at: datetime,
) -> Partner:
    """Take an organisation into the consortium, for a cluster of the programme and in a role."""
    project = _planned(actor, project)
    if cluster.programme_id != project.programme_id:
        raise Refused(_t("%s belongs to another programme.") % cluster)
    check_real(organisation, project.programme)
    partner = Partner(project=project, organisation=organisation, cluster=cluster, role=role)
    write(partner, reasons={"partner_once_a_project": _("It takes part for this cluster already.")})
    record(actor, "project.partner_admitted", project, at, organisation=organisation.pk, role=role)
    return partner


@transaction.atomic
def release(*, actor: Actor, partner: Partner, at: datetime) -> None:
    """Let a partner leave the consortium; what it was stays in the history of the row."""
    project = _planned(actor, partner.project)
    record(actor, "project.partner_released", project, at, organisation=partner.organisation_id)
    partner.delete()


@transaction.atomic
def fund(
    *,
    actor: Actor,
    project: Project,
    head: str,
    amount_inr: Decimal,
    source: str,
    at: datetime,
    giver: Organisation | None = None,
) -> BudgetLine:
    """Add a line to the budget. Raises Refused for an amount that is not above zero."""
    project = _planned(actor, project)
    check_real(giver, project.programme)
    line = BudgetLine(
        project=project, head=head.strip(), amount_inr=amount_inr, source=source, giver=giver
    )
    write(line, reasons={"budget_line_above_zero": _("The amount lies above 0.")})
    record(actor, "project.funded", project, at, amount_inr=amount_inr, source=source)
    return line


@transaction.atomic
def strike(*, actor: Actor, line: BudgetLine, at: datetime) -> None:
    """Take a line from the budget."""
    project = _planned(actor, line.project)
    record(actor, "project.line_struck", project, at, amount_inr=line.amount_inr)
    line.delete()


@transaction.atomic
def assess(
    *,
    actor: Actor,
    project: Project,
    level: int,
    on: date,
    assessed_by: Organisation,
    at: datetime,
    note: str = "",
) -> Readiness:
    """Record how ready the technology was on a day, and who assessed it; one assessment a day."""
    project = _planned(actor, project)
    why_not_past(on, timezone.localdate(at)).enforce()
    check_real(assessed_by, project.programme)
    found = Readiness(
        project=project, level=level, on=on, assessed_by=assessed_by, note=note.strip()
    )
    write(found, reasons={"readiness_once_a_day": _("It was assessed on this day already.")})
    record(actor, "project.assessed", project, at, level=level, on=on)
    return found


@transaction.atomic
def agree_site(
    *,
    actor: Actor,
    project: Project,
    place: str,
    agreed_by: Organisation,
    agreed_on: date,
    at: datetime,
    note: str = "",
) -> Site:
    """Record that a public body agreed to a site for the pilot."""
    project = _planned(actor, project)
    why_not_past(agreed_on, timezone.localdate(at)).enforce()
    check_real(agreed_by, project.programme)
    site = Site(
        project=project,
        place=place.strip(),
        agreed_by=agreed_by,
        agreed_on=agreed_on,
        note=note.strip(),
    )
    write(site)
    record(actor, "project.site_agreed", project, at, by=agreed_by.pk, on=agreed_on)
    return site


def locked(actor: Actor, project: Project) -> Project:
    """The project as it is now, held until the commit, once the actor may change it: people of the leading cluster."""
    require(actor, RECORD_PORTFOLIO, *project.scopes)
    rows = Project.objects.select_related("programme", "cluster")
    return rows.select_for_update(of=("self",)).get(pk=project.pk)


def record(actor: Actor, verb: str, project: Project, at: datetime, **data: Any) -> None:
    """Tell the event log, for every cluster that takes part."""
    scopes = partner_scopes(project)
    events.record(actor=actor, verb=verb, subject=project, at=at, scopes=scopes, data=data)


def _planned(actor: Actor, project: Project) -> Project:
    project = locked(actor, project)
    why_not_change(project.stage).enforce()
    return project


def _fill(project: Project, given: Proposal) -> None:
    fields: dict[str, Any] = dict(given)
    chosen = fields.pop("problems", None)
    problems = None if chosen is None else list(chosen)
    for name, value in fields.items():
        setattr(project, name, value.strip() if isinstance(value, str) else value)
    others = [project.focus_area, *(problems or [])]
    if any(one is not None and one.programme_id != project.programme_id for one in others):
        raise Refused(_t("A problem or focus area belongs to another programme."))
    write(
        project,
        reasons={
            "project_code_once_a_programme": _("Another project of the programme has this code."),
            "project_dates_in_order": _("It ends before it starts."),
        },
    )
    if problems is not None:
        project.problems.set(problems)
