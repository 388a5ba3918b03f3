"""Results beside the limits of their day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from sankul.core.rules.roles import PLATFORM, Actor, narrowed
from sankul.field.water.models import Limit, Result, Source, Village
from sankul.field.water.rules import RECORD_WATER, Bound, judged
from sankul.field.water.rules.risk import Judged
from sankul.programme.registry.models import Cluster


def bounds() -> list[Bound]:
    """All limits of drinking water, whenever they were in force."""
    return [row.bound for row in Limit.objects.all()]


def sources(actor: Actor) -> QuerySet[Source]:
    """Sources that the actor may see, with village, local government, cluster and programme at hand."""
    rows = Source.objects.visible_to(actor)
    return rows.select_related("village__body", "village__cluster__programme", "scheme")


def judged_results(results: Iterable[Result], limits: Iterable[Bound]) -> list[Judged]:
    """Results, which have their samples at hand, beside the limits of the day they were taken in India."""
    known = list(limits)
    return [
        Judged(
            row.sample.source_id,
            row.parameter,
            row.sample.taken_at,
            row.value,
            judged(
                row.parameter,
                row.value,
                timezone.localdate(row.sample.taken_at),
                known,
                is_below_detection=row.is_below_detection,
            ),
        )
        for row in results
    ]


def last_taken(rows: Iterable[Source]) -> dict[int, datetime]:
    """When each of the sources was sampled last."""
    found: dict[int, datetime] = {}
    samples = Result.objects.filter(sample__source__in=list(rows))
    for source, taken_at in samples.values_list("sample__source", "sample__taken_at").distinct():
        found[source] = max(taken_at, found.get(source, taken_at))
    return found


def clusters_to_record(actor: Actor) -> QuerySet[Cluster]:
    """The clusters in whose region the actor may record water."""
    rows = Cluster.objects.select_related("programme")
    if PLATFORM in actor.scopes(RECORD_WATER):
        return rows
    return rows.filter(narrowed(actor, RECORD_WATER, programme="programme", cluster="pk"))


def villages(actor: Actor) -> QuerySet[Village]:
    """The villages of clusters in whose region the actor may record water."""
    rows = Village.objects.filter(cluster__in=clusters_to_record(actor))
    return rows.select_related("body", "cluster__programme")
