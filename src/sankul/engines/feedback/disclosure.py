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

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from .problems import FeedbackError, Floats
from .sums import Sums

SLACK: Final = 1e-6
# Of the integer programme's tree: a limit of time would not give equal results everywhere.
NODES: Final = 20_000


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
    """What is shown and what is withheld; ``primary`` of it because it is too small itself.

    ``cheapest`` says whether no other safe pattern costs less.
    """

    shown: frozenset[tuple[str, ...]]
    withheld: frozenset[tuple[str, ...]]
    primary: frozenset[tuple[str, ...]]
    threshold: int
    rounds: int
    cheapest: bool


def withhold(
    sums: Sums,
    *,
    threshold: int = 5,
    answers: Answers | None = None,
    cost: Floats | None = None,
    published: Collection[tuple[str, ...]] = (),
    exact_rounds: int = 10,
) -> Pattern:
    """The cheapest figures to withhold so that the rule holds.

    ``cost[figures]`` is what withholding one loses: the number of its answers and one, unless given
    (so that totals are kept as long as possible). ``published`` figures are out already and cannot
    be withheld: those of earlier releases. Figures without answers may be withheld like others.
    After ``exact_rounds`` what is withheld stays so and more is added, which ends soon, and what
    need not be withheld is shown again: large tables of several axes then get a pattern that is as
    safe but not proved to be the ``cheapest``.

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
    shown, rounds, proved = ~primary, 0, True
    rules, small = _rules(sums, threshold, answers), _small(sums, threshold)
    while fresh := [cut & ~out for cut in _cuts(rules, shown, small)]:
        rounds += 1
        cuts += fresh
        kept = ~shown if rounds > exact_rounds else np.zeros_like(out)
        withheld, surely = _cheapest(price, cuts, kept)
        shown, proved = ~withheld, proved and surely and rounds <= exact_rounds
    if not proved:
        shown = _restored(rules, shown, small, price, primary)
    return Pattern(
        _named(sums, shown), _named(sums, ~shown), _named(sums, primary), threshold, rounds, proved
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


Rule = Callable[[NDArray[np.bool_], int], NDArray[np.bool_] | None]


def _rules(sums: Sums, threshold: int, answers: Answers | None) -> list[Rule]:
    """What must not follow of an atom from what is seen; each gives the proof where it does."""

    def count(seen: NDArray[np.bool_], atom: int) -> NDArray[np.bool_] | None:
        high, proof = _highest(sums, seen, atom)
        return proof if high < threshold - SLACK else None

    def mean(seen: NDArray[np.bool_], atom: int) -> NDArray[np.bool_] | None:
        if answers is None:
            return None
        low, high, proof = _weighing(sums, seen, answers).range(atom)
        return proof if (high - low) / sums.count[atom] < answers.width - SLACK else None

    return [count] if answers is None else [count, mean]


def _cuts(rules: list[Rule], shown: NDArray[np.bool_], small: list[int]) -> list[NDArray[np.bool_]]:
    """For each atom given away, figures of which one must be withheld: several disjoint sets."""
    for rule in rules:
        found = [cut for atom in small for cut in _disjoint(rule, shown, atom)]
        if found:
            return found
    return []


def _disjoint(rule: Rule, shown: NDArray[np.bool_], atom: int) -> Iterator[NDArray[np.bool_]]:
    """Proofs against an atom that have no figure in common; the more, the fewer rounds."""
    seen = shown
    while (proof := rule(seen, atom)) is not None:
        yield proof
        seen = seen & ~proof


def _restored(
    rules: list[Rule],
    shown: NDArray[np.bool_],
    small: list[int],
    price: Floats,
    primary: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """The same with every figure shown again that can be, dearest first."""
    spare = np.flatnonzero(~shown & ~primary)
    for figure in spare[np.argsort(-price[spare], kind="stable")]:
        tried = shown.copy()
        tried[figure] = True
        if all(rule(tried, atom) is None for rule in rules for atom in small):
            shown = tried
    return shown


def _cheapest(
    price: Floats, cuts: list[NDArray[np.bool_]], kept: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], bool]:
    """The cheapest figures with one of every cut and all that are ``kept``; whether proved so."""
    matrix = csr_array(np.array(cuts, dtype=np.float64))
    needed = LinearConstraint(matrix, 1, np.inf)
    limits, patience = Bounds(kept.astype(np.float64), 1), {"node_limit": NODES}
    solved: Any = milp(price, constraints=needed, integrality=1, bounds=limits, options=patience)
    if solved.x is None:
        raise FeedbackError(f"no figures to withhold were found: {solved.message}")
    return np.asarray(solved.x > 0.5), solved.status == 0


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
