"""How sure a run is, read back: what was computed with it, with the names of all that it speaks of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, QuerySet

from sankul.programme.evaluation.models import Flip, Robustness, Run, Standing, Value
from sankul.programme.indicators.models import Indicator, Node
from sankul.programme.registry.models import Cluster

from . import runs

MOST_CLUSTERS = 60
"""Clusters whose single values are read, from rank 1 on."""


@dataclass(frozen=True)
class Certainty:
    """A run's robustness (None where it was computed before Sankul kept it) with what it speaks of."""

    run: Run
    robustness: Robustness | None
    standings: Sequence[Standing]
    flips: Sequence[Flip]
    nodes: Sequence[Node]
    indicators: Sequence[Indicator]
    values: Sequence[Value]

    @property
    def ranked(self) -> list[Standing]:
        """The ranked clusters, best first."""
        return [row for row in self.standings if row.rank is not None]

    @cached_property
    def items(self) -> dict[str, Indicator]:
        """The indicators by code."""
        return {item.code: item for item in self.indicators}

    @cached_property
    def by_place(self) -> dict[tuple[int, str], Value]:
        """The values by cluster and indicator."""
        return {(row.cluster_id, row.indicator): row for row in self.values}

    @property
    def root(self) -> Node:
        """The index itself."""
        return next(node for node in self.nodes if node.parent_id is None)

    def below(self, node: Node) -> list[Node | Indicator]:
        """What stands right below a node, in the framework's order."""
        groups = [child for child in self.nodes if child.parent_id == node.pk]
        return [*groups, *(item for item in self.indicators if item.node_id == node.pk)]

    def points(self) -> dict[str, dict[str, float]]:
        """The points that each part right below the index gives to a ranked cluster, by their names."""
        part = {
            item.code: str(top.title)
            for top in self.below(self.root)
            for item in ([top] if isinstance(top, Indicator) else self._leaves(top))
        }
        found: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for row in self.values:
            if row.contribution is not None and row.indicator in part:
                found[row.cluster_id][part[row.indicator]] += row.contribution
        order = list(dict.fromkeys(part.values()))
        return {
            row.cluster.name: {name: found[row.cluster_id][name] for name in order}
            for row in self.ranked
            if row.cluster_id in found
        }

    def _leaves(self, node: Node) -> list[Indicator]:
        found: list[Indicator] = []
        for child in self.below(node):
            found += [child] if isinstance(child, Indicator) else self._leaves(child)
        return found


def certainty(run: Run) -> Certainty:
    """All of it, in six queries whatever the number of clusters."""
    standings = list(runs.standings(run))
    shown = [row.cluster_id for row in standings if row.rank is not None][:MOST_CLUSTERS]
    return Certainty(
        run,
        Robustness.objects.filter(run=run).first(),
        standings,
        list(flips(run)),
        list(run.framework.nodes.order_by("position")),
        list(run.framework.indicators.order_by("position")),
        list(run.values.filter(cluster__in=shown)),
    )


def flips(run: Run) -> QuerySet[Flip]:
    """The decisions of a run with what would turn them."""
    return run.flips.select_related("cluster", "over").order_by("position")


def flips_about(run: Run, cluster: Cluster) -> QuerySet[Flip]:
    """The decisions in which a cluster takes part, on either side."""
    return flips(run).filter(Q(cluster=cluster) | Q(over=cluster))
