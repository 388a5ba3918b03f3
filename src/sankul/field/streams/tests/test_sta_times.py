"""Times in filters: instants against periods (OGC 18-088, table 24)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from .sta import Service, place, point, stream

pytestmark = pytest.mark.django_db
T7 = "2016-01-01T07:00:00.000Z"
T8 = "2016-01-01T08:00:00.000Z"
T9 = "2016-01-01T09:00:00.000Z"
H7 = f"{T7}/{T8}"
INSTANTS = ("06:00", "06:59", "07:00", "07:01", "07:59", "08:00", "08:01", "09:00")
PERIODS = (
    ("06:00", "06:59"),
    ("06:00", "07:00"),
    ("06:00", "07:01"),
    ("07:00", "08:00"),
    ("07:01", "07:59"),
    ("07:59", "09:00"),
    ("08:00", "09:00"),
    ("08:01", "09:00"),
    ("06:59", "08:01"),
    ("07:00", "07:59"),
    ("07:00", "08:01"),
    ("06:59", "08:00"),
    ("07:01", "08:00"),
)
"""Observations 0 to 7 at instants, with these as resultTime; 8 to 20 over periods, with these as validTime."""


def at(clock: str) -> str:
    return f"2016-01-01T{clock}:00.000Z"


def moments() -> list[dict[str, Any]]:
    instants = [{"phenomenonTime": at(one), "resultTime": at(one)} for one in INSTANTS]
    periods = [f"{at(start)}/{at(end)}" for start, end in PERIODS]
    return [*instants, *({"phenomenonTime": one, "validTime": one} for one in periods)]


@pytest.fixture(scope="module")
def day(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Service]:
    trial = override_settings(STA_OPEN=True, ROOT_URLCONF="sankul.field.streams.tests.sta_urls")
    with django_db_blocker.unblock(), trial, transaction.atomic():
        yield _filled(Service())
        transaction.set_rollback(True)


def _filled(sta: Service) -> Service:
    streams = [stream("Busy"), stream("Idle")]
    thing = {"name": "Well", "description": "", "Datastreams": streams}
    well = sta.post("Things", thing | {"Locations": [place("Here", point(8, 51))]})
    of = sta.get(f"Things({well})/Datastreams")["value"][0]["@iot.id"]
    for result, one in enumerate(moments()):
        sta.post(f"Datastreams({of})/Observations", one | {"result": result})
    return sta


def found(sta: Service, filter_: str) -> list[int]:
    return [
        one["result"] for one in sta.get("Observations", filter=filter_, orderby="result")["value"]
    ]


COMPARED = {
    "lt": ([0, 1], [8, 9], [0, 1], [8, 9]),
    "gt": ([3, 4, 5, 6, 7], [12, 13, 14, 15, 20], [5, 6, 7], [14, 15]),
    "le": ([0, 1, 2], [8, 9], [0, 1, 2], [8, 9, 10, 11, 17, 19]),
    "ge": (
        [2, 3, 4, 5, 6, 7],
        [11, 12, 13, 14, 15, 17, 18, 20],
        [5, 6, 7],
        [11, 13, 14, 15, 18, 20],
    ),
    "eq": ([2], [], [], [11]),
}
"""By operator: instants and periods against 7 o'clock, then against the hour from 7 to 8."""
FLIPPED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq"}


@pytest.mark.parametrize("operator", COMPARED)
def test_times_are_compared_from_either_side(day: Service, operator: str) -> None:
    for literal, instants, periods in zip(
        (T7, H7), COMPARED[operator][0::2], COMPARED[operator][1::2], strict=True
    ):
        whole = sorted(instants + periods)
        for property_, results in (
            ("resultTime", instants),
            ("validTime", periods),
            ("phenomenonTime", whole),
        ):
            assert found(day, f"{property_} {operator} {literal}") == results
            assert found(day, f"{literal} {FLIPPED[operator]} {property_}") == results


RELATED = {
    "before": ([0, 1], [8, 9], [0, 1], [8, 9]),
    "after": ([3, 4, 5, 6, 7], [12, 13, 14, 15, 20], [5, 6, 7], [14, 15]),
    "meets": ([2], [9, 11, 17, 18], [2, 5], [9, 14]),
    "overlaps": (
        [2],
        [10, 11, 16, 17, 18, 19],
        [2, 3, 4],
        [10, 11, 12, 13, 16, 17, 18, 19, 20],
    ),
    "starts": ([2], [11, 17, 18], [2], [11, 17, 18]),
    "finishes": ([2], [9], [5], [11, 19, 20]),
}


@pytest.mark.parametrize("name", RELATED)
def test_times_stand_in_relations(day: Service, name: str) -> None:
    for literal, instants, periods in zip(
        (T7, H7), RELATED[name][0::2], RELATED[name][1::2], strict=True
    ):
        assert found(day, f"{name}(resultTime,{literal})") == instants
        assert found(day, f"{name}(validTime,{literal})") == periods
        assert found(day, f"{name}(phenomenonTime,{literal})") == sorted(instants + periods)


def test_only_a_period_has_something_during_it(day: Service) -> None:
    for one in ("resultTime", "validTime", "phenomenonTime"):
        assert day.refused("Observations", filter=f"during({one},{T7})")[0] == 400
    assert found(day, f"during(phenomenonTime,{H7})") == [2, 3, 4, 11, 12, 17, 20]
    assert found(day, f"during({T7},validTime)") == [10, 11, 16, 17, 18, 19]
    assert found(day, f"during({H7},phenomenonTime)") == [11, 16, 18, 19]
    assert day.refused("Observations", filter=f"during({T7},resultTime)")[0] == 400


def test_times_are_moved_by_durations(day: Service) -> None:
    hour = "duration'PT1H'"
    assert found(day, f"resultTime add {hour} gt {T9}") == [6, 7]
    assert found(day, f"phenomenonTime gt {T9} sub {hour}") == [6, 7, 15]
    assert found(day, f"validTime sub {hour} gt {T7}") == [15]
    assert found(day, f"phenomenonTime sub {T8} eq {hour}") == [7]
    assert found(day, f"not validTime lt {T7} and not validTime ge {T8}") == [
        10, 11, 12, 13, 16, 17, 18, 19, 20
    ]  # fmt: skip


def test_a_stream_without_observations_has_no_times(day: Service) -> None:
    assert day.names("Datastreams", filter=f"phenomenonTime lt {T9}") == ["Busy"]
    assert day.names("Datastreams", filter=f"phenomenonTime lt {T8}") == []
    assert day.names("Datastreams", filter="phenomenonTime ge 2016-01-01T06:00:00Z") == ["Busy"]
    assert day.names("Datastreams", filter="phenomenonTime eq null") == ["Idle"]
    busy = day.get("Datastreams", filter="name eq 'Busy'")["value"][0]
    assert busy["phenomenonTime"] == f"2016-01-01T06:00:00.000Z/{T9}"
