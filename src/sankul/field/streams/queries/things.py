"""Things with what a page tells of them, and a stream with its past."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Count, OuterRef, QuerySet, Subquery

from sankul.core.rules.roles import Actor
from sankul.field.streams.models import (
    Datastream,
    DayCount,
    Detail,
    Location,
    QualityRule,
    Revision,
    Thing,
    Version,
)
from sankul.field.streams.rules.numbers import midnight, moment
from sankul.field.streams.rules.rows import Rows
from sankul.programme.portfolio.models import Deployment

from .reading import read

PAGE_ROWS = 25


def visible(actor: Actor) -> QuerySet[Thing]:
    """Things that the actor may see, with cluster and deployment."""
    return Thing.objects.visible_to(actor).select_related("cluster__programme", "deployment")


def streams_of(thing: Thing) -> list[Datastream]:
    """The streams of a thing with property, sensor and last observation."""
    rows = thing.datastreams.select_related("observed_property", "sensor", "latest")
    return list(rows.order_by("observed_property__name", "name", "pk"))


def stream_rows(actor: Actor) -> QuerySet[Datastream]:
    """Streams that the actor may see, with all that a page of one tells."""
    related = ("thing__cluster__programme", "observed_property", "sensor", "latest")
    return Datastream.objects.visible_to(actor).select_related(*related)


def rules_of(stream_ids: Iterable[int]) -> dict[int, QualityRule]:
    """The rules in force of each stream that has any."""
    newest = QualityRule.objects.filter(stream=OuterRef("stream")).order_by("-version")
    rows = QualityRule.objects.filter(
        stream__in=list(stream_ids), pk=Subquery(newest.values("pk")[:1])
    )
    return {rule.stream_id: rule for rule in rows}


class Where(NamedTuple):
    """A place of a thing: its name and the middle of the box around it, in degrees."""

    name: str
    lon: float
    lat: float


def where(actor: Actor, things: Any) -> dict[int, Where]:
    """Where things (a query or ids) are now, as far as they have a place that the actor may see: one statement."""
    rows = Location.objects.visible_to(actor).filter(things__in=things, west__isnull=False)
    columns: Any = rows.order_by("pk").values_list(
        "things", "name", "west", "east", "south", "north"
    )
    return {
        thing: Where(name, (west + east) / 2, (south + north) / 2)
        for thing, name, west, east, south, north in columns
    }


def deployment_seen(actor: Actor, thing: Thing) -> Deployment | None:
    """The deployment of a thing, if the actor may see it."""
    if thing.deployment_id is None:
        return None
    return Deployment.objects.visible_to(actor).filter(pk=thing.deployment_id).first()


def history(stream: Datastream) -> QuerySet[Revision]:
    """Why observations of a stream were corrected, newest first, with how many."""
    changed = (
        Version.objects.filter(revision=OuterRef("pk"))
        .order_by()
        .values("revision")
        .annotate(n=Count("*"))
        .values("n")
    )
    rows = Revision.objects.filter(stream=stream).select_related("made_by")
    return rows.annotate(changed=Subquery(changed))


class Reading(NamedTuple):
    """An observation on a page: ``value`` None if missing or no number; ``result`` what else it is."""

    time: datetime
    value: float | None
    flag: int
    result: Any


class Readings(NamedTuple):
    """A page of observations, newest first, and whether older ones follow."""

    rows: list[Reading]
    has_older: bool


def readings(
    stream: Datastream, since: datetime, until: datetime, most: int = PAGE_ROWS
) -> Readings:
    """The last ``most`` observations of a stream from ``since`` to before ``until``: only the days that have them are read."""
    begin = _begin(stream, since, until, most + 1)
    rows = read([stream.pk], max(since, begin), until)
    last = rows.at(slice(max(0, len(rows.ids) - most), None))
    return Readings(_told(last)[::-1], len(rows.ids) > most)


def _begin(stream: Datastream, since: datetime, until: datetime, most: int) -> datetime:
    """The midnight after which ``most`` observations lie before ``until``, the last day not counted, of which only a part may."""
    days = DayCount.objects.filter(stream=stream, day__gte=since.date(), day__lte=until.date())
    found = 0
    for day, count in days.order_by("-day").values_list("day", "count").iterator(chunk_size=200):
        found += count if day < until.date() else 0
        if found >= most:
            return midnight(day)
    return since


def _told(rows: Rows) -> list[Reading]:
    results: dict[int, Any] = {}
    if rows.is_detailed.any():
        ids = rows.ids[rows.is_detailed].tolist()
        found = Detail.objects.filter(pk__in=ids).values_list("pk", "result")
        results = {pk: told.get("result") for pk, told in found if told is not None}
    return [
        Reading(
            moment(us), None if np.isnan(value) else float(value), int(flag), results.get(int(pk))
        )
        for pk, us, value, flag in zip(rows.ids, rows.time_us, rows.values, rows.flags, strict=True)
    ]


def last_of(streams: Iterable[Datastream]) -> tuple[datetime | None, datetime | None]:
    """The times of the first and of the last observation of all."""
    firsts = [one.latest.first_time for one in streams if one.latest.first_time]
    lasts = [one.latest.time for one in streams if one.latest.time]
    return min(firsts, default=None), max(lasts, default=None)


def every(stream: Datastream) -> timedelta | None:
    """How often a value is due, if that is told."""
    told = stream.expected_every_s
    return timedelta(seconds=told) if told else None
