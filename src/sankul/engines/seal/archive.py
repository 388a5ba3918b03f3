"""One ZIP for one content: stored uncompressed, in order, without times (APPNOTE 6.3, no ZIP64).

Equal files give equal bytes on every machine and with every library's version.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .problems import SealError

_VERSION: Final = 20
_UTF8: Final = 0x0800
_DATE: Final = 0x0021  # 1 January 1980, the earliest that a ZIP can tell
_MADE_BY: Final = (3 << 8) | _VERSION  # Unix
_MODE: Final = 0o100644 << 16
_LIMIT: Final = 2**32 - 1


def packed(files: Mapping[str, bytes]) -> bytes:
    """The ZIP of these files, in this order.

    Raises SealError beyond 65,535 files or 4 GiB.
    """
    out, directory = io.BytesIO(), io.BytesIO()
    for path, content in files.items():
        name, at = path.encode(), out.tell()
        common = struct.pack(
            "<HHHHHIIIHH",
            _VERSION,
            _UTF8,
            0,
            0,
            _DATE,
            zlib.crc32(content),
            len(content),
            len(content),
            len(name),
            0,
        )
        if at + len(content) > _LIMIT or len(files) > 0xFFFF:
            raise SealError("a ZIP holds 65,535 files and 4 GiB; write a folder instead")
        out.write(b"PK\x03\x04" + common + name + content)
        rest = struct.pack("<HHHII", 0, 0, 0, _MODE, at)
        directory.write(b"PK\x01\x02" + struct.pack("<H", _MADE_BY) + common + rest + name)
    at, listed = out.tell(), directory.getvalue()
    end = struct.pack("<HHHHIIH", 0, 0, len(files), len(files), len(listed), at, 0)
    return out.getvalue() + listed + b"PK\x05\x06" + end


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The files of a ZIP as they lie there, and what is wrong with the ZIP itself, if anything."""

    files: dict[str, bytes]
    damage: str


def unpacked(data: bytes) -> Unpacked:
    """Read a ZIP made by ``packed``, changed or not.

    Contents are taken as they are, whatever their checksum, so that a change can be named.
    """
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                if info.filename in files:
                    return Unpacked(files, f"{info.filename} stands there twice")
                if info.compress_type != zipfile.ZIP_STORED:
                    return Unpacked(files, f"{info.filename} is compressed")
                files[info.filename] = _content(data, info)
    except (zipfile.BadZipFile, ValueError, struct.error, OSError, NotImplementedError) as error:
        return Unpacked(files, f"it cannot be read as a ZIP: {error}")
    return Unpacked(files, _difference(data, packed(files)))


def _content(data: bytes, info: zipfile.ZipInfo) -> bytes:
    name, extra = struct.unpack_from("<HH", data, info.header_offset + 26)
    start = info.header_offset + 30 + name + extra
    return data[start : start + info.file_size]


def _difference(found: bytes, expected: bytes) -> str:
    """Where the bytes leave those of the one ZIP with these contents."""
    if found == expected:
        return ""
    pairs = enumerate(zip(found, expected, strict=False))
    at = next((k for k, (one, other) in pairs if one != other), min(len(found), len(expected)))
    return f"its headers or directory are not those of its contents, from byte {at} on"
