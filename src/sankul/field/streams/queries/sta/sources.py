"""Where entities of the SensorThings API lie in the database: their tables, columns and relations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from sankul.core.rules.roles import Actor
from sankul.field.streams.models import (
    Datastream,
    FeatureOfInterest,
    HistoricalLocation,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
    WholeObservation,
)
from sankul.field.streams.rules.odata.entities import ENTITIES, Entity

NAMED = {"name": ("name",), "description": ("description",), "properties": ("properties",)}
ENCODED = NAMED | {"encodingType": ("encoding_type",)}


@dataclass(frozen=True)
class Source:
    """The table of an entity type.

    ``columns`` gives for each property the columns that hold it (a time: its begin and its end; a result: the number, and what
    is no number); ``links`` the relation of each link. ``thing`` leads to the thing by whose rights it is seen, None for what has
    rights of its own. ``west`` is the column that says whether a geometry is known.
    """

    model: type[Model]
    columns: Mapping[str, tuple[str, ...]]
    links: Mapping[str, str]
    thing: str | None = None
    west: str = ""

    @property
    def entity(self) -> Entity:
        """The entity type."""
        return ENTITIES[_NAMES[self.model]]

    def visible_to(self, actor: Actor) -> QuerySet[Any]:
        """All of them that the actor may see, in no order."""
        manager: Any = self.model._default_manager
        visible: QuerySet[Any] = manager.visible_to(actor).order_by()
        return visible


SOURCES: Mapping[str, Source] = {
    "Thing": Source(
        Thing,
        NAMED,
        {
            "Locations": "locations",
            "HistoricalLocations": "historical_locations",
            "Datastreams": "datastreams",
        },
        thing="",
    ),
    "Location": Source(
        Location,
        ENCODED | {"location": ("location",)},
        {"Things": "things", "HistoricalLocations": "historical_locations"},
        west="west",
    ),
    "HistoricalLocation": Source(
        HistoricalLocation,
        {"time": ("time",)},
        {"Thing": "thing", "Locations": "locations"},
        thing="thing__",
    ),
    "Datastream": Source(
        Datastream,
        NAMED
        | {
            "observationType": ("observation_type",),
            "unitOfMeasurement": ("unit",),
            "observedArea": ("observed_area",),
            "phenomenonTime": ("latest__first_time", "latest__until"),
            "resultTime": ("latest__first_result_at", "latest__last_result_at"),
        },
        {
            "Thing": "thing",
            "Sensor": "sensor",
            "ObservedProperty": "observed_property",
            "Observations": "whole_observations",
        },
        thing="thing__",
        west="observed_area",
    ),
    "Sensor": Source(Sensor, ENCODED | {"metadata": ("metadata",)}, {"Datastreams": "datastreams"}),
    "ObservedProperty": Source(
        ObservedProperty, NAMED | {"definition": ("definition",)}, {"Datastreams": "datastreams"}
    ),
    "Observation": Source(
        WholeObservation,
        {
            "phenomenonTime": ("starts_at", "ends_at"),
            "result": ("number", "other"),
            "resultTime": ("result_at",),
            "resultQuality": ("quality",),
            "validTime": ("valid_from", "valid_until"),
            "parameters": ("parameters",),
        },
        {"Datastream": "stream", "FeatureOfInterest": "feature"},
        thing="stream__thing__",
    ),
    "FeatureOfInterest": Source(
        FeatureOfInterest,
        ENCODED | {"feature": ("feature",)},
        {"Observations": "whole_observations"},
        west="west",
    ),
}
_NAMES: Mapping[type[Model], str] = {source.model: name for name, source in SOURCES.items()}
