"""The population that a sample is drawn from, and the digest that freezes it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .problems import SamplingError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Population:
    """All records from which a sample is drawn, in any order; make one by ``Population.of``.

    ``stratum[records]`` holds positions in ``strata``, which is in alphabetical order.
    ``size[records]`` is the size measure, above zero: a record's chance to be drawn grows with it.
    ``claimed[records]`` is the amount claimed, zero or more, in the unit of the totals to estimate.
    """

    ids: tuple[str, ...]
    strata: tuple[str, ...]
    stratum: Ints
    size: Floats
    claimed: Floats

    @classmethod
    def of(
        cls,
        ids: Sequence[str],
        strata: Sequence[str],
        size: Sequence[float] | Floats,
        claimed: Sequence[float] | Floats | None = None,
    ) -> Population:
        """A checked population; ``claimed`` is the size measure where nothing else is given.

        Raises SamplingError for columns of different lengths, no records, a repeated or unusable
        id, a size that is not above zero, and an amount below zero or not finite.
        """
        sizes = np.array(size, dtype=np.float64)
        amounts = sizes.copy() if claimed is None else np.array(claimed, dtype=np.float64)
        _refuse_lengths(len(ids), {"strata": strata, "size": sizes, "claimed": amounts})
        _refuse_texts("id", ids)
        _refuse_texts("stratum", strata)
        _refuse_repeated(ids)
        _refuse_numbers("size", ids, sizes, sizes > 0, "a finite number above zero")
        _refuse_numbers("claimed", ids, amounts, amounts >= 0, "a finite number, zero or more")
        labels = tuple(sorted(set(strata)))
        code = {label: k for k, label in enumerate(labels)}
        codes = np.fromiter((code[label] for label in strata), dtype=np.int64, count=len(strata))
        for array in (codes, sizes, amounts):
            array.setflags(write=False)
        return cls(tuple(ids), labels, codes, sizes, amounts)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def rows_by_stratum(self) -> tuple[Ints, ...]:
        """The rows of each stratum, in the order of ``strata``."""
        order = np.argsort(self.stratum, kind="stable")
        ends = np.cumsum(np.bincount(self.stratum, minlength=len(self.strata)))
        return tuple(np.split(order, ends[:-1]))

    def text(self) -> str:
        """The frozen population: CSV with LF, one line a record in order of id (by code point).

        Columns are id, stratum, size, claimed; a number is the shortest decimal that reads back
        the same, as Python's ``repr`` writes it.
        """
        order = sorted(range(len(self.ids)), key=self.ids.__getitem__)
        names, strata = map(_cell, self.ids), [_cell(name) for name in self.strata]
        columns = (self.stratum.tolist(), self.size.tolist(), self.claimed.tolist())
        lines = [
            f"{name},{strata[code]},{size!r},{claimed!r}\n"
            for name, code, size, claimed in zip(names, *columns, strict=True)
        ]
        return "id,stratum,size,claimed\n" + "".join([lines[k] for k in order])

    @cached_property
    def digest(self) -> str:
        """SHA-256 of ``text()`` in UTF-8, as 64 hexadecimal digits."""
        return hashlib.sha256(self.text().encode()).hexdigest()


def sums(at: Ints, values: Floats, count: int) -> Floats:
    """The sums of values [count] by the position that each is at."""
    return np.asarray(np.bincount(at, values, count), dtype=np.float64)


def _cell(text: str) -> str:
    """The text as a cell of CSV, quoted only where needed (RFC 4180)."""
    if "," in text or '"' in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def _refuse_lengths(records: int, columns: dict[str, Sequence[str] | Floats]) -> None:
    if records == 0:
        raise SamplingError("population", "no records", "at least one record")
    for name, column in columns.items():
        if len(column) != records or np.ndim(column) != 1:
            raise SamplingError(f"population {name}", f"{len(column)} values", f"{records} values")


def _refuse_texts(name: str, texts: Sequence[str]) -> None:
    for k, text in enumerate(texts):
        if not text or not text.isprintable():
            wrong = f"{text!r} in record {k + 1}"
            raise SamplingError(f"population {name}", wrong, "text without control characters")


def _refuse_repeated(ids: Sequence[str]) -> None:
    if len(set(ids)) < len(ids):
        name, times = Counter(ids).most_common(1)[0]
        raise SamplingError("population id", f'"{name}" stands {times} times', "each id once")


def _refuse_numbers(
    name: str, ids: Sequence[str], values: Floats, fine: NDArray[np.bool_], expected: str
) -> None:
    wrong = np.flatnonzero(~(fine & np.isfinite(values)))
    if wrong.size:
        record = int(wrong[0])
        raise SamplingError(f'population {name} of "{ids[record]}"', f"{values[record]}", expected)
