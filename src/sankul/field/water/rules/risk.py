"""Which contaminants stand above their limits at a source, and since when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

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
