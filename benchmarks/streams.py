"""Observations: taken in by every door, read over the seam, and none lost or doubled when the process is killed.

    python -m benchmarks.streams [--quick] [--json FILE] [--data FOLDER]

5,000 streams with 2,000 observations each (500 with 100 with --quick). Beside it stand a COPY into a table without any index,
and a plain idempotent way: COPY into a stage, then INSERT … ON CONFLICT DO NOTHING into a table of the same columns. Times by
HTTP are of the whole site under gunicorn with two workers, with a device's token, flags and dead letters, beside a view that
appends and does nothing else, and django-ogc-sensorthings in an environment of its own; clients share the processors. The server
of all is PostgreSQL with fsync on.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from . import figures
from .figures import Table, apart, own_peak_mib
from .ground import enter, ground
from .start import free_port
from .streams_doors import database, doors
from .streams_kills import feed, kills, stored, subscribe, task

MODULE = "benchmarks.streams"
START = datetime(2026, 10, 1, tzinfo=UTC)
STEP, OFTEN = timedelta(minutes=15), timedelta(minutes=1)
"""How often a stream says something: those that are asked, and those that are taken in as fast as it goes."""
TASKS = {"database": database, "feed": feed, "stored": stored, "subscribe": subscribe}


def prepared(folder: str, count: int) -> dict[str, Any]:
    """Streams of one thing, each with a rule of range, and a device that may send fast."""
    enter(Path(folder))
    from sankul.field.streams.models import Datastream, QualityRule
    from sankul.field.streams.tests import makers

    thing = makers.thing()
    makers.location(thing)
    feature = makers.feature(thing)
    sensor, measured = makers.sensor(thing), makers.observed_property(thing)
    streams = Datastream.objects.bulk_create(
        Datastream(name=f"Stream {k}", thing=thing, sensor=sensor, observed_property=measured,
                   unit=makers.NTU, feature=feature)
        for k in range(count)
    )  # fmt: skip
    QualityRule.objects.bulk_create(
        QualityRule(stream=one, version=1, tests={"gross_range": {"fail": [0, 100]}}, made_at=START)
        for one in streams
    )
    _, token = makers.device(thing, per_minute=2_000_000_000)
    return {"ids": [one.pk for one in streams], "token": token}


def batch(ids: list[int], per: int, start: datetime, seed: int = 0, every: timedelta = STEP) -> Any:
    """Observations of some streams, ``per`` of each from a moment on, of two decimals."""
    from sankul.field.streams.rules.batches import Batch
    from sankul.field.streams.rules.numbers import micros

    step = every // timedelta(microseconds=1)
    times = micros(start) + np.arange(per, dtype=np.int64) * step
    walk = np.cumsum(np.random.default_rng(seed).normal(0, 0.1, per * len(ids)))
    values = np.round(np.abs(walk), 2)
    return Batch(np.repeat(np.array(ids, np.int64), per), np.tile(times, len(ids)), values)


def system() -> Any:
    """The sender at the terminal."""
    from sankul.field.streams.queries.sending import Sender
    from sankul.field.streams.rules import DoorName

    return Sender(DoorName.COMMAND)


def ingested(folder: str, ids: list[int], per: int, days_on: int, times: int) -> dict[str, Any]:
    """Batches through ``ingest`` and nothing else; then the same once more, when all is there."""
    enter(Path(folder))
    from sankul.field.streams.actions.ingest import ingest

    start = START + timedelta(days=days_on)
    batches = [batch(ids, per, start + k * per * OFTEN, k, OFTEN) for k in range(times + 1)]
    ingest(batch=batches[0], sender=system(), at=START + timedelta(days=400))
    seconds = []
    for _ in range(2):
        before = time.perf_counter()
        for one in batches[1:]:
            ingest(batch=one, sender=system(), at=START + timedelta(days=400))
        seconds.append(time.perf_counter() - before)
    return {"rows": times * per * len(ids), "seconds": seconds, "peak_mib": own_peak_mib()}


def plain(folder: str, ids: list[int], per: int, times: int) -> dict[str, Any]:
    """The peers: a bare COPY, and stage with ON CONFLICT, of the same rows in the same batches."""
    enter(Path(folder))
    from django.db import connection

    from sankul.field.streams.rules.rows import NAMES, Rows, binary

    found = {}
    with connection.cursor() as cursor:
        for way in ("bare", "idempotent"):
            cursor.execute(f"CREATE TABLE {way} (LIKE streams_observation)")
            cursor.execute(f"CREATE TEMPORARY TABLE {way}_stage (LIKE streams_observation)")
            if way == "idempotent":
                cursor.execute(f"ALTER TABLE {way} ADD UNIQUE (stream_id, time)")
            seconds = 0.0
            for k in range(times):
                made = batch(ids, per, START + k * per * OFTEN, k, OFTEN)
                size = len(made)
                rows = Rows(
                    np.arange(size), made.time_us, made.values, made.stream_ids,
                    np.ones(size, np.int8), np.zeros(size, bool),
                )  # fmt: skip
                before = time.perf_counter()
                into = way if way == "bare" else f"{way}_stage"
                with cursor.copy(f"COPY {into} ({NAMES}) FROM STDIN (FORMAT binary)") as sent:
                    sent.write(binary(rows))
                if way == "idempotent":
                    cursor.execute(f"INSERT INTO {way} SELECT * FROM {into} ON CONFLICT DO NOTHING")
                    cursor.execute(f"TRUNCATE {into}")
                seconds += time.perf_counter() - before
            found[way] = seconds
            cursor.execute(f"DROP TABLE {way}, {way}_stage")
    return {"rows": times * per * len(ids), "seconds": found}


def loaded(folder: str, ids: list[int], per: int) -> dict[str, Any]:
    """Everything, 50 streams a batch."""
    enter(Path(folder))
    from sankul.field.streams.actions.ingest import ingest

    before = time.perf_counter()
    for first in range(0, len(ids), 50):
        made = batch(ids[first : first + 50], per, START, first)
        ingest(batch=made, sender=system(), at=START + timedelta(days=400))
    seconds = time.perf_counter() - before
    return {"rows": len(ids) * per, "seconds": seconds, "peak_mib": own_peak_mib()}


def asked(folder: str, ids: list[int], per: int) -> dict[str, Any]:
    """Questions, best of five each: while days are open, then closed."""
    enter(Path(folder))
    from django.db import connection
    from django.db.models import Sum

    from sankul.field.streams.actions import archive
    from sankul.field.streams.models import Latest, SpanFile
    from sankul.field.streams.queries.national import closed_files, daily_here
    from sankul.field.streams.queries.reading import read, series

    end = START + per * STEP
    week = end - timedelta(days=7)
    middle = ids[len(ids) // 2]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE streams_latest, streams_observation")
    questions: dict[str, Callable[[], Any]] = {
        "one stream's week": lambda: read([middle], week, end),
        "one stream's week, by the hour": lambda: series([middle], week, end, timedelta(hours=1)),
        "latest of every stream": lambda: list(Latest.objects.values_list("stream_id", "time", "value", "flag")),
        "count of all observations": lambda: Latest.objects.aggregate(n=Sum("count")),
        "daily mean of all streams": lambda: series(None, START, end, timedelta(days=1)),
    }  # fmt: skip
    found = {"open": {name: _best(ask) for name, ask in questions.items()}}
    before = time.perf_counter()
    archive.close_ended(at=end + timedelta(days=2), kept_open_days=1)
    seconds = time.perf_counter() - before
    found["closed"] = {name: _best(ask) for name, ask in questions.items()}
    files = closed_files()
    found["closed"]["the same as one Ibis expression"] = _best(
        lambda: daily_here(files).to_pyarrow()
    )
    size = sum(SpanFile.objects.values_list("size_bytes", flat=True).exclude(size_bytes=None))
    rows = sum(SpanFile.objects.values_list("rows", flat=True).exclude(rows=None))
    closing = {"seconds": seconds, "rows": rows, "bytes_each": size / rows}
    return {"found": found, "closing": closing, "peak_mib": own_peak_mib()}


def _best(ask: Callable[[], Any]) -> float:
    times = []
    for _ in range(5):
        before = time.perf_counter()
        ask()
        times.append(time.perf_counter() - before)
    return min(times)


def publish(_folder: str, port: int, ids: list[int], token: str, messages: int) -> dict[str, Any]:
    """Messages of 50 observations of a stream with QoS 1, as fast as the broker takes them; told when it begins."""
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    start = int(datetime.now(UTC).timestamp()) * 1_000_000 - 300 * 86_400_000_000
    bodies = [
        json.dumps({"token": token, "stream": ids[k % 100],
                    "times": [start + (k // 100 * 50 + j) * 60_000_000 for j in range(50)],
                    "values": [round(4 + j / 50, 2) for j in range(50)]}).encode()
        for k in range(messages)
    ]  # fmt: skip
    client = Client(CallbackAPIVersion.VERSION2)
    client.max_inflight_messages = 1000
    client.connect("127.0.0.1", port)
    client.loop_start()
    print("begun", flush=True)
    told = [client.publish("sankul/v1/observations", body, qos=1) for body in bodies]
    for one in told:
        one.wait_for_publish(300)
    client.disconnect()
    client.loop_stop()
    return {}


def listened(folder: str, ids: list[int], token: str, messages: int) -> dict[str, Any]:
    """Messages of 50 observations with QoS 1, through mosquitto and the subscriber; sent by a process of its own."""
    enter(Path(folder))
    from sankul.field.streams.actions.ingest import ingest
    from sankul.field.streams.cli import broker
    from sankul.field.streams.cli.subscriber import Subscriber

    if broker.program() is None:
        return {"rows": 0, "seconds": 0.0}
    early = batch(ids, 20, START - timedelta(days=9))
    ingest(batch=early, sender=system(), at=START)  # flags are compiled before the clock starts
    with broker.running(Path(folder) / "mqtt", free_port(), 10_000_000) as endpoint:
        subscriber = Subscriber(endpoint)
        thread = threading.Thread(target=subscriber.run)
        thread.start()
        subscriber.is_listening.wait(10)
        sender = task(folder, "publish", endpoint.port, ids, token, messages)
        assert sender.stdout
        sender.stdout.readline()
        before = time.perf_counter()
        while subscriber.taken < messages * 50 and time.perf_counter() - before < 300:
            time.sleep(0.01)
        seconds = time.perf_counter() - before
        sender.wait(60)
        subscriber.stop()
        thread.join()
    return {"rows": subscriber.taken, "seconds": seconds}


def _add(table: Table, what: str, rows: int, seconds: float, aim: int | None = None) -> None:
    print(f"{what}: {rows:,} in {seconds:.1f} s", file=sys.stderr, flush=True)
    table.add(
        what=what, rows=rows, seconds=seconds, a_second=int(rows / max(seconds, 1e-9)), aim=aim
    )


def main() -> int:
    """Run it and print the figures."""
    given = figures.arguments(__doc__ or "").parse_args()
    if given.task:
        name, *rest = json.loads(given.task)
        asked: Callable[..., dict[str, Any]] = {**globals(), **TASKS}[name]
        print(json.dumps(asked(*rest)))
        return 0
    count, per = (500, 100) if given.quick else (5000, 2000)
    times = 10 if given.quick else 60
    with ground(given.data, "streams") as folder:
        made = apart(MODULE, "prepared", str(folder), count + 100)
        ids, spare = made["ids"][:count], made["ids"][count:]
        table = Table("Observations taken in")
        for size, aim in ((1000, 60_000), (10_000, 100_000)):
            ten = spare[:10] if size == 1000 else spare[10:20]
            done = apart(MODULE, "ingested", str(folder), ten, size // 10, 0, times)
            _add(table, f"ingest, batches of {size:,}", done["rows"], done["seconds"][0], aim)
            _add(
                table, f"ingest, batches of {size:,}, sent again", done["rows"], done["seconds"][1]
            )
            peer = apart(MODULE, "plain", str(folder), ten, size // 10, times)
            for way, seconds in peer["seconds"].items():
                _add(table, f"peer: {way}, batches of {size:,}", peer["rows"], seconds)
        by_http = doors(folder, spare[20:60], made["token"], quick=given.quick)
        heard = apart(MODULE, "listened", str(folder), ids[:100], made["token"], times * 100)
        _add(table, "MQTT QoS 1, 50 a message", heard["rows"], heard["seconds"], 60_000)
        crash = kills(folder, spare[60:], made["token"], 2 if given.quick else 10)
        every = apart(MODULE, "loaded", str(folder), ids, per)
        _add(table, f"all: {count:,} streams × {per:,}", every["rows"], every["seconds"])
        asked_of = apart(MODULE, "asked", str(folder), ids, per)
        answers = Table(f"Questions to {every['rows']:,} observations, best of 5, milliseconds")
        for name, seconds in asked_of["found"]["closed"].items():
            open_s = asked_of["found"]["open"].get(name)
            answers.add(
                question=name, open=open_s and open_s * 1000, closed=seconds * 1000,
                aim=AIMS_MS.get(name),
            )  # fmt: skip
        closing = asked_of["closing"]
        answers.note = (
            f"Closing {closing['rows']:,} rows took {closing['seconds']:.1f} s; {closing['bytes_each']:.2f} bytes an observation "
            f"in Parquet (aim 12). Peak memory of the asking process {asked_of['peak_mib']:.0f} MiB."
        )
    return figures.finish([table, by_http, crash, answers], given.json)


AIMS_MS = {
    "one stream's week": 5,
    "latest of every stream": 50,
    "count of all observations": 10,
    "daily mean of all streams": 1000,
}

if __name__ == "__main__":
    raise SystemExit(main())
