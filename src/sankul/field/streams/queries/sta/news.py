"""What was made or changed since it was looked last: followed by reading, so that writing costs nothing more.

Entities are found in their histories, observations by the counts of their streams, corrections by their versions.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Max, QuerySet
from django.utils import timezone

from sankul.core.models import Event
from sankul.field.streams.models import Latest, Observation, Version, WholeObservation
from sankul.field.streams.rules import VersionKind
from sankul.field.streams.rules.numbers import NUMBER_MASK
from sankul.field.streams.rules.odata.topics import Change, Topic

from .reading import numbered
from .sources import SOURCES

MOST = 1000
"""Changes of one type that are told of one look."""
SETTLED_S = 10.0
"""How long a transaction may be under way beside others that began later, and is still told of."""
LATELY = timedelta(seconds=60)
CORRECTED = (VersionKind.VALUE, VersionKind.DRIFT, VersionKind.UNDO)


@dataclass
class Log:
    """Rows that are only added, read as they come: by running numbers, which are not committed in their order."""

    rows: QuerySet[Any]
    key: str
    floor: int = -1
    seen: set[int] = field(default_factory=set)
    mark: int = 0
    marked_at: float = 0.0

    def rest(self) -> None:
        """Read nothing: what is there by now is not news."""
        self.floor = self._highest()
        self._mark()
        self.seen.clear()

    def new(self, *columns: str) -> list[dict[str, Any]]:
        """The rows that came since ``rest`` and were not read."""
        if self.floor < 0:
            self.rest()
        if time.monotonic() - self.marked_at > SETTLED_S:
            self.floor = self.mark
            self._mark()
            self.seen = {key for key in self.seen if key > self.floor}
        there = self.rows.filter(**{f"{self.key}__gt": self.floor}).order_by(self.key)
        unread = there.exclude(**{f"{self.key}__in": list(self.seen)}) if self.seen else there
        found = list(unread.values(self.key, *columns)[:MOST])
        self.seen |= {row[self.key] for row in found}
        return found

    def _mark(self) -> None:
        self.mark, self.marked_at = self._highest(), time.monotonic()

    def _highest(self) -> int:
        whole: Any = self.rows.model._default_manager
        return whole.aggregate(last=Max(self.key))["last"] or 0


class _Told(NamedTuple):
    """What was known of a stream: how many observations, the time of the last."""

    rows: int
    time: datetime | None


@dataclass
class Streams:
    """Follows the observations that streams get: those of some streams, or of all."""

    known: dict[int, _Told] = field(default_factory=dict)
    knows_all: bool = False
    since: str = ""
    """The oldest transaction that was under way at the last look."""

    def new(self, ids: set[int] | None) -> list[Change]:
        """The observations that came since the last look to these streams, or to all (None); nothing at the first look."""
        since, self.since = self.since, _oldest_transaction()
        rows = self._latest(ids)
        knew_all, self.knows_all = self.knows_all, ids is None
        changes: list[Change] = []
        for row in rows:
            before = self.known.get(row.pk, _Told(0, None) if knew_all else None)
            if before is None:
                changes += _last(row)
            elif row.count > before.rows:
                changes += _added(row, before, since)[: max(0, MOST - len(changes))]
            self.known[row.pk] = _Told(row.count, row.time)
        if ids is not None:
            self.known = {key: told for key, told in self.known.items() if key in ids}
        return changes

    def _latest(self, ids: set[int] | None) -> list[Latest]:
        rows = Latest.objects.only("pk", "count", "time", "arrived_at", "observation_id")
        if ids is not None:
            return list(rows.filter(pk__in=ids))
        return list(
            rows.filter(arrived_at__gte=timezone.now() - LATELY) if self.knows_all else rows
        )


def _last(row: Latest) -> Iterator[Change]:
    """The last observation of a stream that was not followed before: who asked meanwhile may hear of it."""
    if row.observation_id is not None and row.arrived_at is not None:
        yield Change("Observation", row.observation_id, row.arrived_at, None, row.pk, row.time)


def _added(row: Latest, before: _Told, since: str) -> list[Change]:
    rows = Observation.objects.filter(stream=row.pk, time__lte=row.time).order_by("time")
    if before.time is not None:
        rows = rows.filter(time__gt=before.time)
    grown = row.count - before.rows
    found = list(rows.values_list("pk", "time")[: min(grown, MOST)])
    if len(found) < min(grown, MOST) and before.time is not None:
        found += _late(row.pk, before.time, since, min(grown, MOST) - len(found))
    at = row.arrived_at or timezone.now()
    return [Change("Observation", key, at, None, row.pk, time) for key, time in found]


def _oldest_transaction() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::xid::text")
        return str(cursor.fetchone()[0])


LATE = f"""
SELECT o.id, o.time FROM streams_daycount c
JOIN streams_observation o ON o.stream_id = c.stream_id
    AND o.time >= c.day::timestamp AT TIME ZONE 'UTC' AND o.time < (c.day + 1)::timestamp AT TIME ZONE 'UTC'
WHERE c.stream_id = %s AND o.time <= %s AND age(c.xmin) <= age(%s::xid) AND age(o.xmin) <= age(%s::xid)
ORDER BY o.id & {NUMBER_MASK} DESC LIMIT %s
"""
"""Rows that were written since a transaction, in days whose counts were too; the newest first."""


def _late(stream_id: int, until: datetime, since: str, most: int) -> list[tuple[int, datetime]]:
    """Observations that came after later ones did."""
    with connection.cursor() as cursor:
        cursor.execute(LATE, [stream_id, until, since, since, most])
        return [(row[0], row[1]) for row in cursor.fetchall()]


def _histories() -> dict[str, Log]:
    return {
        name: Log(source.model.pgh_event_model.objects.exclude(pgh_label="delete"), "pgh_id")  # type: ignore[attr-defined]
        for name, source in SOURCES.items()
        if name != "Observation"
    }


@dataclass
class News:
    """What is new, look after look."""

    histories: dict[str, Log] = field(default_factory=_histories)
    versions: Log = field(
        default_factory=lambda: Log(
            Version.objects.filter(number__gt=0, revision__kind__in=CORRECTED), "id"
        )
    )
    corrections: Log = field(
        default_factory=lambda: Log(Event.objects.filter(verb="observation.corrected"), "seq")
    )
    streams: Streams = field(default_factory=Streams)

    def look(self, topics: Sequence[Topic]) -> list[Change]:
        """What was made or changed since the last look, as far as these topics tell of it."""
        asked = {topic.entity for topic in topics}
        changes: list[Change] = []
        for name, log in self.histories.items():
            if name in asked:
                changes += _changes(name, log, [one for one in topics if one.entity == name])
            else:
                log.rest()
        if "Observation" in asked:
            return changes + self._observations(topics)
        self.versions.rest()
        self.corrections.rest()
        self.streams = Streams()
        return changes

    def _observations(self, topics: Sequence[Topic]) -> list[Change]:
        about = [topic.stream_id for topic in topics if topic.entity == "Observation"]
        ids = None if None in about else {one for one in about if one is not None}
        return [*self.streams.new(ids), *self._corrected()]

    def _corrected(self) -> Iterator[Change]:
        found = {
            row["observation_id"]: row["revision__made_at"]
            for row in self.versions.new("observation_id", "revision__made_at")
        }
        found |= {
            int(row["subject"].rpartition("/")[2]): row["at"]
            for row in self.corrections.new("subject", "at")
        }
        for key, at in found.items():
            rows = numbered(WholeObservation.objects.order_by(), key)
            row = rows.values_list("stream_id", "time").first()
            if row is not None:
                yield Change("Observation", key, at, None, *row)


def _changes(name: str, log: Log, topics: Sequence[Topic]) -> list[Change]:
    asks_properties = any(topic.told_alone for topic in topics)
    source = SOURCES[name]
    own = {field.attname for field in source.model._meta.concrete_fields}
    rows = log.new("pgh_obj_id", "pgh_created_at", "pgh_label", *sorted(own))
    return [
        Change(
            name,
            row["pgh_obj_id"],
            row["pgh_created_at"],
            _properties(name, log, row) if asks_properties else None,
        )
        for row in rows
    ]


def _properties(name: str, log: Log, row: dict[str, Any]) -> frozenset[str] | None:
    """Which properties a change changed; None of an entity that was made."""
    if row["pgh_label"] == "insert":
        return None
    earlier = log.rows.filter(pgh_obj_id=row["pgh_obj_id"], pgh_id__lt=row["pgh_id"])
    before = earlier.order_by("-pgh_id").values().first()
    if before is None:
        return None
    return frozenset(
        one
        for one, (column, *_) in SOURCES[name].columns.items()
        if column in row and row[column] != before[column]
    )
