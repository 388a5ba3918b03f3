"""The database: DATABASE_URL, or a PostgreSQL server of Sankul's own in the data folder.

The server outlives the process that started it, and the next one finds it. Every process that asked
for its URL holds a shared lock for as long as it or a child of it lives, so that `leave` stops the
server when the last user goes, however the others ended.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sankul.site.data import data_folder, is_ours, made, private_folder

from .account import account_for
from .binaries import remove_copies
from .cluster import Cluster
from .problems import PostgresError

__all__ = [
    "PostgresError",
    "Status",
    "data_folder",
    "database_url",
    "leave",
    "private_folder",
    "remove",
    "status",
    "stop",
]

_held: dict[Path, int] = {}  # data folder to the descriptor whose lock says "in use"


@dataclass(frozen=True)
class Status:
    """The embedded server of a data folder; `pid` is None where it does not run."""

    folder: Path
    pid: int | None
    url: str


def database_url() -> str:
    """DATABASE_URL if set; else the URL of the embedded server, which runs when this returns.

    A first call takes about a second (the cluster is made), a start about 0.3 s, finding a running
    server about 0.02 s. PostgresError if there is no way to get one.
    """
    if given := os.environ.get("DATABASE_URL"):
        return given
    try:
        cluster = _cluster(made(data_folder()))
        with _locked(cluster.data):
            cluster.ensure()
            _hold(cluster.data)
    except OSError as problem:
        raise PostgresError(
            f"{problem}: the data folder {data_folder()} must be one that this user may write to; "
            f"set SANKUL_DATA to another, or DATABASE_URL to a server of yours"
        ) from problem
    return cluster.url()


def status() -> Status:
    """How the embedded server is doing, whether or not DATABASE_URL is set."""
    cluster = _cluster(data_folder())
    return Status(cluster.data, cluster.pid(), cluster.url())


def stop() -> bool:
    """Stop the embedded server, whoever uses it; False if it did not run."""
    cluster = _cluster(data_folder())
    if not cluster.pgdata.exists():
        return False
    with _locked(cluster.data):
        return cluster.stop()


def leave() -> bool:
    """Say that this process is done, and stop the embedded server if nobody else uses it.

    True if the server was stopped; never so where DATABASE_URL names the database.
    """
    cluster = _cluster(data_folder())
    if os.environ.get("DATABASE_URL") or not cluster.pgdata.exists():
        return False
    with _locked(cluster.data):
        if (descriptor := _held.pop(cluster.data, None)) is not None:
            os.close(descriptor)
        return _is_idle(cluster.data) and cluster.stop()


def remove() -> str:
    """Remove the data folder with its cluster, and say what was done.

    Left alone: a folder that Sankul did not make, and any where DATABASE_URL names the database,
    for its documents then belong to a database that is not ours to remove. PostgresError while
    another process uses the server.
    """
    folder = data_folder()
    if os.environ.get("DATABASE_URL"):
        return f"DATABASE_URL is set: that database and {folder} are left alone"
    if not is_ours(folder):
        return f"{folder} was not made by Sankul: left alone" if folder.exists() else "no data"
    cluster = _cluster(folder)
    with _locked(folder):
        if not _is_idle(folder):
            raise PostgresError(f"the server in {folder} is in use: end what uses it first")
        cluster.stop()
        shutil.rmtree(folder)
    shutil.rmtree(cluster.socket_folder, ignore_errors=True)
    remove_copies(folder)
    return f"removed {folder}"


def _cluster(data: Path) -> Cluster:
    return Cluster(data, account_for(data / "postgres"))


@contextmanager
def _locked(data: Path) -> Iterator[None]:
    """One process at a time makes, starts or stops the server; a killed one lets go."""
    descriptor = _open(data / "postgres.lock")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _hold(data: Path) -> None:
    if data not in _held:
        _held[data] = _open(data / "postgres.users")
        fcntl.flock(_held[data], fcntl.LOCK_SH)


def _is_idle(data: Path) -> bool:
    descriptor = _open(data / "postgres.users")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
