"""Each step against cases worked by hand."""

import math
from typing import Any

import pytest

from sankul.engines import composite

from .makers import a_framework, ran

FIVE = {"a": [2.0], "b": [4.0], "c": [4.0], "d": [10.0], "e": [None]}


def normalised(method: str | dict[str, Any], direction: int = 1, **keys: Any) -> list[float | None]:
    framework = a_framework({"id": "x", "normalise": method, "direction": direction} | keys)
    stage = ran(FIVE, framework).stages["normalise"]
    return [stage.at(unit, "x") for unit in "abcde"]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("goalposts", [20, 40, 40, 100, None]),
        ({"method": "goalposts", "low": 1, "high": 2}, [1.2, 1.4, 1.4, 2, None]),
        ("min_max", [0, 25, 25, 100, None]),
        ({"method": "min_max", "low": 1, "high": 5}, [1, 2, 2, 5, None]),
        # mean 5, squares 9 + 1 + 1 + 25 = 36 over n - 1 = 3: sd = √12
        (
            "z_score",
            [-3 / math.sqrt(12), -1 / math.sqrt(12), -1 / math.sqrt(12), 5 / math.sqrt(12), None],
        ),
        ("rank", [1, 2, 2, 4, None]),
        ("borda", [0, 1, 1, 3, None]),
        ("percentile_rank", [0, 1 / 3, 1 / 3, 1, None]),
        ("fraction_of_max", [0.2, 0.4, 0.4, 1, None]),
        ("distance_to_max", [0, 0.25, 0.25, 1, None]),
        ({"method": "scaled", "lower": 0, "upper": 20}, [10, 20, 20, 50, None]),
    ],
)
def test_normalising(method: Any, expected: list[float | None]) -> None:
    assert normalised(method) == [None if e is None else pytest.approx(e) for e in expected]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("goalposts", [80, 60, 60, 0, None]),
        ("min_max", [100, 75, 75, 0, None]),
        ("rank", [4, 2, 2, 1, None]),
        ("distance_to_max", [1, 0.75, 0.75, 0, None]),
    ],
)
def test_normalising_when_less_is_better(method: Any, expected: list[float | None]) -> None:
    assert normalised(method, -1) == [None if e is None else pytest.approx(e) for e in expected]


def test_goalposts_clamp_what_lies_outside() -> None:
    assert normalised("goalposts", goalposts=[3, 5]) == [0, 50, 50, 100, None]


def test_distance_to_a_target_or_reference_exceeds_one_unless_capped() -> None:
    target = {"target": 6.0}
    assert normalised("distance_to_target", **target) == [0, 0.5, 0.5, 2, None]
    capped = {"method": "distance_to_target", "cap": True}
    assert normalised(capped, **target) == [0, 0.5, 0.5, 1, None]
    assert normalised("distance_to_reference", reference="b") == [0, 1, 1, 4, None]
    # less is better: from the worst (10) towards a target of 6
    assert normalised("distance_to_target", -1, target=6.0) == [2, 1.5, 1.5, 0, None]


def test_categories_give_the_score_of_the_highest_bound_reached() -> None:
    categories = [[0, 10.0], [3, 50.0], [4, 70.0]]
    assert normalised("categorical", categories=categories) == [10, 70, 70, 70, None]
    with pytest.raises(composite.PackageError, match="below its first category"):
        normalised("categorical", categories=[[3, 1.0]])


def test_a_reference_without_value_is_refused() -> None:
    with pytest.raises(composite.PackageError, match='the reference unit "e" has no value'):
        normalised("distance_to_reference", reference="e")


def test_fraction_of_max_is_refused_where_it_would_turn_the_order_round() -> None:
    with pytest.raises(composite.PackageError, match="fraction_of_max has no meaning"):
        normalised("fraction_of_max", -1)


@pytest.mark.parametrize("method", ["min_max", "z_score", "distance_to_max"])
def test_every_constant_indicator_is_named(method: str) -> None:
    framework = a_framework(
        {"id": "x", "normalise": method}, {"id": "y", "normalise": method}, {"id": "z"}
    )
    with pytest.raises(composite.PackageError) as caught:
        ran({"a": [5.0, 0.0, 1.0], "b": [5.0, 0.0, 2.0]}, framework)
    assert [problem.place for problem in caught.value.problems] == [
        'indicator "x"',
        'indicator "y"',
    ]
    assert f"every unit has the same value, 5, so {method} cannot" in str(caught.value)


def test_a_constant_indicator_is_fine_between_goalposts() -> None:
    result = ran({"a": [5.0, 5.0], "b": [5.0, 5.0]}, a_framework())
    assert result.scores.values.tolist() == [[50.0], [50.0]]
    assert result.ranks.values.tolist() == [[1.0], [1.0]]


@pytest.mark.parametrize("method", ["min_max", "z_score"])
def test_a_spread_too_large_for_a_number_is_an_error_or_finite(method: str) -> None:
    framework = a_framework({"id": "x", "normalise": method})
    values: dict[str, list[float | None]] = {"a": [-1.7e308], "b": [1.7e308]}
    if method == "min_max":
        with pytest.raises(composite.PackageError, match='indicator "x": a result too large'):
            ran(values, framework)
    else:
        scores = ran(values, framework).scores.values.ravel().tolist()
        assert scores == pytest.approx([-1 / math.sqrt(2), 1 / math.sqrt(2)])


IMPUTED = {"a": [1.0], "b": [3.0], "c": [8.0], "d": [None], "e": [None], "f": [None]}
ZONES = {u: {"zone": z} for u, z in zip("abcdef", "nnsnsw", strict=True)}


@pytest.mark.parametrize(
    ("method", "d", "e", "f"),
    [
        ("none", None, None, None),
        ("zero", 0, 0, 0),
        ("mean", 4, 4, 4),
        ("median", 3, 3, 3),
        ("group_mean", 2, 8, None),
        ("group_median", 2, 8, None),
    ],
)
def test_imputing(method: str, d: float | None, e: float | None, f: float | None) -> None:
    step = {"do": "impute", "method": method}
    if method.startswith("group"):
        step["group"] = "zone"
    framework = a_framework({"id": "x"})
    framework["step"].insert(0, step)
    result = ran(IMPUTED, framework, units=ZONES)
    stage = result.stages["impute"]
    assert [stage.at(unit, "x") for unit in "def"] == [d, e, f]
    filled = {u: v for u, v in zip("def", (d, e, f), strict=True) if v is not None}
    assert result.log[1]["done"]["x"]["filled"] == filled


def test_a_mean_too_large_for_a_number_is_an_error() -> None:
    framework = a_framework({"id": "x"})
    framework["step"].insert(0, {"do": "impute", "method": "mean"})
    with pytest.raises(composite.PackageError, match='indicator "x": a result too large'):
        ran({"a": [1.7e308], "b": [1.7e308], "c": [None]}, framework)


def test_denominators_divide_and_an_empty_one_leaves_no_value() -> None:
    framework = a_framework({"id": "x", "denominator": "people"})
    framework["step"].insert(0, {"do": "denominate"})
    units = {"a": {"people": 4}, "b": {"people": None}}
    result = ran({"a": [10.0], "b": [10.0]}, framework, units=units)
    assert result.stages["denominate"].at("a", "x") == 2.5
    assert result.stages["denominate"].at("b", "x") is None
    assert result.log[1]["done"]["x"]["without_denominator"] == ["b"]
    assert "too few values" in result.not_ranked["b"]["reason"]


def screened(**step: Any) -> composite.Result:
    framework = a_framework(*({"id": i} for i in "wxyz"))
    framework["step"].insert(0, {"do": "screen"} | step)
    values: dict[str, list[float | None]] = {
        "full": [1.0, 2.0, 3.0, 4.0],
        "half": [9.0, 9.0, None, None],
        "zeros": [0.0, 0.0, 0.0, 9.0],
    }
    return ran(values, framework)


def test_a_unit_below_the_floor_of_coverage_is_not_ranked_and_not_zero() -> None:
    result = screened(min_coverage=0.6)
    assert result.not_ranked == {
        "half": {
            "reason": "evidence missing: coverage 0.5 (present) is below 0.6",
            "coverage": 0.5,
        }
    }
    assert result.scores.at("half", "root") is None
    assert result.ranks.at("half", "root") is None
    assert result.ranking() == ("full", "zeros")
    assert result.stages["normalise"].at("half", "w") is None


def test_screening_by_zeros_and_by_name() -> None:
    assert list(screened(min_nonzero=0.5).not_ranked) == ["zeros"]
    assert list(screened(exclude=["full"]).not_ranked) == ["full"]
    assert list(screened(min_coverage=0.6, include=["half"]).not_ranked) == []


def test_imputed_values_do_not_count_when_screening_counts_what_was_observed() -> None:
    framework = a_framework()
    impute = {"do": "impute", "method": "mean"}
    values: dict[str, list[float | None]] = {"a": [1.0, 2.0], "b": [3.0, None]}
    screen = {"do": "screen", "min_coverage": 0.9, "count": "observed"}
    framework["step"] = [impute, screen, *framework["step"]]
    assert list(ran(values, framework).not_ranked) == ["b"]
    framework["step"][1] = screen | {"count": "present"}
    assert list(ran(values, framework).not_ranked) == []


def test_evidence_that_supports_half_of_a_value_covers_half_of_it() -> None:
    framework = a_framework()
    framework["step"].insert(0, {"do": "screen", "min_coverage": 0.8})
    rows = [{"unit": "a", "x": 1.0, "y": 0.5}, {"unit": "b", "x": 1.0, "y": None}]
    result = ran({"a": [1.0, 1.0], "b": [1.0, 1.0]}, framework, coverage=rows)
    assert result.coverage == {"a": 0.75, "b": 1.0}
    assert list(result.not_ranked) == ["a"]


def treated(values: list[float], **step: Any) -> tuple[list[float | None], dict[str, Any]]:
    framework = a_framework({"id": "x", "normalise": "rank"})
    framework["step"].insert(0, {"do": "treat", "method": "winsorise_then_log"} | step)
    result = ran({f"u{k:02}": [v] for k, v in enumerate(values)}, framework)
    stage = result.stages["treat"]
    return [stage.at(unit, "x") for unit in stage.units], result.log[1]["done"]["x"]


def test_winsorising_pulls_in_the_extreme_value_on_the_skewed_side() -> None:
    after, done = treated([*range(1, 11), 100.0])
    assert after == [*range(1, 11), 10.0]
    assert done["winsorised_points"] == 1
    assert done["passes"]


def test_what_winsorising_cannot_mend_becomes_the_logarithm_of_the_original() -> None:
    values = [*map(float, range(1, 19)), 1e6, 1e7]
    after, done = treated(values, max_points=1)
    spread = 0.01 * (1e7 - 1)
    assert after == pytest.approx([math.log(v - 1 + spread) for v in values])
    assert done["log"]
    assert done["winsorising_was_not_enough"] == 1


def test_winsorising_never_leaves_a_single_value() -> None:
    after, done = treated([0.0] * 9 + [1.0], method="winsorise")
    assert after == [0.0] * 9 + [1.0]
    assert done["winsorised_points"] == 0
    assert not done["passes"]


def test_three_values_are_left_alone() -> None:
    after, done = treated([1.0, 2.0, 1e9])
    assert after == [1.0, 2.0, 1e9]
    assert done["left_alone"] == "fewer than four values"


def test_goalposts_do_not_apply_to_logarithms() -> None:
    framework = a_framework({"id": "x"})
    framework["step"].insert(0, {"do": "treat", "method": "log"})
    values: dict[str, list[float | None]] = {
        f"u{k}": [v] for k, v in enumerate([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 1e5])
    }
    with pytest.raises(composite.PackageError, match="turned it into logarithms"):
        ran(values, framework)


def test_an_indicator_may_have_methods_of_its_own() -> None:
    framework = a_framework({"id": "x", "impute": "zero"}, {"id": "y"})
    framework["step"].insert(0, {"do": "impute", "method": "mean"})
    stage = ran({"a": [4.0, 4.0], "b": [None, None]}, framework).stages["impute"]
    assert stage.at("b", "x") == 0
    assert stage.at("b", "y") == 4


def test_an_indicator_that_nobody_has_drops_out_and_the_log_says_so() -> None:
    result = ran({"a": [4.0, None], "b": [8.0, None]}, a_framework())
    assert result.scores.values.ravel().tolist() == [40.0, 80.0]
    assert result.log[1]["done"]["y"] == {
        "method": "goalposts",
        "left_empty": "no unit has a value",
    }


def test_one_unit_alone_is_first() -> None:
    result = ran({"a": [4.0, 6.0]}, a_framework())
    assert result.scores.at("a", "root") == 50.0
    assert result.ranks.at("a", "root") == 1.0
