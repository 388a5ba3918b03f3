"""Sobol indices against enumeration, a closed form and SALib; the smallest flips by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sankul.engines import composite
from sankul.engines.composite import vary as varying
from sankul.engines.composite.sensitivity import estimated

from .makers import a_framework, a_package

THREE: dict[str, list[float | None]] = {"a": [9.0, 1.0], "b": [2.0, 9.0], "c": [0.5, 4.0]}
SCALES = ["goalposts", {"method": "goalposts", "low": 10, "high": 60}]
CHOICES: list[dict[str, Any]] = [
    {"what": "indicator"},
    {"what": "choice", "step": "normalise", "options": SCALES},
    {"what": "choice", "step": "aggregate", "options": ["arithmetic", "geometric", "harmonic"]},
]


def indices(vary: list[dict[str, Any]], draws: int = 1024, **more: Any) -> composite.Sensitivity:
    package = a_package(THREE, a_framework(vary=vary), **more)
    return composite.sensitivity(package.spec, package.frame, draws=draws, seed=3)


def test_the_estimators_agree_with_salib() -> None:
    # SALib 1.6.0, sobol.analyze of these outputs, calc_second_order=False
    k = np.arange(16)
    a, b, x, y = (np.sin(1.7 * s + k) * 3 + 5 + np.cos(k * (s + 1.0)) for s in range(4))
    found = estimated(a[None, :, None], b[None, :, None], np.stack([x, y])[..., None], seed=1)
    assert found.first[:, 0, 0] == pytest.approx([-0.2174140277644777, -1.039383787484951])
    assert found.total[:, 0, 0] == pytest.approx([1.8758407101662142, 0.8856499707603946])


def test_choices_are_enumerated_and_shares_add_up_by_hand() -> None:
    vary = [CHOICES[0], CHOICES[1]]
    found = indices(vary)
    assert found.exact
    assert found.factors == ("indicator", "choice normalise")
    # a: 50, 10, 90 and 10 + half of it: 35, 15, 55. Means over the scale: 42.5, 12.5, 72.5;
    # over the indicator: 50 and 35
    y = np.array([[50, 10, 90], [35, 15, 55]])
    whole = y.var()
    first = [y.mean(axis=0).var() / whole, y.mean(axis=1).var() / whole]
    total = [y.var(axis=0).mean(), y.var(axis=1).mean()]
    assert found.scores.first[:, 0, 0] == pytest.approx(first)
    assert found.scores.total[:, 0, 0] == pytest.approx([total[1] / whole, total[0] / whole])
    assert np.array_equal(found.scores.first[..., 0], found.scores.first[..., 2])
    # no scale changes an order, and the order depends on the indicator alone
    assert found.ranks.total[:, 0, 0] == pytest.approx([1, 0])


def test_sampling_comes_near_to_enumeration(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = indices(CHOICES)
    monkeypatch.setattr(varying.Plan, "grid", lambda self, most: None)
    sampled = indices(CHOICES, draws=4096)
    assert (exact.exact, sampled.exact) == (True, False)
    for name in ("scores", "ranks", "shift"):
        for order in ("first", "total"):
            expected = getattr(getattr(exact, name), order)[..., 0]
            found = getattr(getattr(sampled, name), order)
            assert found[..., 0] == pytest.approx(expected, abs=0.03, nan_ok=True), name
            inside = (found[..., 1] - 0.01 <= expected) & (expected <= found[..., 2] + 0.01)
            assert inside[~np.isnan(expected)].mean() > 0.8, name


def test_two_additive_factors_share_the_variance_as_in_closed_form() -> None:
    # score of a = 10 + 0.5 x-noise … data of a: x uniform on 8 to 10; scale from low to 100
    rows = [{"unit": u, "x": v[0], "y": v[1]} for u, v in THREE.items()]
    low = [row | {"x": row["x"] - 0.5} for row in rows]
    vary = [
        {"what": "data"},
        {"what": "parameter", "step": "normalise", "parameter": "low", "low": 0, "high": 1},
    ]
    found = indices(vary, draws=4096, values_low=low, values_high=rows)
    # a: share s = (x + 1)/20 with x uniform on 8.5 to 9; score = low + (100 − low) s. Nearly
    # additive: variance by x (5 · 0.5)²/12, by low ((1 − s̄) · 1)²/12 with s̄ = 0.4875
    by_data, by_low = 2.5**2 * 0.995**2, 0.5125**2
    expected = [by_data / (by_data + by_low), by_low / (by_data + by_low)]
    assert found.scores.first[:, 0, 0] == pytest.approx(expected, abs=0.03)
    assert found.scores.total[:, 0, 0] == pytest.approx(expected, abs=0.03)
    # the data of c below rank 3 never matter
    assert np.isnan(found.ranks.first[:, 2, 0]).all()


def test_the_same_seed_gives_the_same_indices() -> None:
    vary = [{"what": "weights"}, CHOICES[2]]
    one, again = indices(vary, draws=64), indices(vary, draws=64)
    assert np.array_equal(one.scores.first, again.scores.first, equal_nan=True)
    assert one.factors == ("weights", "choice aggregate")


def test_two_variations_of_one_kind_have_names_of_their_own() -> None:
    vary = [{"what": "indicator"}, {"what": "indicator", "indicators": ["x"]}]
    assert indices(vary).factors == ("indicator", "indicator #2")


def flipped(values: dict[str, list[float | None]], unit: str, **more: Any) -> composite.WeightFlip:
    framework = a_framework({"id": "x", "weight": 3.0}, {"id": "y", "weight": 1.0})
    package = a_package(values, framework)
    return composite.flip_by_weights(package.spec, package.frame, unit, **more)


def test_the_smallest_change_of_weights_puts_one_unit_over_another() -> None:
    # a: 90 w + 10 (1 − w), b: 20 w + 90 (1 − w); even at 150 w = 80, from w = 0.75 to 8/15
    found = flipped(THREE, "b", over="a")
    assert found.weights == pytest.approx({"x": 8 / 15, "y": 7 / 15})
    assert found.distance == pytest.approx(2 * (0.75 - 8 / 15))
    assert flipped(THREE, "a", over="b").distance == pytest.approx(found.distance)


def test_no_weights_put_a_dominated_unit_on_top_and_a_threshold_is_reached() -> None:
    assert flipped(THREE, "c", over="b").distance is None
    # a scores 70; below 50 from w = 0.5 on
    assert flipped(THREE, "a", threshold=50.0).distance == pytest.approx(0.5)
    assert flipped(THREE, "a", threshold=95.0).weights is None
    with pytest.raises(composite.PackageError, match="no decision is named"):
        flipped(THREE, "a")
    with pytest.raises(composite.PackageError, match='a value of "a" is missing'):
        flipped({"a": [1.0, None], "b": [1.0, 2.0]}, "a", over="b")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.floats(0.1, 9.9)] * 4), min_size=2, max_size=2, unique=True))
def test_at_the_weights_found_the_two_units_are_even(rows: Any) -> None:
    framework = a_framework(
        *({"id": i, "weight": w} for i, w in zip("wxyz", (1.0, 2, 3, 4), strict=True))
    )
    package = a_package({"a": list(rows[0]), "b": list(rows[1])}, framework)
    found = composite.flip_by_weights(package.spec, package.frame, "a", over="b")
    if found.weights is not None:
        scores = np.array(rows) @ list(found.weights.values())
        assert scores[0] == pytest.approx(scores[1], rel=1e-6)
        assert sum(found.weights.values()) == pytest.approx(1)
        assert min(found.weights.values()) >= -1e-9
    else:
        margin = np.array(rows[0]) - rows[1]
        assert (margin > 0).all() or (margin < 0).all()


def test_a_mean_that_is_not_linear_is_refused_by_name() -> None:
    framework = a_framework()
    framework["step"][1] = {"do": "aggregate", "method": "geometric"}
    package = a_package(THREE, framework)
    with pytest.raises(composite.PackageError, match="under a geometric mean"):
        composite.flip_by_weights(package.spec, package.frame, "a", over="b")


def test_the_smallest_change_of_each_indicator() -> None:
    package = a_package({"a": [9.0, 1.0], "b": [2.0, 9.0]})
    found = composite.flip_by_indicator(package.spec, package.frame, "a", over="b")
    # a 50, b 55: one indicator up by a point; x has one point left below its goalpost of 10
    assert found == {"x": pytest.approx(1.0), "y": pytest.approx(1.0)}
    found = composite.flip_by_indicator(package.spec, package.frame, "b", threshold=30.0)
    # b at 30 would need 5 fewer points: x has only 2
    assert found == {"x": None, "y": pytest.approx(-5.0)}


def test_under_min_max_the_scale_moves_with_the_changed_value() -> None:
    framework = a_framework(*({"id": i, "normalise": "min_max"} for i in "xy"))
    for indicator in framework["indicator"]:
        del indicator["goalposts"]
    values: dict[str, list[float | None]] = {"a": [0.0, 0.0], "b": [10.0, 4.0], "c": [8.0, 10.0]}
    package = a_package(values, framework)
    found = composite.flip_by_indicator(package.spec, package.frame, "b", over="c")
    # b: 100 + 40, c: 80 + 100. Even for y = 8, or x = v above 10 with 800/v = 40: v = 20
    assert found == {"x": pytest.approx(10.0), "y": pytest.approx(4.0)}


def test_sensitivity_is_written_and_verified(tmp_path: Path) -> None:
    package = a_package(THREE, a_framework(vary=CHOICES))
    result = composite.run(package.spec, package.frame)
    spread = composite.uncertainty(package.spec, package.frame, draws=50, seed=3)
    found = composite.sensitivity(package.spec, package.frame, draws=32, seed=3)
    composite.write(package, result, spread, tmp_path / "out", sensitivity=found)
    text = (tmp_path / "out" / "sensitivity.csv").read_text()
    assert text.splitlines()[0] == (
        "unit,factor,of,first,first_p05,first_p95,total,total_p05,total_p95"
    )
    assert len(text.splitlines()) == 1 + 3 * (3 + 3 + 1)
    assert composite.verify(tmp_path / "out") is None
    (tmp_path / "out" / "sensitivity.csv").write_text(
        text.replace("a,indicator,score,0", "a,indicator,score,1", 1)
    )
    mismatch = composite.verify(tmp_path / "out")
    assert mismatch is not None
    assert (mismatch.file, mismatch.row) == ("sensitivity.csv", "a")
