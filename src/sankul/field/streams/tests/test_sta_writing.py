"""Writing through the SensorThings API (OGC 18-088, clause 10): what is made, changed and deleted, and what goes with it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from sankul.core.models import Event
from sankul.field.streams.models import (
    Datastream,
    DayCount,
    DeadLetter,
    HistoricalLocation,
    Latest,
    Observation,
    Thing,
    Version,
)

from .sta import CELSIUS, ROOT, SENSOR, TEMPERATURE, Service, place, point, stream

pytestmark = pytest.mark.django_db
FEATURE = {
    "name": "A weather station",
    "description": "",
    "encodingType": "application/geo+json",
    "feature": point(10, 10),
}


def thing(name: str = "Well", **more: Any) -> dict[str, Any]:
    return {"name": name, "description": "A well."} | more


def located(sta: Service, name: str = "Well") -> tuple[int, int]:
    """A thing at a place with one stream: their numbers."""
    number = sta.post(
        "Things",
        thing(name, Locations=[place("Here", point(73, 18))], Datastreams=[stream("Turbidity")]),
    )
    return number, sta.get(f"Things({number})/Datastreams")["value"][0]["@iot.id"]


def observation(at: str, result: Any, **more: Any) -> dict[str, Any]:
    return {"phenomenonTime": at, "result": result} | more


AT = "2015-03-01T00:00:00.000Z"


def test_every_type_is_made_alone_and_told_where_it_is(sta: Service) -> None:
    well = sta.post("Things", thing())
    here = sta.post("Locations", place("Here", point(-114.05, 51.05)))
    sensor = sta.post("Sensors", SENSOR)
    observed = sta.post("ObservedProperties", TEMPERATURE)
    feature = sta.post("FeaturesOfInterest", FEATURE)
    links = {
        "Thing": {"@iot.id": well},
        "Sensor": {"@iot.id": sensor},
        "ObservedProperty": {"@iot.id": observed},
    }
    of = sta.post("Datastreams", stream("Temperature") | links)
    first = sta.post(
        "Observations",
        observation(AT, 8, Datastream={"@iot.id": of}, FeatureOfInterest={"@iot.id": feature}),
    )
    history = sta.post(
        "HistoricalLocations",
        {"time": AT, "Thing": {"@iot.id": well}, "Locations": [{"@iot.id": here}]},
    )
    assert sta.get(f"Observations({first})") == {
        "@iot.id": first,
        "@iot.selfLink": f"http://testserver{ROOT}/Observations({first})",
        "phenomenonTime": AT,
        "result": 8,
        "resultTime": None,
        "Datastream@iot.navigationLink": f"http://testserver{ROOT}/Observations({first})/Datastream",
        "FeatureOfInterest@iot.navigationLink": (
            f"http://testserver{ROOT}/Observations({first})/FeatureOfInterest"
        ),
    }
    assert sta.get(f"HistoricalLocations({history})/time") == {"time": AT}
    assert sta.get(f"Things({well})/Locations")["value"][0]["@iot.id"] == here
    told = sta.get(f"Datastreams({of})")
    assert told["phenomenonTime"] == f"{AT}/{AT}"
    assert told["unitOfMeasurement"] == CELSIUS
    assert told["observedArea"] == point(10.0, 10.0)


def test_a_feature_of_interest_is_made_from_where_the_thing_is(sta: Service) -> None:
    well, of = located(sta)
    first = sta.post(f"Datastreams({of})/Observations", observation(AT, 1))
    second = sta.post(f"Datastreams({of})/Observations", {"result": 2})
    features = [
        sta.get(f"Observations({one})/FeatureOfInterest")["@iot.id"] for one in (first, second)
    ]
    assert features[0] == features[1]
    assert sta.get(f"FeaturesOfInterest({features[0]})/feature")["feature"] == point(73, 18)
    sta.post(f"Things({well})/Locations", place("There", point(74, 19)))
    third = sta.post(f"Datastreams({of})/Observations", {"result": 3})
    assert sta.get(f"Observations({third})/FeatureOfInterest")["feature"] == point(74, 19)
    assert sta.get(f"Observations({first})/FeatureOfInterest")["feature"] == point(73, 18)
    assert len(sta.get(f"FeaturesOfInterest({features[0]})/Observations")["value"]) == 2


def test_a_change_of_place_is_kept_as_history(sta: Service) -> None:
    well = sta.post("Things", thing(Locations=[place("Here", point(73, 18))]))
    there = sta.post("Locations", place("There", point(74, 19)))
    assert (
        sta.send("PATCH", f"Things({well})", {"Locations": [{"@iot.id": there}]}).status_code == 200
    )
    history = sta.get(f"Things({well})/HistoricalLocations", expand="Locations", orderby="time")
    assert [[at["name"] for at in one["Locations"]] for one in history["value"]] == [
        ["Here"],
        ["There"],
    ]
    later = {"time": "2105-01-01T00:00:00Z", "Thing": {"@iot.id": well}}
    sta.post("HistoricalLocations", later | {"Locations": [place("Beyond", point(75, 20))]})
    assert sta.names(f"Things({well})/Locations") == ["Beyond"]
    earlier = {"time": "2001-01-01T00:00:00Z", "Thing": {"@iot.id": well}}
    sta.post("HistoricalLocations", earlier | {"Locations": [place("Before", point(75, 20))]})
    assert sta.names(f"Things({well})/Locations") == ["Beyond"]


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("Things", {"name": "x"}, "description: a value: it is mandatory"),
        ("Things", {"name": 3, "description": ""}, "name: a text"),
        ("Things", {"name": "x" * 501, "description": ""}, "name: at most 500 characters"),
        ("Things", thing(colour="red"), "colour: no such property: Thing has none"),
        ("Things", thing(properties=[1]), "properties: a JSON object"),
        ("Things", thing(Locations=[{"@iot.id": 99}]), "Locations.@iot.id: a Location that exists"),
        (
            "Things",
            thing(Locations=[{"@iot.id": "x"}]),
            "Locations[0].@iot.id: the number of an entity",
        ),
        ("Things", [], "body: a JSON object"),
        (
            "Things",
            thing(Datastreams=[{k: v for k, v in stream("s").items() if k != "Sensor"}]),
            "Datastreams[0].Sensor: a link: Datastream has none without",
        ),
        ("Locations", place("x", {"type": "Spot"}), "location: GeoJSON (RFC 7946)"),
        ("Observations", {"result": 1}, "Datastream: a link: Observation has none without"),
        ("Observations", {"phenomenonTime": AT}, "result: a value: it is mandatory"),
        (
            "Observations",
            {"result": 1, "Datastream": {"@iot.id": 99}},
            "Observation: There is no stream 99 that this sender may send to.",
        ),
        (
            "Observations",
            {"result": 1, "phenomenonTime": "yesterday", "Datastream": {"@iot.id": 1}},
            "phenomenonTime: a time with its zone",
        ),
        ("HistoricalLocations", {"time": AT}, "Thing: a link"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_made(
    sta: Service, path: str, body: Any, told: str
) -> None:
    answer = sta.send("POST", path, body)
    assert (answer.status_code, told in answer.json()["detail"]) == (400, True), answer.content
    for name in ("Things", "Locations", "Datastreams", "Sensors", "Observations"):
        assert sta.get(name)["value"] == []


def test_an_observation_of_what_is_nowhere_needs_a_feature_of_interest(sta: Service) -> None:
    well = sta.post("Things", thing(Datastreams=[stream("Turbidity")]))
    of = sta.get(f"Things({well})/Datastreams")["value"][0]["@iot.id"]
    answer = sta.send("POST", f"Datastreams({of})/Observations", observation(AT, 1))
    assert answer.status_code == 400
    assert "Name a FeatureOfInterest, or give the Thing a Location" in answer.json()["detail"]
    sta.post(f"Datastreams({of})/Observations", observation(AT, 1, FeatureOfInterest=FEATURE))
    assert sta.get("Observations", expand="FeatureOfInterest")["value"][0]["FeatureOfInterest"][
        "feature"
    ] == point(10, 10)


@pytest.mark.parametrize(
    "result",
    [
        1,
        1.5,
        -3,
        "99",
        "fourty two",
        True,
        False,
        None,
        {"a": [1, {"b": None}]},
        [1.23, "x"],
        2**62 + 1,
    ],
)
def test_a_result_comes_back_as_it_was_sent(sta: Service, result: Any) -> None:
    _, of = located(sta)
    number = sta.post(f"Datastreams({of})/Observations", observation(AT, result))
    told = sta.get(f"Observations({number})")["result"]
    assert (type(told), told) == (type(result), result)


def test_what_an_observation_has_more_comes_back(sta: Service) -> None:
    _, of = located(sta)
    more = {
        "resultTime": "2015-03-01T01:00:00.000Z",
        "validTime": "2015-03-01T00:00:00.000Z/2015-03-02T00:00:00.000Z",
        "resultQuality": {"DQ_Status": {"code": 2}},
        "parameters": {"tilt": 30},
    }
    period = "2015-03-01T00:00:00.000Z/2015-03-01T01:00:00.000Z"
    number = sta.post(f"Datastreams({of})/Observations", observation(period, 7, **more))
    told = sta.get(f"Observations({number})")
    assert {key: told[key] for key in (*more, "phenomenonTime")} == more | {
        "phenomenonTime": period
    }
    assert sta.get(
        "Observations", filter="resultQuality/DQ_Status/code eq 2 and parameters/tilt gt 20"
    )["value"]


def test_the_same_observation_twice_is_one_and_another_result_is_refused(sta: Service) -> None:
    _, of = located(sta)
    first = sta.post(f"Datastreams({of})/Observations", observation(AT, 1))
    assert sta.post(f"Datastreams({of})/Observations", observation(AT, 1)) == first
    answer = sta.send("POST", f"Datastreams({of})/Observations", observation(AT, 2))
    assert answer.status_code == 409
    assert "another result" in answer.json()["detail"]
    assert DeadLetter.objects.get().payload["value"] == 2
    assert sta.get("Observations", count="true")["@iot.count"] == 1


def test_periods_that_begin_together_are_observations_of_their_own(sta: Service) -> None:
    _, of = located(sta)
    hour = "2016-01-01T06:00:00.000Z/2016-01-01T07:00:00.000Z"
    for at in ("2016-01-01T06:00:00.000Z", hour, hour.replace("07:", "08:"), hour):
        sta.post(f"Datastreams({of})/Observations", observation(at, 1))
    times = [one["phenomenonTime"] for one in sta.get("Observations")["value"]]
    assert times == ["2016-01-01T06:00:00.000Z", hour, hour.replace("07:", "08:")]


def test_a_patch_changes_only_what_it_names(sta: Service) -> None:
    well, of = located(sta)
    before = sta.get(f"Things({well})")
    assert sta.send("PATCH", f"Things({well})", {"description": "Patched"}).status_code == 200
    assert sta.get(f"Things({well})") == before | {"description": "Patched"}
    unit = {"name": "Entropy", "symbol": "S", "definition": "x"}
    sta.send("PATCH", f"Datastreams({of})", {"unitOfMeasurement": unit, "properties": {"a": 1}})
    told = sta.get(f"Datastreams({of})")
    assert (told["unitOfMeasurement"], told["properties"]) == (unit, {"a": 1})
    sensor = sta.post("Sensors", SENSOR | {"name": "Another"})
    sta.send("PATCH", f"Datastreams({of})", {"Sensor": {"@iot.id": sensor}})
    assert sta.get(f"Datastreams({of})/Sensor/name") == {"name": "Another"}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("Things", {"Locations": [place("West roof", point(1, 2))]}),
        ("Things", {"Datastreams": [{"unitOfMeasurement": CELSIUS}]}),
        ("Datastreams", {"Sensor": SENSOR}),
        ("Datastreams", {"ObservedProperty": TEMPERATURE}),
        ("Datastreams", {"Thing": thing()}),
        ("Datastreams", {"Observations": [observation(AT, 1)]}),
        ("Sensors", {"Datastreams": [stream("x")]}),
    ],
)
def test_a_patch_with_an_entity_inside_is_refused(sta: Service, name: str, body: Any) -> None:
    located(sta)
    number = sta.get(name)["value"][0]["@iot.id"]
    assert sta.send("PATCH", f"{name}({number})", body).status_code == 400


def test_a_put_empties_what_it_does_not_name(sta: Service) -> None:
    well = sta.post("Things", thing(properties={"depth": 3}))
    assert sta.send("PUT", f"Things({well})", thing("New")).status_code == 200
    told = sta.get(f"Things({well})")
    assert (told["name"], "properties" in told) == ("New", False)
    assert sta.send("PUT", f"Things({well})", {"name": "x"}).status_code == 400


def test_a_json_patch_adds_copies_moves_and_tests(sta: Service) -> None:
    well = sta.post("Things", thing())
    patch = "application/json-patch+json"

    def patched(*operations: dict[str, Any]) -> int:
        answer = sta.send("PATCH", f"Things({well})", list(operations), kind=patch)
        return int(answer.status_code)

    assert patched({"op": "add", "path": "/properties", "value": {"key1": 1}}) == 200
    assert (
        patched(
            {"op": "test", "path": "/properties/key1", "value": 1},
            {"op": "copy", "from": "/properties/key1", "path": "/properties/copy"},
            {"op": "move", "from": "/properties/key1", "path": "/properties/key2"},
            {"op": "replace", "path": "/description", "value": "Replaced"},
        )
        == 200
    )
    told = sta.get(f"Things({well})")
    assert (told["properties"], told["description"]) == ({"copy": 1, "key2": 1}, "Replaced")
    assert patched({"op": "test", "path": "/name", "value": "Another"}) == 400
    assert patched({"op": "remove", "path": "/name"}) == 400


def test_a_corrected_observation_keeps_its_number_and_what_it_was(sta: Service) -> None:
    _, of = located(sta)
    number = sta.post(f"Datastreams({of})/Observations", observation(AT, 8))
    assert sta.send("PATCH", f"Observations({number})", {"result": 9}).status_code == 200
    moved = "2015-07-01T00:40:00.000Z"
    assert (
        sta.send("PATCH", f"Observations({number})", {"phenomenonTime": moved}).status_code == 200
    )
    told = sta.get(f"Observations({number})")
    assert (told["result"], told["phenomenonTime"]) == (9, moved)
    sta.send("PUT", f"Observations({number})", observation("2015-08-01T00:40:00.000Z", "99"))
    told = sta.get(f"Observations({number})")
    assert (told["result"], told["phenomenonTime"]) == ("99", "2015-08-01T00:40:00.000Z")
    assert list(Version.objects.order_by("time", "number").values_list("number", "value"))[:3] == [
        (0, 8.0),
        (1, 9.0),
        (2, 9.0),
    ]
    assert sta.get(f"Datastreams({of})")["phenomenonTime"].startswith("2015-08-01")
    assert Latest.objects.get(pk=of).count == 1
    assert [str(one.day) for one in DayCount.objects.filter(stream=of)] == ["2015-08-01"]


def test_an_observation_is_not_moved_onto_another(sta: Service) -> None:
    _, of = located(sta)
    sta.post(f"Datastreams({of})/Observations", observation(AT, 1))
    other = sta.post(f"Datastreams({of})/Observations", observation("2015-03-02T00:00:00Z", 2))
    answer = sta.send("PATCH", f"Observations({other})", {"phenomenonTime": AT})
    assert (answer.status_code, "another observation" in answer.json()["detail"]) == (409, True)


def test_a_deleted_observation_is_gone_and_kept_as_a_version(sta: Service) -> None:
    _, of = located(sta)
    number = sta.post(f"Datastreams({of})/Observations", observation(AT, 8))
    assert sta.send("DELETE", f"Observations({number})").status_code == 200
    assert sta.send("DELETE", f"Observations({number})").status_code == 404
    assert not Observation.objects.exists()
    assert Version.objects.get(number=1).revision.kind == "withdrawn"  # type: ignore[union-attr]
    told = sta.get(f"Datastreams({of})")
    assert "phenomenonTime" not in told
    assert Latest.objects.get(pk=of).count == 0


GONE = {
    "Things": {"Things", "Datastreams", "HistoricalLocations", "Observations"},
    "Datastreams": {"Datastreams", "Observations"},
    "Locations": {"Locations", "HistoricalLocations"},
    "HistoricalLocations": {"HistoricalLocations"},
    "Sensors": {"Sensors", "Datastreams", "Observations"},
    "ObservedProperties": {"ObservedProperties", "Datastreams", "Observations"},
    "FeaturesOfInterest": {"FeaturesOfInterest", "Observations"},
    "Observations": {"Observations"},
}


@pytest.mark.parametrize("name", GONE)
def test_what_cannot_be_without_it_goes_with_it(sta: Service, name: str) -> None:
    _, of = located(sta)
    sta.post(f"Datastreams({of})/Observations", observation(AT, 1))
    number = sta.get(name)["value"][0]["@iot.id"]
    assert sta.send("DELETE", f"{name}({number})").status_code == 200
    assert {one for one in GONE if not sta.get(one)["value"]} == GONE[name]
    assert sta.client.get(f"{ROOT}/{name}({number})").status_code == 404


def test_observations_are_deleted_by_a_filter_and_only_with_one(sta: Service) -> None:
    _, of = located(sta)
    for day in (1, 2, 3):
        sta.post(f"Datastreams({of})/Observations", observation(f"2015-03-0{day}T00:00:00Z", day))
    assert sta.send("DELETE", "Observations").status_code == 400
    path = f"Datastreams({of})/Observations?$filter=result%20lt%203"
    assert sta.send("DELETE", path).status_code == 200
    assert [one["result"] for one in sta.get("Observations")["value"]] == [3]
    assert sta.send("DELETE", "Things?$filter=id%20gt%200").status_code == 400


def test_what_a_path_does_not_take_is_told(sta: Service) -> None:
    well = sta.post("Things", thing())
    for method, path in [
        ("POST", f"Things({well})"),
        ("PATCH", "Things"),
        ("PUT", f"Things({well})/name"),
        ("POST", "Things/$ref"),
        ("PATCH", "CreateObservations"),
        ("POST", ""),
    ]:
        answer = sta.send(method, path, {})
        assert (answer.status_code, bool(answer["Allow"])) == (405, True), path
    assert sta.client.options(f"{ROOT}/Things")["Allow"].startswith("GET")


def test_bodies_that_are_no_json_or_cannot_be_stored_are_refused(sta: Service) -> None:
    for content in (b"{", b'{"name": NaN}', b"\xff", b""):
        answer = sta.client.post(f"{ROOT}/Things", content, content_type="application/json")
        assert answer.status_code == 400
        assert "JSON (RFC 8259)" in answer.json()["detail"]
    answer = sta.send("POST", "Things", thing("NUL \x00"))
    assert answer.status_code == 400
    assert not Thing.objects.exists()


@pytest.mark.parametrize("path", ["Things", "CreateObservations", "$batch"])
def test_a_body_that_is_too_large_is_refused_before_a_byte_of_it_is_read(
    sta: Service, path: str
) -> None:
    unread = BytesIO(b" " * 10)
    answer = sta.client.generic(
        "POST",
        f"{ROOT}/{path}",
        content_type="application/json",
        **{"CONTENT_LENGTH": str(50 * 2**20), "wsgi.input": unread},
    )
    assert (answer.status_code, answer.json()["status"]) == (413, 413)
    assert "larger than 5 MB" in answer.json()["detail"]
    assert unread.tell() == 0


def test_entities_are_made_under_what_they_belong_to(sta: Service) -> None:
    well, of = located(sta)
    number = sta.post(f"Things({well})/Datastreams", stream("Second"))
    assert sta.get(f"Datastreams({number})/Thing")["@iot.id"] == well
    sensor = sta.get(f"Datastreams({of})/Sensor")["@iot.id"]
    body = {key: value for key, value in stream("Third").items() if key != "Sensor"}
    third = sta.post(f"Sensors({sensor})/Datastreams", body | {"Thing": {"@iot.id": well}})
    assert Datastream.objects.get(pk=third).sensor_id == sensor
    other, _ = located(sta, "Other")
    answer = sta.send("POST", f"Things({other})/Datastreams({of})/Observations", {"result": 1})
    assert answer.status_code == 404
    history = sta.post(
        f"Things({well})/HistoricalLocations",
        {"time": AT, "Locations": [place("Before", point(70, 18))]},
    )
    assert HistoricalLocation.objects.get(pk=history).thing_id == well


def test_an_observation_brings_all_that_it_needs(sta: Service) -> None:
    whole = stream("Temperature", Thing=thing("Deep"))
    number = sta.post(
        "Observations", observation(AT, -(2**63) + 1, FeatureOfInterest=FEATURE, Datastream=whole)
    )
    told = sta.get(
        f"Observations({number})", expand="Datastream($expand=Thing,Sensor),FeatureOfInterest"
    )
    assert told["result"] == -(2**63) + 1
    assert told["Datastream"]["Thing"]["name"] == "Deep"
    assert told["Datastream"]["Sensor"]["metadata"] == "m"
    assert told["FeatureOfInterest"]["name"] == "A weather station"


def test_what_is_written_stands_in_the_event_log(sta: Service) -> None:
    well, of = located(sta)
    number = sta.post(f"Datastreams({of})/Observations", observation(AT, 1))
    sta.send("PATCH", f"Observations({number})", {"result": 2})
    sta.send("DELETE", f"Observations({number})")
    sta.send("PATCH", f"Things({well})", {"name": "Other"})
    sta.send("DELETE", f"Things({well})")
    assert list(Event.objects.order_by("seq").values_list("verb", flat=True)) == [
        "thing.made",
        "observation.corrected",
        "observations.withdrawn",
        "thing.changed",
        "thing.deleted",
    ]
