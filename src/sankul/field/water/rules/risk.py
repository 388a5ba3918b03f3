"""Which contaminants stand above their limits at a source, and since when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import Final

from .limits import Finding, Standing


@dataclass(frozen=True)
class Judged:
    """One result of a source, judged."""

    source: int
    parameter: str
    taken_at: datetime
    value: Decimal
    finding: Finding


@dataclass(frozen=True)
class Risk:
    """A parameter whose last judged result is unsafe; ``since`` is the first of the unbroken row of unsafe ones."""

    source: int
    parameter: str
    since: datetime
    last: Judged


def risks(results: Iterable[Judged]) -> list[Risk]:
    """The risks that stand, those longest there first. Results that nobody can judge neither begin nor end one."""
    ordered = sorted(
        (one for one in results if one.finding.standing != Standing.UNJUDGED),
        key=lambda one: (one.source, one.parameter, one.taken_at),
    )
    found = []
    for _key, group in groupby(ordered, key=lambda one: (one.source, one.parameter)):
        rows = list(group)
        unsafe = []
        for row in reversed(rows):
            if row.finding.standing != Standing.UNSAFE:
                break
            unsafe.append(row)
        if unsafe:
            found.append(Risk(rows[-1].source, rows[-1].parameter, unsafe[-1].taken_at, unsafe[0]))
    return sorted(found, key=lambda one: (one.since, one.source, one.parameter))


TESTED_FOR: Final = timedelta(days=183)
"""For so long a good test tells of safety: a drinking source is tested for germs twice a year (Uniform Drinking Water Quality
Monitoring Protocol, Ministry of Drinking Water and Sanitation, 2013)."""


class Known(StrEnum):
    """What can be said of a drinking source."""

    UNSAFE = "unsafe"
    SAFE = "safe"
    UNTESTED = "untested"
    LONG_AGO = "long_ago"
    SILENT = "silent"


def known(
    *, is_unsafe: bool, tested_at: datetime | None, silent_since: datetime | None, at: datetime
) -> Known:
    """What can be said of a source at a moment; silence is never safety.

    ``silent_since`` is when a sensor there fell silent, None while all send or there is none.
    """
    if is_unsafe:
        return Known.UNSAFE
    if tested_at is None:
        return Known.UNTESTED
    if at - tested_at > TESTED_FOR:
        return Known.LONG_AGO
    return Known.SILENT if silent_since is not None else Known.SAFE
