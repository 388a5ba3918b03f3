"""Releasing: the protected table becomes a fixed document, and the scores of groups become claims that rest on it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sankul.core.actions import documents
from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused
from sankul.programme.feedback.models import Cell, Survey
from sankul.programme.feedback.queries.results import released_cells
from sankul.programme.feedback.queries.surveys import comments_waiting
from sankul.programme.feedback.rules import CellState, SurveyStatus, why_not_release
from sankul.programme.outcomes.actions import claims
from sankul.programme.outcomes.actions.credit import Partner
from sankul.programme.outcomes.rules import KINDS, CreditRole
from sankul.programme.registry.models import Cluster, Organisation
from sankul.programme.registry.queries.clusters import members_on

from .building import record
from .running import held

KIND = "feedback_score"
OTHERS = "others"
HEAD = ("programme", "is_demonstration", "period", "cluster", "group", "question", "state", "raters", "mean",
    "shrunken_mean", "low", "high", "dont_know_share", "no_answer_share", "choice_shares")  # fmt: skip


@transaction.atomic
def release(*, actor: Actor, survey: Survey, at: datetime) -> Survey:
    """Release the counted results of a survey, once and for good.

    Each score of a group that is shown becomes a claim of the evaluator with the cluster's part of the table behind it: the
    figures of a ranking open down to it. Raises Refused while texts wait for the moderator, for a cluster without a member whom
    a claim could credit, and the second time.
    """
    survey = held(actor, survey)
    why_not_release(status=survey.status, waiting=comments_waiting(survey)).enforce()
    cells = list(released_cells(survey))
    for cluster in {cell.cluster_id: cell.cluster for cell in cells}.values():
        own = [cell for cell in cells if cell.cluster_id == cluster.pk]
        _claim(actor, survey, cluster, own, at)
    return fix(actor=actor, survey=survey, at=at)


def fix(*, actor: Actor | None, survey: Survey, at: datetime) -> Survey:
    """Make the whole table a document and the survey released; ``release`` checks before whether it may be."""
    file = _csv(survey, list(released_cells(survey)))
    survey.release = documents.keep(actor=actor, file=file, name=_name(survey, "results"), at=at)
    survey.status, survey.released_at = SurveyStatus.RELEASED, at
    survey.save(update_fields=["status", "release", "released_at"])
    record(actor, "survey.released", survey, at, document=survey.release_id)
    return survey


def _claim(
    actor: Actor, survey: Survey, cluster: Cluster, cells: Sequence[Cell], at: datetime
) -> None:
    """The scores of the groups about one cluster as claims, all with the same document."""
    scores = [
        cell
        for cell in cells
        if cell.group_id and cell.question_id is None and cell.state == CellState.SHOWN
    ]
    if not scores:
        return
    on = _day(survey)
    partner = Partner(cluster, _credited(cluster, on), CreditRole.LED)
    for cell in scores:
        claim = claims.draft(
            actor=actor,
            cluster=cluster,
            kind=KIND,
            reference=f"360-{survey.period.label}-{_group(cell)}",
            title=_("Feedback of %(group)s on the ease of doing science, %(period)s")
            % {"group": cell.group, "period": survey.period},
            on=on,
            quantity=cell.shrunken or cell.mean,
            partners=[partner],
            facts={"group": _known_group(cell), "respondents": cell.raters},
            at=at,
        )
        claims.attach(
            actor=actor,
            claim=claim,
            file=_csv(survey, cells),
            name=_name(survey, cluster.slug),
            proves=_("Released results of the survey, group “%s”") % cell.group,
            at=at,
        )
        claims.submit(actor=actor, claim=claim, at=at)


def _group(cell: Cell) -> str:
    return cell.group.code if cell.group else ""


def _known_group(cell: Cell) -> str:
    """The group as claims name it: those that they do not know are among the others."""
    (fact,) = (fact for fact in KINDS[KIND].facts if fact.code == "group")
    return _group(cell) if _group(cell) in {code for code, _title in fact.choices} else OTHERS


def _day(survey: Survey) -> date:
    """The day of the claims: when the survey closed, within its period."""
    closed = timezone.localdate(survey.closed_at)
    return min(max(closed, survey.period.starts_on), survey.period.ends_on)


def _credited(cluster: Cluster, on: date) -> Organisation:
    """Whom the claims credit: the anchor of the cluster, else another member."""
    members = list(members_on(cluster, on))
    anchors = [one for one in members if one.kind == "anchor"]
    if not members:
        raise Refused(
            _("%(cluster)s had no member on %(day)s whom its feedback could credit.")
            % {"cluster": cluster, "day": on.isoformat()}
        )
    return (anchors or members)[0].organisation


def _csv(survey: Survey, cells: Sequence[Cell]) -> io.BytesIO:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEAD)
    first = (
        survey.programme.slug,
        str(survey.programme.is_demonstration).lower(),
        survey.period.label,
    )
    for cell in cells:
        writer.writerow((*first, *_line(cell)))
    return io.BytesIO(text.getvalue().encode())


def _line(cell: Cell) -> tuple[object, ...]:
    return (
        cell.cluster.slug,
        _group(cell) or ("everybody" if cell.is_pooled else "all"),
        cell.question.code if cell.question else "score",
        cell.state,
        cell.raters,
        cell.mean,
        cell.shrunken,
        cell.low,
        cell.high,
        cell.dont_know,
        cell.no_answer,
        " ".join(map(str, cell.shares)) if cell.shares else "",
    )


def _name(survey: Survey, what: str) -> str:
    return f"{survey.programme.slug}-{survey.period.label}-feedback-{what}.csv"
