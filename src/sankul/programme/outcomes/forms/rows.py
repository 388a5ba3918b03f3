"""Rows that grow without JavaScript: a button sends the form, and it comes back as it was with more of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ROWS = 3
MORE_ROWS = 2


def with_more_rows(
    data: Mapping[str, Any], prefix: str, most: int, fill: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The form as it was sent, with two more rows of ``prefix``, up to ``most``; ``fill`` is what new ones begin with."""
    grown = {key: data[key] for key in data}
    total = grown.get(f"{prefix}-TOTAL_FORMS", "")
    rows = int(total) if total.isascii() and total.isdigit() and len(total) < 6 else ROWS
    wanted = min(rows + MORE_ROWS, most)
    for number in range(rows, wanted):
        grown |= {f"{prefix}-{number}-{name}": value for name, value in (fill or {}).items()}
    return grown | {f"{prefix}-TOTAL_FORMS": str(wanted)}
