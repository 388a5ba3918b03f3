"""One spelling for one value: the JSON text whose SHA-256 stands for a record.

Follows RFC 8785 (JSON Canonicalization Scheme) for the values Sankul stores: sorted keys, no white space, UTF-8; numbers
other than integers are kept as strings so that no reader's floating point can change them.
"""

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any


def text(value: Any) -> str:
    """The canonical JSON text of ``value``. Raises TypeError for floats and unknown types."""
    return json.dumps(
        _plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def sha256(body: str | bytes) -> str:
    """Hexadecimal SHA-256 of a text (as UTF-8) or of bytes."""
    return hashlib.sha256(body.encode() if isinstance(body, str) else body).hexdigest()


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int():
            return value
        case str():
            return str(value)
        case Decimal():
            return format(value.normalize(), "f")
        case datetime() | date():
            return value.isoformat()
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case set() | frozenset():
            return sorted(_plain(item) for item in value)
    raise TypeError(f"{type(value).__name__} has no canonical form")
