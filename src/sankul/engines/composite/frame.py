"""The data of an evaluation: units, their groups and denominators, and their values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .problems import PackageError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A labelled matrix, ``values[units × columns]``; NaN stands for an empty cell."""

    units: tuple[str, ...]
    columns: tuple[str, ...]
    values: NDArray[Any]

    def at(self, unit: str, column: str) -> float | None:
        """The value in one cell, or None when it is empty."""
        value = float(self.values[self.units.index(unit), self.columns.index(column)])
        return None if np.isnan(value) else value

    def column(self, name: str) -> NDArray[Any]:
        """One column, by its name."""
        values: NDArray[Any] = self.values[:, self.columns.index(name)]
        return values


@dataclass(frozen=True, eq=False)
class Frame:
    """The data of one evaluation; units in ascending order of their id.

    ``values``, ``low``, ``high`` and ``coverage`` are [units × indicators], in the order of
    ``indicators``; NaN is a missing value. ``low`` and ``high`` bound a value that verification
    left uncertain. ``coverage`` is the share (0 to 1) of a value that its evidence supports.
    ``groups`` holds text columns of the units, ``denominators`` numeric ones. ``panel`` holds the
    values of every period, this one among them, where values.csv has several and imputing uses them.
    """

    units: tuple[str, ...]
    names: tuple[str, ...]
    indicators: tuple[str, ...]
    values: Floats
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    denominators: Mapping[str, Floats] = field(default_factory=dict)
    period: str = ""
    low: Floats | None = None
    high: Floats | None = None
    coverage: Floats | None = None
    panel: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def time(self) -> float:
        """The time of this period on the scale of ``time_of``."""
        return time_of(self.period)

    def select(self, units: Sequence[str]) -> Frame:
        """The same data for some of the units."""
        rows = [self.units.index(unit) for unit in sorted(units)]
        return Frame(
            units=tuple(self.units[row] for row in rows),
            names=tuple(self.names[row] for row in rows),
            indicators=self.indicators,
            values=self.values[rows],
            groups={name: tuple(g[row] for row in rows) for name, g in self.groups.items()},
            denominators={name: column[rows] for name, column in self.denominators.items()},
            period=self.period,
            low=None if self.low is None else self.low[rows],
            high=None if self.high is None else self.high[rows],
            coverage=None if self.coverage is None else self.coverage[rows],
            panel={period: values[rows] for period, values in self.panel.items()},
        )


def time_of(period: str) -> float:
    """The time of a period: the first number in its label ("2025" and "2025-26" are 2025).

    Raises PackageError for a label without a number.
    """
    found = re.search(r"[0-9]+([.][0-9]+)?", period)
    if found is None:
        wrong = f'the period "{period}" has no number in it'
        raise PackageError.one("values.csv period", wrong, 'a period such as "2025" or "2025-26"')
    return float(found.group())


def frozen(values: NDArray[Any]) -> NDArray[Any]:
    """The array, made read-only, so that a frozen record stays as it was."""
    values.setflags(write=False)
    return values
