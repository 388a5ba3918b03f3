"""The archive that a spreadsheet is: measured before anything in it is expanded into memory."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import IO, TYPE_CHECKING

from django.utils.translation import gettext as _

from .problems import Unreadable, Why

if TYPE_CHECKING:
    from .reading import Limits

CHUNK_BYTES = 1 << 20
SMALL_BYTES = 8 * 2**20
"""Parts smaller than this may be as dense as they like: no memory is filled by them."""


@contextmanager
def opened(file: IO[bytes], limits: Limits) -> Iterator[zipfile.ZipFile]:
    """The archive, once its parts were counted and measured. Raises Unreadable for a bomb, and for what is no archive."""
    try:
        with zipfile.ZipFile(file) as archive:
            _measure(archive, limits)
            yield archive
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise Unreadable(
            Why.BROKEN, _("The file is damaged. Save it again, and send that.")
        ) from error
    except RuntimeError as error:  # what the library raises for an encrypted part
        raise Unreadable(
            Why.ENCRYPTED,
            _("The file is protected by a password. Save it without one, and send it again."),
        ) from error


def chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
    """What a part really holds, whatever size it states. Raises Unreadable beyond ``most`` bytes."""
    unbound = copy(info)
    unbound.file_size = (
        most + CHUNK_BYTES
    )  # the library would stop at the size that the archive states
    met = 0
    with archive.open(unbound) as part:
        while chunk := part.read(CHUNK_BYTES):
            met += len(chunk)
            if met > most:
                raise _bomb()
            yield chunk


def _measure(archive: zipfile.ZipFile, limits: Limits) -> None:
    parts = archive.infolist()
    if len(parts) > limits.parts or len({part.filename for part in parts}) < len(parts):
        raise _bomb()
    stated = sum(part.file_size for part in parts)
    if stated > limits.expanded_bytes or any(_dense(part, limits) for part in parts):
        raise _bomb()
    left = limits.expanded_bytes
    for part in parts:
        for chunk in chunks(archive, part, min(left, max(part.file_size, SMALL_BYTES))):
            left -= len(chunk)


def _dense(part: zipfile.ZipInfo, limits: Limits) -> bool:
    return part.file_size > SMALL_BYTES and part.file_size > limits.ratio * max(
        part.compress_size, 1
    )


def _bomb() -> Unreadable:
    return Unreadable(
        Why.BOMB,
        _(
            "Expanded, this file would be far larger than such a table can be. "
            "Copy the values into a new workbook, or send CSV."
        ),
    )
