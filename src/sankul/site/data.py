"""The data folder: everything of a site that is in neither its database nor its checkout."""

import hashlib
import os
from pathlib import Path

ROOTS_HOME = Path("/var/lib/sankul")
MARKER = ".made-by-sankul"


def checkout() -> Path:
    """The checkout that runs, or the working folder where Sankul is an installed package."""
    folder = Path(__file__).resolve().parents[3]
    return folder if (folder / "pyproject.toml").is_file() else Path.cwd()


def data_folder() -> Path:
    """Where the data live; the folder itself is made by whoever first writes in it.

    SANKUL_DATA if set. Else `.data` in the checkout; but for root a folder under /var/lib/sankul, because the
    database server refuses to run as root and its account must reach the folder: a checkout is
    often in a home that nobody else may enter, and no home is opened up for that.
    """
    if chosen := os.environ.get("SANKUL_DATA"):
        return Path(chosen).expanduser().resolve()
    home = checkout()
    if os.geteuid() != 0:
        return home / ".data"
    return ROOTS_HOME / f"{home.name}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:8]}"


def made(folder: Path) -> Path:
    """`folder`, made with mode 0700 where missing and then marked as ours.

    Missing parents are made too, for root with 0711 (may be passed through, not listed). The mode
    of a folder that exists is never changed.
    """
    for parent in reversed(folder.parents):
        _make(parent, 0o711 if os.geteuid() == 0 else 0o700)
    if _make(folder, 0o700):
        (folder / MARKER).touch(0o600)
    return folder


def private_folder(name: str) -> Path:
    """The folder `name` in the data folder, made with mode 0700 where missing."""
    folder = made(data_folder()) / name
    _make(folder, 0o700)
    return folder


def is_ours(folder: Path) -> bool:
    """Whether Sankul made the folder, and so may remove it and change its mode."""
    return (folder / MARKER).is_file()


def _make(folder: Path, mode: int) -> bool:
    try:
        folder.mkdir(mode)
    except FileExistsError:
        return False
    folder.chmod(mode)  # mkdir's mode is cut by the umask
    return True
