"""Tables that tests compare with, kept as readable CSV and written anew only when asked for."""

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

FOLDER = Path(__file__).parent
WRITE = "SANKUL_WRITE_TABLES"


def agree(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Compare a table with the one that is kept; with SANKUL_WRITE_TABLES=1 keep it instead."""
    file, found = FOLDER / name, [list(head), *map(list, rows)]
    if os.environ.get(WRITE) == "1":
        with file.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle, lineterminator="\n").writerows(found)
    hint = f"tests/{name} tells it otherwise; where the change is meant, run with {WRITE}=1"
    assert read(name) == found, hint


def read(name: str) -> list[list[str]]:
    """The table that is kept, its head first."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))
