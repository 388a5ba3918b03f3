"""Debian's mosquitto, started for this machine: one that devices write to and we alone read, one of news that everybody reads.

On a trial server they are one, as conformance suites know one address.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

HOST = "127.0.0.1"
READER = "sankul"
READY_S = 10
CONF = """\
listener {port} {host}
allow_anonymous true
password_file {folder}/passwords
acl_file {folder}/acl
persistence true
persistence_location {folder}/
autosave_interval 60
max_queued_messages 0
max_inflight_messages 0
max_packet_size {most}
user {user}
log_type error
log_type warning
"""
NEWS_CONF = """\
listener {port} {host}
max_connections 1000
allow_anonymous true
password_file {folder}/passwords
acl_file {folder}/acl
persistence false
max_queued_messages 1000
max_packet_size 10000000
user {user}
log_type error
log_type warning
"""
TELLING = """\
log_type notice
log_type subscribe
log_type unsubscribe
log_timestamp false
log_dest topic
"""
"""The broker tells who subscribes to what, to who may read $SYS/broker/log."""
ACL = """\
topic write sankul/v1/#
topic write v1.1/#

user {reader}
topic read sankul/v1/#
topic read v1.1/#
"""
NEWS_ACL = """\
topic read v1.1/#

user {reader}
topic write v1.1/#
topic read $SYS/broker/log/#
"""
OPEN_ACL = """\
topic write sankul/v1/#
topic readwrite v1.1/#

user {reader}
topic read sankul/v1/#
topic readwrite v1.1/#
topic read $SYS/broker/log/#
"""


class Endpoint(NamedTuple):
    """Where a broker listens, and as whom to read there."""

    host: str
    port: int
    user: str = ""
    password: str = ""


class NoBroker(RuntimeError):  # noqa: N818  told to people, not a fault
    """There is no broker, and why."""


def port() -> int:
    """The port of a broker that is started here: SANKUL_MQTT_PORT, 1883 by default."""
    return _port("SANKUL_MQTT_PORT", 1883)


def news_port() -> int:
    """The port of a broker of news that is started here: SANKUL_MQTT_NEWS_PORT, by default the one after ``port``."""
    return _port("SANKUL_MQTT_NEWS_PORT", port() % 65535 + 1)


def _port(name: str, usual: int) -> int:
    told = os.environ.get(name) or str(usual)
    if not told.isdecimal() or not 0 < int(told) < 65536:
        raise NoBroker(f"{name} must be a port number from 1 to 65535, not {told!r}.")
    return int(told)


def why_not_start() -> str:
    """Why a broker cannot be started on this machine now, empty if it can."""
    if program() is None:
        return "mosquitto is not installed (Debian: apt install mosquitto)"
    return _why_not_port(port(), "SANKUL_MQTT_PORT")


def why_no_news() -> str:
    """Why a broker of news cannot be started on this machine now, empty if it can."""
    return _why_not_port(news_port(), "SANKUL_MQTT_NEWS_PORT")


def _why_not_port(number: int, name: str) -> str:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, number))
        except OSError as error:
            return f"port {number} cannot be used ({error.strerror}); choose another: {name}"
    return ""


def program() -> str | None:
    """Where mosquitto is, if it is installed."""
    return shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def running(
    folder: Path, port: int, most_bytes: int, *, is_open: bool = False
) -> Iterator[Endpoint]:
    """A broker on this machine for as long as the body runs; what it holds for us is kept in ``folder``.

    Larger messages than ``most_bytes`` are not taken. One that ``is_open`` lets everybody read what is told. Raises NoBroker.
    """
    conf = CONF.replace("{most}", str(most_bytes)) + (TELLING if is_open else "")
    with _started(folder, port, conf, OPEN_ACL if is_open else ACL) as endpoint:
        yield endpoint


@contextmanager
def news(folder: Path, port: int) -> Iterator[Endpoint]:
    """A broker of news, on which we alone write, for as long as the body runs. Raises NoBroker."""
    with _started(folder, port, NEWS_CONF + TELLING, NEWS_ACL) as endpoint:
        yield endpoint


@contextmanager
def _started(folder: Path, port: int, conf: str, acl: str) -> Iterator[Endpoint]:
    found = program()
    if found is None:
        raise NoBroker("mosquitto is not installed (Debian: apt install mosquitto).")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    endpoint = Endpoint(HOST, port, READER, secrets.token_urlsafe(32))
    _write(folder, endpoint, conf, acl)
    broker = subprocess.Popen(
        [found, "-c", str(folder / "mosquitto.conf")],
        start_new_session=True,
        preexec_fn=_end_with_us,  # noqa: PLW1509 (no threads here yet)
    )
    try:
        _await(endpoint, broker)
        yield endpoint
    finally:
        broker.terminate()
        broker.wait(READY_S)


def _end_with_us() -> None:
    """On Linux end with the process that started it, so that a kill -9 leaves no broker behind."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def _write(folder: Path, endpoint: Endpoint, conf: str, acl: str) -> None:
    user = pwd.getpwuid(os.getuid()).pw_name
    text = conf.format(port=endpoint.port, host=endpoint.host, folder=folder, user=user)
    (folder / "mosquitto.conf").write_text(text, "utf-8")
    (folder / "acl").write_text(acl.format(reader=endpoint.user), "utf-8")
    (folder / "acl").chmod(0o600)
    passwords = folder / "passwords"
    passwords.touch(mode=0o600)
    made = shutil.which("mosquitto_passwd") or "mosquitto_passwd"
    subprocess.run(
        [made, "-b", "-c", str(passwords), endpoint.user, endpoint.password],
        check=True,
        capture_output=True,
    )
    passwords.chmod(0o600)


def _await(endpoint: Endpoint, broker: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        if broker.poll() is not None:
            raise NoBroker(f"mosquitto ended by itself: is port {endpoint.port} taken?")
        with socket.socket() as tried:
            if tried.connect_ex((endpoint.host, endpoint.port)) == 0:
                return
        time.sleep(0.05)
    raise NoBroker(f"mosquitto did not answer for {READY_S} s.")
