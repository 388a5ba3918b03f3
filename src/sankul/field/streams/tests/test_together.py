"""Small messages that come at once are taken in together, and each hears of its own."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connections

from sankul.field.streams.actions import together
from sankul.field.streams.actions.ingest import Ingested, ingest
from sankul.field.streams.models import Datastream, Observation
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName, RefusalCode
from sankul.field.streams.rules.batches import Batch, joined
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import NOON

TERMINAL = Sender(DoorName.COMMAND)


@pytest.mark.django_db
def test_alone_a_batch_is_taken_in_at_once() -> None:
    stream = makers.stream()
    batch = Batch.of((stream.pk, NOON, 1.0))
    done = together.ingest_together(batch=batch, sender=TERMINAL, at=registry.AT)
    assert (done.new, Observation.objects.get().pk) == (1, done.ids[0])


def test_batches_made_one_keep_the_names_of_their_places() -> None:
    first, second = Batch.of((1, NOON, 1.0)), Batch.of((2, NOON, 2.0), (3, NOON, 3.0))
    both = joined([replace(first, places=["[0]"]), second])
    assert [both.place(row) for row in range(3)] == ["[0]", "row 1", "row 2"]
    with pytest.raises(IndexError):
        both.place(3)


@pytest.fixture
def lasting_stream(transactional_db: None) -> Iterator[Datastream]:
    """A stream in a database that other threads see, without what others left in its partitions."""
    makers.forget_partitions()
    yield makers.stream()
    makers.forget_partitions()


def test_threads_that_come_at_once_share_a_transaction_and_hear_of_their_own(
    lasting_stream: Datastream, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes, hold = [], threading.Event()

    def slow(*, batch: Batch, sender: Sender, at: object) -> Ingested:
        hold.wait(10)
        sizes.append(len(batch))
        return ingest(batch=batch, sender=sender, at=registry.AT)

    monkeypatch.setattr(together, "ingest", slow)

    def send(minute: int) -> Ingested:
        at = NOON + timedelta(minutes=minute % 20)
        value = float(minute)  # the last twenty say something else of the same minutes
        try:
            return together.ingest_together(
                batch=Batch.of((lasting_stream.pk, at, value)), sender=TERMINAL, at=registry.AT
            )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        first = [pool.submit(send, minute) for minute in range(20)]
        while len(together._line.waiting) < 19:
            pass
        hold.set()
        answers = [one.result() for one in first]
        conflict = pool.submit(send, 27).result()
    assert sizes == [1, 19, 1]
    assert sorted(one.new for one in answers) == [1] * 20
    found = dict(Observation.objects.values_list("pk", "value"))
    assert [found[int(one.ids[0])] for one in answers] == [float(k) for k in range(20)]
    assert [(one.row, one.code) for one in conflict.letters] == [(0, RefusalCode.CONFLICT)]
