"""Figures that may be published, as sums over the smallest parts that they tell apart."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from .problems import FeedbackError, Ints

TOTAL: Final = "*"


@dataclass(frozen=True, eq=False)
class Sums:
    """Figures that may be published: ``matrix[figures × atoms]`` of 0 and 1, by ``names``.

    ``count[atoms]`` is the number of answers in each atom. Make them by ``table`` or ``sets``.
    """

    names: tuple[tuple[str, ...], ...]
    atoms: tuple[tuple[str, ...], ...]
    matrix: csr_array
    count: Ints

    @property
    def counts(self) -> Ints:
        """The number of answers in each figure."""
        return np.asarray(self.matrix @ self.count, dtype=np.int64)


def table(count: NDArray[np.int64], labels: Sequence[Sequence[str]]) -> Sums:
    """A table of any number of axes with all its totals: "*" stands for the sum over an axis.

    ``labels`` names the places of each axis: groups, units, questions. Raises FeedbackError for
    labels that do not fit or repeat, and for counts below zero.
    """
    if count.shape != tuple(len(axis) for axis in labels):
        raise FeedbackError(f"a table of {count.shape} has labels for {[len(a) for a in labels]}")
    if any(len(set(axis)) < len(axis) or TOTAL in axis for axis in labels):
        raise FeedbackError(f'labels of an axis are different texts other than "{TOTAL}"')
    if (count < 0).any():
        raise FeedbackError("a count is below zero")
    atoms = tuple(product(*labels))
    position = {atom: k for k, atom in enumerate(atoms)}
    names = tuple(product(*((*axis, TOTAL) for axis in labels)))
    rows, columns = [], []
    for k, name in enumerate(names):
        wide = [axis if at == TOTAL else [at] for at, axis in zip(name, labels, strict=True)]
        inside = [position[atom] for atom in product(*wide)]
        rows += [k] * len(inside)
        columns += inside
    return Sums(names, atoms, _matrix(rows, columns, len(names), len(atoms)), count.ravel())


def sets(published: Mapping[tuple[str, ...], Collection[str]]) -> Sums:
    """Any sets of answers (by id), such as the figures of several years or filters.

    Atoms are the answers that are in exactly the same sets, named by their least id.
    """
    names = tuple(sorted(published))
    member: dict[str, list[int]] = {}
    for k, name in enumerate(names):
        for answer in set(published[name]):
            member.setdefault(answer, []).append(k)
    atoms: dict[tuple[int, ...], list[str]] = {}
    for answer, of in member.items():
        atoms.setdefault(tuple(of), []).append(answer)
    ordered = sorted(atoms.items(), key=lambda item: min(item[1]))
    rows = [k for of, _ in ordered for k in of]
    columns = [atom for atom, (of, _) in enumerate(ordered) for _ in of]
    count = np.array([len(answers) for _, answers in ordered], dtype=np.int64)
    labels = tuple((min(answers),) for _, answers in ordered)
    return Sums(names, labels, _matrix(rows, columns, len(names), len(ordered)), count)


def _matrix(rows: list[int], columns: list[int], height: int, width: int) -> csr_array:
    ones = np.ones(len(rows))
    return csr_array((ones, (rows, columns)), shape=(height, width))
