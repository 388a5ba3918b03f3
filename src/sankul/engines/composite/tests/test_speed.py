"""Compiled loops, batches and threads change nothing but the time."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sankul.engines import composite
from sankul.engines.composite import kernels, robustness, scoring, tally, threads
from sankul.engines.composite.pipeline import Preparation, prepared

from .makers import a_framework, a_package

NAMES = ("score_interval", "rank_interval", "acceptability", "outranking")
MEANS: list[Any] = [
    "arithmetic",
    "geometric",
    "harmonic",
    {"method": "generalised_mean", "power": 2.0},
    {"method": "generalised_mean", "power": -0.5},
    "median",
]


def a_tree(lower: Any, upper: Any, *, missing: bool, threshold: float = 0.0) -> composite.Package:
    """Twelve units, two of them alike, on two nodes of three indicators; one value is zero."""
    nodes = [
        {"id": "root", "aggregate": upper},
        *({"id": n, "parent": "root", "aggregate": lower, "threshold": threshold} for n in "pq"),
    ]
    indicators = ({"id": f"x{k}", "parent": "pq"[k // 3], "weight": 1.0 + k} for k in range(6))
    values = np.random.default_rng(5).uniform(0, 10, (12, 6))
    values[1] = values[0]
    values[2, 0] = 0.0
    rows: dict[str, list[float | None]] = {f"u{k:02}": list(v) for k, v in enumerate(values)}
    if missing:
        rows["u03"][0] = rows["u04"][3] = rows["u05"][4] = None
        rows["u06"][:3] = rows["u07"] = [None] * 3
        rows["u07"] = [None] * 6
    vary = [{"what": "weights", "how": "simplex"}, {"what": "indicator"}]
    return a_package(rows, a_framework(*indicators, node=nodes, vary=vary))


def spread(package: composite.Package, **more: Any) -> composite.Uncertainty:
    return composite.uncertainty(package.spec, package.frame, draws=700, seed=4, **more)


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("lower", MEANS)
@pytest.mark.parametrize("upper", MEANS[:4])
def test_compiled_loops_agree_with_plain_arrays(
    lower: Any, upper: Any, missing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = a_tree(lower, upper, missing=missing, threshold=0.6 if missing else 0.0)
    plain = spread(package)
    monkeypatch.setattr(robustness, "COMPILED_WORK", 0)
    compiled = spread(package)
    assert compiled.score_interval == pytest.approx(plain.score_interval, rel=1e-12, nan_ok=True)
    for name in NAMES[1:]:
        assert np.array_equal(getattr(plain, name), getattr(compiled, name), equal_nan=True), name


def test_the_same_to_the_last_bit_on_any_number_of_threads_and_in_any_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    package = a_tree("geometric", "arithmetic", missing=True)
    monkeypatch.setattr(robustness, "COMPILED_WORK", 0)
    one = spread(package)
    monkeypatch.setattr(threads, "count", lambda: 5)
    monkeypatch.setattr(tally, "THREAD_DRAWS", 7)
    monkeypatch.setattr(scoring, "THREAD_DRAWS", 11)
    monkeypatch.setattr(robustness, "BATCH_CELLS", 900)
    other = spread(package)
    for name in NAMES:
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True), name


def test_figures_of_extreme_size_are_scored_with_scaling(monkeypatch: pytest.MonkeyPatch) -> None:
    indicators = ({"id": i, "normalise": "scaled"} for i in "xy")
    step = [{"do": "normalise"}, {"do": "aggregate", "method": "generalised_mean", "power": 2}]
    framework = a_framework(*indicators, step=step)
    package = a_package({"a": [1e200, 1e200], "b": [1e200, 1e200]}, framework)
    monkeypatch.setattr(robustness, "COMPILED_WORK", 0)
    assert spread(package).score_interval == pytest.approx(np.full((2, 3), 1e200))


def test_a_negative_node_under_a_geometric_mean_is_refused_in_compiled_loops_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nodes = [{"id": "root", "aggregate": "geometric"}, {"id": "p", "parent": "root"}]
    framework = a_framework({"id": "x", "parent": "p", "normalise": "scaled"}, node=nodes)
    package = a_package({"a": [-1.0]}, framework)
    monkeypatch.setattr(robustness, "COMPILED_WORK", 0)
    with pytest.raises(composite.PackageError, match="the geometric mean meets a value below zero"):
        spread(package)


def test_without_a_folder_to_keep_it_in_a_loop_is_compiled_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refusing(**options: Any) -> Any:
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: function

    monkeypatch.setattr(kernels, "njit", refusing)
    assert kernels.compiled(len)([1, 2]) == 2


def test_settings_that_begin_alike_share_what_the_steps_made() -> None:
    framework = a_framework({"id": "x", "normalise": "min_max"})
    framework["step"].insert(0, {"do": "treat", "method": "winsorise"})
    values: dict[str, list[float | None]] = {f"u{k}": [float(k**4)] for k in range(9)}
    package = a_package(values, framework)
    preparation = Preparation(package.frame)
    for points in (0, 3, 1, 3, 0):
        steps = tuple(
            replace(step, method=replace(step.method, parameters=step.method.parameters | change))
            for step in package.spec.steps
            for change in [{"max_points": points} if step.do == "treat" else {}]
        )
        spec = replace(package.spec, steps=steps)
        expected = prepared(spec, package.frame).values
        assert np.array_equal(preparation.of(spec), expected)


@pytest.mark.parametrize("method", ["goalposts", "min_max"])
def test_data_that_vary_are_prepared_as_if_each_draw_stood_alone(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    framework = a_framework(
        *({"id": i, "normalise": method, "denominator": "size"} for i in "xy"),
        vary=[{"what": "data"}],
    )
    framework["step"].insert(0, {"do": "denominate"})
    framework["step"].insert(1, {"do": "screen", "min_coverage": 0.6})
    rows = {"a": [4.0, 8.0], "b": [2.0, 3.0], "c": [9.0, None], "d": [5.0, 5.0]}
    bounds = {
        f"values_{end}": [
            {"unit": u, "x": v[0] + by, "y": None if v[1] is None else v[1] + by}
            for u, v in rows.items()
        ]
        for end, by in (("low", -1.0), ("high", 1.0))
    }
    sizes = {u: {"size": k + 1} for k, u in enumerate(rows)}
    package = a_package(rows, framework, units=sizes, **bounds)
    together = spread(package)
    monkeypatch.setattr(robustness, "_is_rowwise", lambda spec: False)
    apart = spread(package)
    for name in NAMES:
        found, expected = getattr(together, name), getattr(apart, name)
        assert found == pytest.approx(expected, rel=1e-14, nan_ok=True), name
    assert np.isnan(together.score_interval[2]).all()
