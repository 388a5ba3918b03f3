"""Odd requests: each is answered with what is wrong about it, none breaks the service, and what is refused leaves nothing."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import models
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from sankul.core.models import Event
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import (
    Datastream,
    DeadLetter,
    FeatureOfInterest,
    HistoricalLocation,
    Location,
    Observation,
    ObservedProperty,
    Sensor,
    Thing,
)
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch
from sankul.field.streams.rules.odata.bodies import MOST_LEVELS
from sankul.programme.registry.tests import makers as registry

from . import makers
from .sta import ROOT, SENSOR, TEMPERATURE, Service, place, point, stream
from .test_sta_rights import gateway, operator

pytestmark = pytest.mark.django_db
KEPT: tuple[type[models.Model], ...] = (
    Thing, Location, HistoricalLocation, Sensor, ObservedProperty, FeatureOfInterest, Datastream,
    Observation, Event,
)  # fmt: skip
PATCH = "application/json-patch+json"


@pytest.fixture
def service(settings: Settings) -> Service:
    settings.ROOT_URLCONF = "sankul.field.streams.tests.sta_urls"
    return Service()


def kept() -> list[int]:
    return [model._default_manager.count() for model in KEPT]


def deep(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


def sent(city: Service, method: str, path: str, text: str, kind: str = "application/json") -> Any:
    return city.client.generic(method, f"{ROOT}/{path}", text, content_type=kind)


def test_a_value_has_as_many_levels_as_can_be_told_again(city: Service) -> None:
    body = '{"name": "Deep", "description": "", "properties": %s}'
    assert sent(city, "POST", "Things", body % deep(MOST_LEVELS)).status_code == 201
    before = kept()
    for levels in (MOST_LEVELS + 1, 950, 5000):
        answer = sent(city, "POST", "Things", body % deep(levels))
        assert answer.status_code == 400, levels
    assert kept() == before
    assert city.get("Things", orderby="id desc", top=1)["value"][0]["name"] == "Deep"


def test_what_is_nested_beyond_all_bounds_is_refused(city: Service) -> None:
    before = kept()
    shapes = '{"type":"GeometryCollection","geometries":['
    bodies = {
        "Locations": '{"name": "x", "description": "", "encodingType": "application/geo+json", "location": '
        + shapes * 500 + json.dumps(point(1, 2)) + "]}" * 500 + "}",
        "$batch": '{"requests": [{"id": "1", "method": "post", "url": "Things", "body": '
        + deep(900) + "}]}",
        "CreateObservations": "[" * 1000 + "]" * 1000,
    }  # fmt: skip
    for path, body in bodies.items():
        assert sent(city, "POST", path, body).status_code == 400, path
    answer = city.client.get(f"{ROOT}/Things", {"$filter": "not " * 200 + "true"})
    assert (answer.status_code, "nest it less" in answer.json()["detail"]) == (400, True)
    assert kept() == before


def test_copies_of_copies_do_not_grow_without_bound(city: Service) -> None:
    well = Thing.objects.earliest("pk")
    copies = [
        {"op": "copy", "from": "/properties", "path": f"/properties/{step}"} for step in range(100)
    ]
    answer = city.send("PATCH", f"Things({well.pk})", copies, kind=PATCH)
    assert (answer.status_code, "values copied" in answer.json()["detail"]) == (400, True)
    answer = city.send(
        "PATCH", f"Things({well.pk})", [{"op": ["add"], "path": "/name"}], kind=PATCH
    )
    assert (answer.status_code, "[0].op: one of" in answer.json()["detail"]) == (400, True)


def test_a_place_that_is_no_geojson_and_says_so_breaks_no_list(city: Service) -> None:
    for odd in ({"type": {"a": 1}}, {"type": ["Point"]}, {"type": "Feature", "properties": [1]}):
        city.post("Locations", place("Odd", odd) | {"encodingType": "text/plain"})
    told = city.client.get(f"{ROOT}/Locations", {"$resultFormat": "GeoJSON"})
    assert (told.status_code, len(told.json()["features"])) == (200, 5)
    body = place("Odd", {"type": "FeatureCollection", "features": True})
    answer = city.send("POST", "Locations", body)
    assert (answer.status_code, "GeoJSON (RFC 7946)" in answer.json()["detail"]) == (400, True)


def array(stream_id: int, *rows: list[Any], components: Any) -> list[dict[str, Any]]:
    return [
        {
            "Datastream": {"@iot.id": stream_id},
            "components": list(components),
            "dataArray": list(rows),
        }
    ]


def test_rows_of_a_stream_that_is_not_there_are_told_one_by_one(city: Service) -> None:
    feature = FeatureOfInterest.objects.earliest("pk").pk
    named = ("phenomenonTime", "result", "FeatureOfInterest/id")
    body = array(999_999, ["2016-02-01T00:00:00Z", 1, feature], [1, 1], components=named)
    answer = city.send("POST", "CreateObservations", body)
    assert (answer.status_code, [one[:6] for one in answer.json()]) == (201, ["error:"] * 2)
    odd = array(999_999, components=["result", {"a": 1}])
    assert city.send("POST", "CreateObservations", odd).status_code == 400


def test_a_stream_of_others_is_neither_told_nor_changed_by_what_is_refused(
    service: Service,
) -> None:
    """A feature that is named would widen the observed area, and none would be made from where the thing is."""
    thing = makers.thing(is_public=False)
    makers.location(thing)
    hidden, elsewhere = makers.stream(thing), makers.feature()
    _, device = gateway()
    before = kept()
    named = ("phenomenonTime", "result", "FeatureOfInterest/id")
    row = [f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}", 1, elsewhere.pk]
    for headers in (operator(registry.cluster()), device):
        told = []
        for number in (hidden.pk, 999_999):
            alone = {"Datastream": {"@iot.id": number}, "result": 1}
            answers = [
                service.send("POST", "Observations", alone, **headers),
                service.send(
                    "POST", "CreateObservations", array(number, row, components=named), **headers
                ),
                service.send(
                    "POST",
                    "CreateObservations",
                    array(number, row[:2], components=named[:2]),
                    **headers,
                ),
            ]
            told.append(
                [one.content.replace(b"stream %d" % number, b"stream N") for one in answers]
            )
        assert told[0] == told[1]
        assert all(b"There is no stream N that this sender may send to." in one for one in told[0])
    hidden.refresh_from_db()
    assert (hidden.observed_area, hidden.feature) == (None, None)
    assert kept() == before
    assert DeadLetter.objects.filter(cluster=thing.cluster).count() == 0
    assert DeadLetter.objects.exclude(stream=None).count() == 0


ODD = st.one_of(
    st.sampled_from(
        [None, True, {}, [], "", "\0", "x" * 600, 0, -1, 2**63, 10**30, 1.5, "²", "\u202e",
         "2015-03-01", "2015-03-01T00:00:00", "2015-03-01T24:00:00Z", "0001-01-01T00:00:00+14:00",
         "9999-12-31T23:59:59-14:00", "2106-02-07T06:28:16Z", "2015-03-01T00:00:00+99:99",
         "2015-03-02T00:00:00Z/2015-03-01T00:00:00Z", "/", {"@iot.id": 1}, {"@iot.id": 10**30},
         {"@iot.id": "$1"}, [{"@iot.id": 999_999}], {"type": []}, {"type": "Feature", "geometry": 1},
         {"type": "Point", "coordinates": [1e308, "x"]}, {"type": "Polygon", "coordinates": [[]]}]
    ),
    st.text(max_size=3),
    st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
WELL = {
    "name": "Odd well",
    "description": "",
    "properties": {"a": [1]},
    "Locations": [place("Odd", point(1, 2))],
    "Datastreams": [
        stream("Odd", Observations=[{"result": 1, "phenomenonTime": "2016-05-01T00:00:00Z"}])
    ],
}
SENSORS = {
    "requests": [
        {"id": "0", "method": "post", "url": "Sensors", "body": SENSOR, "atomicityGroup": "a"},
        {"id": "1", "method": "patch", "url": "$0", "body": {"name": "x"}, "atomicityGroup": "a"},
        {"id": "2", "method": "get", "url": "Things?$top=1", "headers": {"Accept": "*/*"}},
    ]
}


def requests() -> list[tuple[str, Any]]:
    """What can be made, by address."""
    of, well = Datastream.objects.earliest("pk").pk, Thing.objects.earliest("pk").pk
    feature = place("Odd", point(1, 2))
    observation = {
        "result": 1,
        "phenomenonTime": "2016-05-01T00:00:00Z/2016-05-01T01:00:00Z",
        "validTime": "2016-05-01T00:00:00Z",
        "parameters": {"a": 1},
        "Datastream": {"@iot.id": of},
        "FeatureOfInterest": {**feature, "feature": feature.pop("location")},
    }
    history = {
        "time": "2016-05-01T00:00:00Z",
        "Thing": {"@iot.id": well},
        "Locations": [place("Odd", point(1, 2)) | {"Things": [{"@iot.id": well}]}],
    }
    rows = [["2016-05-01T00:00:00Z", 1, {"a": 1}], ["2016-05-02T00:00:00Z", 2.5, None]]
    return [
        ("Things", WELL),
        ("Observations", observation),
        ("HistoricalLocations", history),
        ("ObservedProperties", TEMPERATURE),
        ("$batch", SENSORS),
        (
            "CreateObservations",
            array(of, *rows, components=["phenomenonTime", "result", "parameters"]),
        ),
    ]


def spots(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a JSON value, as what holds it and where."""
    places = list(value.items() if isinstance(value, dict) else enumerate(value))
    inside = [one for _, held in places if isinstance(held, dict | list) for one in spots(held)]
    return [(value, at) for at, _ in places] + inside


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(which=st.integers(0, 5), changes=st.lists(st.tuples(st.integers(0, 99), ODD), max_size=3))
def test_whatever_is_odd_in_a_body_is_refused_whole_or_taken_whole(
    city: Service, which: int, changes: list[tuple[int, Any]]
) -> None:
    path, body = copy.deepcopy(requests()[which])
    for at, odd in changes:
        found = spots(body)
        if found:
            holder, place_ = found[at % len(found)]
            holder[place_] = copy.deepcopy(odd)
    before = kept()
    answer = city.client.post(f"{ROOT}/{path}", json.dumps(body), content_type="application/json")
    assert answer.status_code in (200, 201, 400, 404, 405, 409), answer.content
    if answer.status_code >= 400:
        assert kept() == before, body
    assert city.client.get(f"{ROOT}/Things?$expand=Locations,Datastreams").status_code == 200


def test_expansions_that_multiply_are_refused_before_they_are_told(sta: Service) -> None:
    """In depth, in breadth, and in what comes of them: three times five hundred are told a hundred million times."""
    status, detail = sta.refused("Things", expand="/".join(["Datastreams", "Thing"] * 4))
    assert (status, "at most 6 links" in detail) == (400, True)
    stream = "Datastreams($expand=Sensor,ObservedProperty,Observations,Thing)"
    thing = f"$expand=Locations,HistoricalLocations,{stream}"
    broad = (
        f"{stream},Locations($expand=Things({thing})),HistoricalLocations($expand=Thing({thing}))"
    )
    status, detail = sta.refused("Things", expand=f"{broad},Datastreams/Thing/{stream}")
    assert (status, "at most 25 links in all" in detail) == (400, True)
    of = makers.stream()
    times = [makers.NOON + timedelta(seconds=second) for second in range(500)]
    batch = Batch.of(*((of.pk, at, 1.0) for at in times))
    ingest(batch=batch, sender=Sender(DoorName.COMMAND), at=registry.AT)
    path = f"Datastreams({of.pk})/Observations"
    many = "Observations($top=500;$select=result"
    for bomb in (
        f"Datastream($expand={many}))",
        f"Datastream($expand={many};$expand=Datastream($expand={many}))))",
    ):
        status, detail = sta.refused(path, top=500, expand=bomb)
        assert (status, "at most 100000 entities" in detail) == (400, True)
    told = sta.get(path, top=100, expand=f"Datastream($expand={many}))")["value"]
    assert sum(len(one["Datastream"]["Observations"]) for one in told) == 50_000
