"""Results beside the limits of their day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from sankul.core.rules.roles import PLATFORM, Actor, narrowed
from sankul.field.water.models import Limit, Response, Result, Source, Village
from sankul.field.water.rules import RECORD_WATER, Bound, Purpose, judged
from sankul.field.water.rules.risk import Judged, Risk, risks
from sankul.programme.registry.models import Cluster

LOOKED_BACK: Final = timedelta(days=3 * 365)
"""How far back results are looked at for risks that stand."""


@dataclass(frozen=True)
class AtRisk:
    """A source where a parameter is above its limit, and who deals with it."""

    source: Source
    risk: Risk
    response: Response | None


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


def at_risk(actor: Actor, at: datetime, rows: QuerySet[Source] | None = None) -> list[AtRisk]:
    """The drinking sources the actor may see where something was above its limit at a moment, longest there first.

    Four queries, whatever the number of sources. ``rows`` narrows them further.
    """
    found = sources(actor) if rows is None else rows
    drinking = {row.pk: row for row in found.filter(purpose=Purpose.DRINKING)}
    results = Result.objects.filter(
        sample__source__in=drinking, sample__taken_at__range=(at - LOOKED_BACK, at)
    ).select_related("sample")
    standing = risks(judged_results(results, bounds()))
    responses = {
        (row.source_id, row.parameter): row
        for row in Response.objects.filter(
            Q(closed_at=None) | Q(closed_at__gt=at), source__in=drinking, opened_at__lte=at
        ).order_by("opened_at")
    }
    return [
        AtRisk(drinking[one.source], one, responses.get((one.source, one.parameter)))
        for one in standing
    ]


def last_taken(rows: Iterable[Source]) -> dict[int, datetime]:
    """When each of the sources was sampled last."""
    found: dict[int, datetime] = {}
    samples = Result.objects.filter(sample__source__in=list(rows))
    for source, taken_at in samples.values_list("sample__source", "sample__taken_at").distinct():
        found[source] = max(taken_at, found.get(source, taken_at))
    return found


def by_source(found: Iterable[AtRisk]) -> dict[int, list[AtRisk]]:
    """The same by source."""
    grouped: dict[int, list[AtRisk]] = defaultdict(list)
    for one in found:
        grouped[one.source.pk].append(one)
    return grouped


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
