"""Geometries in filters (OGC 18-088, table 24), and the area that a stream observes."""

from __future__ import annotations

from typing import Any

import pytest

from .sta import Service, place, point, stream

pytestmark = pytest.mark.django_db

SHAPES: list[Any] = [
    point(8, 51),
    point(8, 52),
    point(8, 53),
    point(8, 54),
    {"type": "Polygon", "coordinates": [[[8, 53], [7, 52], [7, 53], [8, 53]]]},
    {"type": "LineString", "coordinates": [[5, 52], [5, 53]]},
    {"type": "LineString", "coordinates": [[5, 52], [6, 53]]},
    {"type": "LineString", "coordinates": [[4, 52], [8, 52]]},
]
BOX = "geography'POLYGON((7.5 51.5, 7.5 53.5, 8.5 53.5, 8.5 51.5, 7.5 51.5))'"
WEDGE = "geography'POLYGON((8 53, 7.5 54.5, 8.5 54.5, 8 53))'"


@pytest.mark.parametrize(
    ("filter_", "shapes"),
    [
        ("geo.distance({}, geography'POINT(8 54.1)') lt 1", [3]),
        ("geo.distance({}, geography'POINT(8 54.1)') gt 1", [0, 1, 2, 4, 5, 6, 7]),
        ("geo.intersects({}, geography'LINESTRING(7.5 51, 7.5 54)')", [4, 7]),
        ("geo.length({}) gt 1", [6, 7]),
        ("geo.length({}) eq 1", [5]),
        ("geo.length({}) ne 1", [0, 1, 2, 3, 4, 6, 7]),
        ("geo.length({}) lt 4", [0, 1, 2, 3, 4, 5, 6]),
        (f"st_contains({BOX}, {{}})", [1, 2]),
        ("st_crosses(geography'LINESTRING(7.5 51.5, 7.5 53.5)', {})", [4, 7]),
        (f"st_disjoint({BOX}, {{}})", [0, 3, 5, 6]),
        ("st_equals({}, geography'POINT(8 53)')", [2]),
        ("st_intersects({}, geography'LINESTRING(7.5 51, 7.5 54)')", [4, 7]),
        (f"st_overlaps({BOX}, {{}})", [4]),
        (f"st_relate({BOX}, {{}}, 'T********')", [1, 2, 4, 7]),
        (f"st_touches({WEDGE}, {{}})", [2, 4]),
        ("st_within(geography'POINT(7.5 52.75)', {})", [4]),
        (f"not st_disjoint({BOX}, {{}}) and name ne '7'", [1, 2, 4]),
    ],
)
def test_shapes_are_related(sta: Service, filter_: str, shapes: list[int]) -> None:
    for name, shape in enumerate(SHAPES):
        sta.post("Locations", place(str(name), shape))
        feature = {"encodingType": "application/geo+json", "feature": shape}
        sta.post("FeaturesOfInterest", {"name": str(name), "description": ""} | feature)
    sta.post("Locations", place("words", "by the gate") | {"encodingType": "text/plain"})
    expected = [str(shape) for shape in shapes]
    assert sta.names("Locations", filter=filter_.format("location")) == expected
    assert sta.names("FeaturesOfInterest", filter=filter_.format("feature")) == expected


def test_an_observed_area_holds_all_features_of_interest(sta: Service) -> None:
    thing = {"name": "Boat", "description": "", "Datastreams": [stream("Salt"), stream("Mud")]}
    boat = sta.post("Things", thing)
    salt, mud = (one["@iot.id"] for one in sta.get(f"Things({boat})/Datastreams")["value"])
    for number, (of, shape) in enumerate(
        ((salt, point(8, 51)), (salt, point(9, 52)), (mud, point(8, 53)))
    ):
        feature = {"encodingType": "application/geo+json", "feature": shape}
        sta.post(
            f"Datastreams({of})/Observations",
            {
                "result": 1,
                "phenomenonTime": f"2016-01-0{number + 1}T00:00:00Z",
                "FeatureOfInterest": {"name": "f", "description": ""} | feature,
            },
        )
    area = sta.get(f"Datastreams({salt})/observedArea")["observedArea"]
    assert area["type"] == "Polygon"
    assert sta.names("Datastreams", filter=f"geo.intersects(observedArea, {BOX})") == [
        "Mud",
        "Salt",
    ]
    assert sta.names("Datastreams", filter=f"st_contains({BOX}, observedArea)") == ["Mud"]
