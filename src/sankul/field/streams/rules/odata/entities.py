"""The entity types of OGC 18-088 (clause 8.2): their properties and the links between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property


class Kind(Enum):
    """What a property holds."""

    TEXT = "text"
    JSON = "json"
    GEOMETRY = "geometry"
    INSTANT = "instant"
    TIME = "time"
    """An instant or a period."""
    RESULT = "result"
    """A number, or any other JSON value."""


@dataclass(frozen=True)
class Property:
    """One property of an entity type; what the server itself keeps up to date is not ``given`` by a client."""

    name: str
    kind: Kind
    is_required: bool = False
    is_given: bool = True


@dataclass(frozen=True)
class Link:
    """A navigation property: to one entity or to ``is_many`` of type ``target``; ``back`` leads back."""

    name: str
    target: str
    back: str
    is_many: bool = False
    is_required: bool = False


@dataclass(frozen=True)
class Entity:
    """An entity type, with the name of its set."""

    name: str
    plural: str
    properties: tuple[Property, ...]
    links: tuple[Link, ...]

    @cached_property
    def property_named(self) -> Mapping[str, Property]:
        """Its properties by name."""
        return {one.name: one for one in self.properties}

    @cached_property
    def link_named(self) -> Mapping[str, Link]:
        """Its links by name."""
        return {one.name: one for one in self.links}


def _text(*names: str) -> tuple[Property, ...]:
    return tuple(Property(name, Kind.TEXT, is_required=True) for name in names)


NAMED = _text("name", "description")
PROPERTIES = Property("properties", Kind.JSON)
_LIST = (
    Entity(
        "Thing",
        "Things",
        (*NAMED, PROPERTIES),
        (
            Link("Locations", "Location", "Things", is_many=True),
            Link("HistoricalLocations", "HistoricalLocation", "Thing", is_many=True),
            Link("Datastreams", "Datastream", "Thing", is_many=True),
        ),
    ),
    Entity(
        "Location",
        "Locations",
        (
            *NAMED,
            *_text("encodingType"),
            Property("location", Kind.GEOMETRY, is_required=True),
            PROPERTIES,
        ),
        (
            Link("Things", "Thing", "Locations", is_many=True),
            Link("HistoricalLocations", "HistoricalLocation", "Locations", is_many=True),
        ),
    ),
    Entity(
        "HistoricalLocation",
        "HistoricalLocations",
        (Property("time", Kind.INSTANT, is_required=True),),
        (
            Link("Thing", "Thing", "HistoricalLocations", is_required=True),
            Link("Locations", "Location", "HistoricalLocations", is_many=True, is_required=True),
        ),
    ),
    Entity(
        "Datastream",
        "Datastreams",
        (
            *NAMED,
            *_text("observationType"),
            Property("unitOfMeasurement", Kind.JSON, is_required=True),
            Property("observedArea", Kind.GEOMETRY, is_given=False),
            Property("phenomenonTime", Kind.TIME, is_given=False),
            Property("resultTime", Kind.TIME, is_given=False),
            PROPERTIES,
        ),
        (
            Link("Thing", "Thing", "Datastreams", is_required=True),
            Link("Sensor", "Sensor", "Datastreams", is_required=True),
            Link("ObservedProperty", "ObservedProperty", "Datastreams", is_required=True),
            Link("Observations", "Observation", "Datastream", is_many=True),
        ),
    ),
    Entity(
        "Sensor",
        "Sensors",
        (
            *NAMED,
            *_text("encodingType"),
            Property("metadata", Kind.JSON, is_required=True),
            PROPERTIES,
        ),
        (Link("Datastreams", "Datastream", "Sensor", is_many=True),),
    ),
    Entity(
        "ObservedProperty",
        "ObservedProperties",
        (*_text("name", "definition", "description"), PROPERTIES),
        (Link("Datastreams", "Datastream", "ObservedProperty", is_many=True),),
    ),
    Entity(
        "Observation",
        "Observations",
        (
            Property("phenomenonTime", Kind.TIME),
            Property("result", Kind.RESULT, is_required=True),
            Property("resultTime", Kind.INSTANT),
            Property("resultQuality", Kind.JSON),
            Property("validTime", Kind.TIME),
            Property("parameters", Kind.JSON),
        ),
        (
            Link("Datastream", "Datastream", "Observations", is_required=True),
            Link("FeatureOfInterest", "FeatureOfInterest", "Observations"),
        ),
    ),
    Entity(
        "FeatureOfInterest",
        "FeaturesOfInterest",
        (
            *NAMED,
            *_text("encodingType"),
            Property("feature", Kind.GEOMETRY, is_required=True),
            PROPERTIES,
        ),
        (Link("Observations", "Observation", "FeatureOfInterest", is_many=True),),
    ),
)
ENTITIES: Mapping[str, Entity] = {entity.name: entity for entity in _LIST}
"""Every entity type by its name."""
SETS: Mapping[str, Entity] = {entity.plural: entity for entity in _LIST}
"""Every entity type by the name of its set."""
