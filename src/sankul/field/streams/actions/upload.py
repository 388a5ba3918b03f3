"""Tables of observations that people send: read line by line, and taken in as every door does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import IO
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import gettext as _t

from sankul.core import tables
from sankul.core.tables import cells
from sankul.core.tables.cells import Misread
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.queries.streams import own_names
from sankul.field.streams.rules.batches import Batch, Details
from sankul.field.streams.rules.clocks import instant
from sankul.field.streams.rules.numbers import micros
from sankul.field.streams.rules.uploads import Said, Wrong, said

from . import letters
from .ingest import ingest

BATCH_ROWS = 20_000
SHOWN = 50


@dataclass
class Uploaded:
    """What became of a table: how many observations were new, were there already, were refused; the first refusals by place."""

    new: int = 0
    known: int = 0
    refused: int = 0
    reasons: list[tuple[str, str]] = field(default_factory=list)

    def refuse(self, found: Iterable[tuple[str, str]]) -> None:
        """Count refusals (place, reason) and remember the first."""
        for one in found:
            self.refused += 1
            if len(self.reasons) < SHOWN:
                self.reasons.append(one)


def upload(*, file: IO[bytes], sender: Sender, zone: ZoneInfo | None, at: datetime) -> Uploaded:
    """Take in a table (CSV or XLSX) of observations; times without an offset are of ``zone``.

    Sent twice, it is the same as once; so one that broke off is sent again whole. What is wrong is refused by its place and kept
    as a dead letter, the rest lands. Raises Unreadable where the table as a whole cannot be read, and Forbidden.
    """
    done = Uploaded()
    with tables.opened(file) as table:
        lines = said(table, own_names(sender.actor))
        while some := list(islice(lines, BATCH_ROWS)):
            _take_in(some, sender, zone, at, done)
    return done


def _take_in(
    some: list[Said | Wrong], sender: Sender, zone: ZoneInfo | None, at: datetime, done: Uploaded
) -> None:
    wrong: list[Wrong] = []
    times: list[int] = []
    rows: list[Said] = []
    for line in some:
        if isinstance(line, Wrong):
            wrong.append(line)
            continue
        try:
            times.append(micros(instant(line.time, zone)))
            rows.append(line)
        except Misread as error:
            reason = f"{error.wrong} {_t('Expected: %s.') % error.expected}"
            wrong.append(Wrong(line.place, reason, cells.shown(line.time)))
    for batch in _batches(rows, times):
        taken = ingest(batch=batch, sender=sender, at=at)
        done.new += taken.new
        done.known += len(batch) - taken.new - len(taken.letters)
        done.refuse((letter.place, letter.reason) for letter in taken.letters)
    letters.keep_unread(unread=wrong, sender=sender, at=at)
    done.refuse((one.place, one.reason) for one in wrong)


def _batches(rows: list[Said], times: list[int]) -> Iterator[Batch]:
    """One batch, or one for each set of units where a stream is told with several, or in some rows without one."""
    units = {(row.stream_id, row.unit) for row in rows}
    if len(units) == len({stream_id for stream_id, _ in units}):
        if rows:
            yield _batch(rows, times, {stream_id: unit for stream_id, unit in units if unit})
        return
    for unit in sorted({row.unit for row in rows}):
        chosen = [place for place, row in enumerate(rows) if row.unit == unit]
        own = [rows[place] for place in chosen]
        told = {row.stream_id: unit for row in own if unit}
        yield _batch(own, [times[place] for place in chosen], told)


def _batch(rows: list[Said], times: list[int], units: dict[int, str]) -> Batch:
    missing: dict[int, Details] = {
        place: {"result": None} for place, row in enumerate(rows) if row.value is None
    }
    return Batch(
        np.array([row.stream_id for row in rows], np.int64),
        np.array(times, np.int64),
        np.array([np.nan if row.value is None else row.value for row in rows], np.float64),
        missing,
        units,
        [row.place for row in rows],
    )
