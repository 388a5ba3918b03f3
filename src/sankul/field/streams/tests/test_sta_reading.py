"""Reading through the SensorThings API, by conformance classes of OGC 18-088: A.1 sensing core, A.2 filtering."""

from __future__ import annotations

import orjson
import pytest

from .sta import CELSIUS, ROOT, Service, point

pytestmark = pytest.mark.django_db

# A.1 Sensing core


def test_the_root_names_the_sets_and_what_is_conformed_to(sta: Service) -> None:
    root = sta.client.get(ROOT).json()
    assert [one["name"] for one in root["value"]] == [
        "Things",
        "Locations",
        "HistoricalLocations",
        "Datastreams",
        "Sensors",
        "ObservedProperties",
        "Observations",
        "FeaturesOfInterest",
    ]
    assert root["value"][0]["url"] == "http://testserver/sta/v1.1/Things"
    assert (
        "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data"
        in root["serverSettings"]["conformance"]
    )


SETS = {
    "Things": ("Locations", "HistoricalLocations", "Datastreams"),
    "Locations": ("Things", "HistoricalLocations"),
    "HistoricalLocations": ("Thing", "Locations"),
    "Datastreams": ("Thing", "Sensor", "ObservedProperty", "Observations"),
    "Sensors": ("Datastreams",),
    "ObservedProperties": ("Datastreams",),
    "Observations": ("Datastream", "FeatureOfInterest"),
    "FeaturesOfInterest": ("Observations",),
}


@pytest.mark.parametrize("name", SETS)
def test_every_set_has_its_entities_links_and_properties(city: Service, name: str) -> None:
    entity = city.get(name)["value"][0]
    number = entity["@iot.id"]
    assert entity["@iot.selfLink"] == f"http://testserver{ROOT}/{name}({number})"
    assert city.get(f"{name}({number})") == entity
    for link in SETS[name]:
        address = f"{name}({number})/{link}"
        assert entity[f"{link}@iot.navigationLink"] == f"http://testserver{ROOT}/{address}"
        assert city.get(address)
        refs = city.get(f"{address}/$ref")
        if link.endswith("s"):
            assert all(set(one) == {"@iot.selfLink"} for one in refs["value"])
        else:
            assert set(refs) == {"@iot.selfLink"}
    assert city.client.get(f"{ROOT}/{name}(9223372036854775807)").status_code == 404


def test_properties_are_told_alone_and_as_bare_values(city: Service) -> None:
    number = city.get("Things")["value"][0]["@iot.id"]
    assert city.get(f"Things({number})/name") == {"name": "Well 0"}
    assert city.client.get(f"{ROOT}/Things({number})/name/$value").content == b"Well 0"
    assert city.get(f"Things({number})/properties/depth") == {"depth": 10}
    assert city.get(f"Things({number})/properties/sizes[1]") == {"sizes[1]": [1]}
    assert city.get(f"Things({number})/properties/sizes[1][0]") == {"sizes[1][0]": 1}
    unit = city.get("Datastreams")["value"][0]["@iot.id"]
    value = city.client.get(f"{ROOT}/Datastreams({unit})/unitOfMeasurement/$value")
    assert orjson.loads(value.content) == CELSIUS
    observation = city.get("Observations")["value"][0]["@iot.id"]
    assert city.client.get(f"{ROOT}/Observations({observation})/resultTime").status_code == 204
    assert city.client.get(f"{ROOT}/Things({number})/properties/colour").status_code == 404


def test_paths_lead_only_along_links_that_exist(city: Service) -> None:
    one, other = (thing["@iot.id"] for thing in city.get("Things")["value"])
    inner = city.get(f"Things({one})/Datastreams")["value"][0]["@iot.id"]
    assert city.get(f"Things({one})/Datastreams({inner})/Observations")["value"]
    assert city.get(f"Datastreams({inner})/Thing/Locations")["value"][0]["name"] == "Place 0"
    assert city.client.get(f"{ROOT}/Things({other})/Datastreams({inner})").status_code == 404
    assert city.client.get(f"{ROOT}/Things({one})/Sensors").status_code == 404
    assert city.client.get(f"{ROOT}/Planets").status_code == 404


# A.2 Filtering


def test_a_set_is_paged_and_the_next_page_keeps_the_options(city: Service) -> None:
    page = city.get(
        "Observations", top=5, orderby="result desc", filter="result gt 2", count="true"
    )
    assert (page["@iot.count"], [one["result"] for one in page["value"]]) == (
        10,
        [12, 11, 10, 9, 8],
    )
    answer = city.client.get(page["@iot.nextLink"].removeprefix("http://testserver"))
    assert [one["result"] for one in answer.json()["value"]] == [7, 6, 5, 4, 3]
    assert "@iot.nextLink" not in answer.json()
    assert (
        city.get("Observations", top=0)
        == {
            "@iot.nextLink": f"http://testserver{ROOT}/Observations?$top=0&$skip=0",
            "value": [],
        }
        or city.get("Observations", top=0)["value"] == []
    )
    assert city.get("Observations", skip=11)["value"][0]["result"] == 12


def test_only_what_is_selected_is_told(city: Service) -> None:
    assert city.get("Things", select="name", top=1)["value"] == [{"name": "Well 0"}]
    thing = city.get("Things", select="id,Locations")["value"][0]
    assert set(thing) == {"@iot.id", "Locations@iot.navigationLink"}


def test_expansions_have_options_of_their_own(city: Service) -> None:
    expand = (
        "Datastreams($select=name;$orderby=name desc;$count=true;"
        "$expand=Observations($select=result;$filter=result gt 1;$orderby=result desc;$top=1)),Locations($select=name)"
    )
    well = city.get("Things", expand=expand, top=1)["value"][0]
    assert well["Locations"] == [{"name": "Place 0"}]
    assert well["Datastreams@iot.count"] == 2
    assert [one["name"] for one in well["Datastreams"]] == ["Stream 1", "Stream 0"]
    assert well["Datastreams"][1]["Observations"] == [{"result": 3}]
    follow = well["Datastreams"][1]["Observations@iot.nextLink"].removeprefix("http://testserver")
    assert city.client.get(follow).json()["value"] == [{"result": 2}]
    inner = city.get("Observations", expand="Datastream/Thing,FeatureOfInterest", top=1)["value"][0]
    assert inner["Datastream"]["Thing"]["name"] == "Well 0"
    assert inner["FeatureOfInterest"]["feature"] == point(73, 18)


RESULTS = [
    ("result eq 3", [3]),
    ("result ne 3", [1, 2, *range(4, 13)]),
    ("result gt '3'", [4, 5, 6, 7, 8, 9]),
    ("result lt 3 or result ge 11", [1, 2, 11, 12]),
    ("result eq 2 and result eq 1 or result eq 1", [1]),
    ("result eq 2 and (result eq 1 or result eq 1)", []),
    ("not result lt 12 and not result gt 12", [12]),
    ("1 add result mul 2 sub -1 eq 4", [1]),
    ("6 div 2 sub result eq 2", [1]),
    ("1 add 2.0 mod (result add 1) eq 1", [1]),
    ("14 div (result add 1) mod 3 mul 3 eq 3", [1]),
    ("result div 0 eq 1", []),
    ("-result lt -11", [12]),
    ("result in (1, 5, 99)", [1, 5]),
    ("Datastream/Thing/properties/depth eq 11 and result le 8", [7, 8]),
    ("Datastream/name eq 'Stream 3'", [10, 11, 12]),
    ("startswith(Datastream/Thing/name, 'Well 1') and endswith(Datastream/name, '2')", [7, 8, 9]),
    ("FeatureOfInterest/name eq 'Place 1' and result gt 11", [12]),
    ("Datastream/Observations/result eq 5", [4, 5, 6]),
    ("phenomenonTime gt 2015-03-11T00:00:00Z", [12]),
    ("2015-03-11T00:00:00Z lt phenomenonTime", [12]),
    ("phenomenonTime le '2015-03-02T00:00:00Z'", [1, 2]),
    ("phenomenonTime eq 2015-03-02T05:30:00+05:30", [2]),
    ("phenomenonTime add duration'P1D' eq 2015-03-12T00:00:00Z", [11]),
    ("phenomenonTime sub 2015-03-01T00:00:00Z eq duration'P3D'", [4]),
    ("during(phenomenonTime, 2015-03-05T00:00:00Z/2015-03-07T00:00:00Z)", [5, 6]),
    ("day(phenomenonTime) eq 9", [9]),
    ("year(phenomenonTime) eq 2015 and month(phenomenonTime) eq 3 and result lt 2", [1]),
    ("hour(phenomenonTime) eq 0 and minute(phenomenonTime) eq 0 and result lt 2", [1]),
    ("second(phenomenonTime) add fractionalseconds(phenomenonTime) eq 0 and result lt 2", [1]),
    ("totaloffsetminutes(phenomenonTime) eq 0 and result lt 2", [1]),
    ("date(phenomenonTime) eq 2015-03-04", [4]),
    ("time(phenomenonTime) eq 00:00:00 and result eq 4", [4]),
    (
        "phenomenonTime lt now() and phenomenonTime gt mindatetime() and now() lt maxdatetime() and result eq 1",
        [1],
    ),
    ("round(result div 10) eq 1 and result lt 7", [5, 6]),
    ("floor(result div 5) eq 2", [10, 11, 12]),
    ("ceiling(result div 5) eq 1", [1, 2, 3, 4, 5]),
    ("resultTime eq null and result eq 7", [7]),
    ("resultTime ne null", []),
    (
        "geo.distance(FeatureOfInterest/feature, geography'POINT(73 19)') le 1 and result lt 3",
        [1, 2],
    ),
]


@pytest.mark.parametrize(("filter_", "results"), RESULTS)
def test_observations_are_filtered(city: Service, filter_: str, results: list[int]) -> None:
    found = city.get("Observations", filter=filter_, orderby="result")["value"]
    assert [one["result"] for one in found] == results


THINGS = [
    ("name eq 'Well 1'", [1]),
    ("name gt 'Well 0'", [1]),
    ("substringof('well number 1', tolower(description))", [1]),
    ("contains(toupper(name), 'WELL')", [0, 1]),
    ("length(name) eq 6", [0, 1]),
    ("indexof(name, '1') eq 5", [1]),
    ("substring(name, 5) eq '0'", [0]),
    ("substring(name, 1, 3) eq 'ell'", [0, 1]),
    ("trim(concat(name, '  ')) eq 'Well 0'", [0]),
    ("true", [0, 1]),
    ("null", []),
    ("properties/lined", [0]),
    ("not properties/lined", [1]),
    ("properties/lined eq false", [1]),
    ("properties/depth gt 10", [1]),
    ("properties/depth eq '11'", [1]),
    ("properties/sizes[1][0] eq 2", [1]),
    ("1 in properties/sizes", [1]),
    ("properties/colour eq null", [0, 1]),
    ("properties/depth ne null", [0, 1]),
    ("Datastreams/Observations/result gt 11", [1]),
    ("Locations/name eq 'Place 0'", [0]),
    ("HistoricalLocations/Locations/name eq 'Place 1'", [1]),
    ("Datastreams/id eq null", []),
    ("Datastreams/unitOfMeasurement/symbol eq '°C'", [0, 1]),
    ("Datastreams/Sensor/metadata eq 'm'", [0, 1]),
    (
        "geo.intersects(Locations/location, geography'POLYGON((72 17, 73.5 17, 73.5 19, 72 19, 72 17))')",
        [0],
    ),
    (
        "not st_within(Locations/location, geography'POLYGON((72 17, 73.5 17, 73.5 19, 72 19, 72 17))')",
        [1],
    ),
]


@pytest.mark.parametrize(("filter_", "wells"), THINGS)
def test_things_are_filtered(city: Service, filter_: str, wells: list[int]) -> None:
    assert city.names("Things", filter=filter_) == [f"Well {well}" for well in wells]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"filter": "colour eq 1"}, "$filter: a property; “colour” is none"),
        ({"filter": "name"}, "$filter: a condition, and not a text"),
        ({"filter": "nothing(name)"}, "$filter: a function that is known; “nothing” is none"),
        ({"filter": "length(name, 1) eq 1"}, "$filter: 1 to 1 arguments of length"),
        ({"filter": "year(name) eq 1"}, "year: a time, and not a text"),
        ({"filter": "name add 1 eq 2"}, "$filter: a number, and not a text"),
        ({"filter": "name eq"}, "$filter: more: the expression ends too early"),
        (
            {"filter": "geo.length(Locations/location, 1) gt 1"},
            "$filter: 1 arguments of geo.length",
        ),
        (
            {"filter": "geo.intersects(name, geography'POINT(1 2)')"},
            "$filter: a path to a geometry",
        ),
        (
            {"filter": "geo.intersects(Locations/location, geography'POINT(')"},
            "$filter: a geometry in well-known text",
        ),
        ({"filter": "Datastreams/phenomenonTime gt 2015-03-01T00:00:00"}, "$filter"),
        ({"orderby": "Locations"}, "$orderby: a property of what “Locations” leads to"),
        ({"expand": "Observations"}, "$expand: links of Thing"),
        ({"resultFormat": "CSV"}, "$resultFormat: GeoJSON, or of Observations dataArray"),
        ({"top": "many"}, "$top: a number from 0 on"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(
    city: Service, options: dict[str, str], told: str
) -> None:
    status, detail = city.refused("Things", **options)
    assert status == 400
    assert told in detail


def test_things_are_put_in_order_by_several_keys_and_through_links(city: Service) -> None:
    found = city.get("Observations", orderby="Datastream/name desc,result", top=4)["value"]
    assert [one["result"] for one in found] == [10, 11, 12, 7]
    assert [
        one["name"] for one in city.get("Things", orderby="Datastreams/name desc")["value"]
    ] == [
        "Well 1",
        "Well 0",
    ]
