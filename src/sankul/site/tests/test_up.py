"""The supervisor behind `sankul up`, over small programs in the site's place."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from sankul.site.cli.up import PREPARED, STOP_SIGNALS, Commands, up

WEB = """
import http.server, socket, sys
if sys.stdin.readline() != "prepared\\n":
    sys.exit(0)
class Server(http.server.HTTPServer):
    def __init__(self, *args):
        super().__init__(*args, bind_and_activate=False)
        self.socket = socket.socket(fileno={fd})
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args):
        pass
Server(("127.0.0.1", 0), Handler).serve_forever()
"""
Start = Callable[[Commands], "subprocess.Popen[str]"]
PIPED = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
IDLE = "import time; time.sleep(600)"


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SANKUL_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@db.example.org/none")
    with socket.create_server(("127.0.0.1", 0)) as free:
        monkeypatch.setenv("SANKUL_PORT", str(free.getsockname()[1]))
    before = {name: signal.getsignal(name) for name in STOP_SIGNALS}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


def _commands(prepare: str = "", web: str = WEB, worker: str = IDLE) -> Commands:
    return Commands(prepare=("-c", prepare), web=("-c", web), worker=("-c", worker))


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a supervisor in a process of its own; returns once it says that the site answers."""
    started: list[subprocess.Popen[str]] = []

    def start(commands: Commands) -> "subprocess.Popen[str]":
        code = (
            f"import sys; from sankul.site.cli.up import Commands, up; sys.exit(up({commands!r}))"
        )
        started.append(subprocess.Popen([sys.executable, "-c", code], text=True, **PIPED))
        said = started[-1].stdout.readline()
        port = os.environ["SANKUL_PORT"]
        assert said == f"Sankul answers at http://127.0.0.1:{port} (Ctrl-C stops it).\n"
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.communicate()


def _children(process: "subprocess.Popen[str]", count: int) -> list[psutil.Process]:
    deadline = time.monotonic() + 10
    while len(children := psutil.Process(process.pid).children()) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return children


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_web_server_and_worker_in_order(start: Start, stop: signal.Signals) -> None:
    process = start(_commands())
    children = _children(process, 2)
    process.send_signal(stop)
    said, _ = process.communicate(timeout=20)
    assert (process.returncode, said) == (0, "Stopping ...\n")
    assert not any(child.is_running() for child in children)


def test_a_kill_of_the_supervisor_takes_its_children_along(start: Start) -> None:
    process = start(_commands())
    children = _children(process, 2)
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert [child for child in alive if child.status() != psutil.STATUS_ZOMBIE] == []


def test_a_worker_that_ends_stops_the_site_with_code_1(start: Start) -> None:
    process = start(_commands(worker="raise SystemExit(3)"))
    said, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert said == "The job worker ended by itself (exit code 3); stopping the rest.\n"


def test_a_web_server_that_does_not_come_up_is_reported(capfd: pytest.CaptureFixture[str]) -> None:
    assert up(_commands(web="raise SystemExit(4)")) == 1
    assert "The web server ended by itself (exit code 4)" in capfd.readouterr().err


def test_a_site_that_cannot_be_prepared_is_not_started(capfd: pytest.CaptureFixture[str]) -> None:
    assert up(_commands(prepare="raise SystemExit('no such year')")) == 1
    said = capfd.readouterr().err
    assert said.startswith("no such year\n")
    assert "it was not started" in said


def test_nothing_is_served_before_the_site_is_prepared(
    capfd: pytest.CaptureFixture[str],
) -> None:
    tell = "import sys; print(len(sys.stdin.read()), flush=True); raise SystemExit(5)"
    slow = "import time; time.sleep(0.5); print('prepared', flush=True)"
    assert up(_commands(prepare=slow, web=tell)) == 1
    assert capfd.readouterr().out == f"prepared\n{len(PREPARED)}\n"


def test_a_taken_port_is_reported_before_anything_is_done(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", int(os.environ["SANKUL_PORT"]))):
        assert up(_commands(prepare="print('prepared')")) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert "Address already in use" in err
    assert "SANKUL_PORT=" in err
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("port", ["0", "65536", "eight", "-1", "8_000"])
def test_a_port_that_is_none_is_refused(
    port: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SANKUL_PORT", port)
    assert up(_commands()) == 1
    assert capfd.readouterr().err == (
        f"SANKUL_PORT must be a port number from 1 to 65535, not '{port}'\n"
    )


def test_each_start_begins_with_fresh_metrics(start: Start, tmp_path: Path) -> None:
    old = tmp_path / "data" / f"metrics-{os.environ['SANKUL_PORT']}" / "counter_1.db"
    old.parent.mkdir(parents=True)
    old.touch()
    start(_commands())
    assert not old.exists()
    assert old.parent.stat().st_mode & 0o777 == 0o700
