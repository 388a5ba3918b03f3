"""Water as JSON: what is told, to whom, in how many queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sankul.core.rules.roles import Role
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch
from sankul.field.water.models import Custody, Limit
from sankul.programme.registry.tests.makers import user_with

from . import makers

pytestmark = pytest.mark.django_db


def asked(client: Client, address: str) -> Any:
    answer = client.get(f"/api/water/{address}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_sources_are_told_with_what_is_above_its_limit_and_when_a_sample_is_due(
    client: Client,
) -> None:
    source = makers.source()
    makers.sample(source, fluoride="2.2", ph="7.1")
    makers.plan(source)
    makers.response(source)
    [listed] = asked(client, "sources")["items"]
    assert (listed["id"], listed["kind"], listed["village"]) == (
        source.pk, "handpump", source.village.name,
    )  # fmt: skip
    told = asked(client, f"sources/{source.pk}")
    assert told["next_sample_on"] == "2026-11-30"
    [risk] = told["risks"]
    assert (risk["parameter"], risk["value"], risk["by_sensor"], risk["owner"]) == (
        "fluoride", "2.20000", False, "Executive engineer",
    )  # fmt: skip
    assert asked(client, "risks") == [risk]


def test_what_is_not_public_is_told_to_those_who_may_see_it(client: Client) -> None:
    source = makers.source(is_public=False)
    sample = makers.sample(source, ecoli="12")
    for address in (f"sources/{source.pk}", f"samples/{sample.pk}"):
        assert client.get(f"/api/water/{address}").status_code == 404
    assert asked(client, "sources")["items"] == asked(client, "samples")["items"] == []
    client.force_login(user_with(Role.NODAL_OFFICER, source.scopes[0]))
    assert asked(client, f"sources/{source.pk}")["name"] == source.name
    assert asked(client, f"samples/{sample.pk}")["results"][0]["standing"] == "unsafe"


def test_a_sample_is_told_with_custody_results_and_the_limit_they_were_judged_by(
    client: Client,
) -> None:
    sample = makers.sample(makers.source(), fluoride="1.2", ecoli="<1", bod="2")
    Custody.objects.create(sample=sample, step="taken", at=sample.taken_at, holder="Field officer")
    told = asked(client, f"samples/{sample.pk}")
    found = {
        one["parameter"]: (one["standing"], one["is_below_detection"]) for one in told["results"]
    }
    assert found == {
        "fluoride": ("permissible", False), "ecoli": ("acceptable", True), "bod": ("unjudged", False),
    }  # fmt: skip
    limit = Limit.objects.get(parameter="fluoride")
    assert told["results"][0]["limit"] == limit.pk
    assert [one["holder"] for one in told["custody"]] == ["Field officer"]
    assert limit.pk in [one["id"] for one in asked(client, "limits")]


def test_a_river_has_an_index_or_what_it_lacks(client: Client) -> None:
    river = makers.source(kind="river", purpose="surface")
    whole = makers.sample(river, oxygen="5.5", bod="2.2", faecal_coliform="6", ph="7.6")
    part = makers.sample(river, oxygen="5.5", ph="7.6")
    told = asked(client, f"samples/{whole.pk}")
    assert (round(told["index"], 2), told["index_class"]) == (83.17, "A")
    lacks = asked(client, f"samples/{part.pk}")
    assert (lacks["index"], lacks["index_lacks"]) == (None, ["faecal_coliform", "bod"])


def test_compliance_tells_samples_and_sensors_apart(client: Client) -> None:
    source, at = makers.source(), timezone.now()
    makers.sample(source, at - timedelta(minutes=10), fluoride="3.0")
    stream = makers.sensor(source, "turbidity").datastream
    rows = [(stream.pk, at - timedelta(minutes=n), value) for n, value in ((9, 1.0), (6, 10.0))]
    ingest(batch=Batch.of(*rows), sender=Sender(DoorName.COMMAND), at=at)
    quarter = asked(client, f"sources/{source.pk}/compliance")[0]
    assert (quarter["samples_judged"], quarter["samples_within"]) == (1, 0)
    assert quarter["exceedance_load"] == "1"
    assert (quarter["sensor_values_judged"], quarter["sensor_values_within"]) == (2, 1)
    assert quarter["sensor_exceedance_load"] == 0.5
    reading = asked(client, f"sources/{source.pk}")["readings"][0]
    assert (reading["parameter"], reading["value"], reading["standing"]) == ("turbidity", "10.0", "unsafe")  # fmt: skip


@pytest.mark.parametrize("address", ["sources", "samples", "risks"])
def test_lists_ask_as_often_for_many_and_go_on_after(address: str, client: Client) -> None:
    def count(made: int) -> int:
        for _ in range(made):
            makers.sample(makers.source(), fluoride="2.2")
        with CaptureQueriesContext(connection) as found:
            asked(client, address)
        return len(found)

    asked(client, address)
    assert count(1) == count(3)
    if address != "risks":
        first = asked(client, f"{address}?limit=3")
        assert len(first["items"]) == 3
        rest = asked(client, f"{address}?after={first['next']}")
        assert (len(rest["items"]), rest["next"]) == (1, None)
