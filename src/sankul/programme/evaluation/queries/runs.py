"""Runs and standings, as the actor may see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import F, QuerySet

from sankul.core.rules.roles import Actor, narrowed
from sankul.programme.evaluation.models import NodeScore, Round, Run, Standing, Value
from sankul.programme.evaluation.rules import HEARD, REPLY, RunStatus
from sankul.programme.indicators.models import Framework, Indicator, Node
from sankul.programme.registry.models import Cluster


def published(actor: Actor) -> QuerySet[Run]:
    """Published runs, the latest period of each programme first."""
    runs = Run.objects.visible_to(actor).filter(status=RunStatus.PUBLISHED)
    return runs.select_related("programme", "period", "framework").order_by(
        "-programme__is_demonstration", "programme__name", "-period__starts_on"
    )


def find(actor: Actor, programme: str, period: str, number: int | None = None) -> Run:
    """The published run of a period, or the run with that number. Raises Run.DoesNotExist."""
    runs = Run.objects.visible_to(actor).select_related(
        "programme", "period", "framework__decision__meeting", "package", "records"
    )
    runs = runs.filter(programme__slug=programme, period__label=period)
    return runs.get(pk=number) if number else runs.get(status=RunStatus.PUBLISHED)


def own_part(actor: Actor, programme: str, period: str, cluster: str, number: int) -> Run:
    """The preliminary run of a round, for who may reply for this cluster and read its part. Raises Run.DoesNotExist.

    The caller shows nothing of it but what is about that cluster.
    """
    wanted = Cluster.objects.filter(programme__slug=programme, slug=cluster)
    own = wanted.filter(narrowed(actor, REPLY, cluster="pk"))
    heard = Round.objects.filter(
        programme__clusters__in=own, period__label=period, phase__in=HEARD
    ).order_by()
    rows = Run.objects.select_related("programme", "period", "framework", "package", "records")
    return rows.get(pk=number, pk__in=heard.values("preliminary"))


def latest(actor: Actor, cluster: Cluster) -> Standing | None:
    """The standing of a cluster in the latest published run that the actor may see."""
    return (
        Standing.objects.filter(cluster=cluster, run__in=published(actor).order_by())
        .select_related("run__programme", "run__period", "run__framework", "cluster")
        .order_by("-run__period__starts_on")
        .first()
    )


def standings(run: Run) -> QuerySet[Standing]:
    """The standings of a run, best rank first, then those that are not ranked."""
    return run.standings.select_related("cluster").order_by(
        F("rank").asc(nulls_last=True), "cluster__name"
    )


def top_groups(run: Run) -> tuple[list[Node], dict[tuple[int, str], float | None]]:
    """The nodes right below the root, and every cluster's score on them by cluster id and code."""
    nodes = list(run.framework.nodes.filter(parent__parent=None, parent__isnull=False))
    scores = run.node_scores.filter(node__in=[node.code for node in nodes])
    return nodes, {(row.cluster_id, row.node): row.score for row in scores}


def before(actor: Actor, run: Run) -> Run | None:
    """The published run of the period before this one."""
    earlier = published(actor).filter(
        programme=run.programme_id, period__starts_on__lt=run.period.starts_on
    )
    return earlier.order_by("-period__starts_on").first()


class Tree(NamedTuple):
    """A framework's tree with the results of one cluster in it."""

    framework: Framework
    nodes: Sequence[Node]
    indicators: Sequence[Indicator]
    node_scores: dict[str, NodeScore]
    values: dict[str, Value]

    def children(self, node: Node) -> list[Node]:
        """Nodes directly below, in the framework's order."""
        return [child for child in self.nodes if child.parent_id == node.pk]

    def leaves(self, node: Node) -> list[Indicator]:
        """Indicators directly below, in the framework's order."""
        return [item for item in self.indicators if item.node_id == node.pk]

    def walk(self) -> list[tuple[int, Node | Indicator]]:
        """Every node and indicator from the top, each with its depth."""
        root = next(node for node in self.nodes if node.parent_id is None)
        return list(self._below(root, 0))

    def _below(self, node: Node, depth: int) -> list[tuple[int, Node | Indicator]]:
        found: list[tuple[int, Node | Indicator]] = [(depth, node)]
        for child in self.children(node):
            found += self._below(child, depth + 1)
        return found + [(depth + 1, item) for item in self.leaves(node)]


def tree(run: Run, cluster: Cluster) -> Tree:
    """A cluster's scores and values in a run: four queries."""
    framework = run.framework
    return Tree(
        framework,
        list(framework.nodes.order_by("position")),
        list(framework.indicators.select_related("node").order_by("position")),
        {row.node: row for row in run.node_scores.filter(cluster=cluster)},
        {row.indicator: row for row in run.values.filter(cluster=cluster)},
    )
