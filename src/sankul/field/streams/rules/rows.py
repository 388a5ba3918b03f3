"""Rows of observations in columns, and the binary form in which PostgreSQL copies them in and out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
YEAR_2000_US = 946_684_800_000_000
"""PostgreSQL counts microseconds from 2000."""
COLUMNS = (
    ("id", ">i8"),
    ("time", ">i8"),
    ("value", ">f8"),
    ("stream_id", ">i4"),
    ("flag", ">i2"),
    ("is_detailed", "i1"),
)
NAMES = ", ".join(name for name, _ in COLUMNS)
ROW = np.dtype(
    [
        ("fields", ">i2"),
        *(part for name, form in COLUMNS for part in ((f"{name}_bytes", ">i4"), (name, form))),
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
    """The rows as the body of ``COPY … FROM … (FORMAT binary)`` of ``NAMES``."""
    made = np.empty(len(rows.ids), ROW)
    made["fields"] = len(COLUMNS)
    for name, _ in COLUMNS:
        made[f"{name}_bytes"] = ROW[name].itemsize
    made["id"], made["time"] = rows.ids, rows.time_us - YEAR_2000_US
    made["value"], made["stream_id"] = rows.values, rows.stream_ids
    made["flag"], made["is_detailed"] = rows.flags, rows.is_detailed
    return HEAD + made.tobytes() + END


def from_binary(body: bytes) -> Rows:
    """The rows of what ``COPY … TO STDOUT (FORMAT binary)`` of ``NAMES`` answers."""
    found = np.frombuffer(body[len(HEAD) : -len(END)], ROW)
    return Rows(
        found["id"].astype(np.int64),
        found["time"].astype(np.int64) + YEAR_2000_US,
        found["value"].astype(np.float64),
        found["stream_id"].astype(np.int64),
        found["flag"].astype(np.int8),
        found["is_detailed"].astype(bool),
    )


def together(parts: Sequence[Rows]) -> Rows:
    """Rows of several parts, sorted by (stream, time)."""
    if not parts:
        return from_binary(HEAD + END)
    if len(parts) == 1:
        return parts[0]
    rows = Rows(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    return rows.at(np.lexsort((rows.time_us, rows.stream_ids)))
