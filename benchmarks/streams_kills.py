"""Processes that take observations in are killed (SIGKILL) while they do: what was told to be in is there, and all of it once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from .figures import Table, apart
from .ground import enter, environment
from .start import await_answer, free_port
from .streams_doors import HEAD, OFTEN, SITE, array

MODULE = "benchmarks.streams"
PER = 20
"""Observations of each stream in a batch."""


def kills(folder: Path, ids: list[int], token: str, times: int) -> Table:
    """What became of what was sent by each door, whose process was killed ``times`` times meanwhile."""
    table = Table(f"Killed (SIGKILL) {times} times while observations come in")
    doors: dict[str, Callable[[Path, list[int], str, int], int]] = {
        "ingest": _fed, "HTTP": _by_http, "MQTT": _by_mqtt,
    }  # fmt: skip
    for place, (door, run) in enumerate(doors.items()):
        own = ids[place * 10 : place * 10 + 10]
        told = run(folder, own, token, times)
        found = apart(MODULE, "stored", str(folder), own)
        same = found["rows"] == found["distinct"] == found["latest"] == found["days"]
        table.add(
            door=door, told_to_be_in=told, found=found["rows"], lost=max(0, told - found["rows"]),
            doubled=found["rows"] - found["distinct"], counts_agree="yes" if same else "NO",
        )  # fmt: skip
    return table


def stored(folder: str, ids: list[int]) -> dict[str, Any]:
    """How many observations of these streams there are by each way of counting, and how many (stream, time) are distinct."""
    enter(Path(folder))
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT (stream_id, time)), (SELECT sum(count) FROM streams_latest WHERE"
            " stream_id = ANY(%s)), (SELECT sum(count) FROM streams_daycount WHERE stream_id = ANY(%s))"
            " FROM streams_observation WHERE stream_id = ANY(%s)",
            [ids, ids, ids],
        )
        names = ("rows", "distinct", "latest", "days")
        return {name: int(n or 0) for name, n in zip(names, cursor.fetchone(), strict=True)}


# --- the process that ingests -------------------------------------------------------------------


def feed(folder: str, ids: list[int], start: int) -> dict[str, Any]:
    """Batch after batch, each told once it is in; until it is killed."""
    enter(Path(folder))
    from sankul.field.streams.actions.ingest import ingest

    from .streams import START, batch, system

    first = datetime(2024, 11, 1, tzinfo=UTC)
    for k in range(start, start + 100_000):
        made = batch(ids, PER, first + k * PER * OFTEN, k, OFTEN)
        ingest(batch=made, sender=system(), at=START)
        print(k, flush=True)
    return {}


def _fed(folder: Path, ids: list[int], _token: str, times: int) -> int:
    """Each next process sends the last batch of the one before once more, and goes on."""
    told, chance = -1, np.random.default_rng(7)
    for _ in range(times):
        feeder = task(folder, "feed", ids, max(0, told))
        assert feeder.stdout
        until = told + int(chance.integers(3, 12))
        for line in feeder.stdout:
            told = int(line)
            if told >= until:
                break
        time.sleep(float(chance.random()) * 0.05)
        os.kill(feeder.pid, signal.SIGKILL)
        told = max([told, *(int(line) for line in feeder.stdout if line.strip().isdecimal())])
        feeder.wait()
    return (told + 1) * PER * len(ids)


def task(folder: Path | str, name: str, *given: Any) -> subprocess.Popen[str]:
    """A task of the benchmark in a process of its own, whose lines can be read as they come."""
    asked = json.dumps([name, str(folder), *given])
    return subprocess.Popen(
        [sys.executable, "-m", MODULE, "--task", asked], stdout=subprocess.PIPE, text=True,
        env=environment(Path(folder)),
    )  # fmt: skip


# --- a worker of the site -----------------------------------------------------------------------


def _by_http(folder: Path, ids: list[int], token: str, times: int) -> int:
    """Two clients send, each body again until it is answered with 201, while a worker is killed now and then."""
    port, stop = free_port(), threading.Event()
    settings = {"GUNICORN_CMD_ARGS": f"-b 127.0.0.1:{port}"}
    start = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=100)
    server = subprocess.Popen(
        [sys.executable, *SITE], env=environment(folder) | settings, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    told = [0, 0]

    def send(client: int) -> None:
        own = ids[client::2]
        for k in count():
            if stop.is_set():
                return
            _until_taken(port, token, array(own, PER, start + k * PER * OFTEN))
            told[client] += PER * len(own)

    clients = [threading.Thread(target=send, args=(client,)) for client in range(2)]
    try:
        await_answer(port, "/healthz", server)
        for client in clients:
            client.start()
        while not all(told):  # both workers have begun
            time.sleep(0.1)
        chance = np.random.default_rng(11)
        for _ in range(times):
            time.sleep(1 + float(chance.random()))
            workers = psutil.Process(server.pid).children()
            os.kill(workers[int(chance.integers(len(workers)))].pid, signal.SIGKILL)
        time.sleep(1)
        stop.set()
        for client in clients:
            client.join()
    finally:
        stop.set()
        server.terminate()
        server.wait(60)
    return sum(told)


def _until_taken(port: int, token: str, body: bytes) -> None:
    head = HEAD | {"Authorization": f"Bearer {token}"}
    while True:
        to = HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            to.request("POST", "/sta/v1.1/CreateObservations", body, head)
            answer = to.getresponse()
            text = answer.read()
        except (OSError, HTTPException):
            time.sleep(0.05)
            continue
        finally:
            to.close()
        if answer.status != 201 or b"error" in text[:2000]:
            raise SystemExit(f"{answer.status}: {text[:300]!r}")
        return


# --- the subscriber -----------------------------------------------------------------------------


def subscribe(folder: str, host: str, port: int, user: str, password: str) -> dict[str, Any]:
    """Take messages from a broker; until it is killed."""
    enter(Path(folder))
    from sankul.field.streams.cli.broker import Endpoint
    from sankul.field.streams.cli.subscriber import Subscriber

    subscriber = Subscriber(Endpoint(host, port, user, password))
    threading.Thread(target=lambda: (subscriber.is_listening.wait(), print("on", flush=True))).start()  # fmt: skip
    subscriber.run()
    return {}


@contextmanager
def _client(port: int) -> Iterator[Any]:
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    client = Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def _by_mqtt(folder: Path, ids: list[int], token: str, times: int) -> int:
    """Messages of QoS 1 go to the broker all the time, while the subscriber is killed and begins again."""
    from sankul.field.streams.cli import broker

    if broker.program() is None:
        print("mosquitto is not installed: MQTT is left out", file=sys.stderr)
        return 0
    start = (int(datetime.now(UTC).timestamp()) - 80 * 86_400) * 1_000_000
    stop, sent = threading.Event(), [0]

    def send(client: Any) -> None:
        for k in count():
            if stop.is_set():
                return
            at = [start + (k // 10 * PER + j) * 60_000_000 for j in range(PER)]
            body = {"token": token, "stream": ids[k % 10], "times": at, "values": [4.5] * PER}
            client.publish("sankul/v1/observations", json.dumps(body), qos=1).wait_for_publish(30)
            sent[0] += PER
            time.sleep(0.002)

    endpoint_folder = folder / "mqtt-kills"
    with broker.running(endpoint_folder, free_port(), 10_000_000) as at, _client(at.port) as client:
        chance = np.random.default_rng(13)
        taker = task(folder, "subscribe", at.host, at.port, at.user, at.password)
        assert taker.stdout
        taker.stdout.readline()
        sender = threading.Thread(target=send, args=(client,))
        sender.start()
        for _ in range(times):
            time.sleep(0.3 + float(chance.random()))
            os.kill(taker.pid, signal.SIGKILL)
            taker.wait()
            taker = task(folder, "subscribe", at.host, at.port, at.user, at.password)
            assert taker.stdout
            taker.stdout.readline()
        stop.set()
        sender.join()
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if apart(MODULE, "stored", str(folder), ids)["rows"] >= sent[0]:
                break
            time.sleep(0.5)
        os.kill(taker.pid, signal.SIGKILL)
        taker.wait()
    return sent[0]
