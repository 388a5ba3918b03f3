"""`sankul up`: the database, the site and the job worker, started and stopped together."""

import contextlib
import ctypes
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

import django
import django.db

from sankul.field.streams.cli import broker
from sankul.site import postgres

HOST = "127.0.0.1"
PREPARED = "prepared\n"
READY_S = 60
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_S = 15  # longer than what the web server and the job worker give their own work

Children = dict[str, subprocess.Popen[bytes]]


class UpError(RuntimeError):
    """The site cannot be started or kept up; the message says why."""


@dataclass(frozen=True)
class Commands:
    """The programs that make up a running site; `{fd}` stands for the listening socket.

    The web server starts together with the preparation and serves once it reads PREPARED.
    """

    prepare: tuple[str, ...]
    web: tuple[str, ...]
    worker: tuple[str, ...]
    messages: tuple[str, ...] = ()


SITE = Commands(
    prepare=("-c", "from sankul.site.cli.up import prepare; prepare()"),
    web=(
        *("-m", "gunicorn", "-c", "python:sankul.site.gunicorn"),
        *("-b", "fd://{fd}", "sankul.site.cli.web"),
    ),
    worker=("-m", "django", "procrastinate", "worker", "--shutdown-graceful-timeout", "10"),
    messages=("-c", "from sankul.site.cli import main; main()", "field", "mqtt"),
)


def up(commands: Commands = SITE) -> int:
    """Start the site on 127.0.0.1, stay until a signal or a failure, and stop everything.

    The port is SANKUL_PORT, 8000 by default; it is taken before anything else is done. SIGINT,
    SIGTERM and SIGHUP stop the site in order; the embedded database server stops with it unless
    another process uses it. Returns the exit code: 0 after a signal, 1 after a failure.
    """
    for name in STOP_SIGNALS:
        signal.signal(name, signal.default_int_handler)
    children: Children = {}
    try:
        with _listener(_port()) as listener:
            try:
                _serve(commands, listener, children)
            finally:
                _stop(children)
    except KeyboardInterrupt:
        print("Stopping ...", flush=True)
        return 0
    except (UpError, postgres.PostgresError) as problem:
        print(problem, file=sys.stderr, flush=True)
        return 1


def prepare() -> None:
    """Bring the database up to date and show what the site will: runs in a process of its own,
    so that the memory and threads of a first evaluation are gone before the site is served.
    """
    django.setup()
    from sankul.site.cli import setup  # noqa: PLC0415 (it needs Django set up)

    try:
        setup.migrate()
    except django.db.OperationalError as problem:
        raise SystemExit(f"The database does not answer as DATABASE_URL says: {problem}") from None
    setup.seed_if_missing()
    setup.collect_static()
    setup.evaluate_if_missing()
    setup.print_ranking()
    setup.print_accounts()


def _port() -> int:
    given = os.environ.get("SANKUL_PORT") or "8000"
    if not given.isascii() or not given.isdigit() or not 0 < int(given) < 65536:
        raise UpError(f"SANKUL_PORT must be a port number from 1 to 65535, not {given!r}")
    return int(given)


def _listener(port: int) -> socket.socket:
    """The site's socket, open from the start: nobody can take the port while the site prepares."""
    try:
        return socket.create_server((HOST, port), backlog=1024)
    except OSError as problem:
        raise UpError(
            f"Cannot serve on {HOST}:{port}: {problem.strerror}. "
            f"End what uses the port, or choose another: SANKUL_PORT={port % 65535 + 1} make run"
        ) from problem


def _serve(commands: Commands, listener: socket.socket, children: Children) -> NoReturn:
    """Prepare, start and watch; leaves only by an exception. `children` is filled on the way."""
    postgres.database_url()
    _forget_metrics(listener)
    web = _start("web server", commands.web, listener, children)
    if _start("preparation", commands.prepare, listener, children).wait():
        raise UpError("The site could not be prepared, so it was not started: see above.")
    del children["preparation"]
    _release(web)
    _await_ready(listener.getsockname()[1], children)
    print(
        f"Sankul answers at http://{HOST}:{listener.getsockname()[1]} (Ctrl-C stops it).",
        flush=True,
    )
    _start("job worker", commands.worker, listener, children)
    _listen_to_devices(commands, listener, children)
    while True:
        _require_alive(children)
        time.sleep(0.2)


def _listen_to_devices(commands: Commands, listener: socket.socket, children: Children) -> None:
    """Take messages of devices too, where a broker can be started or is named; else say why not."""
    if not commands.messages:
        return
    reason = "" if os.environ.get("SANKUL_MQTT") else broker.why_not_start()
    if reason:
        print(f"No messages by MQTT: {reason}. Everything else works.", flush=True)
        return
    _start("message subscriber", commands.messages, listener, children)


def _start(
    name: str, command: tuple[str, ...], listener: socket.socket, children: Children
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, so that Ctrl-C reaches it only through `_stop`.

    A signal that comes meanwhile waits until the program is among the children to be stopped.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        children[name] = subprocess.Popen(
            [sys.executable, *(part.format(fd=listener.fileno()) for part in command)],
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "sankul.site.settings",
                "PROMETHEUS_MULTIPROC_DIR": str(_metrics(listener)),
            },
            stdin=subprocess.PIPE if name == "web server" else subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
            start_new_session=True,
            preexec_fn=partial(_become_child, os.getpid()),  # noqa: PLW1509 (no threads here)
        )
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    return children[name]


def _release(web: subprocess.Popen[bytes]) -> None:
    """Let the web server serve; that it has died meanwhile is for the watch to find."""
    if web.stdin is not None:
        with contextlib.suppress(BrokenPipeError), web.stdin:
            web.stdin.write(PREPARED.encode())


def _become_child(parent: int) -> None:
    """Hear signals again; on Linux also end with the parent, so that a kill -9 leaves no site behind."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
        if os.getppid() != parent:  # it died before it was asked for
            os._exit(1)


def _metrics(listener: socket.socket) -> Path:
    """Where the site's processes share their counters, for as long as it runs."""
    return postgres.private_folder(f"metrics-{listener.getsockname()[1]}")


def _forget_metrics(listener: socket.socket) -> None:
    shutil.rmtree(_metrics(listener))


def _await_ready(port: int, children: Children) -> None:
    deadline = time.monotonic() + READY_S
    while not _answers(port):
        _require_alive(children)
        if time.monotonic() > deadline:
            raise UpError(f"The web server gave no good answer at /healthz for {READY_S} s.")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _require_alive(children: Children) -> None:
    for name, child in children.items():
        if (code := child.poll()) is not None:
            why = f"signal {-code}" if code < 0 else f"exit code {code}"
            raise UpError(f"The {name} ended by itself ({why}); stopping the rest.")


def _stop(children: Children) -> None:
    with _undisturbed():
        for child in children.values():
            child.terminate()
            if child.stdin is not None:
                child.stdin.close()
        deadline = time.monotonic() + GRACE_S
        for child in children.values():
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        postgres.leave()


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """An impatient second Ctrl-C does not break off the stopping, which takes GRACE_S at most."""
    before = {name: signal.signal(name, signal.SIG_IGN) for name in STOP_SIGNALS}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)
