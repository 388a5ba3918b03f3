"""Disclosure control: which figures to withhold so that no one is known by subtraction.

Everything published is a sum over atoms, the smallest parts that the publications tell apart: the
cells of a table, or the answers that are in the same published sets. Whoever reads it can solve for
what is not shown. The rule: from all that is shown, of no atom with an answer in it may it follow
that it holds fewer answers than the threshold. Then no sum, difference or combination of
published figures is the figure of fewer answers than that: were the atoms of some union known
to hold fewer together, each of them would be.

A shown figure below the threshold breaks the rule itself (primary suppression); the rest is
complementary. The pattern is the cheapest there is: a linear programme is the reader, its dual
solution names the figures that give an atom away, one of these must be withheld, and an integer
programme chooses, again and again until the reader learns nothing (Fischetti and Salazar-González,
Management Science 47, 2001; Willenborg and de Waal, Elements of Statistical Disclosure Control,
2001).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from .problems import FeedbackError, Floats, Ints

TOTAL: Final = "*"
SLACK: Final = 1e-6


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


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What was answered: ``totals[atoms]`` on a scale from ``least`` to ``most``.

    With it the rule says more: even who knows how many answered in every atom must not learn the
    mean answer of a small one more closely than ``width``. Without, a mean at the very end of the
    scale over two small atoms would tell what everyone in them said.
    """

    totals: Floats
    least: float
    most: float
    width: float


@dataclass(frozen=True, slots=True)
class Exposure:
    """An atom of which what is shown proves that it holds ``at_most`` answers."""

    atom: tuple[str, ...]
    count: int
    at_most: float
    by: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is shown and what is withheld; ``primary`` of it because it is too small itself."""

    shown: frozenset[tuple[str, ...]]
    withheld: frozenset[tuple[str, ...]]
    primary: frozenset[tuple[str, ...]]
    threshold: int
    rounds: int


def withhold(
    sums: Sums,
    *,
    threshold: int = 5,
    answers: Answers | None = None,
    cost: Floats | None = None,
    published: Collection[tuple[str, ...]] = (),
) -> Pattern:
    """The cheapest figures to withhold so that the rule holds.

    ``cost[figures]`` is what withholding one loses: the number of its answers and one, unless given
    (so that totals are kept as long as possible). ``published`` figures are out already and cannot
    be withheld: those of earlier releases. Figures without answers may be withheld like others.

    Raises FeedbackError where the figures that are out already break the rule, naming whom they
    expose, for a threshold below 2, and for answers that do not lie on their scale.
    """
    if threshold < 2:
        raise FeedbackError(f"a threshold of {threshold}; expected 2 or more")
    price = np.asarray(sums.counts + 1.0 if cost is None else cost, dtype=np.float64)
    if price.shape != (len(sums.names),) or not (price > 0).all():
        raise FeedbackError("each figure has a cost above zero")
    if answers is not None:
        _refuse_off_scale(sums, answers)
    out = _mask(sums, published)
    primary = (sums.counts > 0) & (sums.counts < threshold)
    _refuse_exposed(sums, out, threshold)
    cuts = [_unit(k, len(out)) > 0 for k in np.flatnonzero(primary).tolist()]
    shown, rounds = ~primary, 0
    while fresh := [cut & ~out for cut in _cuts(sums, shown, threshold, answers)]:
        rounds += 1
        cuts += fresh
        shown = ~_cheapest(price, cuts)
    return Pattern(
        _named(sums, shown), _named(sums, ~shown), _named(sums, primary), threshold, rounds
    )


def exposures(
    sums: Sums, shown: Collection[tuple[str, ...]], *, threshold: int = 5
) -> tuple[Exposure, ...]:
    """Every atom that the shown figures give away: with answers, and provably fewer than threshold."""
    mask = _mask(sums, shown)
    found = []
    for atom in _small(sums, threshold):
        high, dual = _highest(sums, mask, atom)
        if high < threshold - SLACK:
            by = tuple(sums.names[k] for k in np.flatnonzero(dual))
            found.append(Exposure(sums.atoms[atom], int(sums.count[atom]), high, by))
    return tuple(found)


def ranges(sums: Sums, shown: Collection[tuple[str, ...]]) -> tuple[Floats, Floats]:
    """What a reader of the shown figures can prove of each atom: least and most answers in it."""
    reader = _counting(sums, _mask(sums, shown))
    found = [reader.range(atom)[:2] for atom in range(len(sums.atoms))]
    low, high = np.array(found).T
    return low, high


def mean_ranges(
    sums: Sums, shown: Collection[tuple[str, ...]], answers: Answers
) -> tuple[Floats, Floats]:
    """The same of each atom's mean answer, for a reader who also knows how many answered everywhere.

    NaN for atoms without an answer.
    """
    reader = _weighing(sums, _mask(sums, shown), answers)
    found = [reader.range(atom)[:2] for atom in range(len(sums.atoms))]
    count = np.where(sums.count > 0, sums.count, np.nan)
    low, high = np.array(found).T / count
    return low, high


def _mask(sums: Sums, names: Collection[tuple[str, ...]]) -> NDArray[np.bool_]:
    known = set(names)
    return np.array([name in known for name in sums.names])


def _small(sums: Sums, threshold: int) -> list[int]:
    """Atoms that could be given away: an atom's true count is never excluded."""
    return np.flatnonzero((sums.count > 0) & (sums.count < threshold)).tolist()


def _unit(at: int, size: int) -> Floats:
    unit = np.zeros(size)
    unit[at] = 1.0
    return unit


@dataclass(frozen=True, slots=True)
class _Solved:
    """The least a goal can be, and which equations prove it."""

    least: float
    proof: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _Reader:
    """Whoever knows the sums of ``right`` and that each atom lies within ``bounds[atoms × 2]``."""

    sums: Sums
    shown: NDArray[np.bool_]
    right: Floats
    bounds: Floats

    def least(self, goal: Floats) -> _Solved:
        """The least of goal·x that fits what is shown."""
        proof = np.zeros(len(self.sums.names), dtype=np.bool_)
        at = np.flatnonzero(self.shown)
        given = {"A_eq": self.sums.matrix[at], "b_eq": self.right[at]} if at.size else {}
        solved: Any = linprog(goal, bounds=self.bounds, method="highs", **given)
        if solved.status == 3:
            return _Solved(float("-inf"), proof)
        if solved.status != 0:
            raise FeedbackError(f"the reader's programme was not solved: {solved.message}")
        if at.size:
            proof[at] = np.abs(solved.eqlin.marginals) > 1e-9
        return _Solved(float(solved.fun), proof)

    def range(self, atom: int) -> tuple[float, float, NDArray[np.bool_]]:
        """The least and the most that an atom can be, and the figures that prove both."""
        low = self.least(_unit(atom, len(self.sums.atoms)))
        high = self.least(-_unit(atom, len(self.sums.atoms)))
        return low.least, -high.least, low.proof | high.proof


def _counting(sums: Sums, shown: NDArray[np.bool_]) -> _Reader:
    """A reader who knows of an atom's answers only that they are not fewer than none."""
    bounds = np.tile([0.0, np.inf], (len(sums.atoms), 1))
    return _Reader(sums, shown, sums.counts.astype(np.float64), bounds)


def _weighing(sums: Sums, shown: NDArray[np.bool_], answers: Answers) -> _Reader:
    """A reader who knows every count, and asks for the totals of answers."""
    bounds = sums.count[:, None] * np.array([[answers.least, answers.most]])
    return _Reader(sums, shown, np.asarray(sums.matrix @ answers.totals), bounds)


def _highest(sums: Sums, shown: NDArray[np.bool_], atom: int) -> tuple[float, NDArray[np.bool_]]:
    """The most answers that the atom may hold, and the figures that prove it."""
    solved = _counting(sums, shown).least(-_unit(atom, len(sums.atoms)))
    return -solved.least, solved.proof


def _cuts(
    sums: Sums, shown: NDArray[np.bool_], threshold: int, answers: Answers | None
) -> list[NDArray[np.bool_]]:
    """For each atom given away, the figures of which one must be withheld."""
    small = _small(sums, threshold)
    found = [_highest(sums, shown, atom) for atom in small]
    cuts = [using for high, using in found if high < threshold - SLACK]
    if answers is not None and not cuts:
        reader = _weighing(sums, shown, answers)
        for atom in small:
            low, high, using = reader.range(atom)
            if (high - low) / sums.count[atom] < answers.width - SLACK:
                cuts.append(using)
    return cuts


def _cheapest(price: Floats, cuts: list[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """The cheapest figures with one of every cut."""
    needed = LinearConstraint(np.array(cuts, dtype=np.float64), 1, np.inf)
    solved: Any = milp(price, constraints=needed, integrality=1, bounds=Bounds(0, 1))
    if solved.status != 0:
        raise FeedbackError(f"no figures to withhold were found: {solved.message}")
    return np.asarray(solved.x > 0.5)


def _refuse_off_scale(sums: Sums, answers: Answers) -> None:
    low, high = sums.count * answers.least, sums.count * answers.most
    wide = 0 < answers.width <= answers.most - answers.least
    if answers.totals.shape != low.shape or not wide:
        raise FeedbackError("answers have a total for every atom and a width within their scale")
    if ((answers.totals < low - SLACK) | (answers.totals > high + SLACK)).any():
        raise FeedbackError("a total of answers lies outside their scale")


def _refuse_exposed(sums: Sums, out: NDArray[np.bool_], threshold: int) -> None:
    given = exposures(sums, _named(sums, out), threshold=threshold) if out.any() else ()
    if given:
        first = given[0]
        by = "; ".join(" / ".join(name) for name in first.by)
        raise FeedbackError(
            f"what is published already shows that {' / '.join(first.atom)} holds at most "
            f"{first.at_most:.0f} answers, fewer than {threshold}: {by}"
        )


def _named(sums: Sums, mask: NDArray[np.bool_]) -> frozenset[tuple[str, ...]]:
    return frozenset(sums.names[k] for k in np.flatnonzero(mask))
