"""What waits for review, and what was said already."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import F, QuerySet

from sankul.core.rules.roles import Actor
from sankul.field.streams.models import Datastream, DayCount, Revision
from sankul.field.streams.queries.existing import US


def to_review(actor: Actor) -> QuerySet[DayCount]:
    """Days of streams that the actor may review on which suspect or failed values wait: ``waiting`` is how many."""
    own = Datastream.objects.changeable_by(actor)
    rows = DayCount.objects.filter(stream__in=own, flagged__gt=F("reviewed"))
    return rows.annotate(waiting=F("flagged") - F("reviewed")).select_related(
        "stream__thing__cluster__programme"
    )


def reviewable(actor: Actor) -> QuerySet[Datastream]:
    """Streams that the actor may review, with their thing, property and last observation."""
    rows = Datastream.objects.changeable_by(actor)
    return rows.select_related("thing__cluster__programme", "observed_property", "latest")


class Earlier(NamedTuple):
    """The version of an observation before a revision."""

    time_us: int
    value: float
    flag: int
    is_reviewed: bool


def versions_of(revision: Revision) -> list[Earlier]:
    """What each observation of a revision was before it, in order of time."""
    with connection.cursor() as cursor:
        cursor.execute(EARLIER, [revision.pk, revision.stream_id])
        return [Earlier(*row) for row in cursor.fetchall()]


def later(revision: Revision) -> int:
    """How many observations of a revision have a later version."""
    with connection.cursor() as cursor:
        cursor.execute(LATER, [revision.pk, revision.stream_id])
        return int(cursor.fetchone()[0])


def reviewed(stream_id: int, since: datetime, until: datetime) -> set[int]:
    """The times, in microseconds since 1970, of observations in a window, ends included, whose flag is somebody's word."""
    with connection.cursor() as cursor:
        cursor.execute(REVIEWED, [stream_id, since, until])
        return {int(us) for (us,) in cursor.fetchall()}


REVIEWED = f"""
SELECT {US.format("last.time")} FROM (
    SELECT DISTINCT ON (time) time, is_reviewed FROM streams_version
    WHERE stream_id = %s AND time BETWEEN %s AND %s ORDER BY time, number DESC
) last WHERE last.is_reviewed
"""
EARLIER = f"""
SELECT {US.format("v.time")}, b.value, b.flag, b.is_reviewed
FROM streams_version v
JOIN streams_version b ON b.stream_id = v.stream_id AND b.time = v.time AND b.number = v.number - 1
WHERE v.revision_id = %s AND v.stream_id = %s
ORDER BY v.time
"""
LATER = """
SELECT count(*) FROM streams_version v
JOIN streams_version n ON n.stream_id = v.stream_id AND n.time = v.time AND n.number = v.number + 1
WHERE v.revision_id = %s AND v.stream_id = %s
"""
