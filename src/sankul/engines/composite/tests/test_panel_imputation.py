"""Filling gaps from other periods and from similar units, and the Box–Cox transform."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sankul.engines import composite

from .makers import a_framework, ran

YEARS: dict[str, dict[str, list[float | None]]] = {
    "2021-22": {"a": [2.0], "b": [1.0], "c": [None]},
    "2023-24": {"a": [6.0], "b": [None], "c": [None]},
    "2024-25": {"a": [None], "b": [None], "c": [None]},
    "2025-26": {"a": [10.0], "b": [9.0]},
}


def a_panel(method: str, period: str = "2024-25", **indicator: Any) -> composite.Package:
    framework = a_framework({"id": "x"} | indicator)
    framework["step"].insert(0, {"do": "impute", "method": method})
    if "denominator" in indicator:
        framework["step"].insert(0, {"do": "denominate"})
    rows = [
        {"unit": unit, "period": year, "x": v[0]}
        for year, values in YEARS.items()
        for unit, v in values.items()
    ]
    units = [{"unit": u, "size": 2} for u in "abc"]
    return composite.Package.from_parts(framework, units, rows, period=period)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("last", [6.0, 1.0, None]),
        # a: 6 in 2023, 10 in 2025; b: 1 in 2021, 9 in 2025; c has nothing to lie between
        ("linear", [8.0, 7.0, None]),
    ],
)
def test_other_periods_fill_gaps(method: str, expected: list[float | None]) -> None:
    package = a_panel(method)
    stage = composite.run(package.spec, package.frame).stages["impute"]
    assert [stage.at(unit, "x") for unit in "abc"] == expected


def test_other_periods_are_divided_by_the_denominator_too() -> None:
    package = a_panel("linear", denominator="size")
    stage = composite.run(package.spec, package.frame).stages["impute"]
    assert [stage.at(unit, "x") for unit in "abc"] == [4.0, 3.5, None]


def test_the_other_periods_belong_to_the_package_and_its_digest(tmp_path: Path) -> None:
    package = a_panel("last")
    result = composite.run(package.spec, package.frame)
    composite.write(package, result, None, tmp_path / "out")
    assert composite.verify(tmp_path / "out") is None
    again = composite.read(tmp_path / "out" / "package", period="2024-25")
    assert again.digest == package.digest
    assert "2021-22" in package.texts["values.csv"]
    assert "2021-22" not in a_panel("mean").texts["values.csv"]


def similar(method: dict[str, Any]) -> composite.Result:
    framework = a_framework(*({"id": i, "goalposts": [0, 1000]} for i in "xyz"))
    framework["step"].insert(0, {"do": "impute"} | method)
    values: dict[str, list[float | None]] = {
        f"u{k}": [float(k), 100.0 * k, 3.0 * k + 1] for k in range(1, 9)
    }
    values["u4"][1] = None
    values["u9"] = [None, None, None]
    return ran(values, framework)


def test_the_nearest_units_fill_a_gap_whatever_the_units_of_measure() -> None:
    result = similar({"method": "knn", "neighbours": 2})
    assert result.stages["impute"].at("u4", "y") == pytest.approx((300 + 500) / 2)
    assert result.stages["impute"].at("u9", "y") is None


def test_regressions_on_the_other_indicators_fill_a_gap() -> None:
    result = similar({"method": "iterative"})
    assert result.stages["impute"].at("u4", "y") == pytest.approx(400, rel=1e-3)
    assert result.stages["impute"].at("u9", "y") is None
    assert result.log[1]["done"]["y"]["settled"] in (True, False)


def test_boxcox_with_a_power_of_a_half_and_by_maximum_likelihood() -> None:
    values = [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 1e4]
    for power in (0.5, None):
        framework = a_framework({"id": "x", "normalise": "min_max"})
        step = {"do": "treat", "method": "boxcox"} | ({"power": power} if power else {})
        framework["step"].insert(0, step)
        result = ran({f"u{k}": [v] for k, v in enumerate(values)}, framework)
        done = result.log[1]["done"]["x"]
        found = result.stages["treat"].column("x")
        shifted = (np.array(values) - 1) / 9999 + 0.01
        p = done["power"]
        assert found == pytest.approx((shifted**p - 1) / p)
        assert abs(done["after"]["skewness"]) < abs(done["before"]["skewness"])
        if power is None:
            assert _likelihood(shifted, p) >= _likelihood(shifted, 0.5)
            assert _likelihood(shifted, p) >= _likelihood(shifted, p + 0.01)
            assert _likelihood(shifted, p) >= _likelihood(shifted, p - 0.01)


def _likelihood(x: Any, p: float) -> float:
    """Box and Cox (1964), equation 8: −n/2 ln σ² + (p − 1) Σ ln x."""
    y = (x**p - 1) / p
    return float(-len(x) / 2 * math.log(y.var()) + (p - 1) * np.log(x).sum())
