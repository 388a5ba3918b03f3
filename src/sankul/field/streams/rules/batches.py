"""A batch of observations in columns, and what is wrong with rows of it by themselves. Arrays in, arrays out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypedDict

import numpy as np
from django.utils.translation import gettext as _t
from numpy.typing import NDArray

from .numbers import FIRST_YEAR, LAST_YEAR, micros, moment
from .words import RefusalCode

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

AHEAD = timedelta(minutes=10)
"""How far a device's clock may be ahead of ours."""
BEHIND = timedelta(days=366)
"""How long a device may have kept what it sends; a clock that was reset is further off."""


class Details(TypedDict, total=False):
    """What an observation has beyond stream, time and a number.

    ``result``, if it is there, is a result that is no number (None: the value is missing), and the value in the column is NaN.
    """

    result: Any
    ends_at: datetime
    result_at: datetime
    valid_from: datetime
    valid_until: datetime
    parameters: Any
    quality: Any
    feature_id: int


@dataclass(frozen=True)
class Batch:
    """Observations in columns of equal length: stream ids, microseconds since 1970 (UTC), values (float64).

    ``details`` has what else there is of some rows, by row; ``units`` the unit that the sender names for a stream, by stream id;
    ``places`` where each row stood in what was sent ("row 7" if it is left out). If ``needs_feature``, rows that name no feature
    of interest get the one of where their thing is (OGC 18-088, clause 10), and are refused if that is nowhere.
    """

    stream_ids: Ints
    time_us: Ints
    values: Floats
    details: Mapping[int, Details] = field(default_factory=dict)
    units: Mapping[int, str] = field(default_factory=dict)
    places: Sequence[str] | None = None
    needs_feature: bool = False

    def __post_init__(self) -> None:
        if not len(self.stream_ids) == len(self.time_us) == len(self.values):
            raise ValueError("columns of a batch are of equal length")

    def __len__(self) -> int:
        return len(self.values)

    def place(self, row: int) -> str:
        """Where a row stood in what was sent."""
        return self.places[row] if self.places else _t("row %d") % (row + 1)

    @classmethod
    def of(cls, *rows: tuple[int, datetime, float]) -> Batch:
        """A batch of (stream id, aware datetime, value)."""
        return cls(
            np.array([row[0] for row in rows], np.int64),
            np.array([micros(row[1]) for row in rows], np.int64),
            np.array([row[2] for row in rows], np.float64),
        )


class Letter(NamedTuple):
    """Why a row was not taken in."""

    row: int
    code: RefusalCode
    reason: str
    place: str


class Window(NamedTuple):
    """Times that are believed, in microseconds since 1970, both included."""

    first_us: int
    last_us: int


def device_window(at: datetime) -> Window:
    """What is believed of a device's clock at this moment."""
    return Window(micros(at - BEHIND), micros(at + AHEAD))


YEARS = Window(
    int(np.datetime64(f"{FIRST_YEAR}-01-01", "us").astype(np.int64)),
    int(np.datetime64(f"{LAST_YEAR + 1}-01-01", "us").astype(np.int64)) - 1,
)


def year_letters(batch: Batch) -> list[Letter]:
    """Rows whose year cannot be stored."""
    wrong = (batch.time_us < YEARS.first_us) | (batch.time_us > YEARS.last_us)
    told = _t("Years from %(first)d to %(last)d can be stored.")
    reason = told % {"first": FIRST_YEAR, "last": LAST_YEAR}
    return _letters(batch, wrong, RefusalCode.YEAR, lambda row: reason)


def clock_letters(batch: Batch, window: Window, at: datetime) -> list[Letter]:
    """Rows whose time a device's clock cannot have told rightly."""
    years = (batch.time_us >= YEARS.first_us) & (batch.time_us <= YEARS.last_us)
    wrong = years & ((batch.time_us < window.first_us) | (batch.time_us > window.last_us))
    told = _t("The clock is far off: it says %(said)s, and here it is %(now)s (UTC).")

    def reason(row: int) -> str:
        said = moment(int(batch.time_us[row]))
        return told % {"said": f"{said:%Y-%m-%d %H:%M:%S}", "now": f"{at:%Y-%m-%d %H:%M:%S}"}

    return _letters(batch, wrong, RefusalCode.CLOCK, reason)


def value_letters(batch: Batch) -> list[Letter]:
    """Rows whose value is NaN or infinite, and no other result is given."""
    wrong = ~np.isfinite(batch.values)
    for row, details in batch.details.items():
        if "result" in details:
            wrong[row] = False
    told = _t("The value is %s; a finite number is expected, or null where it is missing.")
    return _letters(
        batch, wrong, RefusalCode.NOT_FINITE, lambda row: told % float(batch.values[row])
    )


def interval_letters(batch: Batch) -> list[Letter]:
    """Rows whose time is an interval that ends before it begins."""
    reason = _t("The interval of time ends before it begins.")
    return [
        Letter(row, RefusalCode.UNREADABLE, reason, batch.place(row))
        for row, details in batch.details.items()
        if "ends_at" in details and micros(details["ends_at"]) < batch.time_us[row]
    ]


class Sorted(NamedTuple):
    """The rows of a batch by (stream, time), once each.

    ``rows`` are the first of each; ``again`` the rows that repeat one, ``first`` those that they repeat.
    """

    rows: Ints
    again: Ints
    first: Ints


def in_order(stream_ids: Ints, time_us: Ints, rows: Ints) -> Sorted:
    """Sort ``rows`` by (stream, time), the first of equals first, and set the others apart."""
    streams, times = stream_ids[rows], time_us[rows]
    if not _rises(streams, times):
        rows = rows[np.lexsort((times, streams))]
        streams, times = stream_ids[rows], time_us[rows]
    is_first = np.ones(len(rows), bool)
    is_first[1:] = (streams[1:] != streams[:-1]) | (times[1:] != times[:-1])
    leader = rows[is_first][np.cumsum(is_first) - 1] if len(rows) else rows
    return Sorted(rows[is_first], rows[~is_first], leader[~is_first])


def starts_of(column: NDArray[Any]) -> Ints:
    """Where runs of equal values begin in a sorted column, and its length at the end."""
    if not len(column):
        return np.zeros(1, np.int64)
    edges = np.flatnonzero(column[1:] != column[:-1]) + 1
    return np.concatenate(([0], edges, [len(column)])).astype(np.int64)


def _rises(streams: Ints, times: Ints) -> bool:
    later = times[1:] > times[:-1]
    return bool(np.all((streams[1:] > streams[:-1]) | ((streams[1:] == streams[:-1]) & later)))


def _letters(
    batch: Batch, wrong: Mask, code: RefusalCode, reason: Callable[[int], str]
) -> list[Letter]:
    return [
        Letter(int(row), code, reason(int(row)), batch.place(int(row)))
        for row in np.flatnonzero(wrong)
    ]


@dataclass
class Sieve:
    """Which rows of a batch are still to be taken in, and why the others are not."""

    batch: Batch
    left: Mask
    letters: list[Letter] = field(default_factory=list)

    @classmethod
    def of(cls, batch: Batch) -> Sieve:
        """All rows of a batch but those that are wrong by themselves."""
        sieve = cls(batch, np.ones(len(batch), bool))
        for found in (year_letters(batch), value_letters(batch), interval_letters(batch)):
            sieve.drop(found)
        return sieve

    @property
    def rows(self) -> Ints:
        """The rows that are left, in the order of the batch."""
        return np.flatnonzero(self.left)

    def drop(self, letters: list[Letter]) -> None:
        """Refuse rows; of several reasons the first is told."""
        for letter in letters:
            if self.left[letter.row]:
                self.left[letter.row] = False
                self.letters.append(letter)

    def refuse(self, rows: Ints, code: RefusalCode, reason: Callable[[int], str]) -> None:
        """Refuse rows for a reason of each."""
        place = self.batch.place
        self.drop([Letter(row, code, reason(row), place(row)) for row in rows.tolist()])


class Places(Sequence[str]):
    """The places of rows of several batches one after the other, each told when it is asked for: of most rows nobody asks."""

    def __init__(self, batches: Sequence[Batch], starts: Sequence[int]) -> None:
        self._batches, self._starts = batches, starts

    def __len__(self) -> int:
        return self._starts[-1]

    def __getitem__(self, row: Any) -> Any:
        """The place of a row in what it was sent with."""
        if not 0 <= row < len(self):
            raise IndexError(row)
        number = bisect_right(self._starts, row) - 1
        return self._batches[number].place(row - self._starts[number])


def joined(batches: Sequence[Batch]) -> Batch:
    """One batch of several with the same units and needs, one after the other; each row keeps the name of its place."""
    if len(batches) == 1:
        return batches[0]
    starts = np.cumsum([0, *(len(batch) for batch in batches)]).tolist()
    details = {
        start + row: kept
        for start, batch in zip(starts, batches, strict=False)
        for row, kept in batch.details.items()
    }
    return Batch(
        np.concatenate([batch.stream_ids for batch in batches]),
        np.concatenate([batch.time_us for batch in batches]),
        np.concatenate([batch.values for batch in batches]),
        details,
        batches[0].units,
        Places(batches, starts),
        batches[0].needs_feature,
    )
