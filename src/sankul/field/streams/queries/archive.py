"""The archive of closed spans: its files, and whether they are as they were written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
from django.conf import settings
from django.utils.translation import gettext as _t
from pyarrow import parquet

from sankul.field.streams.models import SpanFile
from sankul.field.streams.rules import SpanState
from sankul.field.streams.rules.rows import Rows

SCHEMA = pa.schema(
    [
        pa.field("stream_id", pa.int32(), nullable=False),
        pa.field("time", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("flag", pa.int8(), nullable=False),
        pa.field("id", pa.int64(), nullable=False),
        pa.field("is_detailed", pa.bool_(), nullable=False),
    ]
)


def folder() -> Path:
    """The folder of the archive."""
    return Path(settings.DATA) / "archive"


class Damage(NamedTuple):
    """A file that is not as it was written."""

    span: SpanFile
    reason: str


def damages() -> Iterator[Damage]:
    """Every closed span whose file is missing, truncated or changed: each is read whole."""
    for span in SpanFile.objects.filter(state=SpanState.CLOSED):
        if reason := why_damaged(span):
            yield Damage(span, reason)


def why_damaged(span: SpanFile) -> str:
    """Why the file of a closed span is not as it was written, empty if it is."""
    path = folder() / span.path
    if not path.is_file():
        return _t("%s is missing.") % span.path
    if path.stat().st_size != span.size_bytes:
        told = _t("%(path)s has %(found)d bytes; it was written with %(expected)d.")
        sizes = {"found": path.stat().st_size, "expected": span.size_bytes or 0}
        return told % ({"path": span.path} | sizes)
    if sha256(path) != span.sha256:
        return _t("%s has another SHA-256 than it was written with.") % span.path
    return ""


def path_of(start: date, generation: int) -> str:
    """Where the file of a span lies below the archive."""
    return f"observations/{start.year}/{start}.{generation}.parquet"


def read(path: Path) -> Rows:
    """The rows of a file."""
    table = parquet.read_table(path)
    column = {name: table[name].combine_chunks() for name in SCHEMA.names}
    return Rows(
        column["id"].to_numpy(),
        column["time"].cast(pa.int64()).to_numpy(),
        column["value"].to_numpy(),
        column["stream_id"].to_numpy().astype(np.int64),
        column["flag"].to_numpy(),
        column["is_detailed"].to_numpy(zero_copy_only=False),
    )


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
