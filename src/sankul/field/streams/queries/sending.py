"""Who may send to which streams, and what ingestion needs to know of a stream: locked, in one query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import orjson

from sankul.core.queries import prepared
from sankul.core.rules.roles import PLATFORM, Actor, Scope, ScopeKind
from sankul.core.rules.tokens import why_not_change
from sankul.core.rules.verdicts import ALLOWED, Verdict
from sankul.engines import quality
from sankul.field.streams.models import Device
from sankul.field.streams.rules import RECORD_STREAMS, DoorName


class Known(NamedTuple):
    """What ingestion knows of a stream.

    ``last_us`` is the time of its last observation, or None. ``is_settled`` says that its own feature of interest is where its
    thing is, or that its thing is nowhere; None where that was not asked.
    """

    id: int
    last_us: int | None
    unit: tuple[str, str]
    rules: quality.Rules | None
    is_settled: bool | None
    thing_id: int
    deployment_id: int | None
    cluster_id: int | None
    programme_id: int | None
    organisation_id: int | None
    is_public: bool


@dataclass(frozen=True)
class Sender:
    """Who sends, and by which door: an actor, a device with its token, or (neither) the operator at the terminal."""

    door: DoorName
    actor: Actor | None = None
    device: Device | None = None

    @property
    def why_not(self) -> Verdict:
        """Whether it may send anything at all."""
        return why_not_change(reads_only=self.actor.reads_only) if self.actor else ALLOWED

    def is_same(self, other: Sender) -> bool:
        """Whether another is the same sender with the same rights, whatever the moment."""
        return self._identity == other._identity

    @property
    def _identity(self) -> tuple[object, ...]:
        actor = self.actor
        who = (actor.user_id, actor.token_id, actor.reads_only, actor.held) if actor else None
        return (self.door, who, self.device.pk if self.device else None)

    def may_send(self, stream: Known) -> bool:
        """Whether it may send to a stream."""
        if self.device:
            return _reaches(self.device, stream)
        if self.actor is None:
            return True
        scopes = self.actor.scopes(RECORD_STREAMS)
        return bool(scopes & {PLATFORM, *_scopes(stream)})

    def may_know(self, stream: Known) -> bool:
        """Whether it may be told that a stream is there: what is hidden is there only for those who may send to it."""
        return stream.is_public or self.may_send(stream)


def locked(stream_ids: Iterable[int], *, with_place: bool = False) -> dict[int, Known]:
    """The streams of these ids that exist, their ``latest`` locked until the transaction ends, always in the same order."""
    asked = LOCKED_WITH_PLACE if with_place else LOCKED
    return {row[0]: _known(row) for row in prepared.rows(asked, list(stream_ids))}


_LOCKED = """
SELECT l.stream_id, (extract(epoch FROM l.time) * 1000000)::bigint, d.unit::text,
    (SELECT q.tests::text FROM streams_qualityrule q WHERE q.stream_id = d.id ORDER BY q.version DESC LIMIT 1),
    {is_settled}, t.id, t.deployment_id, t.cluster_id, c.programme_id, t.organisation_id, t.is_public
FROM streams_latest l
JOIN streams_datastream d ON d.id = l.stream_id
JOIN streams_thing t ON t.id = d.thing_id
LEFT JOIN registry_cluster c ON c.id = t.cluster_id
WHERE l.stream_id = ANY(%s)
ORDER BY l.stream_id
FOR NO KEY UPDATE OF l
"""
_IS_SETTLED = """d.feature_id IS NOT NULL AND coalesce((
        SELECT p.location = f.feature
        FROM streams_location p JOIN streams_thing_locations h ON h.location_id = p.id, streams_featureofinterest f
        WHERE h.thing_id = d.thing_id AND f.id = d.feature_id
        ORDER BY replace(lower(p.encoding_type), 'vnd.', '') <> 'application/geo+json', p.id LIMIT 1
    ), true)"""
LOCKED = _LOCKED.format(is_settled="null::boolean")
LOCKED_WITH_PLACE = _LOCKED.format(is_settled=_IS_SETTLED)


def _known(row: tuple[object, ...]) -> Known:
    stream_id, last_us, unit, tests, is_settled, *held = row
    rules = _rules(tests) if isinstance(tests, str) else None
    return Known(stream_id, last_us, _unit(unit), rules, is_settled, *held)  # type: ignore[arg-type]


@lru_cache(4096)
def _rules(tests: str) -> quality.Rules:
    return quality.Rules.from_mapping(orjson.loads(tests))


@lru_cache(1024)
def _unit(text: str) -> tuple[str, str]:
    unit = orjson.loads(text)
    return str(unit.get("symbol") or ""), str(unit.get("name") or "")


def _scopes(stream: Known) -> list[Scope]:
    held = (
        (ScopeKind.CLUSTER, stream.cluster_id),
        (ScopeKind.PROGRAMME, stream.programme_id),
        (ScopeKind.ORGANISATION, stream.organisation_id),
    )
    return [Scope(kind, held_by) for kind, held_by in held if held_by]


def _reaches(device: Device, stream: Known) -> bool:
    if device.thing_id:
        return device.thing_id == stream.thing_id
    if device.deployment_id:
        return device.deployment_id == stream.deployment_id
    if device.organisation_id and device.organisation_id != stream.organisation_id:
        return False
    return device.cluster_id in (None, stream.cluster_id)
