"""Reading a CSV text line by line, in whatever encoding and with whatever delimiter it was saved."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _

from .problems import Unreadable, Why

if TYPE_CHECKING:
    from .reading import Limits

CHUNK_BYTES = 1 << 20
DELIMITERS = ",;\t|"
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
QUIET = {"utf-8", "utf-8-sig"}
NAMES = {"utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp1252": "Windows-1252"}


class Read(NamedTuple):
    """A text that was read."""

    head: list[str]
    head_line: int
    rows: Iterator[tuple[int, list[str]]]
    notes: tuple[str, ...]


def opened(file: IO[bytes], limits: Limits) -> Read:
    """A CSV text; see ``reading.opened``."""
    encoding = encoding_of(file)
    file.seek(0)
    wrapped = io.TextIOWrapper(
        io.BufferedReader(_Kept(file), CHUNK_BYTES), encoding=encoding, newline=""
    )
    lines = _checked(wrapped)
    first = next(lines, "")
    skipped = 0
    if first.lower().startswith("sep=") and len(first.strip()) == 5:
        delimiter, first, skipped = first.strip()[4], next(lines, ""), 1
    else:
        delimiter = _delimiter(first)
    rows = _records(_again(first, lines), delimiter, skipped)
    head_line, head = next(rows, (0, []))
    if not head:
        raise Unreadable(Why.EMPTY, _("The file has no heading: its first line names the columns."))
    while head and not head[-1].strip():
        head.pop()
    note = _("Read as %s; check the letters of other scripts in the report.")
    notes = () if encoding in QUIET else (note % NAMES[encoding],)
    return Read(head, head_line, _even(rows, len(head), limits), notes)


def encoding_of(file: IO[bytes]) -> str:
    """The encoding of a text: told by its byte order mark, else UTF-16 by its zeros, else UTF-8, else Windows-1252.

    Reads the whole text once, in chunks. Raises Unreadable for a text that is none of them.
    """
    file.seek(0)
    start = file.read(4096)
    for mark, name in BOMS:
        if start.startswith(mark):
            return _why_not_decoded(file, name) or name
    guess = _zeros(start)
    if guess:
        return _why_not_decoded(file, guess) or guess
    if _is_valid(file, "utf-8"):
        return "utf-8"
    return _why_not_decoded(file, "cp1252") or "cp1252"


def _zeros(start: bytes) -> str:
    """UTF-16 without a mark: ASCII in it has a zero in every other byte."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    half = len(start) // 2
    if odd > half // 3 and even < half // 20 + 1:
        return "utf-16-le"
    if even > half // 3 and odd < half // 20 + 1:
        return "utf-16-be"
    return ""


def _is_valid(file: IO[bytes], name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    file.seek(0)
    try:
        while chunk := file.read(CHUNK_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _why_not_decoded(file: IO[bytes], name: str) -> str:
    """Nothing. Raises Unreadable where the text is not in this encoding throughout."""
    if _is_valid(file, name):
        return ""
    raise Unreadable(
        Why.ENCODING,
        _("The letters of this text cannot be read. Save it as CSV UTF-8, and send it again."),
    )


def _checked(lines: IO[str]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if "\x00" in line:
            raise Unreadable(
                Why.NUL, _("Line %d holds a zero byte: the file is damaged, or no text.") % number
            )
        yield line


def _delimiter(line: str) -> str:
    outside = "".join(line.split('"')[0::2])
    return max(DELIMITERS, key=outside.count)


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _records(lines: Iterator[str], delimiter: str, before: int) -> Iterator[tuple[int, list[str]]]:
    """Records that hold something, each with the line on which it begins."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    begun = before + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begun, cells
            begun = before + reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(
            Why.QUOTES,
            _(
                "From line %(line)d on, the quotation marks do not match (%(detail)s). Put a text that "
                "holds a quotation mark in quotation marks, and write the mark inside twice."
            )
            % {"line": begun, "detail": error},
        ) from None


def _even(
    rows: Iterator[tuple[int, list[str]]], width: int, limits: Limits
) -> Iterator[tuple[int, list[str]]]:
    for count, (line, cells) in enumerate(rows, 1):
        if count > limits.rows:
            raise Unreadable(
                Why.TOO_LARGE,
                _("The table has more than %d rows. Send it in parts.") % limits.rows,
            )
        if len(cells) < width or any(cell.strip() for cell in cells[width:]):
            raise Unreadable(
                Why.RAGGED,
                _(
                    "Line %(line)d has %(cells)d cells where the heading has %(width)d. "
                    "A text that holds the delimiter stands in quotation marks."
                )
                % {"line": line, "cells": len(cells), "width": width},
            )
        yield line, cells[:width]


class _Kept(io.RawIOBase):
    """A binary file that stays open when the text reader around it is gone."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        found = self._file.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)
