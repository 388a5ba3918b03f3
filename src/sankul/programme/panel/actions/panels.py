"""Convening a panel, describing its levels, and moving it from phase to phase."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Sequence
from datetime import datetime
from string import ascii_uppercase
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sankul.core.actions import documents, events
from sankul.core.actions.constraints import refusing
from sankul.core.models import Document, User
from sankul.core.rules.roles import Actor, Permission, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.panel.models import Member, Panel, Rubric
from sankul.programme.panel.queries import panels as queries
from sankul.programme.panel.rules import (
    CONDUCT,
    CONVENE,
    CRITERIA,
    MOST_MEMBERS,
    PanelStatus,
    Statistic,
    why_not_change,
    why_not_close,
    why_not_discuss,
    why_not_open,
    why_not_rubric,
)
from sankul.programme.registry.models import Decision, Period
from sankul.programme.registry.rules import BodyKind

from .agreement import found


@transaction.atomic
def make(
    *,
    actor: Actor | None,
    period: Period,
    least: int = 1,
    statistic: str = Statistic.MEAN,
    at: datetime,
) -> Panel:
    """Make the panel of a period. Raises Refused where the period has one."""
    if actor is not None:
        require(actor, CONVENE, *period.programme.scopes)
    panel = Panel(
        programme=period.programme, period=period, least=least, statistic=statistic, made_at=at
    )
    there = _("The period %s has a panel already.") % period
    with refusing({"panel_panel_period_id_key": there}):
        panel.save()
    record(actor, "panel.made", panel, at)
    return panel


@transaction.atomic
def describe(
    *, actor: Actor | None, panel: Panel, criterion: str, levels: Sequence[str], at: datetime
) -> Rubric:
    """Say what each level of a criterion means, lowest first. Raises Refused for a level without words, once scoring began."""
    panel = held(actor, panel, CONVENE)
    why_not_change(panel.status).enforce()
    if criterion not in CRITERIA:
        raise Refused(
            _("There is no criterion “%(code)s”; there are %(known)s.")
            % {"code": criterion, "known": ", ".join(CRITERIA)}
        )
    why_not_rubric(levels, panel.least).enforce()
    texts = [text.strip() for text in levels]
    rubric, _made = Rubric.objects.update_or_create(
        panel=panel, criterion=criterion, defaults={"levels": texts}
    )
    record(actor, "panel.described", panel, at, criterion=criterion)
    return rubric


@transaction.atomic
def appoint(*, actor: Actor | None, panel: Panel, user: User, at: datetime) -> Member:
    """Put an account on the panel. Raises Refused for one without the role of evaluator or reviewer, and once scoring began."""
    panel = held(actor, panel, CONVENE)
    why_not_change(panel.status).enforce()
    if not queries.candidates(panel, timezone.localdate(at)).filter(pk=user.pk).exists():
        raise Refused(
            _("%s is a member already, or neither evaluator nor reviewer of the programme.") % user
        )
    if panel.members.count() >= MOST_MEMBERS:
        raise Refused(_("A panel has %d members at most.") % MOST_MEMBERS)
    member = Member.objects.create(panel=panel, user=user)
    record(actor, "panel.appointed", panel, at, user=user.pk)
    return member


@transaction.atomic
def dismiss(*, actor: Actor, member: Member, at: datetime) -> None:
    """Take an account off a panel that has not begun to score."""
    panel = held(actor, member.panel, CONVENE)
    why_not_change(panel.status).enforce()
    user_id = member.user_id
    member.delete()
    record(actor, "panel.dismissed", panel, at, user=user_id)


@transaction.atomic
def open_(*, actor: Actor | None, panel: Panel, decision: Decision, at: datetime) -> Panel:
    """Begin the independent scoring, by rubrics that a decision of the apex committee approved; they are frozen as a file.

    Each member gets a letter by lot. Raises Refused with all that is missing, or for a decision of somebody else.
    """
    panel = held(actor, panel, CONVENE)
    why_not_open(
        status=panel.status,
        missing=queries.missing_rubrics(panel),
        members=panel.members.count(),
    ).enforce()
    body = decision.meeting.body
    if body.kind != BodyKind.APEX or body.programme_id != panel.programme_id:
        raise Refused(_("Rubrics are approved by a decision of the programme's apex committee."))
    _draw_letters(panel)
    panel.decision = decision
    panel.rubric = _rubric_file(actor, panel, decision, at)
    panel.status, panel.opened_at = PanelStatus.SCORING, at
    panel.save()
    record(actor, "panel.opened", panel, at, decision=decision.pk, rubric=panel.rubric_id)
    return panel


@transaction.atomic
def discuss(*, actor: Actor | None, panel: Panel, at: datetime) -> Panel:
    """Open the discussion: from now on members see each other's scores. Raises Refused until all have sent theirs."""
    panel = held(actor, panel, CONDUCT)
    waiting = panel.members.filter(sent_at=None).count()
    why_not_discuss(
        status=panel.status,
        waiting=waiting,
        uncovered=[] if waiting else queries.uncovered(panel),
    ).enforce()
    panel.status, panel.discussed_at = PanelStatus.DISCUSSION, at
    panel.agreement = {"independent": found(panel)}
    panel.save(update_fields=["status", "discussed_at", "agreement"])
    record(actor, "panel.discussed", panel, at)
    return panel


@transaction.atomic
def close(*, actor: Actor | None, panel: Panel, at: datetime) -> Panel:
    """Close the discussion: no score changes any more."""
    panel = held(actor, panel, CONDUCT)
    why_not_close(panel.status).enforce()
    panel.status, panel.closed_at = PanelStatus.CLOSED, at
    panel.agreement |= {"final": found(panel)}
    panel.save(update_fields=["status", "closed_at", "agreement"])
    record(actor, "panel.closed", panel, at)
    return panel


def held(actor: Actor | None, panel: Panel, permission: Permission) -> Panel:
    """The panel as it is now, held until the commit, once the actor holds the permission; None is the system."""
    if actor is not None:
        require(actor, permission, *panel.scopes)
    rows = Panel.objects.select_related("programme", "period")
    return rows.select_for_update(of=("self",)).get(pk=panel.pk)


def record(actor: Actor | None, verb: str, panel: Panel, at: datetime, **data: Any) -> None:
    """One event about a panel. A level is never written there: the log is read by others."""
    events.record(actor=actor, verb=verb, subject=panel, at=at, scopes=panel.scopes, data=data)


def _draw_letters(panel: Panel) -> None:
    members = list(panel.members.all())
    random.SystemRandom().shuffle(members)
    for member, letter in zip(members, ascii_uppercase, strict=False):
        member.letter = letter
    Member.objects.bulk_update(members, ["letter"])


def _rubric_file(actor: Actor | None, panel: Panel, decision: Decision, at: datetime) -> Document:
    told = {
        "programme": panel.programme.slug,
        "is_demonstration": panel.programme.is_demonstration,
        "period": panel.period.label,
        "approved_by": decision.reference,
        "scale": [panel.least, 5],
        "statistic": str(panel.statistic),
        "rubrics": {
            row.criterion: {
                "title": str(CRITERIA[row.criterion].title),
                "levels": {str(panel.least + n): text for n, text in enumerate(row.levels)},
            }
            for row in panel.rubrics.all()
        },
    }
    file = io.BytesIO(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode())
    name = f"{panel.programme.slug}-{panel.period.label}-panel-rubrics.json"
    return documents.keep(actor=actor, file=file, name=name, at=at)
