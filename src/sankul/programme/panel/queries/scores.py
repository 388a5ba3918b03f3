"""Reading scores: side by side in the discussion, without names once released."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count, QuerySet

from sankul.core.rules.roles import Actor, narrowed, verdict
from sankul.programme.panel.models import Change, Panel, Remark, Result, Score
from sankul.programme.panel.rules import (
    CRITERIA,
    SEE_RESULTS,
    SEE_SCORES,
    WIDE,
    Criterion,
    PanelStatus,
    spread,
)
from sankul.programme.registry.models import Cluster

from .panels import membership
from .ties import of_actor


class Row(NamedTuple):
    """All scores of a cluster on a criterion, by the member's letter; ``remarks`` is how many comments there are."""

    cluster: Cluster
    criterion: Criterion
    scores: dict[str, Score]
    remarks: int = 0

    @property
    def levels(self) -> list[int]:
        """The levels given."""
        return [one.level for one in self.scores.values() if one.level is not None]

    @property
    def is_wide(self) -> bool:
        """Whether the members are so far apart that they should talk."""
        return spread(self.levels) >= WIDE


def may_discuss(actor: Actor, panel: Panel) -> bool:
    """Whether the actor may see the discussion: phase and role, or a place on the panel."""
    if not panel.is_shared:
        return False
    is_inside = verdict(actor, SEE_SCORES, *panel.scopes) or membership(actor, panel)
    return bool(is_inside)


def shared(actor: Actor, panel: Panel) -> QuerySet[Score]:
    """Scores of the discussion, without clusters that the actor is tied to."""
    rows = Score.objects.visible_to(actor).filter(member__panel=panel)
    tied = of_actor(actor, panel)
    return rows.exclude(cluster__in=sorted(tied)).select_related("member", "cluster")


def side_by_side(actor: Actor, panel: Panel) -> list[Row]:
    """All that the actor may see in the discussion, cluster by cluster, criterion by criterion."""
    remarks = {
        (cluster, criterion): found
        for cluster, criterion, found in Remark.objects.filter(member__panel=panel)
        .order_by()
        .values_list("cluster", "criterion")
        .annotate(found=Count("pk"))
    }
    rows: dict[tuple[int, str], Row] = {}
    for one in shared(actor, panel):
        row = Row(one.cluster, CRITERIA[one.criterion], {}, remarks.get((one.cluster_id, one.criterion), 0))  # fmt: skip
        rows.setdefault((one.cluster_id, one.criterion), row).scores[one.member.letter] = one
    order = list(CRITERIA)
    return sorted(
        rows.values(),
        key=lambda row: (row.cluster.name, row.cluster.pk, order.index(row.criterion.code)),
    )


def changes(scores: Iterable[Score]) -> QuerySet[Change]:
    """How these scores changed, oldest first."""
    return Change.objects.filter(score__in=list(scores)).select_related("score__member")


def remarks(panel: Panel, cluster: Cluster, criterion: str) -> QuerySet[Remark]:
    """What was said, oldest first."""
    rows = Remark.objects.filter(member__panel=panel, cluster=cluster, criterion=criterion)
    return rows.select_related("member")


def clusters_released(actor: Actor, panel: Panel) -> QuerySet[Cluster]:
    """Clusters whose released scores the actor may see."""
    rows = Cluster.objects.filter(programme=panel.programme_id).order_by("name", "pk")
    if panel.period.opened_at is not None:
        return rows
    return rows.filter(narrowed(actor, SEE_RESULTS, programme="programme", cluster="pk"))


def results(actor: Actor, panel: Panel) -> QuerySet[Result]:
    """Released scores of the panel that the actor may see."""
    rows = Result.objects.visible_to(actor).filter(panel=panel)
    return rows.select_related("cluster", "document")


def released_scores(actor: Actor, panel: Panel) -> QuerySet[Score]:
    """Released scores of members, by their letters, of clusters that the actor may see."""
    rows = Score.objects.filter(
        member__panel=panel,
        member__panel__status=PanelStatus.RELEASED,
        cluster__in=clusters_released(actor, panel).order_by().values("pk"),
        level__isnull=False,
    )
    return rows.select_related("member", "cluster").prefetch_related("changes")
