"""Opening a table: told by its bytes, never by its name alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, NamedTuple

from django.utils.translation import gettext as _

from . import text, workbook
from .problems import Unreadable, Why

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The first bytes of an OLE compound file: a workbook of Excel 97 to 2003, or one that is encrypted."""
STRANGERS = (
    b"%PDF-",
    b"MZ",
    b"\x7fELF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PAR1",
    b"{\\rtf",
    b"\x1f\x8b",
    b"7z\xbc",
    b"Rar!",
)


class Row(NamedTuple):
    """One row: the line on which it begins, as the sender's program counts it, and its cells, as many as the heading has."""

    line: int
    cells: list[Any]


@dataclass(frozen=True)
class Limits:
    """How large a table may be. ``expanded_bytes`` and ``ratio`` are of the parts of a spreadsheet when they are expanded."""

    rows: int = 200_000
    columns: int = 200
    cells: int = 6_000_000
    expanded_bytes: int = 400 * 2**20
    ratio: int = 200
    parts: int = 2000


LIMITS = Limits()


@dataclass(frozen=True)
class Table:
    """A table with its heading. ``rows`` can be gone through once; ``notes`` say what was decided while reading it."""

    head: list[str]
    head_line: int
    rows: Iterator[Row]
    sheet: str = ""
    notes: tuple[str, ...] = ()

    def place(self, line: int, column: int) -> str:
        """How the sender finds a cell (``column`` counts from 0): B7 in a spreadsheet, line and column in a text."""
        if self.sheet:
            return f"{workbook.letters(column)}{line}"
        return _("line %(line)d, column %(column)d") % {"line": line, "column": column + 1}


@contextmanager
def opened(file: IO[bytes], *, sheet: str = "", limits: Limits = LIMITS) -> Iterator[Table]:
    """Open a spreadsheet (XLSX) or a text (CSV) that can be sought in.

    Of several sheets, the one named ``sheet`` is read, else the first that is shown. Memory: a text is read line by line; of a
    spreadsheet the cells of that sheet are held, ``limits.cells`` at most. Raises Unreadable, at once or while rows are taken.
    """
    file.seek(0)
    start = file.read(512)
    file.seek(0)
    if not start:
        raise Unreadable(Why.EMPTY, _("The file is empty."))
    if start.startswith(OLD):
        raise _old(file)
    if start.startswith(b"PK"):
        with workbook.opened(file, sheet, limits) as found:
            yield Table(found.head, found.head_line, _rows(found.rows), found.sheet, found.notes)
        return
    if start.startswith(STRANGERS) or start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"<", b"{"):
        raise Unreadable(
            Why.NOT_A_TABLE,
            _("This is no table. Send a spreadsheet as XLSX, or a CSV text."),
        )
    read = text.opened(file, limits)
    yield Table(read.head, read.head_line, _rows(read.rows), "", read.notes)


def _rows(rows: Iterator[tuple[int, list[Any]]]) -> Iterator[Row]:
    return (Row(line, cells) for line, cells in rows)


def _old(file: IO[bytes]) -> Unreadable:
    whole = file.read()
    if "EncryptedPackage".encode("utf-16-le") in whole:
        return Unreadable(
            Why.ENCRYPTED,
            _("The workbook is protected by a password. Save it without one, and send it again."),
        )
    return Unreadable(
        Why.OLD_FORMAT,
        _("This is a workbook of Excel 97 to 2003. Save it as XLSX, and send it again."),
    )
