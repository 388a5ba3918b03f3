"""Which files Sankul keeps, told by their first bytes and never by their name alone."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.utils.translation import gettext as _


class Kind(NamedTuple):
    """A kind of file that is kept: media type, file endings, and the bytes it starts with."""

    media_type: str
    endings: tuple[str, ...]
    magic: tuple[bytes, ...]


KINDS = (
    Kind("application/pdf", (".pdf",), (b"%PDF-",)),
    Kind("image/png", (".png",), (b"\x89PNG\r\n\x1a\n",)),
    Kind("image/jpeg", (".jpg", ".jpeg"), (b"\xff\xd8\xff",)),
    Kind(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        (".xlsx",),
        (b"PK\x03\x04",),
    ),
    Kind(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        (".docx",),
        (b"PK\x03\x04",),
    ),
    Kind("application/vnd.oasis.opendocument.spreadsheet", (".ods",), (b"PK\x03\x04",)),
    Kind("application/zip", (".zip",), (b"PK\x03\x04",)),
    Kind("application/vnd.apache.parquet", (".parquet",), (b"PAR1",)),
    Kind("application/timestamp-reply", (".tsr",), (b"\x30",)),
    Kind("text/csv", (".csv",), ()),
    Kind("text/plain", (".txt",), ()),
    Kind("application/json", (".json",), ()),
)
INLINE = frozenset({"application/pdf", "image/png", "image/jpeg", "text/plain"})


TEXTS = frozenset(kind.media_type for kind in KINDS if not kind.magic)
BECOME_ARCHIVES = frozenset({"application/pdf", "image/png", "image/jpeg"})
"""Kinds whose programs read from the front, so that an archive, read from the back, can ride on them."""
HELD = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xl/workbook.xml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "word/document.xml",
    "application/vnd.oasis.opendocument.spreadsheet": "mimetype",
}
"""What an archive of each kind holds, or it is another kind."""


def media_type(*, name: str, head: bytes) -> str | None:
    """Media type of a file from its ending and first bytes (512 are enough), or None if not kept."""
    for kind in KINDS:
        if not name.lower().endswith(kind.endings):
            continue
        if kind.magic:
            return kind.media_type if head.startswith(kind.magic) else None
        return kind.media_type if _is_text(head) else None
    return None


def why_not_kept(
    *, name: str, size_bytes: int, max_bytes: int, kind: str | None, head: bytes = b""
) -> str:
    """The reason why a file is refused, or an empty text if it is kept."""
    if size_bytes == 0:
        return _("“%(name)s” is empty.") % {"name": name}
    if size_bytes > max_bytes:
        return _("“%(name)s” is larger than %(limit)d MB. Split it or lower its resolution.") % {
            "name": name,
            "limit": max_bytes // 2**20,
        }
    if kind is None:
        return _why_no_kind(name, head)
    return ""


def why_not_text(name: str) -> str:
    """The reason why a text that is not UTF-8 throughout is refused."""
    return _("“%(name)s” is not a text in UTF-8. Save it as UTF-8, and attach that.") % {
        "name": name
    }


def why_not_inside(*, name: str, kind: str, inside: Collection[str] | None) -> str:
    """The reason why a file is refused for the archive that it is (``inside``: names of its parts, None: it is none)."""
    if kind in BECOME_ARCHIVES and inside:
        return _(
            "“%(name)s” is an archive too, which can hide something. Print or save it anew, and attach that."
        ) % {"name": name}
    if kind not in HELD:
        return ""
    if inside is None or HELD[kind] not in inside:
        return _("“%(name)s” is damaged, or not what its name says.") % {"name": name}
    if any(part.lower().endswith("vbaproject.bin") for part in inside):
        return _("“%(name)s” contains macros. Save it without them, and attach that.") % {
            "name": name
        }
    return ""


def _why_no_kind(name: str, head: bytes) -> str:
    really = next((it for it in KINDS if it.magic and head.startswith(it.magic)), None)
    named = any(name.lower().endswith(kind.endings) for kind in KINDS)
    if named and really is not None:
        return _(
            "“%(name)s” is not what its name says: it begins like %(ending)s. Name it so, if that is what it is."
        ) % {"name": name, "ending": really.endings[0]}
    return _("“%(name)s” is not a file of a kind that is kept here (%(endings)s).") % {
        "name": name,
        "endings": ", ".join(ending for kind in KINDS for ending in kind.endings),
    }


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    try:
        head.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3 and len(head) >= 512
    return not head.startswith((b"MZ", b"#!"))
