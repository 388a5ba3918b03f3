"""Disclosure control, attacked by a reader who solves for what is withheld."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from sankul.engines.feedback import (
    Answers,
    FeedbackError,
    Sums,
    exposures,
    mean_ranges,
    ranges,
    sets,
    table,
    withhold,
)


def labels(*shape: int) -> list[list[str]]:
    return [[f"{axis}{k}" for k in range(n)] for axis, n in zip("gcq", shape, strict=False)]


def most_by_whole_numbers(sums: Sums, shown: Any, atom: int) -> float:
    """An attacker of another kind: an integer programme over all tables that fit what is shown."""
    rows = [k for k, name in enumerate(sums.names) if name in shown]
    goal = np.zeros(len(sums.atoms))
    goal[atom] = -1.0
    matrix, right = sums.matrix.toarray()[rows], sums.counts[rows]
    fits = [LinearConstraint(matrix, right, right)] if rows else []
    limit = Bounds(0, float(sums.count.sum() + 100))
    solved = milp(goal, constraints=fits, integrality=1, bounds=limit)
    return -float(solved.fun)


def test_a_small_cell_takes_a_partner_in_its_row_and_its_column() -> None:
    count = np.array([[3, 20, 30], [20, 9, 40], [25, 35, 8]])
    pattern = withhold(table(count, labels(3, 3)))
    assert pattern.primary == {("g0", "c0")}
    # the rectangle of least answers through the cell: 3 + 20 + 20 + 9
    assert pattern.withheld == {("g0", "c0"), ("g0", "c1"), ("g1", "c0"), ("g1", "c1")}


def test_a_partner_that_leaves_fewer_than_the_threshold_does_not_do() -> None:
    # with one more answer of the row withheld the two together are four: still too few
    count = np.array([3, 1, 20, 30])
    pattern = withhold(table(count, [["a", "b", "c", "d"]]))
    assert pattern.withheld == {("a",), ("b",), ("c",)}


def test_a_total_below_the_threshold_is_withheld_with_its_cells() -> None:
    pattern = withhold(table(np.array([[2, 1], [20, 30]]), labels(2, 2)))
    assert {("g0", "*"), ("g0", "c0"), ("g0", "c1")} <= pattern.withheld


def test_nothing_is_withheld_where_all_cells_are_large_or_empty() -> None:
    assert not withhold(table(np.array([[5, 0], [7, 100]]), labels(2, 2))).withheld


def test_the_pattern_is_the_cheapest_of_all_that_are_safe() -> None:
    for seed in range(6):
        count = np.random.default_rng(seed).poisson(6, (2, 3))
        sums = table(count, labels(2, 3))
        pattern = withhold(sums)
        price = dict(zip(sums.names, (sums.counts + 1).tolist(), strict=True))
        paid = sum(price[name] for name in pattern.withheld)
        for size in range(len(pattern.withheld) + 3):
            for out in combinations(sums.names, size):
                if sum(price[name] for name in out) < paid:
                    assert exposures(sums, set(sums.names) - set(out))


@pytest.mark.parametrize("seed", range(3))
def test_without_exact_rounds_a_pattern_is_as_safe_and_withholds_nothing_in_vain(seed: int) -> None:
    count = np.random.default_rng(seed).poisson(7, (3, 4, 2))
    sums = table(count, labels(3, 4, 2))
    best, quick = withhold(sums), withhold(sums, exact_rounds=0)
    assert not quick.cheapest or not quick.rounds
    assert not exposures(sums, quick.shown)
    for name in quick.withheld - quick.primary:
        assert exposures(sums, quick.shown | {name})
    price = dict(zip(sums.names, (sums.counts + 1).tolist(), strict=True))
    costs = [sum(price[name] for name in pattern.withheld) for pattern in (best, quick)]
    assert costs[0] <= costs[1]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.integers(2, 4), st.integers(2, 4), st.integers(3, 10))
def test_no_reader_of_a_table_can_prove_a_cell_smaller_than_the_threshold(
    seed: int, height: int, width: int, mean: int
) -> None:
    count = np.random.default_rng(seed).poisson(mean, (height, width))
    sums = table(count, labels(height, width))
    pattern = withhold(sums)
    assert not exposures(sums, pattern.shown)
    for atom in np.flatnonzero(sums.count):
        assert most_by_whole_numbers(sums, pattern.shown, int(atom)) >= 5


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31))
def test_nor_of_a_table_of_three_axes_with_all_its_totals(seed: int) -> None:
    count = np.random.default_rng(seed).poisson(7, (2, 3, 3))
    sums = table(count, labels(2, 3, 3))
    pattern = withhold(sums)
    assert not exposures(sums, pattern.shown)
    for atom in np.flatnonzero((sums.count > 0) & (sums.count < 5)):
        assert most_by_whole_numbers(sums, pattern.shown, int(atom)) >= 5


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.integers(2, 6))
def test_no_union_below_the_threshold_can_be_computed_from_what_is_shown(
    seed: int, threshold: int
) -> None:
    count = np.random.default_rng(seed).poisson(5, (2, 3))
    sums = table(count, labels(2, 3))
    pattern = withhold(sums, threshold=threshold)
    rows = sums.matrix.toarray()[[k for k, n in enumerate(sums.names) if n in pattern.shown]]
    rank = np.linalg.matrix_rank(rows) if len(rows) else 0
    for union in range(1, 2**6):
        inside = np.array([union >> k & 1 for k in range(6)], dtype=float)
        computable = np.linalg.matrix_rank(np.vstack([rows, inside])) == rank
        if computable and sums.count @ inside:
            assert sums.count @ inside >= threshold


def test_what_a_reader_can_prove_of_a_rectangle() -> None:
    count = np.array([[3, 20], [20, 9]])
    sums = table(count, labels(2, 2))
    shown = {("g0", "*"), ("g1", "*"), ("*", "c0"), ("*", "c1"), ("*", "*")}
    low, high = ranges(sums, shown)
    # one corner up, its neighbours down: from −3, when the first is empty, to 20
    assert low == pytest.approx([0, 0, 0, 6])
    assert high == pytest.approx([23, 23, 23, 29])


def test_an_exposure_names_the_figures_that_prove_it() -> None:
    sums = table(np.array([[3, 20], [20, 9]]), labels(2, 2))
    shown = set(sums.names) - {("g0", "c0")}
    first = exposures(sums, shown)[0]
    assert (first.atom, first.count, first.at_most) == (("g0", "c0"), 3, pytest.approx(3))
    assert set(first.by) <= shown
    assert first.by


def test_two_years_that_differ_by_few_answers_are_not_both_shown() -> None:
    published = {
        ("2025",): [f"r{k}" for k in range(20)],
        ("2025 and late",): [f"r{k}" for k in range(23)],
        ("2026",): [f"s{k}" for k in range(9)],
    }
    sums = sets(published)
    assert sums.count.tolist() == [20, 3, 9]
    assert withhold(sums).withheld == {("2025",)}
    later = withhold(sums, published=[("2025",)])
    assert later.withheld == {("2025 and late",)}


def test_a_filter_that_cuts_few_out_of_a_shown_group_is_withheld() -> None:
    everyone = [f"r{k}" for k in range(30)]
    published = {("all",): everyone, ("women",): everyone[:27], ("west",): everyone[10:]}
    pattern = withhold(sets(published), published=[("all",)])
    assert ("women",) in pattern.withheld
    assert ("west",) in pattern.shown


def test_releases_that_already_expose_someone_are_named() -> None:
    published = {("all",): ["a", "b", "c", "d", "e", "f"], ("most",): ["a", "b", "c", "d", "e"]}
    with pytest.raises(FeedbackError, match="already shows that f holds at most 1 answers"):
        withhold(sets(published), published=[("all",), ("most",)])


def test_small_cells_at_the_end_of_the_scale_take_a_partner_with_other_answers() -> None:
    # a and b are six together, who all gave 1: their mean says what every one of them said
    count = np.array([3, 3, 20, 30])
    sums = table(count, [["a", "b", "c", "d"]])
    answers = Answers(np.array([3.0, 3, 60, 100]), least=1, most=5, width=1)
    assert withhold(sums).withheld == {("a",), ("b",)}
    pattern = withhold(sums, answers=answers)
    assert pattern.withheld == {("a",), ("b",), ("c",)}
    low, high = mean_ranges(sums, pattern.shown, answers)
    assert (high - low)[:2].min() >= 1
    narrow_low, narrow_high = mean_ranges(sums, set(sums.names) - {("a",), ("b",)}, answers)
    assert narrow_high[0] == pytest.approx(narrow_low[0])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**31))
def test_who_knows_all_counts_still_learns_no_small_mean(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = rng.poisson(6, (3, 4))
    sums = table(count, labels(3, 4))
    totals = np.array([rng.integers(1, 6, n).sum() for n in sums.count], dtype=float)
    answers = Answers(totals, 1, 5, 1)
    pattern = withhold(sums, answers=answers)
    low, high = mean_ranges(sums, pattern.shown, answers)
    small = (sums.count > 0) & (sums.count < 5)
    assert ((high - low)[small] >= 1 - 1e-6).all()
    assert not exposures(sums, pattern.shown)


TWO = table(np.array([[3, 20], [20, 9]]), labels(2, 2))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"threshold": 1}, "threshold of 1"),
        ({"cost": np.zeros(9)}, "cost above zero"),
        ({"cost": np.ones(4)}, "cost above zero"),
        ({"answers": Answers(np.full(4, 9.0), 1, 5, 1)}, "outside their scale"),
        ({"answers": Answers(np.full(4, 9.0), 1, 5, 9)}, "a width within their scale"),
    ],
)
def test_rules_that_make_no_sense_are_refused(given: Any, message: str) -> None:
    with pytest.raises(FeedbackError, match=message):
        withhold(TWO, **given)


@pytest.mark.parametrize(
    ("count", "names", "message"),
    [
        (np.array([[1]]), [["a"]], "has labels for"),
        (np.array([1, 2]), [["a", "a"]], "different texts"),
        (np.array([1, 2]), [["a", "*"]], "different texts"),
        (np.array([1, -2]), [["a", "b"]], "below zero"),
    ],
)
def test_tables_that_are_none_are_refused(count: Any, names: Any, message: str) -> None:
    with pytest.raises(FeedbackError, match=message):
        table(count, names)
