"""The board: how many projects stand in which stage, by cluster or by sector."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, QuerySet

from sankul.core.rules.roles import Actor
from sankul.programme.portfolio.models import Project
from sankul.programme.portfolio.rules import Sector, Stage

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

BY = ("cluster", "sector")


@dataclass(frozen=True)
class Lane:
    """A cluster or a sector of the board: how many projects stand in each stage."""

    key: str
    title: StrOrPromise
    counts: dict[Stage, int]

    @property
    def total(self) -> int:
        """Projects in any stage."""
        return sum(self.counts.values())


def lanes(rows: QuerySet[Project], by: str) -> list[Lane]:
    """Projects counted by stage and by the cluster that leads them, or by sector: one query."""
    columns = ("sector",) if by == "sector" else ("cluster__slug", "cluster__name")
    found = [
        Lane(key[0], Sector(key[0]).label if by == "sector" else key[1], counts)
        for key, counts in _counted(rows, *columns).items()
    ]
    order = list(Sector.values)
    return sorted(
        found, key=lambda lane: order.index(lane.key) if by == "sector" else str(lane.title)
    )


def _counted(rows: QuerySet[Project], *columns: str) -> dict[tuple[str, ...], dict[Stage, int]]:
    counted: dict[tuple[str, ...], dict[Stage, int]] = defaultdict(lambda: dict.fromkeys(Stage, 0))
    grouped = rows.order_by().values_list(*columns, "stage").annotate(count=Count("pk"))
    for *key, stage, count in grouped:
        counted[tuple(key)][Stage(stage)] = count
    return counted


def visible(actor: Actor) -> QuerySet[Project]:
    """Projects that the board counts for the actor."""
    return Project.objects.visible_to(actor)
