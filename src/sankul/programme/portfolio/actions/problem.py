"""Stating problems: whose they are, how big they are, where they stand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.actions.rows import write
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.portfolio.models import Problem
from sankul.programme.portfolio.rules import RECORD_PORTFOLIO, ProblemStatus
from sankul.programme.portfolio.rules.life import (
    why_not_own,
    why_not_past,
    why_not_real,
    why_not_share_problem,
    why_not_status,
)
from sankul.programme.registry.models import Cluster, FocusArea, Organisation, Programme


class Statement(TypedDict, total=False):
    """What a problem says; whatever is left out stays empty, or as it was."""

    title: str
    description: str
    owner: Organisation | None
    contact_role: str
    sector: str
    sdgs: list[int]
    since_on: date | None
    size_value: Decimal | None
    size_unit: str
    size_on: date | None
    size_source: str
    size_url: str
    focus_areas: Iterable[FocusArea]


@transaction.atomic
def state(*, actor: Actor, cluster: Cluster, at: datetime, **given: Unpack[Statement]) -> Problem:
    """State a problem for a cluster; it is not public until it is shared.

    Raises Refused for an owner that is no public body or of another world (real, fictional), a day in the future, and a size
    without unit or source.
    """
    require(actor, RECORD_PORTFOLIO, *cluster.scopes)
    problem = Problem(
        programme=cluster.programme, cluster=cluster, recorded_at=at, recorded_by=actor.user
    )
    _fill(problem, given, at)
    _record(actor, "problem.stated", problem, at)
    return problem


@transaction.atomic
def revise(*, actor: Actor, problem: Problem, at: datetime, **given: Unpack[Statement]) -> Problem:
    """Change what a problem says. Raises Refused as ``state`` does, and for a public problem that would lose its owner."""
    problem = _locked(actor, problem)
    if problem.shared_at and "owner" in given and given["owner"] is None:
        raise Refused(_t("It is public: name the public body that owns it."))
    _fill(problem, given, at)
    _record(actor, "problem.revised", problem, at)
    return problem


@transaction.atomic
def share(*, actor: Actor, problem: Problem, at: datetime) -> Problem:
    """Make a problem public. Raises Refused without an owner, and if it is public already."""
    problem = _locked(actor, problem)
    why_not_share_problem(
        is_shared=problem.shared_at is not None, has_owner=problem.owner_id is not None
    ).enforce()
    problem.shared_at = at
    problem.save(update_fields=["shared_at"])
    _record(actor, "problem.shared", problem, at)
    return problem


@transaction.atomic
def set_status(
    *, actor: Actor, problem: Problem, status: str, at: datetime, reason: str = ""
) -> Problem:
    """Say that a problem is open, worked on, solved or set aside; the last two with a reason."""
    problem = _locked(actor, problem)
    why_not_status(now=problem.status, to=status, reason=reason).enforce()
    problem.status, problem.status_reason = status, reason.strip()
    write(problem)
    _record(actor, "problem.status_set", problem, at, status=ProblemStatus(status))
    return problem


def check_real(organisation: Organisation | None, programme: Programme) -> None:
    """Refuse an organisation of another world than the programme's: real goes with real, fictional with fictional."""
    if organisation is not None:
        why_not_real(
            fictional_organisation=organisation.is_demonstration,
            fictional_programme=programme.is_demonstration,
        ).enforce()


def _fill(problem: Problem, given: Statement, at: datetime) -> None:
    fields: dict[str, Any] = dict(given)
    areas = fields.pop("focus_areas", None)
    for name, value in fields.items():
        setattr(problem, name, value.strip() if isinstance(value, str) else value)
    _check(problem, timezone.localdate(at))
    write(problem)
    if areas is not None:
        problem.focus_areas.set(_of_programme(areas, problem))


def _check(problem: Problem, today: date) -> None:
    if problem.owner is not None:
        why_not_own(problem.owner.kind).enforce()
        check_real(problem.owner, problem.programme)
    for on in (problem.since_on, problem.size_on):
        if on is not None:
            why_not_past(on, today).enforce()
    if problem.size_value is not None and not (problem.size_unit and problem.size_source):
        raise Refused(_t("A figure needs its unit and its source."))


def _of_programme(areas: Iterable[FocusArea], problem: Problem) -> list[FocusArea]:
    chosen = list(areas)
    if any(area.programme_id != problem.programme_id for area in chosen):
        raise Refused(_t("A focus area belongs to another programme."))
    return chosen


def _locked(actor: Actor, problem: Problem) -> Problem:
    require(actor, RECORD_PORTFOLIO, *problem.scopes)
    rows = Problem.objects.select_related("programme", "owner")
    return rows.select_for_update(of=("self",)).get(pk=problem.pk)


def _record(actor: Actor, verb: str, problem: Problem, at: datetime, **data: Any) -> None:
    events.record(actor=actor, verb=verb, subject=problem, at=at, scopes=problem.scopes, data=data)
