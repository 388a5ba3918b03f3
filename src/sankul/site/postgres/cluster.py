"""One database cluster: its folders, and how its server is made, started, found and stopped.

Logins are by `trust`: whoever can open the socket is let in. That is safe only because the socket
is alone in a folder of mode 0700 that belongs to the server's account (root passes too), and the
server listens on no network address.
"""

import hashlib
import os
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from sankul.site.data import is_ours

from .account import Account
from .binaries import binaries
from .problems import PostgresError

TIMEOUT_S = 60
PORT = 5432  # part of the socket's name, nothing else
LOG_KEPT_BYTES = 16 * 2**20
_SOCKET_PATH_LIMIT_BYTES = 107  # sun_path in unix(7) is 108 with its closing zero

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "log_checkpoints": "off",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

# The application's role owns its database and may make others (the tests do), nothing more.
ROLE = "sankul"
DATABASE = "sankul"
# pgvector asks for a superuser, so it comes ready-made in every database, from the template.
TEMPLATE_EXTENSIONS = ("vector",)


@dataclass(frozen=True)
class Cluster:
    """The cluster in the data folder `data`, served by `account`."""

    data: Path
    account: Account

    @property
    def pgdata(self) -> Path:
        """PostgreSQL's own folder."""
        return self.data / "postgres"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.pgdata / "server.log"

    @property
    def socket_folder(self) -> Path:
        """The socket's folder: in the data folder, or under /tmp where that path is too long.

        Also where libpq would read the path as two (it has a comma).
        """
        usual = self.data / "socket"
        length = len(os.fsencode(usual / f".s.PGSQL.{PORT}"))
        if length <= _SOCKET_PATH_LIMIT_BYTES and "," not in str(usual):
            return usual
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        return Path(f"/tmp/sankul-{self.account.uid}-{digest}")  # noqa: S108 (checked in _private)

    def url(self, role: str = ROLE, database: str = DATABASE) -> str:
        """The connection URL; the host is in the query, since not all parsers allow a path before it."""
        host = quote(str(self.socket_folder), safe="")
        return f"postgresql://{role}@/{database}?host={host}&port={PORT}"

    def answers(self, role: str = ROLE, database: str = DATABASE) -> bool:
        """Whether a connection can be made now."""
        try:
            psycopg.connect(self.url(role, database), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def pid(self) -> int | None:
        """The server's process id, or None if it does not run.

        A number left in postmaster.pid may by now be another program's, so the process must also
        work in PGDATA, as every PostgreSQL process does.
        """
        noted = _noted_pid(self._locks[0])
        return noted if noted in self._processes() else None

    def ensure(self) -> None:
        """Make the cluster if there is none, start it if it does not run, make role and database."""
        if self.answers():
            return
        if self.pid() is None:
            self._start()
        self._await_answer()
        self._furnish()

    def stop(self) -> bool:
        """Stop the server in order (open transactions are rolled back); False if none ran."""
        if self.pid() is None:
            return False
        done = self._pg_ctl("stop", "-m", "fast")
        if done.returncode:
            raise PostgresError(f"the server of {self.pgdata} did not stop:\n{done.stderr}")
        return True

    def _start(self) -> None:
        self._make_folders()
        if not self.pgdata.exists():
            self._initialise()
        self._require_version()
        self._clear_crash()
        self._trim_log()
        done = self._pg_ctl("start", "-l", self.log, "-o", self._options())
        if done.returncode:
            raise self._silent()

    def _make_folders(self) -> None:
        if any(mark in str(self.data) for mark in '"$`\\\n'):
            raise PostgresError(
                f"{self.data}: a data folder's path may not hold \" $ ` \\ or a newline"
            )
        if self.account.is_other and is_ours(self.data):
            os.chown(self.data, -1, self.account.gid)
            self.data.chmod(
                0o710
            )  # the account may pass through, nobody else, and it lists nothing
        self.account.require_reach(self.data)
        _private(self.socket_folder, self.account)

    def _initialise(self) -> None:
        """initdb in a draft folder that is renamed at the end, so that a kill leaves no half cluster."""
        for left in self.data.glob("postgres.draft-*"):
            _remove(left)
        draft = Path(tempfile.mkdtemp(prefix="postgres.draft-", dir=self.data))
        self.account.own(draft)
        # The builtin locale sorts by code point whatever C library the machine has now or later;
        # LC_CTYPE must still know letters, or pg_trgm finds none in Devanagari.
        done = self.account.run(
            binaries(self.data, self.account) / "initdb",
            *("--pgdata", draft, "--username=postgres", "--auth=trust", "--no-instructions"),
            *("--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        )
        if done.returncode:
            shutil.rmtree(draft)
            raise PostgresError(f"initdb failed in {self.data}:\n{done.stdout}{done.stderr}")
        draft.rename(self.pgdata)

    def _require_version(self) -> None:
        try:
            made_by = (self.pgdata / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise PostgresError(
                f"{self.pgdata} is not a PostgreSQL cluster: move it away, or set SANKUL_DATA"
            ) from None
        programs = binaries(self.data, self.account)
        ours = self.account.run(programs / "postgres", "--version").stdout.split()[-1]
        if made_by != ours.partition(".")[0]:
            raise PostgresError(
                f"{self.pgdata} was made by PostgreSQL {made_by}, and the installed server is {ours}. "
                f"Dump it with the release of Sankul that made it (pg_dump), move the folder away "
                f"and restore the dump here; or set DATABASE_URL to a server of version {made_by}."
            )

    def _clear_crash(self) -> None:
        """After a kill: wait for orphaned backends to leave, and drop lock files that mislead.

        PostgreSQL forgets a stale lock file by itself, except where its process number still exists:
        given to another program, or dead and not yet reaped (in a container without an init). To
        remove it is safe only because no process is left in PGDATA.
        """
        deadline = time.monotonic() + TIMEOUT_S
        while left := self._processes():
            if time.monotonic() > deadline:
                raise PostgresError(
                    f"a server of {self.pgdata} was killed, and after {TIMEOUT_S} s these of its "
                    f"processes still run: {', '.join(map(str, sorted(left)))}. End them, then start again."
                )
            time.sleep(0.05)
        for lock in self._locks:
            if (noted := _noted_pid(lock)) is not None and psutil.pid_exists(noted):
                lock.unlink()

    def _trim_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_KEPT_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))

    def _await_answer(self) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while not self.answers("postgres", "postgres"):
            if time.monotonic() > deadline or self.pid() is None:
                raise self._silent()
            time.sleep(0.1)

    def _furnish(self) -> None:
        with psycopg.connect(self.url("postgres", "template1"), autocommit=True) as connection:
            for name in TEMPLATE_EXTENSIONS:
                connection.execute(f"CREATE EXTENSION IF NOT EXISTS {name}".encode())
            if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [ROLE]).fetchall():
                connection.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB".encode())
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
            if not known.fetchall():
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}".encode())

    @property
    def _locks(self) -> tuple[Path, Path]:
        return self.pgdata / "postmaster.pid", self.socket_folder / f".s.PGSQL.{PORT}.lock"

    def _processes(self) -> set[int]:
        place = str(self.pgdata.resolve())
        return {pid for pid in psutil.pids() if _postgres_folder(pid) == place}

    def _pg_ctl(self, action: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        program = binaries(self.data, self.account) / "pg_ctl"
        return self.account.run(
            *(program, action, "-D", self.pgdata, "-s", "-w", "-t", str(TIMEOUT_S), *arguments)
        )

    def _options(self) -> str:
        folder = str(self.socket_folder)
        settings = SETTINGS | {"unix_socket_directories": f'"{folder}"', "port": str(PORT)}
        return " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())

    def _silent(self) -> PostgresError:
        """The error of a server that gives no answer, with the end of its log."""
        tail = self.log.read_text(errors="replace").splitlines()[-20:] if self.log.exists() else []
        busy = "is running but does not answer" if self.pid() else "did not start"
        return PostgresError(
            "\n".join([f"the server of {self.pgdata} {busy}; the end of {self.log}:", *tail])
        )


def _private(folder: Path, account: Account) -> None:
    """Make `folder` with mode 0700 for `account`; refuse one that is someone else's or open."""
    try:
        folder.mkdir(0o700)
    except FileExistsError:
        found = folder.lstat()
        if (
            stat.S_ISDIR(found.st_mode)
            and found.st_uid == account.uid
            and not found.st_mode & 0o077
        ):
            return
        raise PostgresError(
            f"{folder} must be a folder that belongs to {account.name!r} with mode 0700, for whoever "
            f"reaches it is let into the database: remove it"
        ) from None
    account.own(folder)


def _remove(folder: Path) -> None:
    """Remove a folder in which an orphaned initdb may still write; it gives up when that is gone."""
    deadline = time.monotonic() + TIMEOUT_S
    while folder.exists() and time.monotonic() < deadline:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.05)


def _noted_pid(lock: Path) -> int | None:
    try:
        return int(lock.read_text().splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def _postgres_folder(pid: int) -> str | None:
    """The working folder of a PostgreSQL process, which is its PGDATA."""
    try:
        process = psutil.Process(pid)
        return str(process.cwd()) if process.name() == "postgres" else None
    except psutil.Error:
        return None
