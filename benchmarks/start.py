"""How long `sankul up` takes until the site answers: the first time, and every time after.

    python -m benchmarks.start [--quick] [--json FILE] [--data FOLDER]

The clock runs from the start of the process to the first good answer at /healthz, with everything installed. A first start makes
the database, loads and evaluates both seed programmes; a later one finds them. The peer is a Django site with one view and no
database, started by the same gunicorn settings. The load of the demonstration is measured apart, in a database of its own.
"""

from __future__ import annotations

import http.client
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import figures
from .figures import Table, apart
from .ground import environment, ground

UP = ("-c", "from sankul.site.cli import main; main()", "up")
BARE = ("-m", "gunicorn", "-c", "python:sankul.site.gunicorn", "benchmarks.bare")
PATIENCE_S = 900


def free_port() -> int:
    """A port on this machine that nobody uses now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def await_answer(port: int, path: str, server: subprocess.Popen[bytes]) -> None:
    """Return at the first answer below 500. Raises SystemExit when the server ends or gives none in time."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise SystemExit(f"the server ended by itself (exit code {server.returncode})")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        try:
            connection.request("GET", path)
            if connection.getresponse().status < 500:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.01)
        finally:
            connection.close()
    raise SystemExit(f"no answer in {PATIENCE_S} s")


@contextmanager
def started(command: tuple[str, ...], folder: Path, port: int, path: str) -> Iterator[float]:
    """The seconds until a server answers; it is stopped as Ctrl-C stops it."""
    settings = {"SANKUL_PORT": str(port), "GUNICORN_CMD_ARGS": f"-b 127.0.0.1:{port}"}
    before = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, *command],
        env=environment(folder) | settings,
        stdout=subprocess.DEVNULL,
    )
    try:
        await_answer(port, path, server)
        yield time.perf_counter() - before
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)


def seconds(command: tuple[str, ...], folder: Path, path: str) -> float:
    """One start and stop."""
    with started(command, folder, free_port(), path) as taken:
        return taken


def main(given: list[str] | None = None) -> int:
    asked = figures.arguments(__doc__ or "").parse_args(given)
    times = 2 if asked.quick else 7
    table = Table("Seconds until the site answers, everything installed")
    with ground(asked.data, "start") as folder:
        if not folder.exists():
            table.add(start="first start", median=seconds(UP, folder, "/healthz"), starts=1)
        later = [seconds(UP, folder, "/healthz") for _time in range(times)]
        table.add(
            start="later start", median=statistics.median(later), slowest=max(later), starts=times
        )
        bare = [seconds(BARE, folder, "/1") for _time in range(times)]
        table.add(
            start="bare Django", median=statistics.median(bare), slowest=max(bare), starts=times
        )
    ratio = statistics.median(later) / statistics.median(bare)
    table.note = (
        f"A later start takes {ratio:.1f} times as long as that of a Django site that has nothing."
    )
    with ground(None, "seed") as folder:
        loaded = apart("benchmarks.pages", "seeded", str(folder), 1)
    seed = Table("The demonstration at scale 1")
    for step in ("load", "evaluate"):
        seed.add(step=step, seconds=loaded[step])
    seed.note = f"{loaded['claims']:,} claims; the evaluation is of three years of eight clusters and of the public record."
    return figures.finish([table, seed], asked.json)


if __name__ == "__main__":
    raise SystemExit(main())
