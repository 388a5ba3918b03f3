"""Severities of the many-facet Rasch model: the truth comes back, and another library finds the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import raschpy

from sankul.engines.agreement import AgreementError, many_facet

HARSH = np.linspace(-1, 1, 6)
DIFFICULTY = np.linspace(-0.5, 0.5, 5)
STEPS = np.array([-1.2, -0.4, 0.4, 1.2])


def generated(units: int, seed: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Levels 0 to 4 by rater, unit and item, drawn from the model."""
    rng = np.random.default_rng(seed)
    place = rng.normal(0, 1, units)[None, :, None] - DIFFICULTY - HARSH[:, None, None]
    logits = place[..., None] * np.arange(5) - np.concatenate([[0], np.cumsum(STEPS)])
    chances = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    return (rng.random(place.shape)[..., None] > chances.cumsum(axis=-1)).sum(axis=-1)


def fitted(levels: np.ndarray[Any, np.dtype[np.int64]]) -> Any:
    rows = [
        (f"r{r}", f"u{u:03}", f"i{i}", int(level)) for (r, u, i), level in np.ndenumerate(levels)
    ]
    raters, units, items, given = map(list, zip(*rows, strict=True))
    return many_facet(raters, units, items, given, least=0, most=4)  # type: ignore[arg-type]


def test_true_severities_come_back_within_their_errors() -> None:
    found = fitted(generated(units=200, seed=5))
    assert found.raters == ("r0", "r1", "r2", "r3", "r4", "r5")
    assert np.abs(found.severity - HARSH).max() < 3 * found.error.max() < 0.2
    assert np.abs(found.difficulty - DIFFICULTY).max() < 0.15
    assert found.thresholds == pytest.approx(STEPS, abs=0.15)
    assert found.infit == pytest.approx(np.ones(6), abs=0.15)


def test_severities_are_those_of_another_library() -> None:
    levels = generated(units=200, seed=11)
    raters, units, items = levels.shape
    names = [(f"r{r}", f"u{u:03}") for r in range(raters) for u in range(units)]
    frame = pd.DataFrame(
        levels.reshape(-1, items).astype(float),
        index=pd.MultiIndex.from_tuples(names, names=["Rater", "Person"]),
        columns=[f"i{k}" for k in range(items)],
    )
    model = raschpy.MFRM(frame, max_score=4)
    model.calibrate(model="global")
    theirs = pd.Series(model.raters_global).sort_index().to_numpy(dtype=float)
    ours = fitted(levels).severity
    assert np.corrcoef(ours, theirs)[0, 1] > 0.999
    assert ours == pytest.approx(theirs - theirs.mean(), abs=0.12)


def test_a_panel_of_five_over_eight_clusters_is_told_in_order_with_the_best_of_all_finite() -> None:
    levels = generated(units=8, seed=2)[:5]
    levels[:, 0, :] = 4
    found = fitted(levels)
    assert np.isfinite(found.measure).all()
    assert found.measure.argmax() == 0
    assert found.severity.argmin() == 0
    assert found.severity.sum() == pytest.approx(0)


def test_raters_without_a_unit_in_common_are_refused() -> None:
    with pytest.raises(AgreementError, match="2 parts"):
        many_facet(["a", "b"], ["x", "y"], ["i", "i"], [1, 2], least=1, most=5)


@pytest.mark.parametrize(
    ("levels", "message"), [([1, 6], "a level is 6; expected 1 to 5"), ([3, 3], "two levels")]
)
def test_levels_from_which_nothing_follows_are_refused(levels: list[int], message: str) -> None:
    with pytest.raises(AgreementError, match=message):
        many_facet(["a", "b"], ["x", "x"], ["i", "i"], levels, least=1, most=5)


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(AgreementError, match="each rating has"):
        many_facet(["a"], ["x", "y"], ["i", "i"], [1, 2], least=1, most=5)
