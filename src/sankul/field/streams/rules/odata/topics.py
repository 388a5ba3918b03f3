"""Topics of news (OGC 18-088, clause 14.2): a path of the service after its version, with $select or without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from .errors import Unreadable
from .options import Options, parse_options, parse_query
from .resources import Resource, Unknown, parse_resource

VERSION = "v1.1/"
LONGEST = 500
"""Characters of a topic that is followed."""


class Change(NamedTuple):
    """An entity that was made or changed, and when; ``properties`` are those that changed, None where all may have.

    Of an observation its stream and its time are told too.
    """

    entity: str
    key: int
    at: datetime
    properties: frozenset[str] | None = None
    stream_id: int = 0
    time: datetime | None = None


@dataclass(frozen=True)
class Topic:
    """What somebody asked for, since ``since``: ``text`` as it was asked, the path that it names, what it selects."""

    text: str
    resource: Resource
    options: Options
    since: datetime

    @property
    def entity(self) -> str:
        """The type of the entities that it tells of."""
        return self.resource.last.entity.name

    @property
    def told_alone(self) -> str:
        """The property that it tells alone, empty if it tells entities."""
        return self.resource.into[0].split("[")[0] if self.resource.into else ""

    @property
    def stream_id(self) -> int | None:
        """The one stream of whose observations it tells, if its path says so at once."""
        first, last = self.resource.steps[0], self.resource.last
        is_led = len(self.resource.steps) == 2 and first.entity.name == "Datastream"
        return first.id if is_led and last.name == "Observations" else None

    def of(self, changes: Sequence[Change]) -> list[Change]:
        """Those of some changes that it may tell of, as far as its text says."""
        return [one for one in changes if self._may_tell(one)]

    def _may_tell(self, change: Change) -> bool:
        return (
            change.entity == self.entity
            and change.at >= self.since
            and self.resource.last.id in (None, change.key)
            and self.stream_id in (None, change.stream_id)
            and (
                not self.told_alone
                or change.properties is None
                or self.told_alone in change.properties
            )
        )


def read_topic(text: str, since: datetime) -> Topic | None:
    """The topic that a text names; None for patterns, and for what is no path or asks for more than $select."""
    if not text.startswith(VERSION) or len(text) > LONGEST or {"+", "#"} & set(text.split("/")):
        return None
    path, _, query = text.removeprefix(VERSION).partition("?")
    try:
        resource = parse_resource(path)
        given = parse_query(query)
        options = parse_options(given, resource.last.entity)
    except (Unreadable, Unknown):
        return None
    if resource.ending or not given.keys() <= {"$select"} or (resource.into and given):
        return None
    return Topic(text, resource, options, since)
