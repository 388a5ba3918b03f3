"""What breaks off half-way leaves nothing behind, and the same sent again lands once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from sankul.field.streams.actions import tallies
from sankul.field.streams.actions.ingest import FEW, ingest
from sankul.field.streams.models import Datastream, DayCount, Observation
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import NOON

TERMINAL = Sender(DoorName.COMMAND)
MANY = FEW + 1


def batch(stream: Datastream) -> Batch:
    return Batch.of(*((stream.pk, NOON + timedelta(minutes=k), float(k)) for k in range(MANY)))


@pytest.mark.django_db
def test_what_breaks_off_after_the_copy_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = makers.stream()

    def broken(**_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(tallies, "add", broken)
        with pytest.raises(MemoryError), transaction.atomic():
            ingest(batch=batch(stream), sender=TERMINAL, at=registry.AT)
    assert Observation.objects.count() == DayCount.objects.count() == 0
    assert ingest(batch=batch(stream), sender=TERMINAL, at=registry.AT).new == MANY


@pytest.fixture
def lasting_stream(transactional_db: None) -> Iterator[Datastream]:
    makers.forget_partitions()
    yield makers.stream()
    makers.forget_partitions()


def test_a_database_that_ends_the_connection_gets_the_same_again(
    lasting_stream: Datastream, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tallies.add

    def cut(**given: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        whole(**given)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(tallies, "add", cut)
        with pytest.raises(OperationalError):
            ingest(batch=batch(lasting_stream), sender=TERMINAL, at=registry.AT)
    connection.close()
    assert ingest(batch=batch(lasting_stream), sender=TERMINAL, at=registry.AT).new == MANY
    assert Observation.objects.count() == MANY
    lasting_stream.latest.refresh_from_db()
    assert lasting_stream.latest.count == MANY
