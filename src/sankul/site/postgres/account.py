"""The operating-system account that the server runs as."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .problems import PostgresError


@dataclass(frozen=True)
class Account:
    """An account of this machine, by its passwd name and numeric ids."""

    name: str
    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether it is another account than the one this process runs as."""
        return self.uid != os.geteuid()

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command as this account, in a session of its own and with a bare environment.

        A session of its own: Ctrl-C in the terminal must not reach a database server. Nothing of the
        caller's environment: a stray PG* variable would change what the server's tools do.
        """
        drop: dict[str, Any] = (
            {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_other else {}
        )
        return subprocess.run(
            [str(part) for part in command],
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=600,
            check=False,
            start_new_session=True,
            umask=0o077,
            **drop,
        )

    def can_run(self, *command: str | Path) -> bool:
        """Whether the command starts and succeeds for this account."""
        try:
            return self.run(*command).returncode == 0
        except OSError:
            return False

    def own(self, path: Path) -> None:
        """Hand a file or folder that this process made over to the account."""
        if self.is_other:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def require_reach(self, folder: Path) -> None:
        """PostgresError, naming the first closed folder on the way, unless it can enter `folder`."""
        if not self.is_other or self.can_run("test", "-x", folder):
            return
        closed = next(
            path
            for path in [*reversed(folder.parents), folder]
            if not self.can_run("test", "-x", path)
        )
        raise PostgresError(
            f"PostgreSQL does not run as root, and the account it runs as, {self.name!r}, cannot "
            f"enter {closed} on the way to {folder}. Set SANKUL_DATA to a folder that it can reach "
            f"(no folder is opened up for it), or unset it to use /var/lib/sankul."
        )


def account_for(pgdata: Path) -> Account:
    """Who runs the server of `pgdata`: this user; for root its owner, else `postgres` or `nobody`.

    Root never makes an account. PostgresError if none of these exists.
    """
    if os.geteuid() != 0:
        return Account(_name(os.geteuid()), os.geteuid(), os.getegid())
    if pgdata.is_dir() and (owner := pgdata.stat()).st_uid != 0:
        return Account(_name(owner.st_uid), owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise PostgresError(
        "PostgreSQL does not run as root, and this machine has neither an account 'postgres' nor "
        "'nobody' to run it as. Start Sankul as an ordinary user, or set DATABASE_URL."
    )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
