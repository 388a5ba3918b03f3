"""Everything in the field at once: how each thing is and where, in a bounded number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet

from sankul.core.rules.roles import Actor, narrowed
from sankul.field.streams.models import Datastream, Location, Outline, Thing
from sankul.field.streams.rules import RECORD_STREAMS
from sankul.field.streams.rules.health import ThingHealth
from sankul.programme.portfolio.models import Deployment
from sankul.programme.registry.models import Cluster

from .health import health
from .things import Where, where

MOST_THINGS = 10_000
"""Things that a page looks at; of more, the first by number, and it says so."""


class Bounds(NamedTuple):
    """A box in degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class Fleet:
    """Things with how they are and where, by id; ``things`` is the query that they are of."""

    things: QuerySet[Thing]
    names: Mapping[int, str]
    health: Mapping[int, ThingHealth]
    where: Mapping[int, Where]
    streams: Mapping[int, int]
    outlines: Sequence[Outline]
    is_demonstration: bool


def fleet(
    actor: Actor, rows: QuerySet[Thing], at: datetime, box: tuple[float, ...] | None = None
) -> Fleet:
    """How things (a query narrowed to what the actor may see) are, those in a box of west, south, east, north if one is given."""
    if box is not None:
        rows = rows.filter(pk__in=_inside(actor, Bounds(*box)))
    columns = ("pk", "name", "cluster", "cluster__programme__is_demonstration")
    found = list(rows.order_by("pk").values_list(*columns)[:MOST_THINGS])
    ids = [row[0] for row in found]
    held = {row[2] for row in found if row[2]}
    return Fleet(
        things=rows,
        names={row[0]: row[1] for row in found},
        health=health(ids, at),
        where=where(actor, ids),
        streams=_streams(ids),
        outlines=list(Outline.objects.filter(cluster__in=held)[:50]),
        is_demonstration=any(row[3] for row in found),
    )


def _inside(actor: Actor, box: Bounds) -> QuerySet[Any, Any]:
    """Ids of things that stand in a box, as far as their place may be seen."""
    rows = Location.objects.visible_to(actor).filter(
        west__lte=box.east, east__gte=box.west, south__lte=box.north, north__gte=box.south
    )
    return rows.filter(things__isnull=False).order_by().values("things")


def _streams(ids: Iterable[int]) -> dict[int, int]:
    rows = Datastream.objects.filter(thing__in=list(ids)).order_by()
    return dict(rows.values_list("thing").annotate(n=Count("pk")))


def clusters(actor: Actor) -> list[tuple[int, str]]:
    """Clusters that have things which the actor may see."""
    held = Thing.objects.visible_to(actor).order_by().values("cluster")
    return list(Cluster.objects.filter(pk__in=held).order_by("name").values_list("pk", "name"))


def recorded(actor: Actor) -> QuerySet[Cluster]:
    """Clusters that the actor may record in."""
    own = narrowed(actor, RECORD_STREAMS, programme="programme", cluster="pk")
    return Cluster.objects.filter(own).order_by("name")


def deployments(actor: Actor) -> list[tuple[int, str]]:
    """Deployments that have things, as far as the actor may see both."""
    held = Thing.objects.visible_to(actor).order_by().values("deployment")
    rows = Deployment.objects.visible_to(actor).filter(pk__in=held)
    return list(rows.order_by("title").values_list("pk", "title")[:200])


def deployments_seen(actor: Actor, things: Iterable[Thing]) -> dict[int, str]:
    """The titles of the deployments of some things, as far as the actor may see them."""
    ids = {one.deployment_id for one in things if one.deployment_id}
    if not ids:
        return {}
    return dict(Deployment.objects.visible_to(actor).filter(pk__in=ids).values_list("pk", "title"))
