"""What is hidden changes no answer: filters, orders, expansions, counts and paths tell the same whatever it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from django.db import models
from pytest_django import Settings

from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import (
    Datastream,
    FeatureOfInterest,
    HistoricalLocation,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
)
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import NOON
from .sta import ROOT, Service, point

pytestmark = pytest.mark.django_db
SETS = (
    "Things", "Locations", "HistoricalLocations", "Datastreams", "Sensors", "ObservedProperties",
    "FeaturesOfInterest", "Observations",
)  # fmt: skip
LINKS = (
    "Thing", "Things", "Locations", "HistoricalLocations", "Datastream", "Datastreams", "Sensor",
    "ObservedProperty", "FeatureOfInterest", "Observations",
)  # fmt: skip
TEXTS = (
    "Datastreams/name", "Thing/name", "Datastream/Thing/name", "Locations/name", "Things/name",
    "Things/Datastreams/name", "Sensor/name", "Datastreams/Sensor/metadata", "ObservedProperty/definition",
    "FeatureOfInterest/name", "Observations/Datastream/name", "HistoricalLocations/Locations/name",
    "Datastream/unitOfMeasurement/symbol", "Datastreams/Thing/properties/secret",
)  # fmt: skip
OTHERS = (
    "Datastreams/Observations/result gt 50", "Observations/result gt 50", "HistoricalLocations/time lt 2000-01-01T00:00:00Z",
    "Datastreams/phenomenonTime gt 2026-11-21T00:00:00Z",
    "st_within(Locations/location, geography'POLYGON((0 0,0 9,9 9,9 0,0 0))')",
    "st_within(Observations/FeatureOfInterest/feature, geography'POLYGON((0 0,0 9,9 9,9 0,0 0))')",
    "geo.distance(Datastreams/observedArea, geography'POINT(1 2)') lt 1",
)  # fmt: skip


class Graph(NamedTuple):
    """A thing with one of everything."""

    thing: Thing
    location: Location
    stream: Datastream
    history: HistoricalLocation


def _graph(*, is_public: bool) -> Graph:
    thing = makers.thing(is_public=is_public)
    location = makers.location(thing)
    stream = makers.stream(thing, feature=makers.feature(thing))
    history = HistoricalLocation.objects.create(thing=thing, time=NOON)
    history.locations.add(location)
    return Graph(thing, location, stream, history)


def _observed(stream: Datastream, at: datetime, value: float) -> None:
    ingest(batch=Batch.of((stream.pk, at, value)), sender=Sender(DoorName.COMMAND), at=registry.AT)


def _paths(*graphs: Graph) -> Iterator[str]:
    for graph in graphs:
        keys = (
            graph.thing.pk, graph.location.pk, graph.history.pk, graph.stream.pk, graph.stream.sensor_id,
            graph.stream.observed_property_id, graph.stream.feature_id,
        )  # fmt: skip
        for name, key in zip(SETS, keys, strict=False):
            yield from (f"{name}({key})/{link}?$count=true" for link in LINKS)


def _questions() -> Iterator[str]:
    for name in SETS:
        yield f"{name}?$count=true"
        yield from (f"{name}?$expand={link}($count=true)" for link in LINKS)
        for text in TEXTS:
            yield f"{name}?$count=true&$filter=startswith({text},'changed')"
            yield f"{name}?$orderby={text} desc"
        yield from (f"{name}?$count=true&$filter={other}" for other in OTHERS)


def _change(hidden: Graph, guest: Datastream) -> None:
    """Everything hidden is otherwise."""
    texts: dict[type[models.Model], tuple[int | None, dict[str, Any]]] = {
        Thing: (hidden.thing.pk, {"properties": {"secret": "changed"}}),
        Location: (hidden.location.pk, {"location": point(1, 2), "west": 1, "east": 1, "south": 2, "north": 2}),
        Sensor: (hidden.stream.sensor_id, {"metadata": "changed"}),
        ObservedProperty: (hidden.stream.observed_property_id, {"definition": "changed"}),
        FeatureOfInterest: (
            hidden.stream.feature_id,
            {"feature": point(1, 2), "west": 1, "east": 1, "south": 2, "north": 2},
        ),
    }  # fmt: skip
    for model, (key, fields) in texts.items():
        model._default_manager.filter(pk=key).update(name="changed", **fields)
    streams = Datastream.objects.filter(pk__in=[hidden.stream.pk, guest.pk])
    unit = {"name": "changed", "symbol": "changed", "definition": ""}
    streams.update(name="changed", unit=unit, observed_area=point(1, 2))
    HistoricalLocation.objects.filter(pk=hidden.history.pk).update(
        time=datetime(1990, 1, 1, tzinfo=UTC)
    )
    for stream in streams:
        _observed(stream, NOON + timedelta(days=1), 99.0)


def test_what_is_hidden_changes_no_answer(settings: Settings) -> None:
    """Public and hidden things share places, sensors, properties and features, each way."""
    settings.ROOT_URLCONF = "sankul.field.streams.tests.sta_urls"
    shown, hidden = _graph(is_public=True), _graph(is_public=False)
    guest = makers.stream(
        hidden.thing, sensor=shown.stream.sensor, observed_property=shown.stream.observed_property,
        feature=shown.stream.feature,
    )  # fmt: skip
    makers.stream(
        shown.thing, sensor=hidden.stream.sensor, observed_property=hidden.stream.observed_property,
        feature=hidden.stream.feature,
    )  # fmt: skip
    hidden.thing.locations.add(shown.location)
    shown.thing.locations.add(hidden.location)
    shown.history.locations.add(hidden.location)
    for stream in Datastream.objects.all():
        _observed(stream, NOON, 1.0)
    client = Service().client
    asked = [*_paths(shown, hidden), *_questions()]
    before = [client.get(f"{ROOT}/{one}") for one in asked]
    _change(hidden, guest)
    for one, was in zip(asked, before, strict=True):
        now = client.get(f"{ROOT}/{one}")
        assert (now.status_code, now.content) == (was.status_code, was.content), one
    told = [answer.status_code for answer in before]
    assert (told.count(200) > 100, set(told)) == (True, {200, 400, 404})
