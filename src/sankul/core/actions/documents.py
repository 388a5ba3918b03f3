"""Keeping documents: the bytes first, then the record, so that no record lacks its bytes."""

import hashlib
from datetime import datetime
from pathlib import PurePath
from typing import IO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import storages
from django.db import transaction

from sankul.core.models import Document
from sankul.core.models.documents import stored_path
from sankul.core.rules.documents import media_type, why_not_kept
from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused

CHUNK_BYTES = 1 << 20


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
    Refused with the reason when the file is empty, too large or of a kind that is not kept. A crash between bytes and
    record leaves bytes without a record, which the next upload of the same file adopts, or writes again where they
    were cut short.
    """
    name, max_bytes = _clean(name), max_bytes or settings.DOCUMENT_MAX_BYTES
    digest, size_bytes, head = _measure(file, max_bytes)
    kind = media_type(name=name, head=head)
    reason = why_not_kept(name=name, size_bytes=size_bytes, max_bytes=max_bytes, kind=kind)
    if reason or kind is None:
        raise Refused(reason)
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


def _put(file: IO[bytes], digest: str, size_bytes: int) -> None:
    storage, path = storages["documents"], stored_path(digest)
    if storage.exists(path):
        if storage.size(path) == size_bytes:
            return
        storage.delete(path)
    file.seek(0)
    storage.save(path, File(file))


def _clean(name: str) -> str:
    printed = "".join(letter for letter in name if letter.isprintable())
    path = PurePath(printed.replace("\\", "/"))
    return path.stem[: 255 - len(path.suffix)] + path.suffix if path.name else "document"
