"""Copeland's rule and methods by level."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sankul.engines import composite

from .makers import a_framework, a_package, ran

RAW = {"normalise": {"method": "scaled", "lower": 0, "upper": 100}}


def under(method: Any, *indicators: dict[str, Any], **changes: Any) -> dict[str, Any]:
    framework = a_framework(*(RAW | i for i in indicators), **changes)
    framework["step"][1] = {"do": "aggregate"} | method
    return framework


COPELAND = {"method": "copeland"}
# weights 3, 2, 2: a beats b by x alone? 3 against 4, no: b beats a by y and z; a beats c by x and y
THREE: dict[str, list[float | None]] = {
    "a": [3.0, 2.0, 1.0],
    "b": [2.0, 3.0, 2.0],
    "c": [1.0, 1.0, 3.0],
}
WEIGHTED = ({"id": "x", "weight": 3.0}, {"id": "y", "weight": 2.0}, {"id": "z", "weight": 2.0})


def test_wins_less_losses_worked_by_hand() -> None:
    result = ran(THREE, under(COPELAND, *WEIGHTED))
    # b beats a (4 to 3) and c (5 to 2); a beats c (5 to 2)
    assert result.scores.values.ravel().tolist() == [0.0, 2.0, -2.0]
    assert result.ranking() == ("b", "a", "c")
    matrix = result.outranking["root"]
    assert matrix.at("b", "a") == pytest.approx(4 / 7)
    assert matrix.at("a", "c") == pytest.approx(5 / 7)
    assert matrix.at("a", "a") is None


def test_a_child_that_either_lacks_does_not_count_and_even_pairs_score_nothing() -> None:
    values: dict[str, list[float | None]] = {"a": [3.0, None], "b": [2.0, 9.0], "c": [2.0, 9.0]}
    result = ran(values, under(COPELAND, {"id": "x"}, {"id": "y"}))
    assert result.scores.values.ravel().tolist() == [2.0, -1.0, -1.0]
    assert result.outranking["root"].at("b", "c") == 0.5


cells = st.one_of(st.none(), st.integers(0, 5).map(float))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(cells, cells, cells), min_size=2, max_size=6))
def test_contributions_sum_to_the_score_and_all_scores_to_zero(rows: Any) -> None:
    nodes = [
        {"id": "root", "aggregate": "copeland"},
        {"id": "p", "parent": "root"},
        {"id": "q", "parent": "root"},
    ]
    indicators = tuple({"id": i, "parent": p} for i, p in zip("xyz", "ppq", strict=True))
    framework = under({"method": "arithmetic"}, *indicators, node=nodes)
    result = ran({f"u{k}": list(row) for k, row in enumerate(rows)}, framework)
    scores = result.scores.column("root")
    known = ~np.isnan(scores)
    assert scores[known].sum() == pytest.approx(0)
    sums = result.contributions["root"].values[known].sum(axis=1)
    assert sums == pytest.approx(scores[known])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(cells, cells, cells), min_size=2, max_size=6), st.integers(0, 2))
def test_improving_an_indicator_never_lowers_a_score(rows: Any, which: int) -> None:
    better = list(rows[0])
    better[which] = None if better[which] is None else better[which] + 1
    framework = under(COPELAND, *WEIGHTED)
    one, other = (
        ran({f"u{k}": list(row) for k, row in enumerate([first, *rows[1:]])}, framework)
        for first in (rows[0], better)
    )
    before, after = (result.scores.at("u0", "root") for result in (one, other))
    assert (before is None) == (after is None)
    assert before is None or after >= before


def test_copeland_in_every_draw() -> None:
    framework = under(COPELAND, *WEIGHTED, vary=[{"what": "indicator"}])
    package = a_package(THREE, framework)
    spread = composite.uncertainty(package.spec, package.frame, draws=4, seed=1)
    # b is ahead of a with all children and without x (2 to 0 children), behind it without y (3 to
    # 2) and without z (3 to 2)
    assert spread.exact
    assert spread.outranking[1, 0] == 0.5
    assert spread.outranking[0, 1] == 0.5
    assert spread.acceptability[1, 0] == 0.5


def test_methods_by_level_from_the_indicators_upward() -> None:
    nodes = [
        {"id": "root"},
        {"id": "p", "parent": "root"},
        {"id": "q", "parent": "root", "aggregate": "harmonic"},
    ]
    indicators = tuple({"id": i, "parent": p} for i, p in zip("wxyz", "ppqq", strict=True))
    levels = {
        "method": "arithmetic",
        "levels": ["geometric", {"method": "generalised_mean", "power": 2}],
    }
    result = ran({"a": [1.0, 4.0, 3.0, 6.0]}, under(levels, *indicators, node=nodes))
    assert result.scores.at("a", "p") == pytest.approx(2)
    assert result.scores.at("a", "q") == pytest.approx(4)
    assert result.scores.at("a", "root") == pytest.approx((0.5 * 4 + 0.5 * 16) ** 0.5)


@pytest.mark.parametrize("levels", ["geometric", [], ["geometrical"]])
def test_levels_that_are_no_list_of_methods_are_refused(levels: Any) -> None:
    with pytest.raises(composite.PackageError, match=r"step 2 \(aggregate\) levels"):
        ran({"a": [1.0]}, under({"levels": levels}, {"id": "x"}))
