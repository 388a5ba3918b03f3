"""Rows of observations into a partition, in PostgreSQL's binary form of COPY."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from django.db import connection
from numpy.typing import NDArray

HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
YEAR_2000_US = 946_684_800_000_000
"""PostgreSQL counts microseconds from 2000."""
ROW = np.dtype(
    [
        ("fields", ">i2"),
        *(
            part
            for name, form in (
                ("id", ">i8"),
                ("time", ">i8"),
                ("value", ">f8"),
                ("stream", ">i4"),
                ("flag", ">i2"),
                ("is_detailed", "i1"),
            )
            for part in ((f"{name}_bytes", ">i4"), (name, form))
        ),
    ]
)


class Rows(NamedTuple):
    """Observations as the table has them, in columns of equal length; times in microseconds since 1970."""

    ids: NDArray[np.int64]
    time_us: NDArray[np.int64]
    values: NDArray[np.float64]
    stream_ids: NDArray[np.int64]
    flags: NDArray[np.int8]
    is_detailed: NDArray[np.bool_]

    def at(self, chosen: Any) -> Rows:
        """Some of the rows: by a mask, a slice or places."""
        return Rows(*(column[chosen] for column in self))


def binary(rows: Rows) -> bytes:
    """The rows as the body of ``COPY … (FORMAT binary)``."""
    made = np.empty(len(rows.ids), ROW)
    made["fields"] = 6
    for name in ("id", "time", "value", "stream", "flag", "is_detailed"):
        made[f"{name}_bytes"] = ROW[name].itemsize
    made["id"], made["time"] = rows.ids, rows.time_us - YEAR_2000_US
    made["value"], made["stream"] = rows.values, rows.stream_ids
    made["flag"], made["is_detailed"] = rows.flags, rows.is_detailed
    return HEAD + made.tobytes() + END


def copy(table: str, rows: Rows) -> None:
    """Add the rows to a partition (a name of ours), within the caller's transaction."""
    columns = "id, time, value, stream_id, flag, is_detailed"
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT binary)") as sent,
    ):
        sent.write(binary(rows))
