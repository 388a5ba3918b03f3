"""Who reads and writes through the SensorThings API, what it costs, and that nothing breaks it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from sankul.core.models import ApiToken, User
from sankul.core.rules.roles import Role, ScopeKind
from sankul.core.rules.tokens import digest, new_secret
from sankul.core.tests import makers as core
from sankul.field.streams.api.sta import dispatch
from sankul.field.streams.models import Datastream, Device, Observation, Thing
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.tests import makers as registry

from . import makers
from .sta import ROOT, SENSOR, Service, place, point, stream

pytestmark = pytest.mark.django_db
WELL = {"name": "New well", "description": "", "Locations": [place("Here", point(73, 18))]}


@pytest.fixture
def service(settings: Settings) -> Service:
    settings.ROOT_URLCONF = "sankul.field.streams.tests.sta_urls"
    return Service()


def operator(cluster: Cluster, **fields: Any) -> dict[str, str]:
    """The header of a token of an operator of a cluster."""
    secret = new_secret()
    owner = registry.user_with(Role.OPERATOR, cluster.scopes[0])
    token(owner, secret, **fields)
    return {"Authorization": f"Bearer {secret}"}


def token(owner: User, secret: str, **fields: Any) -> ApiToken:
    """A token that writes, from now on for a month."""
    now = timezone.now()
    lasting = {"made_at": now, "expires_at": now + timedelta(30), "reads_only": False}
    return core.token(owner, digest=digest(secret), **lasting | fields)


def gateway(**fields: Any) -> tuple[Device, dict[str, str]]:
    device, secret = makers.device(**fields)
    return device, {"Authorization": f"Bearer {secret}"}


def test_the_public_reads_what_is_public_and_nothing_else(service: Service) -> None:
    shown, hidden = makers.thing(name="Shown"), makers.thing(name="Hidden", is_public=False)
    for well in (shown, hidden):
        makers.location(well, name=f"Place of {well.name}")
        makers.stream(well, name=f"Stream of {well.name}")
    assert service.names("Things") == ["Shown"]
    assert service.names("Datastreams") == ["Stream of Shown"]
    assert service.names("Locations") == ["Place of Shown"]
    assert service.client.get(f"{ROOT}/Things({hidden.pk})").status_code == 404
    assert service.client.get(f"{ROOT}/Things({hidden.pk})/Datastreams").status_code == 404
    assert service.names("Sensors", filter="Datastreams/Thing/name eq 'Hidden'") == []
    assert service.names("Things", filter="Locations/name eq 'Place of Hidden'") == []
    (well,) = service.get("Things", expand="Locations,Datastreams/Sensor")["value"]
    assert len(well["Locations"]) == 1


def test_a_hidden_place_of_a_public_thing_is_not_told_by_filters(service: Service) -> None:
    well = makers.thing(name="Shown")
    makers.location(well, name="Secret", is_public=False)
    assert service.get(f"Things({well.pk})/Locations")["value"] == []
    for asked in ("Locations/name eq 'Secret'", "HistoricalLocations/Locations/name eq 'Secret'"):
        assert service.names("Things", filter=asked) == []
    near = "geo.distance(Locations/location, geography'POINT(73.85 18.52)') lt 1"
    assert service.names("Things", filter=near) == []


def test_an_operator_writes_in_the_own_cluster_only(service: Service) -> None:
    cluster, other = registry.cluster(), registry.cluster()
    headers = operator(cluster)
    answer = service.send("POST", "Things", WELL, **headers)
    assert answer.status_code == 201
    made = Thing.objects.get(name="New well")
    assert (made.cluster, made.is_public) == (cluster, False)
    assert service.names("Things") == []
    path = answer["Location"].removeprefix(f"http://testserver{ROOT}/")
    assert service.send("PATCH", path, {"@sankul.public": True}, **headers).status_code == 200
    assert service.names("Things") == ["New well"]
    foreign = makers.thing(cluster=other, name="Foreign")
    told = service.send("PATCH", f"Things({foreign.pk})", {"name": "Mine"}, **headers)
    assert (told.status_code, told["Content-Type"]) == (403, "application/problem+json")
    assert service.send("DELETE", f"Things({foreign.pk})", **headers).status_code == 403
    streams = f"Things({foreign.pk})/Datastreams"
    assert service.send("POST", streams, stream("x"), **headers).status_code == 403
    of = makers.stream(foreign, feature=makers.feature(foreign))
    told = service.send("POST", f"Datastreams({of.pk})/Observations", {"result": 1}, **headers)
    assert (told.status_code, Observation.objects.count()) == (403, 0)
    of.sensor.refresh_from_db()
    assert service.send("DELETE", f"Sensors({of.sensor_id})", **headers).status_code == 403


def test_somebody_of_several_scopes_says_in_which(service: Service) -> None:
    cluster, second = registry.cluster(), registry.cluster()
    secret = new_secret()
    owner = registry.user_with(Role.OPERATOR, cluster.scopes[0])
    core.grant(owner, Role.OPERATOR, second.scopes[0])
    whole = token(owner, secret)
    headers = {"Authorization": f"Bearer {secret}"}
    answer = service.send("POST", "Sensors", SENSOR, **headers)
    assert (answer.status_code, "several scopes" in answer.json()["detail"]) == (409, True)
    whole.scope_kind, whole.scope_id = ScopeKind.CLUSTER, second.pk
    whole.save()
    assert service.send("POST", "Sensors", SENSOR, **headers).status_code == 201


def test_nobody_writes_without_a_token_that_writes(service: Service) -> None:
    cluster = registry.cluster()
    for method, path in [
        ("POST", "Things"),
        ("PATCH", "Things(1)"),
        ("PUT", "Things(1)"),
        ("DELETE", "Things(1)"),
        ("POST", "CreateObservations"),
        ("POST", "$batch"),
    ]:
        told = service.send(method, path, WELL)
        assert (told.status_code, told["WWW-Authenticate"]) == (401, "Bearer"), path
        assert told.json()["detail"].startswith("Show a token")
    assert service.send("POST", "Things", WELL, Authorization="Bearer x").status_code == 401
    assert service.send("POST", "Things", WELL, Authorization="Basic eDp5").status_code == 401
    reader = operator(cluster, reads_only=True)
    assert service.send("POST", "Things", WELL, **reader).status_code == 403
    assert not Thing.objects.exists()


def test_a_session_alone_does_not_write(service: Service) -> None:
    cluster = registry.cluster()
    makers.thing(cluster=cluster, is_public=False, name="Hidden")
    service.client = Client(enforce_csrf_checks=True)
    service.client.force_login(registry.user_with(Role.OPERATOR, cluster.scopes[0]))
    assert service.names("Things") == ["Hidden"]
    assert service.send("POST", "Things", WELL).status_code == 401


def test_a_device_sends_observations_of_its_thing_and_nothing_else(service: Service) -> None:
    well = makers.thing(is_public=False)
    of = makers.stream(well, feature=makers.feature(well))
    device, headers = gateway(thing=well)
    path = f"Datastreams({of.pk})/Observations"
    assert service.send("POST", path, {"result": 1}, **headers).status_code == 201
    array = {"Datastream": {"@iot.id": of.pk}, "components": ["result"], "dataArray": [[2]]}
    told = service.send("POST", "CreateObservations", [array], **headers)
    assert (told.status_code, "error" in told.json()[0]) == (201, False)
    other = makers.stream(feature=makers.feature())
    told = service.send("POST", f"Datastreams({other.pk})/Observations", {"result": 1}, **headers)
    assert told.status_code == 403
    assert service.send("POST", "Sensors", SENSOR, **headers).status_code == 403
    assert service.send("DELETE", f"Things({other.thing_id})", **headers).status_code == 403
    device.revoked_at = registry.AT
    device.save()
    assert service.send("POST", path, {"result": 3}, **headers).status_code == 401
    assert service.send("POST", "CreateObservations", [array], **headers).status_code == 401
    assert of.observations.count() == 2


def test_a_device_that_sends_too_much_is_told_when_to_send_again(service: Service) -> None:
    well = makers.thing()
    of = makers.stream(well, feature=makers.feature(well))
    _, headers = gateway(thing=well, per_minute=1)
    path = f"Datastreams({of.pk})/Observations"
    assert service.send("POST", path, {"result": 1}, **headers).status_code == 201
    told = service.send("POST", path, {"result": 2}, **headers)
    assert told.status_code == 429
    assert int(told["Retry-After"]) > 0


def _settings_with(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from sankul.site import settings; print(settings.STA_OPEN)"],
        env=os.environ | {"DATABASE_URL": "postgresql://x@127.0.0.1:1/x"} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_server_that_others_reach_does_not_start_open(tmp_path: Any) -> None:
    own = {"SANKUL_DATA": str(tmp_path), "SANKUL_SECRET_KEY": "x" * 50}
    assert _settings_with(SANKUL_STA_OPEN="1", SANKUL_HOSTS="", **own).stdout == "True\n"
    told = _settings_with(SANKUL_STA_OPEN="1", SANKUL_HOSTS="sankul.example", **own)
    assert "it is for trial servers only" in told.stderr


EXPANDED = (
    "Things?$expand=Locations,HistoricalLocations,Datastreams($count=true;$expand=Sensor,ObservedProperty,"
    "Observations($top=1;$orderby=phenomenonTime%20desc;$expand=FeatureOfInterest))&$count=true"
    "&$filter=Datastreams/Observations/result%20ge%200&$orderby=Datastreams/name"
)


def test_the_number_of_queries_does_not_grow_with_the_rows(sta: Service) -> None:
    asked = []
    for wells in (1, 3):
        while Thing.objects.count() < wells:
            streams = [stream("One"), stream("Two")]
            number = sta.post("Things", WELL | {"Datastreams": streams})
            for of in Datastream.objects.filter(thing=number):
                for day in (1, 2):
                    at = f"2016-01-0{day}T00:00:00Z"
                    sta.post(
                        f"Datastreams({of.pk})/Observations", {"result": 1, "phenomenonTime": at}
                    )
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = sta.client.get(f"{ROOT}/{EXPANDED}")
        assert len(answer.json()["value"]) == wells
        assert len(answer.json()["value"][-1]["Datastreams"][0]["Observations"]) == 1
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_what_takes_too_long_is_given_up_with_why(
    city: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "SECONDS", 0.001)
    told = city.client.get(
        f"{ROOT}/Observations?$filter=Datastream/Thing/Datastreams/Observations/result gt 0"
    )
    assert (told.status_code, "asks for too much" in told.json()["detail"]) == (400, True)


def test_sql_in_a_filter_is_a_text(city: Service) -> None:
    for text in ("x' OR 1=1 --", "'); DROP TABLE streams_thing; --", "%s {0} %(x)s"):
        quoted = text.replace("'", "''")
        assert city.names("Things", filter=f"name eq '{quoted}'") == []
        assert city.names("Things", filter=f"name ne '{quoted}'") == ["Well 0", "Well 1"]
    assert city.refused("Things", filter="name eq ''; DROP TABLE streams_thing")[0] == 400


def test_numbers_beyond_all_bounds_break_nothing(city: Service) -> None:
    for filter_ in (
        "result mul 1e308 mul 1e308 gt 1",
        "substring(Datastream/name, 99999999999999999999) eq ''",
        "id eq 99999999999999999999999999",
        "phenomenonTime add duration'P999999D' gt now()",
        "properties eq 1",
    ):
        told = city.client.get(f"{ROOT}/Observations", {"$filter": filter_})
        assert told.status_code in (200, 400), (filter_, told.content)


WORDS = [
    "result", "name", "Datastreams", "Datastream", "Thing", "Observations", "Locations",
    "location", "properties/a", "phenomenonTime", "validTime", "eq", "lt", "and", "or", "not",
    "add", "div", "in", "(", ")", ",", "1", "'x'", "null", "true", "now()",
    "2015-01-01T00:00:00Z", "2015-01-01", "duration'PT1H'", "geography'POINT(1 2)'",
    "geo.distance(", "st_within(", "length(", "year(", "substring(", "during(", "concat(",
    "date(", "@iot.id", "/", "$", ";", "resultQuality[0]", "unitOfMeasurement/symbol",
]  # fmt: skip


@example(words=["true"], option="$filter", name="Things")
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=7),
    option=st.sampled_from(["$filter", "$orderby", "$expand", "$select"]),
    name=st.sampled_from(["Things", "Observations", "Datastreams", "Locations", "Sensors"]),
)
def test_no_order_of_words_breaks_the_service(
    city: Service, words: list[str], option: str, name: str
) -> None:
    for joined in (" ".join(words), "".join(words)):
        told = city.client.get(f"{ROOT}/{name}", {option: joined})
        assert told.status_code in (200, 400), (option, joined, told.content)


KEYS = ["name", "description", "result", "Datastream", "@iot.id", "Locations", "properties", "x"]
JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-5, 2**62), st.text(max_size=5), st.just(point(1, 2))
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    body=JSON,
    method=st.sampled_from(["POST", "PATCH", "PUT"]),
    path=st.sampled_from(
        ["Things", "Things(1)", "Observations", "$batch", "CreateObservations", "Locations"]
    ),
)
def test_no_body_breaks_the_service(city: Service, body: Any, method: str, path: str) -> None:
    with contextlib.suppress(UnicodeEncodeError, orjson.JSONEncodeError):
        told = city.send(method, path, body)
        assert told.status_code < 500, told.content
