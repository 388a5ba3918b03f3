"""Observations that come as messages to the topics of sets (OGC 18-088, clause 14)."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.utils import timezone
from pytest_django import Settings

from sankul.field.streams.api.sta import mqtt
from sankul.field.streams.models import DeadLetter, Observation

from . import makers
from .sta import Service

pytestmark = pytest.mark.django_db
AT = "2026-11-20T06:30:00Z"


def sent(topic: str, body: Any, token: str = "") -> int:
    payload = body if isinstance(body, bytes) else orjson.dumps(body)
    return mqtt.receive(topic=topic, payload=payload, token=token, at=timezone.now()).status


def test_a_device_makes_observations_by_the_topics_of_sets() -> None:
    well = makers.thing(is_public=False)
    feature = makers.feature(well, is_public=True)
    of = makers.stream(well, feature=feature)
    _, token = makers.device(well, deployment=None)
    body = {"phenomenonTime": AT, "result": 1}
    assert sent(f"v1.1/Datastreams({of.pk})/Observations", body, token) == 201
    assert sent(f"v1.1/Datastreams({of.pk})/Observations", body, token) == 201
    later = {
        "phenomenonTime": AT.replace("30", "31"),
        "result": 2,
        "Datastream": {"@iot.id": of.pk},
    }
    assert sent("v1.1/Observations", later, token) == 201
    last = later | {"phenomenonTime": AT.replace("30", "32")}
    assert sent(f"v1.1/FeaturesOfInterest({feature.pk})/Observations", last, token) == 201
    assert Observation.objects.count() == 3


@pytest.mark.parametrize(
    ("topic", "body", "status"),
    [
        ("v1.1/Things", {"name": "x", "description": ""}, 404),
        ("v1.1/Observations/result", {}, 404),
        ("v1.1/Observations", b"{", 400),
        ("v1.1/Observations", {"result": 1}, 400),
    ],
)
def test_what_is_refused_is_kept_once(topic: str, body: Any, status: int) -> None:
    _, token = makers.device()
    assert sent(topic, body, token) == status
    letter = DeadLetter.objects.get()
    assert (letter.door, letter.place) == ("mqtt", topic)


def test_what_ingestion_refuses_is_kept_by_it_alone() -> None:
    _, token = makers.device()
    other = makers.stream(feature=makers.feature())
    assert sent(f"v1.1/Datastreams({other.pk})/Observations", {"result": 1}, token) == 403
    assert sent("v1.1/Datastreams(99)/Observations", {"result": 1}, token) == 400
    codes = DeadLetter.objects.order_by("pk").values_list("code", flat=True)
    assert list(codes) == ["forbidden", "unknown_stream"]


def test_nobody_without_a_token_but_on_a_trial_server(settings: Settings) -> None:
    of = makers.stream(feature=makers.feature())
    body = {"phenomenonTime": AT, "result": 1}
    assert sent(f"v1.1/Datastreams({of.pk})/Observations", body) == 401
    assert sent(f"v1.1/Datastreams({of.pk})/Observations", body, "wrong") == 401
    settings.STA_OPEN = True
    assert sent(f"v1.1/Datastreams({of.pk})/Observations", body) == 201


def test_the_root_tells_where_messages_go(sta: Service, settings: Settings) -> None:
    settings.MQTT_ENDPOINT = "mqtt://field.example:1883"
    told = sta.get("")["serverSettings"]
    assert told[mqtt.CREATION] == {"endpoints": ["mqtt://field.example:1883"]}
    assert mqtt.CREATION in told["conformance"]
