"""The one canonical spelling of a package's files, on which its digest rests.

Lines end in LF; keys of a table stand in alphabetical order; a number is its shortest decimal
that reads back the same, without ``.0``; units stand in order of id; an empty cell is a missing
value; the text is UTF-8 without a byte-order mark.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

FILES: Final = (
    "framework.toml",
    "units.csv",
    "values.csv",
    "values_low.csv",
    "values_high.csv",
    "coverage.csv",
)
_SECTIONS: Final = ("node", "indicator", "step", "vary")


def number(value: float) -> str:
    """The shortest decimal that reads back as the same number; empty for NaN."""
    if math.isnan(value):
        return ""
    if value == 0:
        return "0"
    return repr(float(value)).removesuffix(".0")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """CSV text with LF line ends, quoted only where needed."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def framework(content: Mapping[str, Any]) -> str:
    """TOML text of a framework."""
    blocks = ["[framework]\n" + _pairs(content["framework"])]
    for section in _SECTIONS:
        blocks += [f"[[{section}]]\n" + _pairs(row) for row in content.get(section, [])]
    return "\n".join(blocks)


def _pairs(row: Mapping[str, Any]) -> str:
    return "".join(f"{_key(key)} = {_value(row[key])}\n" for key in sorted(row))


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("_", "a").replace("-", "a").isalnum()
    return key if bare else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(value) if abs(value) < 2**53 else repr(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(key)} = {_value(value[key])}" for key in sorted(value))
        return "{ " + inner + " }"
    return "[" + ", ".join(_value(item) for item in value) + "]"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def digest(texts: Mapping[str, str]) -> str:
    """SHA-256 over the files that are there, in fixed order, each after its name and a line end."""
    sha = hashlib.sha256()
    for name in FILES:
        if name in texts:
            sha.update(f"{name}\n{texts[name]}".encode())
    return sha.hexdigest()


def file_digest(text: str) -> str:
    """SHA-256 of one file's text."""
    return hashlib.sha256(text.encode()).hexdigest()
