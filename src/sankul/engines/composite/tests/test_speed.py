"""Compiled loops, batches and threads change nothing but the time."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sankul.engines import compiling, composite
from sankul.engines.composite import batch, given, robustness, scoring, tally, threads
from sankul.engines.composite.pipeline import Preparation, prepared
from sankul.engines.composite.ranking import descending_ranks
from sankul.engines.composite.steps import normalise

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


def a_tree(
    lower: Any, upper: Any, *, missing: bool, threshold: float = 0.0, each: int = 3
) -> composite.Package:
    """Twelve units, two of them alike, on two nodes of ``each`` indicators; one value is zero."""
    nodes = [
        {"id": "root", "aggregate": upper},
        *({"id": n, "parent": "root", "aggregate": lower, "threshold": threshold} for n in "pq"),
    ]
    indicators = (
        {"id": f"x{k}", "parent": "pq"[k % 2], "weight": 1.0 + k} for k in range(2 * each)
    )
    values = np.random.default_rng(5).uniform(0, 10, (12, 2 * each))
    values[1] = values[0]
    values[2, 0] = 0.0
    rows: dict[str, list[float | None]] = {f"u{k:02}": list(v) for k, v in enumerate(values)}
    if missing:
        rows["u03"][0] = rows["u04"][3] = rows["u05"][4] = None
        rows["u06"][::2] = [None] * each
        rows["u07"] = [None] * 2 * each
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


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("lower", ["arithmetic", "geometric"])
def test_indicators_added_eight_at_a_time_agree_with_plain_arrays(
    lower: str, missing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = a_tree(lower, "arithmetic", missing=missing, each=21)
    plain = spread(package)
    monkeypatch.setattr(robustness, "COMPILED_WORK", 0)
    compiled = spread(package)
    assert compiled.score_interval == pytest.approx(plain.score_interval, rel=1e-12, nan_ok=True)
    for name in NAMES[1:]:
        assert np.array_equal(getattr(plain, name), getattr(compiled, name), equal_nan=True), name


def small_parts(patch: pytest.MonkeyPatch, count: int) -> None:
    """Work in as many threads, and in parts and batches of uneven size."""
    patch.setattr(threads, "count", lambda: count)
    patch.setattr(tally, "THREAD_CELLS", 89)
    patch.setattr(tally, "THREAD_PAIRS", 0)
    patch.setattr(scoring, "THREAD_WORK", 800)
    patch.setattr(given, "THREAD_WORK", 0)
    patch.setattr(given, "BLOCK_CELLS", 100)
    patch.setattr(robustness, "BATCH_CELLS", 900)


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("each", [3, 21])
def test_the_same_to_the_last_bit_on_any_number_of_threads_and_in_any_batch(
    count: int, each: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = a_tree("geometric", "arithmetic", missing=True, each=each)
    monkeypatch.setattr(robustness, "COMPILED_WORK", 0)
    one = spread(package)
    small_parts(monkeypatch, count)
    other = spread(package)
    for name in NAMES:
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True), name


def test_the_matrix_of_pairs_can_be_left_out_and_changes_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    package = a_tree("arithmetic", "arithmetic", missing=True)
    for work in (robustness.COMPILED_WORK, 0):
        monkeypatch.setattr(robustness, "COMPILED_WORK", work)
        whole, less = spread(package), spread(package, outranking=False)
        assert less.outranking is None
        for name in NAMES[:3]:
            assert np.array_equal(getattr(whole, name), getattr(less, name), equal_nan=True), name
        assert less.log == whole.log


def ranked(scores: Any) -> Any:
    return tally.compiled_ranks(np.array(scores, dtype=np.float64))


def test_compiled_ranks_are_those_of_plain_arrays_down_to_the_last_bits() -> None:
    rng = np.random.default_rng(8)
    for n in (1, 2, 7, 300):
        scores = rng.normal(size=(40, n))
        scores[1] = 1 + rng.random(n) * 1e-11  # apart by more than a tie, less than a key tells
        scores[2] = 1 + rng.random(n) * 1e-13
        scores[3] = np.round(scores[3])
        scores[4] = np.nan
        scores[5:9][rng.random((4, n)) < 0.5] = np.nan
        scores[9] *= 1e300
        scores[10] *= 1e-310
        assert np.array_equal(ranked(scores), descending_ranks(scores))
    nan = float("nan")
    assert ranked([[0.0, -0.0, nan, 2.0, -1.0]]).tolist() == [[2, 2, 0, 1, 4]]
    assert ranked([[-1.7e308, nan, 1.7e308]]).tolist() == [[2, 0, 1]]


@pytest.mark.parametrize("exact", [False, True])
def test_percentiles_are_those_of_numpy_whatever_the_parts(
    exact: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "THREAD_CELLS", 120)
    rng = np.random.default_rng(9)
    for draws in (1, 2, 20, 39, 60, 100):
        counted = tally.Tally(7, draws, pairs=False)
        scores = rng.normal(size=(draws, 7))
        scores[:, 2] = 4.1
        scores[rng.random(draws) < 0.3, 3] = np.nan
        scores[:, 4] = np.nan
        scores[:, 5] *= 1e300
        counted.add(np.arange(draws), scores)
        found = counted.score_interval(exact=exact)
        for unit, column in enumerate(scores.T):
            known = column[~np.isnan(column)]
            method: Any = "inverted_cdf" if exact else "linear"
            expected = np.quantile(known, tally.QUANTILES, method=method) if len(known) else np.nan
            assert np.array_equal(found[unit], np.broadcast_to(expected, 3), equal_nan=True)


@pytest.mark.parametrize("lower", ["arithmetic", "geometric", "median"])
def test_ranks_under_given_weights_are_those_of_a_run(
    lower: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = a_tree(lower, "arithmetic", missing=True)
    spec = package.spec
    weights = np.random.default_rng(6).uniform(0.1, 1, (60, len(spec.ids)))
    ranks = composite.ranks_under(spec, package.frame, weights)
    for row, found in zip(weights.tolist(), ranks.tolist(), strict=True):
        own = dict(zip(spec.ids, row, strict=True))
        changed = replace(
            spec,
            nodes=tuple(replace(n, weight=own[n.id]) for n in spec.nodes),
            indicators=tuple(replace(i, weight=own[i.id]) for i in spec.indicators),
        )
        expected = composite.run(changed, package.frame).ranks.column("root")
        assert found == np.nan_to_num(expected).tolist()
    for count in (1, 3):
        small_parts(monkeypatch, count)
        assert np.array_equal(composite.ranks_under(spec, package.frame, weights), ranks)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([1.0, 1.0, 1.0], r"weights: an array of shape \(3,\); expected a row for each draw of 3"),
        ([[1.0, 1.0]], r"an array of shape \(1, 2\)"),
        ([[1.0, -1.0, 1.0]], "one is not finite or below zero"),
        ([[1.0, float("nan"), 1.0]], "one is not finite or below zero"),
    ],
)
def test_given_weights_that_fit_no_framework_are_refused(weights: Any, words: str) -> None:
    package = a_package({"a": [1.0, 2.0]})
    with pytest.raises(composite.PackageError, match=words):
        composite.ranks_under(package.spec, package.frame, np.array(weights))


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

    monkeypatch.setattr(compiling, "njit", refusing)
    assert compiling.compiled(len)([1, 2]) == 2


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


@pytest.mark.parametrize("method", sorted(normalise.METHODS))
def test_data_that_vary_are_prepared_as_if_each_draw_stood_alone(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = {"target": 6.0, "reference": "a", "categories": [[0, 10.0], [2, 50.0], [3, 60.0]]}
    framework = a_framework(
        *({"id": i, "normalise": method, "denominator": "size"} | needed for i in "xy"),
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
    monkeypatch.setattr(batch, "_is_rowwise", lambda spec, steps: False)
    apart = spread(package)
    for name in NAMES:
        found, expected = getattr(together, name), getattr(apart, name)
        assert found == pytest.approx(expected, rel=1e-14, nan_ok=True), name
    assert np.isnan(together.score_interval[2]).all()


def test_draws_that_leave_different_units_out_are_prepared_alone() -> None:
    framework = a_framework()
    framework["step"].insert(0, {"do": "screen", "min_nonzero": 0.6})
    package = a_package({"a": [4.0, 0.0], "b": [2.0, 3.0], "c": [5.0, 6.0]}, framework)
    drawn = np.repeat(package.frame.values[None], 4, axis=0)
    drawn[2, 0, 1] = 1.0
    found = batch.prepared_draws(package.spec, package.frame, drawn)
    alone = [prepared(package.spec, package.frame, values).values for values in drawn]
    assert np.array_equal(found, np.stack(alone), equal_nan=True)
    assert np.isnan(found[:, 0]).all(axis=1).tolist() == [True, True, False, True]
