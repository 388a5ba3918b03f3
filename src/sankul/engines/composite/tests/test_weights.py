"""Weights elicited and read off the data, against cases worked by hand."""

import doctest
import math
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from sankul.engines import composite
from sankul.engines.composite import copeland, elicited, statistical
from sankul.engines.composite.elicited import principal
from sankul.engines.composite.statistical import benefit_of_the_doubt, varimax

from .makers import a_framework, ran

RAW = {"normalise": {"method": "scaled", "lower": 0, "upper": 100}}
FOUR: dict[str, list[float | None]] = {
    "a": [1.0, 1.0, 1.0],
    "b": [2.0, 2.0, 3.0],
    "c": [3.0, 3.0, 3.0],
    "d": [4.0, 4.0, 1.0],
}


def weighed(
    method: str,
    values: dict[str, list[float | None]] | None = None,
    *indicators: dict[str, Any],
    root: dict[str, Any] | None = None,
    **step: Any,
) -> tuple[list[float], dict[str, Any]]:
    """The weights of the root's children, and its note in the log."""
    content = indicators or tuple({"id": i} for i in "xyz")
    framework = a_framework(*(RAW | i for i in content), node=[{"id": "root"} | (root or {})])
    framework["step"].insert(1, {"do": "weights", "method": method} | step)
    result = ran(values or FOUR, framework)
    done = result.log[2]["done"]
    shares = [result.effective_weights[i["id"]] for i in content]
    return shares, done["notes"].get("root", {})


def refusal(method: str, *given_: Any, **more: Any) -> str:
    with pytest.raises(composite.PackageError) as caught:
        weighed(method, *given_, **more)
    return str(caught.value)


def test_a_budget_is_the_mean_of_the_experts_shares() -> None:
    budgets = ({"id": "x", "budget": [50, 1]}, {"id": "y", "budget": [25, 1]})
    shares, note = weighed("budget_allocation", None, *budgets, {"id": "z", "budget": [25, 2]})
    assert shares == pytest.approx([(0.5 + 0.25) / 2, (0.25 + 0.25) / 2, (0.25 + 0.5) / 2])
    assert note["experts"] == 2
    assert note["spread"] == {"x": 0.25, "y": 0.0, "z": 0.25}


def test_budgets_by_different_numbers_of_experts_are_refused() -> None:
    budgets = ({"id": "x", "budget": [50, 1]}, {"id": "y", "budget": [25]}, {"id": "z"})
    message = refusal("budget_allocation", None, *budgets)
    assert 'node "root": its children have the points of 2, 1, 0 experts' in message


def test_consistent_comparisons_give_their_ratio_back() -> None:
    pairs = [["x", "y", 2], ["z", "y", 0.5], ["x", "z", 4]]
    shares, note = weighed("ahp", root={"comparisons": pairs})
    assert shares == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert note["consistency_ratio"] == pytest.approx(0, abs=1e-12)
    assert note["consistent"] is True


def test_inconsistent_comparisons_are_called_so() -> None:
    # order 3: λ = 1 + t + 1/t with t = ∛(a₁₃/(a₁₂ a₂₃)) = ∛(1/9); weights are geometric means
    pairs = [["x", "y", 3], ["y", "z", 3], ["x", "z", 1]]
    shares, note = weighed("ahp", root={"comparisons": pairs})
    t = (1 / 9) ** (1 / 3)
    assert note["consistency_ratio"] == pytest.approx((1 + t + 1 / t - 3) / 2 / 0.58)
    assert note["consistent"] is False
    means = [3 ** (1 / 3), 1.0, (1 / 3) ** (1 / 3)]
    assert shares == pytest.approx([m / sum(means) for m in means])


def test_a_pair_that_was_not_compared_is_named() -> None:
    message = refusal("ahp", root={"comparisons": [["x", "y", 3], ["y", "z", 3]]})
    assert 'node "root" comparisons: x and z are not compared' in message
    message = refusal("ahp", root={"comparisons": [["x", "y", 3], ["y", "w", 3]]})
    assert '"w" is no child' in message


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.1, 10), min_size=2, max_size=9))
def test_any_consistent_matrix_has_a_ratio_of_zero(weights: list[float]) -> None:
    w = np.array(weights)
    found, ratio = principal(w[:, None] / w)
    assert found == pytest.approx(w / w.sum(), rel=1e-9)
    assert ratio == pytest.approx(0, abs=1e-9)


def test_entropy_weighs_what_tells_units_apart() -> None:
    values: dict[str, list[float | None]] = {"a": [1.0, 1.0], "b": [1.0, 1.0], "c": [1.0, 2.0]}
    shares, _ = weighed("entropy", values, {"id": "x"}, {"id": "y"})
    assert shares == pytest.approx([0, 1])
    values["c"] = [2.0, 2.0]
    shares, _ = weighed("entropy", values, {"id": "x"}, {"id": "y"})
    assert shares == pytest.approx([0.5, 0.5])
    values = {"a": [0.0, 1.0], "b": [0.0, 1.0], "c": [1.0, 2.0]}
    shares, _ = weighed("entropy", values, {"id": "x"}, {"id": "y"})
    # all of x in one unit: e = 0; y: −(½ ln ¼ + ½ ln ½)/ln 3
    e = -(0.5 * math.log(0.25) + 0.5 * math.log(0.5)) / math.log(3)
    assert shares == pytest.approx([1 / (2 - e), (1 - e) / (2 - e)])
    values["a"] = [-1.0, 1.0]
    assert "entropy needs values of zero or more" in refusal(
        "entropy", values, {"id": "x"}, {"id": "y"}
    )


def test_critic_weighs_spread_times_conflict() -> None:
    # x and y agree (r = 1), z is uncorrelated with both (r = 0); scaled x: 0, ⅓, ⅔, 1; z: 0, 1, 1, 0
    shares, note = weighed("critic")
    spread = [math.sqrt(5 / 27), math.sqrt(5 / 27), math.sqrt(1 / 3)]
    raw = [spread[0] * 1, spread[1] * 1, spread[2] * 2]
    assert shares == pytest.approx([r / sum(raw) for r in raw])
    assert note["warning"] == "4 units for 3 children: too few for weights that last"


def test_principal_components_share_a_factor_among_children_that_say_the_same() -> None:
    # correlations 1, 0, 0: eigenvalues 2, 1 and 0; factors of x with y, and of z alone, explain
    # 2 and 1 of 3, so x and y have half of ⅔ each and z has ⅓
    shares, note = weighed("pca")
    assert shares == pytest.approx([1 / 3, 1 / 3, 1 / 3])
    assert note["factors"] == 2
    assert note["variance_explained"] == pytest.approx(1)


def test_varimax_turns_two_mixed_factors_back() -> None:
    simple = np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    turn = np.array([[math.cos(0.6), -math.sin(0.6)], [math.sin(0.6), math.cos(0.6)]])
    squared = np.sort(varimax(simple @ turn) ** 2, axis=1)
    assert squared == pytest.approx(np.array([[0, 1.0]] * 4), abs=1e-9)


def test_each_unit_under_the_benefit_of_the_doubt() -> None:
    # the third: w ≤ 1/5 for both by the first two, so 2/5 + 2/5
    scores, weights = benefit_of_the_doubt(np.array([[4.0, 1.0], [1.0, 4.0], [2.0, 2.0]]))
    assert scores == pytest.approx([1, 1, 0.8])
    assert weights[2] == pytest.approx([0.2, 0.2])


def test_benefit_of_the_doubt_weighs_by_the_mean_share_of_the_units() -> None:
    values: dict[str, list[float | None]] = {"a": [4.0, 0.0], "b": [0.0, 4.0], "c": [1.0, 1.0]}
    shares, note = weighed("benefit_of_the_doubt", values, {"id": "x"}, {"id": "y"})
    assert shares == pytest.approx([0.5, 0.5])
    assert note["lowest"] == pytest.approx(0.5)
    assert note["units_at_the_frontier"] == 2


def test_optimised_weights_reach_the_declared_importances() -> None:
    rng = np.random.default_rng(1)
    values: dict[str, list[float | None]] = {
        f"u{k:02}": list(v) for k, v in enumerate(rng.uniform(1, 9, (40, 3)))
    }
    wanted = ({"id": "x", "importance": 1}, {"id": "y", "importance": 2})
    shares, note = weighed("optimised", values, *wanted, {"id": "z", "importance": 1})
    assert list(note["importances"].values()) == pytest.approx([0.25, 0.5, 0.25], abs=1e-6)
    assert shares[1] > shares[0]
    assert sum(shares) == pytest.approx(1)


@pytest.mark.parametrize("method", ["pca", "critic", "optimised"])
def test_a_constant_child_is_named(method: str) -> None:
    values = {u: [*v[:2], 5.0] for u, v in FOUR.items()}
    assert '"z" has the same value for every unit' in refusal(method, values)


@pytest.mark.parametrize("method", ["pca", "critic", "optimised", "entropy"])
def test_two_complete_units_are_too_few(method: str) -> None:
    values = {"a": [1.0, 2.0, 3.0], "b": [2.0, 1.0, 2.0], "c": [None, 2.0, 2.0]}
    assert "2 units have a value for every child" in refusal(method, values)


def test_nodes_choose_whose_children_are_weighed() -> None:
    shares, note = weighed("entropy", None, nodes=["root"])
    assert shares != pytest.approx([1 / 3] * 3)
    assert note["units"] == 4
    assert 'no node "leaf"' in refusal("entropy", nodes=["leaf"])


def test_weights_read_off_the_data_vary_with_them() -> None:
    framework = a_framework(*(RAW | {"id": i} for i in "xy"), vary=[{"what": "data"}])
    framework["step"].insert(1, {"do": "weights", "method": "entropy"})
    rows = [{"unit": u, "x": v[0], "y": v[2]} for u, v in FOUR.items()]
    low = [row | {"x": row["x"] / 2} for row in rows]
    package = composite.Package.from_parts(
        framework, [{"unit": u} for u in FOUR], rows, values_low=low, values_high=rows
    )
    spread = composite.uncertainty(package.spec, package.frame, draws=20, seed=1)
    assert (spread.score_interval[:, 2] > spread.score_interval[:, 0]).all()


@pytest.mark.parametrize(
    "method", ["given", "equal", "pca", "entropy", "critic", "benefit_of_the_doubt", "optimised"]
)
@settings(max_examples=10, deadline=None)
@given(
    rows=st.lists(st.tuples(*[st.integers(1, 50)] * 4), min_size=5, max_size=12, unique=True),
    weights=st.lists(st.floats(0.1, 9), min_size=4, max_size=4),
)
def test_the_shares_of_the_indicators_sum_to_one(
    method: str, rows: list[tuple[int, ...]], weights: list[float]
) -> None:
    nodes = [{"id": "root"}, {"id": "p", "parent": "root"}, {"id": "q", "parent": "root"}]
    framework = a_framework(
        *(
            RAW | {"id": i, "parent": p, "weight": w}
            for i, p, w in zip("wxyz", "ppqq", weights, strict=True)
        ),
        node=nodes,
    )
    framework["step"].insert(1, {"do": "weights", "method": method})
    values = {f"u{k:02}": [float(v) for v in row] for k, row in enumerate(rows)}
    try:
        shares = ran(values, framework).effective_weights
    except composite.PackageError:  # a constant child, whose weight no data can tell
        reject()
    assert sum(shares[i] for i in "wxyz") == pytest.approx(1)
    assert all(shares[i] >= 0 for i in "wxyz")


@pytest.mark.parametrize("module", [copeland, elicited, statistical])
def test_the_cases_worked_in_docstrings_hold(module: ModuleType) -> None:
    found = doctest.testmod(module)
    assert (found.failed, found.attempted > 0) == (0, True)
