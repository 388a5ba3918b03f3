"""Means, thresholds, contributions and weights, by hand and by invariants."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sankul.engines import composite

from .makers import a_framework, ran

MEANS: list[Any] = [
    "arithmetic",
    "geometric",
    "harmonic",
    "median",
    {"method": "generalised_mean", "power": 2},
    {"method": "generalised_mean", "power": -0.5},
    {"method": "generalised_mean", "power": 0.5},
]


def with_mean(method: Any, *indicators: dict[str, Any], **changes: Any) -> dict[str, Any]:
    step = {"method": method} if isinstance(method, str) else method
    given_ = indicators or tuple({"id": i} for i in "xyz")
    raw = {"normalise": {"method": "scaled", "lower": 0, "upper": 100}}
    framework = a_framework(*(raw | i for i in given_), **changes)
    framework["step"][1] = {"do": "aggregate"} | step
    return framework


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("arithmetic", (2 * 2 + 4 + 8) / 4),
        ("geometric", (2 * 2 * 4 * 8) ** 0.25),
        ("harmonic", 4 / (1 / 2 + 1 / 2 + 1 / 4 + 1 / 8)),
        ("median", 3.0),
        ({"method": "generalised_mean", "power": 2}, ((4 + 4 + 16 + 64) / 4) ** 0.5),
        ({"method": "generalised_mean", "power": 0}, (2 * 2 * 4 * 8) ** 0.25),
        ({"method": "generalised_mean", "power": 1}, 4.0),
    ],
)
def test_a_mean_of_two_weighted_twice_four_and_eight(method: Any, expected: float) -> None:
    framework = with_mean(method, {"id": "x", "weight": 2}, {"id": "y"}, {"id": "z"})
    result = ran({"a": [2.0, 4.0, 8.0]}, framework)
    assert result.scores.at("a", "root") == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("method", MEANS)
def test_a_missing_child_drops_out_and_the_other_weights_are_rescaled(method: Any) -> None:
    framework = with_mean(method)
    result = ran({"a": [2.0, None, 8.0], "b": [2.0, 8.0, 8.0]}, framework)
    two = ran({"a": [2.0, 8.0]}, with_mean(method, {"id": "x"}, {"id": "y"}))
    assert result.scores.at("a", "root") == pytest.approx(two.scores.at("a", "root"), rel=1e-14)


def test_a_node_below_its_threshold_has_no_score() -> None:
    nodes = [{"id": "root", "threshold": 0.5}]
    framework = with_mean("arithmetic", node=nodes)
    values: dict[str, list[float | None]] = {"a": [1.0, None, None], "b": [1.0, 2.0, None]}
    result = ran(values, framework)
    assert result.scores.at("a", "root") is None
    assert result.scores.at("b", "root") == 1.5
    assert result.not_ranked["a"]["coverage"] == pytest.approx(1 / 3)


@pytest.mark.parametrize("method", ["geometric", "harmonic"])
def test_zero_gives_zero_and_below_zero_is_refused(method: str) -> None:
    framework = with_mean(method)
    assert ran({"a": [0.0, 5.0, 5.0]}, framework).scores.at("a", "root") == 0
    with pytest.raises(composite.PackageError) as caught:
        ran({"a": [1.0, 1.0, 1.0], "b": [1.0, -5.0, 5.0]}, framework)
    assert str(caught.value).startswith(
        f'node "root": the {method} mean meets a value below zero: "y" of unit "b"'
    )


def test_a_zero_of_no_weight_does_not_count() -> None:
    framework = with_mean("geometric", {"id": "x", "weight": 0}, {"id": "y"})
    assert ran({"a": [0.0, 5.0]}, framework).scores.at("a", "root") == pytest.approx(5.0)


def a_tree(method: Any, upper: Any) -> dict[str, Any]:
    nodes = [
        {"id": "root", "aggregate": upper},
        {"id": "p", "parent": "root", "weight": 3.0},
        {"id": "q", "parent": "root", "weight": 1.0},
    ]
    indicators = (
        {"id": "x", "parent": "p", "weight": 1.0},
        {"id": "y", "parent": "p", "weight": 3.0},
        {"id": "z", "parent": "q"},
    )
    return with_mean(method, *indicators, node=nodes)


def test_effective_weights_are_shares_of_the_root() -> None:
    result = ran({"a": [1.0, 1.0, 1.0]}, a_tree("arithmetic", "arithmetic"))
    shares = {"root": 1.0, "p": 0.75, "q": 0.25, "x": 0.1875, "y": 0.5625, "z": 0.25}
    assert result.effective_weights == pytest.approx(shares)


def test_a_child_score_of_zero_still_passes_its_parts_upward() -> None:
    framework = a_tree("arithmetic", "arithmetic")
    result = ran({"a": [-3.0, 1.0, 4.0]}, framework)
    parts = result.contributions["root"].values[0]
    assert parts == pytest.approx([-3 * 0.1875, 1 * 0.5625, 4 * 0.25])


values_ = st.floats(0.01, 100.0, allow_nan=False)
cells = st.one_of(st.none(), values_)
rows = st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None)
@given(rows=rows, lower=st.sampled_from(MEANS), upper=st.sampled_from(MEANS))
def test_contributions_always_sum_to_the_score(rows: Any, lower: Any, upper: Any) -> None:
    result = ran({f"u{k}": list(row) for k, row in enumerate(rows)}, a_tree(lower, upper))
    for node, table in result.contributions.items():
        scores = result.scores.column(node)
        known = ~np.isnan(scores)
        assert table.values[known].sum(axis=1) == pytest.approx(scores[known], rel=1e-9)
        assert np.isnan(table.values[~known]).all()


@settings(max_examples=40, deadline=None)
@given(
    row=st.tuples(values_, values_, values_),
    which=st.integers(0, 2),
    more=st.floats(0.0, 50.0),
    lower=st.sampled_from(MEANS),
    upper=st.sampled_from(MEANS),
)
def test_improving_an_indicator_never_lowers_a_score(
    row: Any, which: int, more: float, lower: Any, upper: Any
) -> None:
    better = list(row)
    better[which] += more
    result = ran({"a": list(row), "b": better}, a_tree(lower, upper))
    for node in ("root", "p", "q"):
        a, b = result.scores.at("a", node), result.scores.at("b", node)
        assert b >= a * (1 - 1e-12)


@settings(max_examples=40, deadline=None)
@given(rows=rows, lower=st.sampled_from(MEANS), seed=st.integers(0, 1000))
def test_scores_do_not_depend_on_the_order_of_units_and_a_duplicate_ties(
    rows: Any, lower: Any, seed: int
) -> None:
    framework = a_tree(lower, "arithmetic")
    units = {f"u{k}": list(row) for k, row in enumerate([*rows, rows[0]])}
    order = np.random.default_rng(seed).permutation(len(units))
    shuffled = {list(units)[k]: list(units.values())[k] for k in order}
    one, other = ran(units, framework), ran(shuffled, framework)
    assert np.array_equal(one.scores.values, other.scores.values, equal_nan=True)
    first, last = one.ranks.column("root")[[0, -1]]
    assert first == last or (np.isnan(first) and np.isnan(last))


@settings(max_examples=40, deadline=None)
@given(
    column=st.lists(st.integers(-1000, 1000), min_size=4, max_size=12, unique=True),
    factor=st.sampled_from([1e-3, 0.5, 2.0, 1000.0]),
    shift=st.sampled_from([0.0, 10.0]),
    method=st.sampled_from(["min_max", "z_score", "rank", "percentile_rank", "distance_to_max"]),
)
def test_the_unit_of_measure_does_not_matter(
    column: list[int], factor: float, shift: float, method: str
) -> None:
    framework = a_framework({"id": "x", "normalise": method})
    one = ran({f"u{k:02}": [float(v)] for k, v in enumerate(column)}, framework)
    other = ran({f"u{k:02}": [v * factor + shift] for k, v in enumerate(column)}, framework)
    assert one.scores.values == pytest.approx(other.scores.values, rel=1e-9, abs=1e-9)


def test_equal_weights_replace_the_given_ones() -> None:
    framework = with_mean("arithmetic", {"id": "x", "weight": 5}, {"id": "y", "weight": 1})
    framework["step"].insert(1, {"do": "weights", "method": "equal"})
    result = ran({"a": [2.0, 4.0]}, framework)
    assert result.scores.at("a", "root") == 3.0
    assert result.effective_weights == {"root": 1.0, "x": 0.5, "y": 0.5}


def test_scores_that_differ_by_rounding_tie() -> None:
    framework = with_mean("arithmetic")
    result = ran({"a": [0.1, 0.2, 0.3], "b": [0.3, 0.2, 0.1], "c": [0.0, 0.0, 0.0]}, framework)
    assert result.ranks.column("root").tolist() == [1.0, 1.0, 3.0]
