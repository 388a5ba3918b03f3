"""Intervals, acceptability and outranking under declared variations."""

from typing import Any

import numpy as np
import pytest

from sankul.engines import composite
from sankul.engines.composite import robustness

from .makers import a_framework, a_package

CLOSE: dict[str, list[float | None]] = {"a": [9.0, 1.0], "b": [1.0, 9.0], "c": [0.5, 0.5]}


def spread(
    vary: list[dict[str, Any]] | None,
    values: dict[str, list[float | None]] | None = None,
    draws: int = 512,
    seed: Any = 1,
    framework: dict[str, Any] | None = None,
    **more: Any,
) -> composite.Uncertainty:
    content = (framework or a_framework()) | ({"vary": vary} if vary else {})
    package = a_package(values or CLOSE, content, **more)
    return composite.uncertainty(package.spec, package.frame, draws=draws, seed=seed)


def test_two_mirrored_units_share_the_first_rank_and_a_dominated_one_is_always_last() -> None:
    result = spread([{"what": "weights", "how": "simplex"}], draws=4096)
    assert result.acceptability.sum(axis=1) == pytest.approx([1, 1, 1])
    assert result.acceptability[0, 0] == pytest.approx(0.5, abs=0.01)
    assert result.acceptability[2] == pytest.approx([0, 0, 1])
    assert result.outranking[0, 2] == 1.0
    assert result.outranking[2, 0] == 0.0
    assert result.outranking[0, 1] + result.outranking[1, 0] == pytest.approx(1.0)
    # share s of x under uniform weights: score of a is 10 + 80 s, s uniform
    assert result.score_interval[0] == pytest.approx([14, 50, 86], abs=0.5)
    assert result.rank_interval[:, [0, 2]].tolist() == [[1, 2], [1, 2], [3, 3]]


def test_a_dirichlet_stays_around_the_given_weights() -> None:
    framework = a_framework({"id": "x", "weight": 3.0}, {"id": "y", "weight": 1.0})
    vary = [{"what": "weights", "how": "dirichlet", "concentration": 20}]
    result = spread(vary, draws=8192, framework=framework)
    # Beta(15, 5): mean 0.75; 5 % and 95 % points 0.5802 and 0.8904
    low, _, high = (result.score_interval[0] - 10) / 80
    assert (low, high) == (pytest.approx(0.5802, abs=2e-3), pytest.approx(0.8904, abs=2e-3))


def test_weight_noise_without_declaration_is_a_quarter() -> None:
    result = spread(None)
    assert result.log[0]["declared"] is False
    assert result.log[0]["vary"][0] == {
        "what": "weights",
        "how": "noise",
        "amount": 0.25,
        "concentration": 50.0,
        "nodes": [],
    }


def test_the_same_seed_gives_the_same_result_whatever_the_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vary = [
        {"what": "weights"},
        {"what": "choice", "step": "aggregate", "options": ["arithmetic", "geometric"]},
        {"what": "data"},
    ]
    rows = [{"unit": u, "x": v[0], "y": v[1]} for u, v in CLOSE.items()]
    low = [{"unit": r["unit"], "x": 0.0, "y": 0.0} for r in rows]
    one = spread(vary, draws=100, values_low=low, values_high=rows)
    monkeypatch.setattr(robustness, "BATCH_CELLS", 42)
    other = spread(vary, draws=100, values_low=low, values_high=rows)
    for name in ("score_interval", "rank_interval", "acceptability", "outranking"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    different = spread(vary, draws=100, seed=2, values_low=low, values_high=rows)
    assert not np.array_equal(one.score_interval, different.score_interval)


def test_a_generator_supplies_a_seed_that_replays() -> None:
    one = spread(None, seed=np.random.default_rng(7))
    again = spread(None, seed=one.seed)
    assert np.array_equal(one.score_interval, again.score_interval)


def test_a_choice_of_methods_takes_each_equally_often() -> None:
    options = ["goalposts", {"method": "goalposts", "low": 0, "high": 10}]
    vary = [{"what": "choice", "step": "normalise", "options": options}]
    result = spread(vary, draws=1024)
    assert result.score_interval[0, [0, 2]].tolist() == [5.0, 50.0]
    assert result.log[0]["settings_drawn"] == 2


def test_a_parameter_varies_within_its_range() -> None:
    vary = [{"what": "parameter", "step": "normalise", "parameter": "high", "low": 10, "high": 110}]
    result = spread(vary, draws=2048)
    # the score of a is half of high, which is uniform
    assert result.score_interval[0] == pytest.approx([7.5, 30, 52.5], abs=0.2)


def test_data_vary_between_their_bounds() -> None:
    low = [
        {"unit": u, "x": 0.0 if u == "a" else None, "y": 1.0 if u == "a" else None} for u in "abc"
    ]
    high = [
        {"unit": u, "x": 10.0 if u == "a" else None, "y": 1.0 if u == "a" else None} for u in "abc"
    ]
    result = spread([{"what": "data"}], draws=2000, values_low=low, values_high=high)
    # x of a is uniform on 0 to 10, y is 1: its score is 5 x + 5
    assert result.score_interval[0] == pytest.approx([7.5, 30, 52.5], abs=2)
    assert result.score_interval[1].tolist() == [50, 50, 50]


def test_the_data_of_a_unit_vary_together_around_the_values() -> None:
    low = [{"unit": "a", "x": 8.0, "y": 1.0}, {"unit": "b"}, {"unit": "c"}]
    high = [{"unit": "a", "x": 9.0, "y": 9.0}, {"unit": "b"}, {"unit": "c"}]
    result = spread([{"what": "data", "by": "unit"}], draws=4000, values_low=low, values_high=high)
    # the score of a, 5 (x + y), is 45 to 50 in one half of the draws, 50 to 90 in the other, each uniform
    assert result.score_interval[0] == pytest.approx([45.5, 50, 86], abs=0.8)
    assert result.score_interval[1].tolist() == [50, 50, 50]


def test_leaving_out_one_indicator_at_a_time() -> None:
    result = spread([{"what": "indicator"}], draws=3 * 1024)
    # none, x or y left out, equally often: a scores 50, 10 and 90
    assert result.score_interval[0].tolist() == [10, 50, 90]
    assert result.acceptability[0] == pytest.approx([2 / 3, 1 / 3, 0], abs=2e-3)


def test_a_unit_that_is_not_ranked_has_no_interval() -> None:
    framework = a_framework()
    framework["step"].insert(0, {"do": "screen", "min_coverage": 1.0})
    result = spread(None, CLOSE | {"d": [1.0, None]}, framework=framework)
    assert np.isnan(result.score_interval[3]).all()
    assert np.isnan(result.rank_interval[3]).all()
    assert np.isnan(result.acceptability[3]).all()
    assert result.acceptability[:3].sum(axis=1) == pytest.approx([1, 1, 1])


def test_duplicates_tie_in_every_draw() -> None:
    result = spread([{"what": "weights", "how": "simplex"}], CLOSE | {"a2": [9.0, 1.0]})
    assert result.outranking[0, 1] == 0
    assert result.outranking[1, 0] == 0
    assert np.array_equal(result.acceptability[0], result.acceptability[1])


def test_an_error_names_the_variation_in_which_it_happens() -> None:
    vary = [{"what": "choice", "step": "normalise", "options": ["goalposts", "min_max"]}]
    with pytest.raises(composite.PackageError) as caught:
        spread(vary, {"a": [1.0, 2.0], "b": [1.0, 3.0]})
    assert 'indicator "x" (in the variation normalise = min_max)' in str(caught.value)


def test_no_draws_and_a_negative_seed_are_refused() -> None:
    with pytest.raises(composite.PackageError, match="draws: 0 is not accepted"):
        spread(None, draws=0)
    with pytest.raises(composite.PackageError, match="seed: -1 is not accepted"):
        spread(None, seed=-1)


def test_every_combination_of_choices_is_evaluated_once_and_called_exact() -> None:
    options = ["goalposts", {"method": "goalposts", "low": 0, "high": 10}]
    vary: list[dict[str, Any]] = [
        {"what": "choice", "step": "normalise", "options": options},
        {"what": "indicator"},
    ]
    result = spread(vary, draws=6)
    assert (result.exact, result.draws) == (True, 6)
    # a scores 50, 10 or 90 of 100, each as often, and a tenth of that as often
    assert result.score_interval[0].tolist() == [1, 9, 90]
    assert result.acceptability[0].tolist() == [4 / 6, 2 / 6, 0]
    assert result.log[0]["sequence"] == "every combination once"
    assert spread(vary, draws=5).exact is False
    assert spread([*vary, {"what": "weights"}], draws=600).exact is False


def test_the_probability_of_a_score_below_the_declared_threshold() -> None:
    framework = a_framework()
    framework["framework"]["threshold"] = 30.0
    result = spread([{"what": "weights", "how": "simplex"}], draws=4096, framework=framework)
    # a scores 10 + 80 s with s uniform: below 30 for a quarter of the draws; c always scores 5
    assert result.probability_below == pytest.approx([0.25, 0.25, 1.0], abs=2e-3)
    assert spread(None).probability_below is None


def test_progress_is_told_every_draw() -> None:
    package = a_package(CLOSE)
    told: list[int] = []
    composite.uncertainty(package.spec, package.frame, draws=300, seed=1, progress=told.append)
    assert sum(told) == 300
