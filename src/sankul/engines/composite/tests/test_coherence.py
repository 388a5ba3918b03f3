"""Coherence of indicators, against cases worked by hand and NumPy, and its words of warning."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sankul.engines import composite
from sankul.engines.composite import coherence
from sankul.engines.composite.frame import Table

from .makers import a_framework, a_package, ran


def a_table(**columns: list[float]) -> Table:
    values = np.array(list(columns.values()), dtype=float).T
    return Table(tuple(f"u{k:02}" for k in range(len(values))), tuple(columns), values)


nan = math.nan


def test_statistics_and_what_stands_out() -> None:
    result = coherence.statistics(
        a_table(
            x=[1.0, 2, 3, 4, 5, 100],
            same=[7.0] * 6,
            gaps=[nan, nan, nan, 1, 2, 3],
            zeros=[0.0, 0, 0, 0, 1, 2],
            none=[nan] * 6,
        )
    )
    row = {name: result.table.at("x", name) for name in coherence.MEASURES}
    assert (row["known"], row["lowest"], row["median"], row["highest"]) == (6, 1, 3.5, 100)
    assert row["skewness"] == pytest.approx(stats.skew([1, 2, 3, 4, 5, 100], bias=False))
    assert row["sd"] == pytest.approx(np.std([1, 2, 3, 4, 5, 100], ddof=1))
    assert result.flags == {
        "x": ("outliers: skewed and heavy-tailed",),
        "same": ("every unit has the same value",),
        "gaps": ("50% of values are missing",),
        "zeros": ("67% of values are zero",),
        "none": ("no unit has a value",),
    }
    assert result.warnings == (
        "0 units are too few for skewness and kurtosis to be relied on (rule of thumb: 20 or more)",
    )


def test_availability_by_unit_indicator_and_node() -> None:
    nodes = [{"id": "root"}, {"id": "p", "parent": "root"}, {"id": "q", "parent": "root"}]
    framework = a_framework(
        {"id": "x", "parent": "p"},
        {"id": "y", "parent": "p"},
        {"id": "z", "parent": "q"},
        node=nodes,
    )
    package = a_package({"a": [1.0, None, 3.0], "b": [1.0, None, None]}, framework)
    found = coherence.availability(package.spec, package.frame)
    assert found.units == pytest.approx({"a": 2 / 3, "b": 1 / 3})
    assert found.indicators == {"x": 1.0, "y": 0.0, "z": 0.5}
    assert found.nodes.values.tolist() == [[2 / 3, 0.5, 1.0], [1 / 3, 0.5, 0.0]]
    assert found.warnings == (
        "2 units are too few for shares of units to be relied on (rule of thumb: 10 or more)",
    )
    assert coherence.availability(eight("goalposts", 0).spec, many()).warnings == ()


def test_correlations_with_p_values_redundancy_and_opposition() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, 12))
    table = a_table(x=list(x), twin=list(2 * x + 1), against=list(y - 3 * x), y=list(y))
    found = coherence.correlations(table)
    expected = stats.pearsonr(x, y)
    assert found.r[0, 3] == pytest.approx(expected.statistic)
    assert found.p[0, 3] == pytest.approx(expected.pvalue)
    assert ("x", "twin", pytest.approx(1.0)) in found.redundant
    assert {pair[:2] for pair in found.opposed} >= {("x", "against"), ("twin", "against")}
    assert found.warnings == ()
    ranked = coherence.correlations(table, ranks=True)
    assert ranked.r[0, 3] == pytest.approx(stats.spearmanr(x, y).statistic)


def test_correlations_of_few_units_warn_and_of_none_are_empty() -> None:
    found = coherence.correlations(a_table(x=[1.0, 2, 3], y=[5.0, 5, 5], z=[1.0, nan, nan]))
    assert np.isnan(found.r[0, 1])
    assert np.isnan(found.p[0, 2])
    assert "too few for correlations" in found.warnings[0]


def test_indicators_that_follow_the_size_of_units() -> None:
    framework = a_framework({"id": "x", "denominator": "size"}, {"id": "y"})
    framework["step"].insert(0, {"do": "denominate"})
    values: dict[str, list[float | None]] = {f"u{k}": [2.0 * k, (k * 7) % 5.0] for k in range(1, 9)}
    sizes = {f"u{k}": {"size": float(k)} for k in range(1, 9)}
    package = a_package(values, framework, units=sizes)
    found = coherence.with_denominators(package.frame)
    assert found.r[0, 0] == pytest.approx(1)
    assert found.redundant[0][:2] == ("x", "size")
    assert coherence.with_denominators(a_package({"a": [1.0, 2.0]}).frame).r.shape == (2, 0)


def test_alpha_of_two_children_is_the_spearman_brown_formula() -> None:
    values: dict[str, list[float | None]] = {
        f"u{k}": [float(a), float(b)] for k, (a, b) in enumerate([(1, 2), (2, 1), (3, 5), (4, 3)])
    }
    package = a_package(values)
    found = coherence.cronbach_alpha(package.spec, composite.run(package.spec, package.frame))
    r = np.corrcoef([1, 2, 3, 4], [2, 1, 5, 3])[0, 1]
    assert found["root"].alpha == pytest.approx(2 * r / (1 + r))
    assert found["root"].units == 4
    assert "4 units are too few for Cronbach's alpha" in found["root"].warnings[0]


def test_components_of_two_correlated_columns() -> None:
    x, y = [1.0, 2, 3, 4], [2.0, 1, 5, 3]
    r = np.corrcoef(x, y)[0, 1]
    found = coherence.principal_components(a_table(x=x, y=y))
    assert found.eigenvalues == pytest.approx([1 + r, 1 - r])
    assert found.explained == pytest.approx([(1 + r) / 2, (1 - r) / 2])
    assert found.loadings[:, 0] == pytest.approx([math.sqrt((1 + r) / 2)] * 2)
    assert "4 units are too few for principal components of 2 columns" in found.warnings[0]
    with pytest.raises(composite.PackageError, match='"y" has the same value'):
        coherence.principal_components(a_table(x=x, y=[1.0] * 4))
    with pytest.raises(composite.PackageError, match="2 complete units"):
        coherence.principal_components(a_table(x=[1.0, 2], y=[2.0, 1]))


def eight(method: str, seed: int) -> composite.Package:
    rng = np.random.default_rng(seed)
    framework = a_framework(*({"id": f"i{k}", "normalise": method} for k in range(6)))
    values: dict[str, list[float | None]] = {
        f"u{k}": list(row) for k, row in enumerate(rng.uniform(0, 10, (8, 6)))
    }
    return a_package(values, framework)


def many(n: int = 20) -> composite.Frame:
    """So many units with values of the indicators of ``eight``."""
    rng = np.random.default_rng(1)
    framework = a_framework(*({"id": f"i{k}"} for k in range(6)))
    values: dict[str, list[float | None]] = {
        f"u{k:02}": list(row) for k, row in enumerate(rng.uniform(0, 10, (n, 6)))
    }
    return a_package(values, framework).frame


def removed(method: str, seed: int) -> composite.Removal:
    package = eight(method, seed)
    return composite.remove_each(package.spec, package.frame, "unit")


def test_dropping_a_unit_turns_others_round_under_min_max_but_never_between_goalposts() -> None:
    turned = {
        method: sum(
            bool(change.reversed_pairs)
            for seed in range(8)
            for change in removed(method, seed).changes.values()
        )
        for method in ("min_max", "goalposts")
    }
    assert turned["goalposts"] == 0
    assert turned["min_max"] > 0
    assert (
        "8 units are too few for scales read off the units (min_max)"
        in (removed("min_max", 0).warnings[0])
    )
    assert removed("goalposts", 0).warnings == ()


FEW = "8 units are too few for "


def test_a_result_says_which_of_its_steps_so_few_units_make_fragile() -> None:
    package = eight("min_max", 0)
    result = composite.run(package.spec, package.frame)
    assert [w.partition(" to be")[0] for w in result.warnings] == [
        FEW + "scales read off the units (min_max)"
    ]
    assert composite.run(package.spec, many()).warnings == ()
    assert composite.run(eight("goalposts", 0).spec, package.frame).warnings == ()
    framework = a_framework(*({"id": f"i{k}"} for k in range(6)))
    framework["step"].insert(0, {"do": "treat", "method": "winsorise"})
    framework["step"].insert(2, {"do": "weights", "method": "pca"})
    values = {u: list(row) for u, row in zip("abcdefgh", package.frame.values, strict=True)}
    told = ran(values, framework).warnings
    assert [w.partition(" to be")[0] for w in told] == [
        FEW + "treating skewed indicators (winsorise)",
        FEW + "weights read off the data (pca)",
    ]


def test_changes_between_few_units_or_on_their_scales_warn() -> None:
    package = eight("min_max", 0)
    result = composite.run(package.spec, package.frame)
    assert composite.compare(result, result).warnings == (
        FEW + "Kendall's tau and the mean shift of ranks to be relied on "
        "(rule of thumb: 10 or more)",
    )
    whole = composite.run(package.spec, many())
    assert composite.compare(whole, whole).warnings == ()
    pair = (package.spec, package.frame)
    assert composite.explain_change(pair, pair).warnings == result.warnings


def test_what_rests_on_one_indicator_or_node() -> None:
    nodes = [{"id": "root"}, {"id": "p", "parent": "root"}, {"id": "q", "parent": "root"}]
    indicators = ({"id": "x", "parent": "p"}, {"id": "y", "parent": "q", "weight": 1.0})
    package = a_package({"a": [9.0, 2.0], "b": [1.0, 8.0]}, a_framework(*indicators, node=nodes))
    by_indicator = composite.remove_each(package.spec, package.frame, "indicator")
    # both: a 55, b 45; without x: a 20, b 80; without y: a 90, b 10
    assert by_indicator.changes["x"].reversed_pairs == (("a", "b"),)
    assert by_indicator.changes["x"].score_change.tolist() == [-35.0, 35.0]
    assert by_indicator.changes["x"].rank_change.tolist() == [1.0, -1.0]
    assert by_indicator.changes["y"].reversed_pairs == ()
    assert by_indicator.ordered() == ("x", "y")
    by_node = composite.remove_each(package.spec, package.frame, "node")
    assert by_node.changes["p"].kendall_tau == -1
    with pytest.raises(composite.PackageError, match="'colour' is not accepted"):
        composite.remove_each(package.spec, package.frame, "colour")


def test_a_removal_that_cannot_be_evaluated_says_why() -> None:
    framework = a_framework({"id": "x", "normalise": "min_max"})
    package = a_package({"a": [1.0], "b": [2.0], "c": [2.0]}, framework)
    removal = composite.remove_each(package.spec, package.frame, "unit")
    assert "every unit has the same value, 2" in removal.refused["a"]
    assert set(removal.changes) == {"b", "c"}


def test_comparing_two_results_takes_the_units_ranked_in_both() -> None:
    one = ran({"a": [9.0, 9.0], "b": [5.0, 5.0], "c": [1.0, 1.0]}, a_framework())
    other = ran({"b": [6.0, 6.0], "c": [8.0, 8.0], "d": [9.0, 9.0]}, a_framework())
    found = composite.compare(one, other)
    assert found.units == ("b", "c")
    assert found.rank_change.tolist() == [1.0, -1.0]
    assert found.score_change == pytest.approx([10, 70])
    assert found.reversed_pairs == (("b", "c"),)
    assert found.mean_rank_shift == 1.0
    assert found.kendall_tau == -1.0


def test_strengths_and_weaknesses_against_the_median_of_peers() -> None:
    framework = a_framework({"id": "x", "weight": 3.0}, {"id": "y"}, {"id": "z"})
    values: dict[str, list[float | None]] = {
        "a": [8.0, 1.0, None],
        "b": [2.0, 5.0, 1.0],
        "c": [4.0, 9.0, 2.0],
        "d": [9.0, 9.0, 9.0],
    }
    zones = {u: {"zone": z} for u, z in zip("abcd", "nnns", strict=True)}
    package = a_package(values, framework, units=zones)
    result = composite.run(package.spec, package.frame)
    peers = composite.peers_of(package.frame, "a", "zone")
    assert peers == ("b", "c")
    found = composite.profile(result, "a", peers=peers)
    # x: 80 beside a median of 30, weight 3/5; y: 10 beside 70, weight 1/5
    (strength,), (weakness,) = found.strengths, found.weaknesses
    assert (strength.indicator, strength.gain) == ("x", pytest.approx(30))
    assert (weakness.indicator, weakness.gain) == ("y", pytest.approx(-12))
    assert found.missing == ("z",)
    assert "2 units are too few for a median of peers" in found.warnings[0]
    assert composite.profile(result, "a").peers == ("d", "c", "b")
    with pytest.raises(composite.PackageError, match='no unit "e"'):
        composite.profile(result, "e")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(*[st.floats(0, 10)] * 2), min_size=2, max_size=7))
def test_a_result_compared_with_itself_has_not_changed(rows: Any) -> None:
    result = ran({f"u{k}": list(row) for k, row in enumerate(rows)}, a_framework())
    found = composite.compare(result, result)
    assert not found.score_change.any()
    assert not found.rank_change.any()
    assert found.reversed_pairs == ()
