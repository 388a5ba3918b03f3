"""Reading results: the protected table, as far as the actor may see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from sankul.core.rules.roles import Actor, verdict
from sankul.programme.feedback.models import Cell, Comment, Group, Question, Survey
from sankul.programme.feedback.rules import CONDUCT, SEE_RESULTS, CommentState, SurveyStatus
from sankul.programme.registry.models import Cluster


def released_cells(survey: Survey) -> QuerySet[Cell]:
    """The whole table in order, with cluster, group and question at hand."""
    return survey.cells.select_related("cluster", "group", "question")


def may_see_all(actor: Actor, survey: Survey) -> bool:
    """Whether the actor sees the results of all clusters: the evaluator after counting, others after the release."""
    if survey.status == SurveyStatus.COUNTED:
        return verdict(actor, CONDUCT, *survey.scopes).allowed
    if survey.status != SurveyStatus.RELEASED:
        return False
    return (
        survey.period.opened_at is not None or verdict(actor, SEE_RESULTS, *survey.scopes).allowed
    )


def clusters_seen(actor: Actor, survey: Survey) -> QuerySet[Cluster]:
    """Clusters whose results the actor sees: all, the own after the release, or none."""
    rows = survey.programme.clusters.filter(pk__in=survey.cells.values("cluster")).order_by("name")
    if may_see_all(actor, survey):
        return rows
    if survey.status != SurveyStatus.RELEASED:
        return rows.none()
    own = {scope.id for scope in actor.scopes(SEE_RESULTS) if scope.kind == "cluster"}
    return rows.filter(pk__in=own)


Key = tuple[int | None, int | None, bool]


def _key(cell: Cell) -> Key:
    return cell.group_id, cell.question_id, cell.is_pooled


@dataclass(frozen=True)
class OfCluster:
    """The results of one cluster."""

    cluster: Cluster
    cells: dict[Key, Cell]

    def at(
        self, group: Group | None, question: Question | None, *, pooled: bool = False
    ) -> Cell | None:
        """One cell: of a group, of all groups weighted (None) or of everybody together; of a question or the score (None)."""
        of, about = group.pk if group else None, question.pk if question else None
        return self.cells.get((of, about, pooled))


def by_cluster(survey: Survey, clusters: Iterable[Cluster]) -> list[OfCluster]:
    """The results of some clusters: one query."""
    wanted = list(clusters)
    found: dict[int, dict[Key, Cell]] = {}
    for cell in survey.cells.filter(cluster__in=wanted):
        found.setdefault(cell.cluster_id, {})[_key(cell)] = cell
    return [OfCluster(one, found.get(one.pk, {})) for one in wanted]


def comments(survey: Survey, clusters: Iterable[Cluster]) -> QuerySet[Comment]:
    """Texts that are shown: those of the clusters and those about none, moderated, after the release."""
    rows = survey.comments.filter(state__in=(CommentState.KEPT, CommentState.REDACTED))
    if survey.status != SurveyStatus.RELEASED:
        return rows.none()
    about = rows.filter(cluster__in=list(clusters)) | rows.filter(cluster=None)
    return about.select_related("cluster", "group", "question").order_by(
        "question__section__position", "question__position", "cluster__name", "pk"
    )
