"""One spelling for one value: the JSON text whose SHA-256 stands for a record.

Follows RFC 8785 (JSON Canonicalization Scheme) for the values Sankul stores: sorted keys, no white space, UTF-8; numbers
other than integers are kept as strings so that no reader's floating point can change them.
"""

import hashlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any


def text(value: Any) -> str:
    """The canonical JSON text of ``value``; times are told in UTC.

    Raises TypeError for what has no single spelling: floats, NaN and infinities, times without a zone, keys that collide as
    text, unknown types.
    """
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
            return _number(value)
        case datetime():
            return _moment(value)
        case date():
            return value.isoformat()
        case dict():
            return _object(value)
        case list() | tuple():
            return [_plain(item) for item in value]
        case set() | frozenset():
            return sorted(_plain(item) for item in value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise TypeError(f"{value} has no canonical form")
    if not value:
        return "0"
    text = format(value, "f")  # Decimal.normalize would round to the precision of the context
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise TypeError("a time without its zone has no canonical form")
    return value.astimezone(UTC).isoformat()


def _object(value: dict[Any, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, item in value.items():
        if str(key) in plain:
            raise TypeError(f"the key {key} is there twice")
        plain[str(key)] = _plain(item)
    return plain
