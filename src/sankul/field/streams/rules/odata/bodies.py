"""Bodies of requests that write: each value checked against its property, each link told from an entity to be made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .entities import ENTITIES, Entity, Kind, Link, Property
from .errors import Unreadable
from .times import parse_instant, parse_time

LONGEST = {"name": 500, "encodingType": 100, "definition": 2000, "observationType": 120}
"""Characters that texts may have; others have no bound but that of the request."""
DEEPEST = 8
MOST_LEVELS = 100
"""Objects and lists inside one another in a value that is kept as JSON, so that whatever is kept can be told."""
IGNORED = frozenset({"id"})


@dataclass(frozen=True)
class Given:
    """An entity as a body gives it: values by property, and by link the numbers of entities that exist or entities to be made."""

    entity: Entity
    place: str
    values: Mapping[str, Any]
    links: Mapping[str, tuple[int | Given, ...]] = field(default_factory=dict)


def read_entity(
    entity: Entity, body: Any, *, place: str = "", led_by: frozenset[str] = frozenset()
) -> Given:
    """A whole entity, with those that stand inside it. ``led_by`` names links that the address gives.

    Raises Unreadable with the place, as in Datastreams[0].Sensor.name, and what is expected there.
    """
    return _read(entity, body, place, led_by, is_whole=True, depth=0)


def read_changes(entity: Entity, body: Any) -> Given:
    """Only what is to be changed of an entity. Raises Unreadable also for an entity inside instead of a link to one."""
    given = _read(entity, body, "", frozenset(), is_whole=False, depth=0)
    for name, targets in given.links.items():
        if any(isinstance(target, Given) for target in targets):
            raise Unreadable(name, 'links to entities that exist, as in {"@iot.id": 1}')
    return given


def read_replacement(entity: Entity, body: Any) -> Given:
    """An entity as it is to be from now on: what may be left out and is, is empty then. Links stay unless they are given."""
    return Given(
        entity,
        "",
        {one.name: None for one in entity.properties if one.is_given and not one.is_required}
        | dict(_values(entity, _object(body, ""), "", is_whole=True)),
        read_changes(entity, body).links,
    )


def _read(
    entity: Entity, body: Any, place: str, led_by: frozenset[str], *, is_whole: bool, depth: int
) -> Given:
    if depth > DEEPEST:
        raise Unreadable(place, f"at most {DEEPEST} entities inside one another")
    body = _object(body, place)
    for key in body:
        known = key in entity.property_named or key in entity.link_named or key in IGNORED
        if not known and "@" not in key:
            raise Unreadable(_at(place, key), f"no such property: {entity.name} has none")
    values = _values(entity, body, place, is_whole=is_whole)
    links = {
        link.name: _targets(link, body[link.name], _at(place, link.name), depth)
        for link in entity.links
        if body.get(link.name) is not None
    }
    if is_whole:
        _require(entity, links, place, led_by)
    return Given(entity, place, values, links)


def _require(entity: Entity, links: Mapping[str, Any], place: str, led_by: frozenset[str]) -> None:
    for link in entity.links:
        if link.is_required and not links.get(link.name) and link.name not in led_by:
            raise Unreadable(_at(place, link.name), f"a link: {entity.name} has none without")


def _values(
    entity: Entity, body: Mapping[str, Any], place: str, *, is_whole: bool
) -> dict[str, Any]:
    values = {}
    for one in entity.properties:
        if one.name not in body:
            if is_whole and one.is_required:
                raise Unreadable(_at(place, one.name), "a value: it is mandatory")
        elif one.is_given:
            values[one.name] = _value(one, body[one.name], _at(place, one.name))
    return values


def _value(one: Property, value: Any, place: str) -> Any:
    if isinstance(value, dict | list):
        _bounded(value, place)
    if one.kind is Kind.RESULT:
        return value
    if value is None:
        if one.is_required:
            raise Unreadable(place, "a value: it is mandatory")
        return None
    if one.kind is Kind.TEXT:
        return _text(one, value, place)
    if one.kind in (Kind.INSTANT, Kind.TIME):
        if not isinstance(value, str):
            raise Unreadable(place, "a time as text")
        return (parse_instant if one.kind is Kind.INSTANT else parse_time)(value, place)
    if one.name in ("properties", "parameters", "unitOfMeasurement"):
        return _object(value, place)
    return value


def _bounded(value: Any, place: str) -> None:
    """Raise Unreadable for a value with too many levels."""
    level = [value]
    for _ in range(MOST_LEVELS):
        level = [
            one
            for holder in level
            for one in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(one, dict | list)
        ]
        if not level:
            return
    raise Unreadable(place, f"at most {MOST_LEVELS} objects and lists inside one another")


def _text(one: Property, value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise Unreadable(place, "a text")
    if len(value) > LONGEST.get(one.name, len(value)):
        raise Unreadable(place, f"at most {LONGEST[one.name]} characters")
    return value


def _targets(link: Link, value: Any, place: str, depth: int) -> tuple[int | Given, ...]:
    if not link.is_many:
        return (_target(link, value, place, depth),)
    if not isinstance(value, list):
        raise Unreadable(place, "a list")
    return tuple(
        _target(link, one, f"{place}[{position}]", depth) for position, one in enumerate(value)
    )


def _target(link: Link, value: Any, place: str, depth: int) -> int | Given:
    value = _object(value, place)
    if "@iot.id" in value:
        return read_id(value["@iot.id"], _at(place, "@iot.id"))
    led_by = frozenset({link.back})
    return _read(ENTITIES[link.target], value, place, led_by, is_whole=True, depth=depth + 1)


def read_id(value: Any, place: str) -> int:
    """The number of an entity. Raises Unreadable."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise Unreadable(place, "the number of an entity")
    return value


def _object(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable(place or "body", "a JSON object")
    return value


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def is_geo_json(encoding: str) -> bool:
    """Whether an encoding says GeoJSON, by either of its two names."""
    return encoding.lower().replace("vnd.", "") == "application/geo+json"
