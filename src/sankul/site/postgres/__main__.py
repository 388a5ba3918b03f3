"""`python -m sankul.site.postgres status|url|stop|leave|remove`: the embedded server by hand."""

import os
import shutil
import sys

from sankul.site import data

from . import PostgresError, data_folder, database_url, leave, status, stop
from .account import account_for
from .binaries import remove_copies
from .cluster import Cluster


def remove() -> str:
    """Remove the data folder with its cluster; never where DATABASE_URL names the database.

    The documents of the data folder then belong to a database that is not ours to remove.
    """
    folder = data_folder()
    if os.environ.get("DATABASE_URL"):
        return f"DATABASE_URL is set: the database and {folder} are left alone"
    cluster = Cluster(folder, account_for(folder / "postgres"))
    stop()
    data.remove(folder)
    shutil.rmtree(cluster.socket_folder, ignore_errors=True)
    remove_copies(folder)
    return f"removed {folder}"


def show() -> str:
    """One line on the server's state."""
    now = status()
    return f"{now.folder}: {f'running, process {now.pid}' if now.pid else 'not running'}"


COMMANDS = {
    "status": show,
    "url": database_url,
    "stop": lambda: "stopped" if stop() else "not running",
    "leave": lambda: "stopped" if leave() else "left as it is",
    "remove": remove,
}


def main(arguments: list[str]) -> int:
    """Run one command and print what came of it; 1 on failure, 2 on bad usage."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(__doc__, file=sys.stderr)  # noqa: T201
        return 2
    try:
        print(COMMANDS[arguments[0]]())  # noqa: T201
    except (PostgresError, ValueError) as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
