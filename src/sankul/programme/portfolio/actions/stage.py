"""Moving a project from stage to stage, once the conditions of the next hold."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused
from sankul.programme.portfolio.models import Project, StageChange
from sankul.programme.portfolio.queries.projects import known
from sankul.programme.portfolio.rules import Stage
from sankul.programme.portfolio.rules.stages import (
    why_not_enter,
    why_not_move,
    why_not_on,
)

from .project import locked, record


@transaction.atomic
def enter(
    *, actor: Actor, project: Project, stage: str, on: date, at: datetime, note: str = ""
) -> StageChange:
    """Let a project enter a stage on a day; from the pilot on it is public.

    Raises Refused for a stage that does not follow, a day before its present stage or in the future, and with every condition
    that does not hold on that day.
    """
    project = locked(actor, project)
    if stage not in Stage.values:
        raise Refused(_t("“%s” is no stage.") % stage)
    to = Stage(stage)
    why_not_move(now=Stage(project.stage), to=to, note=note).enforce()
    why_not_on(
        on=on,
        since=project.stage_on,
        programme_starts_on=project.programme.starts_on,
        today=timezone.localdate(at),
    ).enforce()
    why_not_enter(to, known(project, on)).enforce()
    change = StageChange.objects.create(
        project=project, stage=to, on=on, note=note.strip(), changed_at=at, changed_by=actor.user
    )
    record(actor, "project.stage_entered", project, at, stage=to, on=on)
    return change
