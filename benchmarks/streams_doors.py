"""Observations by HTTP: the site's own door, and peers that take the same requests on the same server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from .figures import Memory, Table, apart, script
from .ground import environment, servers, superuser
from .start import await_answer, free_port, started

SITE = ("-m", "gunicorn", "-c", "python:sankul.site.gunicorn", "sankul.site.wsgi")
PEER = ("django-ogc-sensorthings==1.2.0", "gunicorn==27.0.1", "psycopg[binary]==3.3.9")
PEERS = Path(__file__).parent / "streams_peers"
OFTEN = timedelta(seconds=1)
"""How often a stream says something here: so that few days begin while the clock runs."""
AIMS = {1: 500, 1000: 60_000, 10_000: 100_000}
AT_ONCE = {1: 16, 1000: 4, 10_000: 4}
HEAD = {"Content-Type": "application/json"}


def posted(port: int, token: str, path: str, bodies: list[bytes], at_once: int) -> float:
    """Bodies sent over connections that stay open, as fast as answers come: the seconds it took."""
    head = HEAD | {"Authorization": f"Bearer {token}"}
    local = threading.local()

    def send(body: bytes) -> None:
        if not hasattr(local, "to"):
            local.to = HTTPConnection("127.0.0.1", port, timeout=120)
        local.to.request("POST", path, body, head)
        answer = local.to.getresponse()
        text = answer.read()
        if answer.status != 201 or b"error" in text[:2000]:
            raise SystemExit(f"{answer.status}: {text[:300]!r}")

    before = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(send, bodies))
    return time.perf_counter() - before


def array(ids: Sequence[Any], per: int, start: datetime, feature: Any = None) -> bytes:
    """A dataArray (OGC 18-088, clause 12.2)."""
    times = [f"{start + k * OFTEN:%Y-%m-%dT%H:%M:%SZ}" for k in range(per)]
    about = ["FeatureOfInterest/id"] if feature else []
    rows = [[at, round(4 + k % 90 / 10, 2), *([feature] if feature else [])] for k, at in enumerate(times)]  # fmt: skip
    return json.dumps(
        [
            {
                "Datastream": {"@iot.id": one},
                "components": ["phenomenonTime", "result", *about],
                "dataArray@iot.count": per,
                "dataArray": rows,
            }
            for one in ids
        ]
    ).encode()


def single(one: Any, at: datetime, feature: Any = None) -> bytes:
    """One observation."""
    told = {"phenomenonTime": f"{at:%Y-%m-%dT%H:%M:%SZ}", "result": 4.5}
    about = {"FeatureOfInterest": {"@iot.id": feature}} if feature else {}
    return json.dumps(told | {"Datastream": {"@iot.id": one}} | about).encode()


def bodies(size: int, count: int, ids: Sequence[Any], start: datetime, feature: Any) -> list[bytes]:
    """Requests of ``size`` observations: ten streams each, forty in turn; single ones of sixteen streams in turn."""
    if size == 1:
        return [single(ids[k % 16], start + k * OFTEN, feature) for k in range(count)]
    per = size // 10
    return [
        array(ids[k % 4 * 10 : k % 4 * 10 + 10], per, start + k // 4 * per * OFTEN, feature)
        for k in range(count)
    ]


def measured(
    port: int, ids: Sequence[Any], counts: dict[int, int], token: str = "", feature: Any = None
) -> dict[int, float]:
    """Observations a second of a door, by the size of requests; a tenth of each is sent before the clock starts."""
    start = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=350)
    found = {}
    for size, count in counts.items():
        path = "/sta/v1.1/Observations" if size == 1 else "/sta/v1.1/CreateObservations"
        made = bodies(size, count, ids, start, feature)
        early = max(AT_ONCE[size], count // 10)
        posted(port, token, path, made[:early], AT_ONCE[size])
        seconds = posted(port, token, path, made[early:], AT_ONCE[size])
        found[size] = (count - early) * size / seconds
        print(f"{size:,} a request: {found[size]:,.0f} a second", file=sys.stderr, flush=True)
        start += timedelta(days=100)
    return found


def doors(folder: Path, ids: list[int], token: str, *, quick: bool) -> Table:
    """The site's door beside its peers."""
    counts = {1: 400, 1000: 24, 10_000: 8} if quick else {1: 6000, 1000: 400, 10_000: 80}
    few = {1: 100, 1000: 8} if quick else {1: 1000, 1000: 40}
    port = free_port()
    with started(SITE, folder, port, "/healthz"), Memory(lambda: servers(folder)) as database:
        own = measured(port, ids, counts, token)
    with peer("append_only", sys.executable, folder) as port:
        bare = measured(port, list(range(1, 41)), counts)
    with peer("ogc_sensorthings", peers_python(), folder) as port:
        ids_there, feature = _things(port)
        other = measured(port, ids_there, few, feature=feature)
    table = Table("Observations by HTTP, a second (gunicorn, 2 workers of 8 threads; fsync on)")
    for size, figure in own.items():
        theirs = other.get(size)
        table.add(
            size=size, sankul=int(figure), aim=AIMS[size], append_only=int(bare[size]),
            of_append_only=figure / bare[size],
            ogc_sensorthings=theirs and int(theirs), times_ogc=theirs and figure / theirs,
        )  # fmt: skip
    table.note = (
        "With a device's token, flags, latest, counts, idempotency and dead letters; append_only has none of them, "
        f"{PEER[0]} no rights, flags or idempotency. Clients share the processors. Peak memory of the database server "
        f"{database.peak_mib:.0f} MiB."
    )
    return table


def peers_python() -> str:
    """The Python of the peer's environment, made on the first run."""
    folder = Path(tempfile.gettempdir()) / "sankul-benchmark-sensorthings"
    python, ready = folder / "bin" / "python", folder / "ready"
    if not ready.is_file() or ready.read_text("utf-8") != "\n".join(PEER):
        print(f"Installing {', '.join(PEER)} into {folder} …", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "--quiet", *PEER]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        ready.write_text("\n".join(PEER), "utf-8")
    return str(python)


def database(folder: str, name: str) -> dict[str, Any]:
    """An empty database for a peer on the same server (a process of its own); where it is."""
    from .ground import enter

    enter(Path(folder))
    from sankul.site import postgres

    place = conninfo_to_dict(postgres.status().url)
    with superuser() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}".encode())
        connection.execute(f'CREATE DATABASE {name} OWNER "{place["user"]}"'.encode())
    host, port = place["host"], place["port"]
    return {"url": f"postgresql://{place['user']}@/{name}?host={host}&port={port}"}


@contextmanager
def peer(name: str, python: str, folder: Path) -> Iterator[int]:
    """The port of a peer, served with as many workers and threads as the site."""
    url = apart("benchmarks.streams", "database", str(folder), name)["url"]
    kept, os.environ["PEER_URL"] = dict(os.environ), url
    try:
        script(python, PEERS / f"{name}.py")
        port = free_port()
        server = subprocess.Popen(
            [python, "-m", "gunicorn", "--workers", "2", "--threads", "8", "--keep-alive", "5",
             "--timeout", "300", "--log-level", "critical", "-b", f"127.0.0.1:{port}", "--chdir", str(PEERS),
             f"{name}:application"],
            env=environment(folder) | {"PEER_URL": url}, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            await_answer(port, "/", server)
            yield port
        finally:
            server.terminate()
            server.wait(60)
    finally:
        os.environ.clear()
        os.environ.update(kept)


def _things(port: int) -> tuple[list[str], str]:
    """Forty streams of a thing of the peer and a feature of interest: their numbers."""
    stream = {
        "name": "s", "description": "d",
        "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
        "unitOfMeasurement": {"name": "NTU", "symbol": "NTU", "definition": "ucum:NTU"},
        "Sensor": {"name": "s", "description": "d", "encodingType": "application/pdf", "metadata": "m"},
        "ObservedProperty": {"name": "t", "definition": "http://example.org/t", "description": "d"},
    }  # fmt: skip
    thing = {"name": "w", "description": "d", "Datastreams": [stream] * 40}
    point = {"type": "Point", "coordinates": [73.8, 18.5]}
    place = {"name": "p", "description": "d", "encodingType": "application/geo+json", "feature": point}  # fmt: skip
    _made(port, "Things", thing)
    feature = _made(port, "FeaturesOfInterest", place)
    ids: list[str] = []
    while len(ids) < 40:
        told = _asked(port, "GET", f"Datastreams?$top=40&$skip={len(ids)}&$select=id")[1]
        ids += [one["@iot.id"] for one in json.loads(told)["value"]]
    return ids, feature


def _made(port: int, entities: str, body: dict[str, Any]) -> str:
    address, _ = _asked(port, "POST", entities, json.dumps(body).encode())
    return address.rpartition("(")[2].strip("')")


def _asked(port: int, method: str, path: str, body: bytes | None = None) -> tuple[str, bytes]:
    to = HTTPConnection("127.0.0.1", port, timeout=60)
    to.request(method, f"/sta/v1.1/{path}", body, HEAD)
    answer = to.getresponse()
    told = answer.read()
    if answer.status >= 400:
        raise SystemExit(f"{answer.status} {path}: {told[:300]!r}")
    return answer.headers.get("Location", ""), told
