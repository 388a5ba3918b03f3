"""Streams that can be looked at together, and the detectors that do."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import (
    Count,
    Exists,
    IntegerField,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from sankul.core.rules.roles import Actor
from sankul.field.alerts.models import Alert, Detector, within
from sankul.field.alerts.rules import SET_DETECTORS, DetectorKind
from sankul.field.alerts.rules.grouping import LEAST_STREAMS, Member
from sankul.field.streams.models import Datastream

SYMBOL = Coalesce(KT("unit__symbol"), Value(""), output_field=TextField())
OBSERVED = ("observed_property__name", "observed_property__definition")


class Alike(NamedTuple):
    """Streams of a cluster that observe the same in the same unit: the first of them stands for all ``streams``."""

    cluster: str
    observed: str
    unit: str
    streams: int
    first: int


def alike(actor: Actor) -> list[Alike]:
    """Streams that can be groups, in scopes where the actor sets detectors: three at least, of one cluster, property and unit."""
    rows = _settable(actor).values("thing__cluster", "thing__cluster__name", *OBSERVED, "symbol")
    found = rows.annotate(streams=Count("pk"), first=Min("pk")).filter(streams__gte=LEAST_STREAMS)
    return [
        Alike(row["thing__cluster__name"], row["observed_property__name"], row["symbol"], row["streams"], row["first"])
        for row in found.order_by("thing__cluster__name", *OBSERVED, "symbol")
    ]  # fmt: skip


def like(actor: Actor, first: int) -> list[Datastream]:
    """All streams that are alike with one of them; none where the actor sets no detectors there."""
    of = ("thing__cluster", *OBSERVED, "symbol")
    kind = _settable(actor).filter(pk=first).values(*of).first()
    return [] if kind is None else list(_settable(actor).filter(**kind).order_by("pk"))


def _settable(actor: Actor) -> QuerySet[Datastream]:
    rows = Datastream.objects.filter(
        within(actor, SET_DETECTORS, "thing__"), thing__cluster__isnull=False
    )
    rows = rows.select_related("thing__cluster__programme", "observed_property").order_by()
    return rows.annotate(symbol=SYMBOL)


def members_of(streams: list[int]) -> list[Member]:
    """What the rules ask of streams: who holds them, what they observe, whether a detector of their own is on."""
    own = Detector.objects.filter(stream=OuterRef("pk"), is_enabled=True)
    rows = Datastream.objects.filter(pk__in=streams).select_related("thing", "observed_property")
    return [
        Member(
            row.thing.cluster_id,
            (row.observed_property.name, row.observed_property.definition),
            row.unit_symbol,
            row.is_watched,
        )
        for row in rows.annotate(is_watched=Exists(own))
    ]


def groups(actor: Actor) -> QuerySet[Detector]:
    """Detectors of many sites that the actor may see: with their streams counted (``streams``, ``watched``) and their alerts."""
    member = Detector.members.through.objects.filter(detector=OuterRef("pk")).order_by()
    own = Detector.objects.filter(stream=OuterRef("datastream"), is_enabled=True)
    first = Datastream.objects.filter(network_detectors=OuterRef("pk")).order_by("pk")
    rows = Detector.objects.visible_to(actor).filter(kind=DetectorKind.NETWORK)
    return rows.select_related("cluster__programme", "organisation").annotate(
        streams=_counted(member),
        watched=_counted(member.filter(Exists(own))),
        raised=_counted(Alert.objects.filter(detector=OuterRef("pk")).order_by()),
        observed=Subquery(first.values("observed_property__name")[:1]),
        unit=Subquery(first.values(unit_symbol=SYMBOL)[:1]),
    )


def _counted(rows: QuerySet[Any]) -> Coalesce:
    one = rows.values("detector").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(one, output_field=IntegerField()), 0)
