"""Keeping documents: the bytes first, then the record, so that no record lacks its bytes."""

import codecs
import errno
import hashlib
import unicodedata
import zipfile
from datetime import datetime
from typing import IO

import structlog
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import storages
from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.core.models import Document
from sankul.core.models.documents import stored_path
from sankul.core.rules.documents import (
    BECOME_ARCHIVES,
    HELD,
    TEXTS,
    media_type,
    why_not_inside,
    why_not_kept,
    why_not_text,
)
from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused

log = structlog.get_logger("sankul.documents")
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
CHUNK_BYTES = 1 << 20
END_BYTES = 65_557
"""Within these last bytes an archive has the record of its end (APPNOTE 4.3.16: 22 bytes and a comment of 65,535)."""
DIRECTORY_MAX_BYTES = 4 << 20


def keep(
    *,
    actor: Actor | None,
    file: IO[bytes],
    name: str,
    at: datetime,
    max_bytes: int | None = None,
) -> Document:
    """Store a file under the SHA-256 of its bytes and return its record; the same bytes are stored once.

    Reads in chunks of 1 MiB and stops at ``max_bytes`` (``DOCUMENT_MAX_BYTES`` unless the site makes the file itself). Raises
    Refused with the reason when the file is empty, too large or of a kind that is not kept, or the disk is full. A crash
    between bytes and record leaves bytes without a record, which the next upload of the same file adopts, or writes again
    where they were cut short.
    """
    name, max_bytes = _clean(name), max_bytes or settings.DOCUMENT_MAX_BYTES
    digest, size_bytes, head = _measure(file, max_bytes)
    kind = media_type(name=name, head=head)
    reason = why_not_kept(
        name=name, size_bytes=size_bytes, max_bytes=max_bytes, kind=kind, head=head
    )
    if reason or kind is None:
        raise Refused(reason)
    _check_whole(file, name, kind)
    _put(file, digest, size_bytes)
    with transaction.atomic():
        document, _made = Document.objects.get_or_create(
            sha256=digest,
            defaults={
                "name": name,
                "media_type": kind,
                "size_bytes": size_bytes,
                "added_at": at,
                "added_by": actor.user if actor else None,
            },
        )
    return document


def _measure(file: IO[bytes], max_bytes: int) -> tuple[str, int, bytes]:
    file.seek(0)
    digest, size_bytes, head = hashlib.sha256(), 0, b""
    while chunk := file.read(CHUNK_BYTES):
        head = head or chunk[:512]
        digest.update(chunk)
        size_bytes += len(chunk)
        if size_bytes > max_bytes:
            break
    return digest.hexdigest(), size_bytes, head


def _check_whole(file: IO[bytes], name: str, kind: str) -> None:
    reason = ""
    if kind in TEXTS and not _is_text_throughout(file):
        reason = why_not_text(name)
    elif kind in HELD or kind in BECOME_ARCHIVES:
        reason = why_not_inside(name=name, kind=kind, inside=_inside(file))
    if reason:
        raise Refused(reason)


def _is_text_throughout(file: IO[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while chunk := file.read(CHUNK_BYTES):
            if b"\x00" in chunk:
                return False
            decoder.decode(chunk)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _inside(file: IO[bytes]) -> set[str] | None:
    """Names of the parts of the archive that the file is, None if none; a directory too large to be true counts as no part."""
    if not zipfile.is_zipfile(file):
        return None
    file.seek(0, 2)
    file.seek(max(0, file.tell() - END_BYTES))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    directory = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if directory > DIRECTORY_MAX_BYTES:
        return {"?"}
    try:
        with zipfile.ZipFile(file) as archive:
            return set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return None


def _put(file: IO[bytes], digest: str, size_bytes: int) -> None:
    storage, path = storages["documents"], stored_path(digest)
    if storage.exists(path):
        if storage.size(path) == size_bytes:
            return
        storage.delete(path)
    file.seek(0)
    try:
        storage.save(path, File(file))
    except OSError as error:
        storage.delete(path)
        if error.errno not in NO_ROOM:
            raise
        log.error("no room for a document", size_bytes=size_bytes)
        raise Refused(_t("There is no room left to keep files here. Nothing was kept.")) from None


def _clean(name: str) -> str:
    """The name alone: without its path, without what cannot be seen or turns letters round, without dots around it."""
    printed = "".join(letter for letter in name.replace("\\", "/") if letter.isprintable())
    last = unicodedata.normalize("NFC", printed.rpartition("/")[2]).strip(" .")
    stem, dot, ending = last.rpartition(".")
    return (
        f"{stem[: 254 - len(ending[:20])]}{dot}{ending[:20]}" if dot else last[:255] or "document"
    )
