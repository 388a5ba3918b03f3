"""Entities as features: $resultFormat=GeoJSON."""

from __future__ import annotations

import shapely
from shapely.geometry import shape

from sankul.field.streams.rules.odata import ENTITIES
from sankul.field.streams.rules.odata.features import collection_of

from .sta import ROOT, Service, place, point

AS_FEATURES = {"$resultFormat": "GeoJSON"}


def test_locations_are_features_with_flat_properties(city: Service) -> None:
    answer = city.client.get(
        f"{ROOT}/Locations", AS_FEATURES | {"$top": 1, "$count": "true", "$orderby": "name"}
    )
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/geo+json")
    page = answer.json()
    assert (page["type"], page["@iot.count"]) == ("FeatureCollection", 2)
    assert "$resultFormat=GeoJSON" in page["@iot.nextLink"]
    (feature,) = page["features"]
    number = feature["properties"].pop("@iot.id")
    assert feature == {
        "type": "Feature",
        "geometry": point(73, 18),
        "properties": {
            "@iot.selfLink": f"http://testserver{ROOT}/Locations({number})",
            "name": "Place 0",
            "description": "",
            "encodingType": "application/vnd.geo+json",
        },
    }


def test_what_stands_inside_is_named_by_its_place(city: Service) -> None:
    page = city.get(
        "Things",
        resultFormat="GeoJSON",
        select="name,properties",
        expand="Locations($select=name,location),Datastreams($select=unitOfMeasurement;$orderby=name)",
        orderby="name",
    )
    first = page["features"][0]
    assert first["geometry"] == point(73, 18)
    assert first["properties"] == {
        "name": "Well 0",
        "properties/depth": 10,
        "properties/lined": True,
        "properties/sizes/0": 0,
        "properties/sizes/1/0": 1,
        "Locations/0/name": "Place 0",
    } | {
        f"Datastreams/{one}/unitOfMeasurement/{name}": value
        for one in range(2)
        for name, value in {
            "name": "degree Celsius",
            "symbol": "°C",
            "definition": "ucum:Cel",
        }.items()
    }


def test_one_entity_is_a_collection_of_one_and_observations_lie_where_they_are_about(
    city: Service,
) -> None:
    found = city.get("Observations", filter="result eq 12")["value"][0]["@iot.id"]
    page = city.get(
        f"Observations({found})",
        resultFormat="GeoJSON",
        select="result",
        expand="FeatureOfInterest($select=feature),Datastream($select=name)",
    )
    assert page["features"] == [
        {
            "type": "Feature",
            "geometry": point(74, 18),
            "properties": {"result": 12, "Datastream/name": "Stream 3"},
        }
    ]


def test_things_without_their_locations_have_no_geometry_and_streams_have_their_area(
    city: Service,
) -> None:
    things = city.get("Things", resultFormat="GeoJSON")["features"]
    assert [one["geometry"] for one in things] == [None, None]
    streams = city.get("Datastreams", resultFormat="GeoJSON", orderby="name")["features"]
    assert shapely.equals(shape(streams[0]["geometry"]), shape(point(73, 18)))
    assert streams[0]["properties"]["unitOfMeasurement/symbol"] == "°C"


def test_a_location_that_is_a_feature_brings_its_properties() -> None:
    drawn = {"type": "Feature", "geometry": point(1, 2), "properties": {"name": "x", "ward": 3}}
    row = {"@iot.id": 7} | place("Yard", drawn)
    (feature,) = collection_of(ENTITIES["Location"], [row], {})["features"]
    assert feature["geometry"] == point(1, 2)
    assert (feature["properties"]["name"], feature["properties"]["ward"]) == ("Yard", 3)
    (plain,) = collection_of(ENTITIES["Location"], [row | {"location": "N 18 E 73"}], {})[
        "features"
    ]
    assert (plain["geometry"], plain["properties"]["location"]) == (None, "N 18 E 73")
