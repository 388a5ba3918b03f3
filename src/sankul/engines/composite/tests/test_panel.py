"""Several periods: together or apart, trends, and changes in parts that add up."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sankul.engines import composite
from sankul.engines.composite.frame import Table

from .makers import a_framework, a_package

Values = dict[str, list[float | None]]


def a_year(values: Values, *indicators: dict[str, Any], **changes: Any) -> tuple[Any, Any]:
    package = a_package(values, a_framework(*indicators, **changes))
    return package.spec, package.frame


MIN_MAX = ({"id": "x", "normalise": "min_max"},)


def test_scales_read_off_the_units_hold_for_all_periods_when_taken_together() -> None:
    spec, first = a_year({"a": [0.0], "b": [10.0]}, *MIN_MAX)
    _, second = a_year({"a": [20.0], "b": [10.0]}, *MIN_MAX)
    frames = {"2024": first, "2025": second}
    apart = composite.run_panel(spec, frames)
    assert apart["2025"].scores.values.ravel().tolist() == [100.0, 0.0]
    together = composite.run_panel(spec, frames, together=True)
    assert together["2024"].scores.values.ravel().tolist() == [0.0, 50.0]
    assert together["2025"].scores.values.ravel().tolist() == [100.0, 50.0]
    assert together["2024"].ranks.values.ravel().tolist() == [2.0, 1.0]
    assert together["2025"].units == ("a", "b")
    assert together["2025"].ranking() == ("a", "b")


def test_every_period_of_a_folder_is_read_in_order_of_time(tmp_path: Path) -> None:
    package = a_package({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    composite.save(package, tmp_path)
    (tmp_path / "values.csv").write_text(
        "unit,period,x,y\na,2025-26,1,2\nb,2025-26,3,4\na,2024-25,5,6\nb,2024-25,,8\n"
    )
    panel = composite.read_panel(tmp_path)
    assert list(panel) == ["2024-25", "2025-26"]
    assert panel["2024-25"].frame.values[0].tolist() == [5, 6]
    (tmp_path / "values.csv").write_text("unit,x,y\na,1,2\nb,3,4\n")
    assert composite.periods(tmp_path) == ()


def test_growth_rates_and_median_slopes() -> None:
    nan = math.nan
    years = {
        "2021": Table(("a", "b", "c"), ("s",), np.array([[100.0], [4.0], [nan]])),
        "2022": Table(("a", "b", "c"), ("s",), np.array([[110.0], [nan], [1.0]])),
        "2023": Table(("a", "b"), ("s",), np.array([[121.0], [-2.0]])),
    }
    found = composite.trend(years)
    assert found.cagr.at("a", "s") == pytest.approx(0.1)
    assert found.cagr.at("b", "s") is None
    # slopes 10, 11 and 10.5
    assert found.theil_sen.at("a", "s") == pytest.approx(10.5)
    assert found.theil_sen.at("b", "s") == pytest.approx(-3)
    assert found.theil_sen.at("c", "s") is None
    assert found.warnings == (
        "3 periods are too few for a trend to be relied on (rule of thumb: 4 or more)",
    )


def test_a_change_of_data_alone_goes_to_the_indicators() -> None:
    before = a_year({"a": [5.0, 5.0], "b": [6.0, 5.0]})
    after = a_year({"a": [9.0, 3.0], "b": [6.0, 5.0]})
    found = composite.explain_change(before, after)
    # halves of +40 and −20 points; a passes b: the margin moved by 20 of x and −10 of y, of 10
    assert found.scores.values.tolist() == [[20, -10, 0, 0], [0, 0, 0, 0]]
    assert found.ranks.values == pytest.approx(np.array([[-2, 1, 0, 0], [2, -1, 0, 0]]))


def test_a_change_of_weights_or_of_method_alone_goes_there() -> None:
    values: Values = {"a": [9.0, 1.0], "b": [4.0, 4.0]}
    before = a_year(values)
    weights = a_year(values, {"id": "x", "weight": 1.0}, {"id": "y", "weight": 4.0})
    found = composite.explain_change(before, weights)
    # a: 50 to 26, b stays at 40 and takes the lead
    assert found.scores.values == pytest.approx(np.array([[0, 0, -24, 0], [0, 0, 0, 0]]))
    assert found.ranks.values == pytest.approx(np.array([[0, 0, 1, 0], [0, 0, -1, 0]]))
    spec, frame = a_year(
        values, step=[{"do": "normalise"}, {"do": "aggregate", "method": "geometric"}]
    )
    found = composite.explain_change(before, (spec, frame))
    assert found.scores.values == pytest.approx(np.array([[0, 0, 0, -20], [0, 0, 0, 0]]))


numbers = st.floats(0.1, 9.9)
rows = st.lists(st.tuples(numbers, numbers, numbers), min_size=4, max_size=4)
MEANS = st.sampled_from(["arithmetic", "geometric", "harmonic"])


@settings(max_examples=40, deadline=None)
@given(rows, rows, st.tuples(*[st.floats(0.1, 5)] * 3), MEANS, MEANS)
def test_parts_of_every_change_add_up(
    old: Any, new: Any, weights: Any, mean: str, other: str
) -> None:
    years = []
    for data, w, method in ((old, (1.0,) * 3, mean), (new, weights, other)):
        leaves = ({"id": i, "weight": v} for i, v in zip("xyz", w, strict=True))
        step = [{"do": "normalise"}, {"do": "aggregate", "method": method}]
        years.append(a_year({f"u{k}": list(r) for k, r in enumerate(data)}, *leaves, step=step))
    found = composite.explain_change(*years)
    before, after = (composite.run(*year) for year in years)
    scores = after.scores.column("root") - before.scores.column("root")
    assert found.scores.values.sum(axis=1) == pytest.approx(scores, abs=1e-9)
    ranks = after.ranks.column("root") - before.ranks.column("root")
    assert found.ranks.values.sum(axis=1) == pytest.approx(ranks, abs=1e-6)


def test_frameworks_with_different_trees_are_refused() -> None:
    one = a_year({"a": [1.0, 2.0]})
    other = a_year({"a": [1.0, 2.0]}, {"id": "x"}, {"id": "z"})
    with pytest.raises(composite.PackageError, match='"y" does not stand at the same place'):
        composite.explain_change(one, other)
    nobody = a_year({"b": [1.0, 2.0]})
    with pytest.raises(composite.PackageError, match="no unit is in both frames"):
        composite.explain_change(one, nobody)


def test_a_unit_that_was_not_ranked_before_has_no_explanation() -> None:
    before = a_year({"a": [5.0, 5.0], "b": [None, None]})
    after = a_year({"a": [9.0, 3.0], "b": [6.0, 5.0]})
    assert composite.explain_change(before, after).units == ("a",)
