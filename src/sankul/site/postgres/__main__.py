"""`python -m sankul.site.postgres status|url|stop|leave|remove`: the embedded server by hand."""

import sys

from . import PostgresError, database_url, leave, remove, status, stop


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
    except PostgresError as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
