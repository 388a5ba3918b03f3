"""What breaks off half-way leaves nothing behind, and the same sent again lands once."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from pytest_django import Settings

from sankul.field.streams.actions import tallies
from sankul.field.streams.actions.ingest import FEW, ingest
from sankul.field.streams.models import Datastream, DayCount, Observation
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import NOON
from .sta import Service

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


def test_a_database_that_began_anew_between_two_requests_is_found_again(
    lasting_stream: Datastream, settings: Settings
) -> None:
    settings.ROOT_URLCONF = "sankul.field.streams.tests.sta_urls"
    makers.feature(lasting_stream.thing)
    lasting_stream.feature = makers.feature(lasting_stream.thing)
    lasting_stream.save()
    _, token = makers.device(lasting_stream.thing)
    service = Service()

    def status(minute: int) -> int:
        connection.close_if_unusable_or_obsolete()  # as a server does when a request comes
        told = {"phenomenonTime": f"2026-11-20T06:{minute:02}:00Z", "result": 1}
        path = f"Datastreams({lasting_stream.pk})/Observations"
        answer = service.send("POST", path, told, Authorization=f"Bearer {token}")
        return int(answer.status_code)

    assert status(0) == 201
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert [status(1), status(2)] == [201, 201]
    assert Observation.objects.count() == 3


APP = """
def application(environ, start):
    environ["wsgi.input"].read()
    start("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


def test_a_client_that_is_slow_does_not_hold_others(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP, "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "-c", "python:sankul.site.gunicorn", "app",
               "-b", f"127.0.0.1:{port}", "--chdir", str(tmp_path)]  # fmt: skip
    server = subprocess.Popen(command)
    try:
        slow = [_slow(port) for _ in range(6)]
        began = time.monotonic()
        for _ in range(20):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
                assert answer.read() == b"ok"
        assert time.monotonic() - began < 10
        for one in slow:
            one.close()
    finally:
        server.kill()
        server.wait(10)


def _slow(port: int) -> socket.socket:
    """A client that says how much it will send, sends a little, and then nothing."""
    deadline = time.monotonic() + 30
    while True:
        try:
            made = socket.create_connection(("127.0.0.1", port))
            break
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    made.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 1000\r\n\r\n{")
    return made
