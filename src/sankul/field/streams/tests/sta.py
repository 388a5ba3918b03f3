"""The SensorThings API as its tests use it: a client, bodies of entities, a small city."""

from __future__ import annotations

from typing import Any

import orjson
from django.test import Client

ROOT = "/sta/v1.1"
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
CELSIUS = {"name": "degree Celsius", "symbol": "°C", "definition": "ucum:Cel"}
SENSOR = {"name": "s", "description": "d", "encodingType": "application/pdf", "metadata": "m"}
TEMPERATURE = {
    "name": "Temperature",
    "definition": "http://ucom.org/temperature",
    "description": "",
}


def point(x: float, y: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [x, y]}


def place(name: str, geometry: Any) -> dict[str, Any]:
    kind = "application/vnd.geo+json"
    return {"name": name, "description": "", "encodingType": kind, "location": geometry}


def stream(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "description": "",
        "observationType": MEASUREMENT,
        "unitOfMeasurement": CELSIUS,
        "Sensor": SENSOR,
        "ObservedProperty": TEMPERATURE,
    } | more


class Service:
    """The service as a client sees it."""

    def __init__(self) -> None:
        self.client = Client()

    def send(self, method: str, path: str, body: Any = None, **headers: Any) -> Any:
        content = b"" if body is None else orjson.dumps(body)
        kind = headers.pop("kind", "application/json")
        call = getattr(self.client, method.lower())
        return call(f"{ROOT}/{path}", content, content_type=kind, headers=headers)

    def get(self, path: str, **options: Any) -> Any:
        asked = {f"${name}": value for name, value in options.items()}
        answer = self.client.get(f"{ROOT}/{path}", asked)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def refused(self, path: str, **options: Any) -> Any:
        asked = {f"${name}": value for name, value in options.items()}
        answer = self.client.get(f"{ROOT}/{path}", asked)
        return answer.status_code, answer.json()["detail"]

    def post(self, path: str, body: Any) -> int:
        answer = self.send("POST", path, body)
        assert answer.status_code == 201, answer.content
        return int(answer["Location"].rpartition("(")[2][:-1])

    def names(self, path: str, **options: Any) -> list[str]:
        return sorted(one["name"] for one in self.get(path, **options)["value"])


def small_city(sta: Service) -> Service:
    """Two wells with two streams each, and three observations a stream: results 1 to 12, a day apart."""
    for well in range(2):
        thing = {
            "name": f"Well {well}",
            "description": f"The well number {well}.",
            "properties": {"depth": 10 + well, "lined": well == 0, "sizes": [well, [well + 1]]},
            "Locations": [place(f"Place {well}", point(73 + well, 18))],
            "Datastreams": [stream(f"Stream {well * 2}"), stream(f"Stream {well * 2 + 1}")],
        }
        number = sta.post("Things", thing)
        streams = sta.get(f"Things({number})/Datastreams")["value"]
        for at, one in enumerate(streams):
            for step in range(3):
                result = well * 6 + at * 3 + step + 1
                sta.post(
                    f"Datastreams({one['@iot.id']})/Observations",
                    {"phenomenonTime": f"2015-03-{result:02}T00:00:00.000Z", "result": result},
                )
    return sta
