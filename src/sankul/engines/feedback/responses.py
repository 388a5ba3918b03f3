"""Answers of stakeholder groups about units, to one question or scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .problems import FeedbackError, Floats, Ints


@dataclass(frozen=True, eq=False)
class Responses:
    """One answer a row; make them by ``Responses.of``. Answers of "don't know" are left out.

    ``unit[answers]`` and ``group[answers]`` are positions in ``units`` and ``groups``, which stand
    in alphabetical order.
    """

    units: tuple[str, ...]
    groups: tuple[str, ...]
    unit: Ints
    group: Ints
    value: Floats

    @classmethod
    def of(
        cls,
        units: Sequence[str],
        groups: Sequence[str],
        values: Sequence[float | None],
    ) -> Responses:
        """Checked answers; None and NaN are "don't know". Units without an answer stay, uncounted.

        Raises FeedbackError for columns of different lengths, no answer at all, or an infinite one.
        """
        value = np.array(values, dtype=np.float64)
        if not len(units) == len(groups) == value.size:
            wrong = f"{len(units)} units, {len(groups)} groups and {value.size} values"
            raise FeedbackError(f"answers have {wrong}; expected one of each for every answer")
        if np.isinf(value).any():
            raise FeedbackError(f"answer {int(np.flatnonzero(np.isinf(value))[0]) + 1} is infinite")
        given = ~np.isnan(value)
        if not given.any():
            raise FeedbackError("there is no answer")
        names, of = tuple(sorted(set(units))), tuple(sorted(set(groups)))
        return cls(names, of, _codes(units, names)[given], _codes(groups, of)[given], value[given])

    @property
    def count(self) -> Ints:
        """Answers, [units × groups]."""
        return self._sums(None).astype(np.int64)

    @property
    def mean(self) -> Floats:
        """Mean answers, [units × groups]; NaN without any."""
        count = self._sums(None)
        total = self._sums(self.value)
        return np.asarray(
            np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
        )

    def _sums(self, values: Floats | None) -> Floats:
        shape = (len(self.units), len(self.groups))
        cell = self.unit * shape[1] + self.group
        found = np.bincount(cell, values, shape[0] * shape[1])
        return np.asarray(found.reshape(shape), dtype=np.float64)


def _codes(texts: Sequence[str], names: tuple[str, ...]) -> Ints:
    position = {name: k for k, name in enumerate(names)}
    return np.fromiter((position[text] for text in texts), np.int64, len(texts))
