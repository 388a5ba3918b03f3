"""Reading programmes with their periods and clusters."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from sankul.core.rules.roles import Actor, narrowed
from sankul.programme.registry.models import Cluster, Programme, Stewardship
from sankul.programme.registry.rules import SEE_REGISTRY


def visible(actor: Actor) -> QuerySet[Programme]:
    """Programmes, open to everybody: the real ones first."""
    return Programme.objects.filter(narrowed(actor, SEE_REGISTRY)).order_by(
        "is_demonstration", "name"
    )


def with_clusters(actor: Actor) -> QuerySet[Programme]:
    """Programmes with their clusters, the focus areas of each, and the entity that runs it on the actor's day.

    The entity is the one row of ``cluster.stewards`` if any. Five queries whatever the number of rows.
    """
    stewards = Stewardship.objects.on(timezone.localdate(actor.at)).select_related("entity")
    clusters = Cluster.objects.prefetch_related(
        "focus_areas", Prefetch("stewardships", stewards, to_attr="stewards")
    )
    return visible(actor).prefetch_related(Prefetch("clusters", clusters))
