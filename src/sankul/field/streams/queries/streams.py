"""Streams that somebody may see or send to."""

from __future__ import annotations

from django.db.models import Count, Min, QuerySet

from sankul.core.rules.roles import Actor
from sankul.field.streams.models import Datastream


def visible(actor: Actor) -> QuerySet[Datastream]:
    """Streams that the actor may see, with their thing, property and last observation."""
    return Datastream.objects.visible_to(actor).select_related(
        "thing__cluster__programme", "observed_property", "latest"
    )


def own_names(actor: Actor | None) -> dict[str, int]:
    """The ids of streams that the actor (None: the operator at the terminal) may send to, by names that only one of them has."""
    rows = Datastream.objects.changeable_by(actor) if actor else Datastream.objects.all()
    single = rows.order_by().values("name").annotate(n=Count("pk"), first=Min("pk")).filter(n=1)
    return dict(single.values_list("name", "first"))
