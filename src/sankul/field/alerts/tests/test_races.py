"""Two who watch at the same moment: each alert is raised once, told once, and is part of one of many."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection

from sankul.core.models import Event
from sankul.field.alerts.actions.watch import Watched, watch
from sankul.field.alerts.models import Alert, Told
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import Datastream
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch
from sankul.field.streams.tests import makers as streams

from . import makers
from .makers import NOON

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)
TERMINAL = Sender(DoorName.COMMAND)


@pytest.fixture(autouse=True)
def _nothing_stays(transactional_db: None) -> Iterator[None]:
    streams.forget_partitions()
    yield
    streams.forget_partitions()


def _two_watch(at: datetime) -> list[Watched]:
    """What two watches did that began at the same moment, each on a connection of its own; who came second may have done none."""
    barrier = Barrier(2)

    def run(_number: int) -> Watched | None:
        try:
            connection.ensure_connection()
            barrier.wait(60)
            return watch(at=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return [one for one in pool.map(run, range(2)) if one is not None]


def _sent(members: list[Datastream], minute: int, value: float) -> None:
    at = NOON + minute * MINUTE
    rows = [(stream.pk, at, value) for stream in members]
    ingest(batch=Batch.of(*rows), sender=TERMINAL, at=at)


def test_two_watches_at_once_raise_and_end_each_alert_once() -> None:
    place = streams.thing()
    members = [streams.stream(place) for _ in range(4)]
    for stream in members:
        makers.detector(stream, cool_down_s=0)
    network = makers.network(*members, cool_down_s=0, parameters={"share": 0.5, "within_s": 600.0})
    for day in range(5):
        start = day * 24 * 60
        _sent(members, start, 9.0)
        raised = _two_watch(NOON + (start + 1) * MINUTE)
        assert sum(one.raised for one in raised) == 5  # the four, and the one of all
        assert sum(one.ended for one in raised) == 0
        _sent(members, start + 30, 1.0)
        ended = _two_watch(NOON + (start + 31) * MINUTE)
        assert sum(one.ended for one in ended) == 5
        assert sum(one.raised for one in ended) == 0
        Alert.objects.update(
            state="closed", acknowledged_at=NOON, closed_at=NOON + (start + 31) * MINUTE, cause="weather"
        )  # fmt: skip
    assert Alert.objects.count() == 25
    assert Alert.objects.filter(times=1).count() == 25
    assert Event.objects.filter(verb="alert.raised").count() == 25
    assert [alert.parts.count() for alert in network.alerts.all()] == [4] * 5
    told = Told.objects.values_list("alert", "rung", "times")
    assert (len(told), len(set(told))) == (10, 10)  # those of all, to operators and cluster
