"""Many at once: data arrays (OGC 18-088, clause 12) and batches of requests (clause 11)."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from sankul.field.streams.models import Datastream, DeadLetter, Sensor, Thing

from .sta import ROOT, SENSOR, TEMPERATURE, Service, place, point, stream

pytestmark = pytest.mark.django_db


def two_streams(sta: Service) -> tuple[int, int]:
    here = [place("Here", point(8, 51))]
    streams = [stream("First"), stream("Second")]
    thing = {"name": "Well", "description": "", "Locations": here, "Datastreams": streams}
    well = sta.post("Things", thing)
    first, second = (one["@iot.id"] for one in sta.get(f"Things({well})/Datastreams")["value"])
    return first, second


def array(of: int, components: list[str], *rows: list[Any]) -> dict[str, Any]:
    return {"Datastream": {"@iot.id": of}, "components": components, "dataArray": list(rows)}


TIMED = ["phenomenonTime", "result"]


def test_a_data_array_lands_and_each_row_is_told(sta: Service) -> None:
    first, second = two_streams(sta)
    body = [
        array(first, TIMED, ["2010-12-23T10:20:00Z", 20], ["2010-12-23T10:21:00.500Z", 30.5]),
        array(second, TIMED[::-1], [65, "2010-12-23T10:20:00Z"]),
    ]
    answer = sta.send("POST", "CreateObservations", body)
    assert answer.status_code == 201
    told = [sta.client.get(address.removeprefix("http://testserver")) for address in answer.json()]
    assert [one.json()["result"] for one in told] == [20, 30.5, 65]
    assert told[1].json()["phenomenonTime"] == "2010-12-23T10:21:00.500Z"
    assert sta.send("POST", "CreateObservations", body).json() == answer.json()
    features = sta.get("Observations", expand="FeatureOfInterest($select=id)")["value"]
    assert len({one["FeatureOfInterest"]["@iot.id"] for one in features}) == 1


def test_a_bad_row_is_named_and_the_rest_lands(sta: Service) -> None:
    first, second = two_streams(sta)
    body = [
        array(
            first,
            ["phenomenonTime", "result", "FeatureOfInterest/id"],
            ["2010-12-23T10:20:00-07:00", 20, "probablyNotAValidId"],
            ["2010-12-23T10:20:00", 20, 1],
        ),
        array(
            second,
            TIMED,
            ["2010-12-23T10:20:00-07:00", 65],
            ["2010-12-23T10:20:00-07:00", 66],
            ["2010-12-23T10:21:00-07:00", "text"],
            ["2010-12-23T10:22:00-07:00"],
        ),
        array(99, TIMED, ["2010-12-23T10:20:00Z", 1]),
    ]
    told = sta.send("POST", "CreateObservations", body).json()
    assert [one.startswith("error") for one in told] == [True, True, False, True, False, True, True]
    assert "[0].dataArray[0].FeatureOfInterest: the number of an entity" in told[0]
    assert "[0].dataArray[1].phenomenonTime: a time with its zone" in told[1]
    assert "another result" in told[3]
    assert "[1].dataArray[3]: 2 values" in told[5]
    assert "There is no stream 99 that this sender may send to." in told[6]
    assert sta.get("Observations", count="true")["@iot.count"] == 2
    codes = DeadLetter.objects.order_by("pk").values_list("code", flat=True)
    assert list(codes) == ["conflict", "unknown_stream"]


def test_rows_with_more_are_taken_in_together_and_a_bad_one_is_found(sta: Service) -> None:
    first, _ = two_streams(sta)
    feature = sta.post(
        "FeaturesOfInterest",
        {
            "name": "f",
            "description": "",
            "encodingType": "application/geo+json",
            "feature": point(1, 2),
        },
    )
    names = ["phenomenonTime", "resultTime", "result", "parameters", "FeatureOfInterest/id"]
    hour = "2010-12-23T10:20:00.000Z/2010-12-23T11:20:00.000Z"
    rows = [
        ["2010-12-23T10:20:00+05:30", "2010-12-23T10:30:00Z", 1, {"a": 1}, None],
        [hour, None, "text", None, feature],
        ["2010-12-23T10:21:00Z", None, 3, {"nul": "\x00"}, None],
        ["2010-12-23T10:22:00Z", None, {"b": 2}, None, feature],
    ]
    told = sta.send("POST", "CreateObservations", [array(first, names, *rows)]).json()
    assert [one.startswith("error") for one in told] == [False, False, True, False]
    found = sta.get(
        "Observations", expand="FeatureOfInterest($select=id)", orderby="phenomenonTime"
    )
    assert [one["result"] for one in found["value"]] == [1, "text", {"b": 2}]
    assert found["value"][0]["resultTime"] == "2010-12-23T10:30:00.000Z"
    about = [one["FeatureOfInterest"]["@iot.id"] == feature for one in found["value"]]
    assert about == [False, True, True]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "body: a list of Datastreams"),
        ([{}], "[0].Datastream: a link"),
        ([array(1, ["result", "colour"])], "[0].components: names out of"),
        ([array(1, ["phenomenonTime"])], "[0].components: each name once, and result"),
        ([array(1, TIMED) | {"dataArray": 3}], "[0].dataArray: a list of rows"),
    ],
)
def test_a_data_array_of_another_form_is_refused(sta: Service, body: Any, told: str) -> None:
    answer = sta.send("POST", "CreateObservations", body)
    assert (answer.status_code, told in answer.json()["detail"]) == (400, True), answer.content


def test_observations_are_read_as_data_arrays(sta: Service) -> None:
    first, second = two_streams(sta)
    for of in (first, second):
        rows = [[f"2016-01-0{day}T01:00:00Z", day] for day in (1, 2)]
        sta.send("POST", "CreateObservations", [array(of, TIMED, *rows)])
    page = sta.get("Observations", resultFormat="dataArray", count="true", top=3)
    assert (page["@iot.count"], "resultFormat=dataArray" in page["@iot.nextLink"]) == (4, True)
    head, tail = page["value"]
    assert head["Datastream@iot.navigationLink"] == f"http://testserver{ROOT}/Datastreams({first})"
    assert head["components"] == [
        "id",
        "phenomenonTime",
        "result",
        "resultTime",
        "resultQuality",
        "validTime",
        "parameters",
    ]
    assert head["dataArray@iot.count"] + tail["dataArray@iot.count"] == 3
    chosen = sta.get(
        f"Datastreams({first})/Observations",
        resultFormat="dataArray",
        select="result,phenomenonTime",
        orderby="phenomenonTime desc",
    )["value"][0]
    assert chosen["components"] == ["phenomenonTime", "result"]
    assert chosen["dataArray"] == [
        ["2016-01-02T01:00:00.000Z", 2],
        ["2016-01-01T01:00:00.000Z", 1],
    ]


def request(id_: str, method: str, url: str, body: Any = None, **more: Any) -> dict[str, Any]:
    return {"id": id_, "method": method, "url": url} | ({"body": body} if body else {}) | more


def batch(sta: Service, *requests: dict[str, Any], **headers: str) -> list[dict[str, Any]]:
    answer = sta.send("POST", "$batch", {"requests": list(requests)}, **headers)
    assert answer.status_code == 200
    return list(answer.json()["responses"])


def test_a_batch_answers_each_request(sta: Service) -> None:
    well = sta.post("Things", {"name": "Well", "description": ""})
    told = batch(
        sta,
        request("0", "get", f"Things({well})?$select=name"),
        request("1", "post", "Things", {"name": "New", "description": ""}, atomicityGroup="g"),
        request("2", "patch", f"/v1.1/Things({well})", {"name": "Patched"}, atomicityGroup="g"),
        request(
            "3", "get", f"http://testserver{ROOT}/Things?$filter=name%20eq%20'Patched'&$select=name"
        ),
        request("4", "get", "Things(null)"),
    )
    new = Thing.objects.get(name="New").pk
    assert told[:4] == [
        {"id": "0", "status": 200, "body": {"name": "Well"}},
        {"id": "1", "status": 201, "location": f"http://testserver{ROOT}/Things({new})"},
        {"id": "2", "status": 200},
        {"id": "3", "status": 200, "body": {"value": [{"name": "Patched"}]}},
    ]
    assert (told[4]["status"], told[4]["body"]["status"]) == (404, 404)


def test_a_batch_refers_to_what_it_made(sta: Service) -> None:
    observed = sta.post("ObservedProperties", TEMPERATURE)
    body = stream("Temperature") | {
        "Sensor": {"@iot.id": "$sensor1"},
        "ObservedProperty": {"@iot.id": observed},
    }
    told = batch(
        sta,
        request("sensor1", "post", "Sensors", SENSOR),
        request("thing1", "post", "Things", {"name": "Well", "description": ""}),
        request("any", "post", "$thing1/Datastreams", body),
        request("wrong", "post", "Things", {"Locations": [{"@iot.id": "$nothing"}]}),
    )
    assert [one["status"] for one in told] == [201, 201, 201, 400]
    assert "$nothing did not" in told[3]["body"]["detail"]


def test_a_group_happens_all_or_not_at_all(sta: Service) -> None:
    told = batch(
        sta,
        request("a", "post", "Things", {"name": "Lost", "description": ""}, atomicityGroup="g"),
        request("b", "post", "Things", {"name": "Bad"}, atomicityGroup="g"),
        request("c", "post", "Things", {"name": "After", "description": ""}),
    )
    assert [(one["id"], one["status"]) for one in told] == [("a", 424), ("b", 400)]
    assert not Thing.objects.exists()
    told = batch(
        sta,
        request("b", "post", "Things", {"name": "Bad"}),
        request("c", "post", "Things", {"name": "After", "description": ""}),
        Prefer="continue-on-error",
    )
    assert [(one["id"], one["status"]) for one in told] == [("b", 400), ("c", 201)]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ([], "requests: a list"),
        ({"requests": [3]}, "requests[0]: an object"),
        ({"requests": [{"id": "1", "method": "get"}]}, "requests[0].url: a text"),
        (
            {"requests": [request("1", "get", "Things"), request("1", "get", "Things")]},
            "requests[1].id: an id that no other request has",
        ),
        ({"requests": [request("1", "get", "Things")] * 1001}, "a list of at most 1000"),
    ],
)
def test_a_batch_of_another_form_is_refused(sta: Service, body: Any, told: str) -> None:
    answer = sta.send("POST", "$batch", body)
    assert (answer.status_code, told in answer.json()["detail"]) == (400, True)


def test_a_batch_holds_no_other(sta: Service) -> None:
    (told,) = batch(sta, request("1", "post", "$batch", {"requests": []}))
    assert told["status"] == 400
    assert sta.client.get(f"{ROOT}/$batch").status_code == 405


MIXED = """--batch_1
Content-Type: application/http

GET /v1.1/Things({well})?$select=name HTTP/1.1
Host: localhost


--batch_1
Content-Type: multipart/mixed;boundary=changeset_1

--changeset_1
Content-Type: application/http
Content-ID: sensor1

POST /v1.1/Sensors HTTP/1.1
Content-Type: application/json
Content-Length: 99

{sensor}
--changeset_1
Content-Type: application/http
Content-ID: any

POST Things({well})/Datastreams HTTP/1.1
Content-Type: application/json

{stream}
--changeset_1--
--batch_1
Content-Type: application/http

GET Things?$filter=name%20eq%20'Missing'&$select=name HTTP/1.1


--batch_1
Content-Type: application/http

GET Things(999999) HTTP/1.1


--batch_1--"""


def mixed(sta: Service, body: str, boundary: str = "batch_1") -> tuple[int, str]:
    answer = sta.client.post(
        f"{ROOT}/$batch",
        body.replace("\n", "\r\n"),
        content_type=f"multipart/mixed;boundary={boundary}",
    )
    return answer.status_code, answer.content.decode()


def test_a_batch_comes_as_parts_too(sta: Service) -> None:
    well = sta.post("Things", {"name": "Well", "description": ""})
    refers = stream("Temperature °C") | {"Sensor": {"@iot.id": "$sensor1"}}
    body = MIXED.replace("{well}", str(well)).replace("{sensor}", orjson.dumps(SENSOR).decode())
    status, told = mixed(sta, body.replace("{stream}", orjson.dumps(refers).decode()))
    of = Datastream.objects.get()
    assert (status, of.name) == (200, "Temperature °C")
    lines = told.splitlines()
    assert [line for line in lines if line.startswith(("HTTP", "Location", "{", "Content-ID"))] == [
        "HTTP/1.1 200 OK",
        '{"name":"Well"}',
        "Content-ID: sensor1",
        "HTTP/1.1 201 Created",
        f"Location: http://testserver{ROOT}/Sensors({of.sensor_id})",
        "Content-ID: any",
        "HTTP/1.1 201 Created",
        f"Location: http://testserver{ROOT}/Datastreams({of.pk})",
        "HTTP/1.1 200 OK",
        '{"value":[]}',
        "HTTP/1.1 404 Not Found",
        lines[-2],
    ]


def test_a_change_set_that_is_refused_has_one_answer_and_changes_nothing(sta: Service) -> None:
    well = sta.post("Things", {"name": "Well", "description": ""})
    body = MIXED.replace("{well}", str(well)).replace("{sensor}", orjson.dumps(SENSOR).decode())
    _, told = mixed(sta, body.replace("{stream}", "{}"))
    assert [line for line in told.splitlines() if line.startswith("HTTP")] == [
        "HTTP/1.1 200 OK",
        "HTTP/1.1 400 Bad Request",
    ]
    assert not Sensor.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no parts",
        MIXED.replace("application/http", "text/plain"),
        MIXED.replace("HTTP/1.1", ""),
    ],
)
def test_parts_of_another_form_are_refused(sta: Service, body: str) -> None:
    assert mixed(sta, body)[0] == 400
