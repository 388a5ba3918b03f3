"""Which raters can be compared, and how severe each is."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import raschpy
from hypothesis import given, settings
from hypothesis import strategies as st

from sankul.engines.feedback import FeedbackError, NotLinkedError, Ratings, links, severity


def rated(rows: list[tuple[str, str, float]], anchors: Any = ()) -> Ratings:
    return Ratings.of(*map(list, zip(*rows, strict=True)), anchors=anchors)  # type: ignore[arg-type]


APART = [("r1", "x", 4.0), ("r2", "x", 3.0), ("r1", "y", 5.0), ("r3", "z", 2.0), ("r4", "z", 1.0)]


def test_raters_of_different_units_are_not_compared_and_the_refusal_says_why() -> None:
    assert links(rated(APART)).parts == (("x", "y"), ("z",))
    with pytest.raises(NotLinkedError, match=r"2 parts .* weak unit: x, y; z\. Let some raters"):
        severity(rated(APART))


def test_a_common_rater_links_and_is_told_as_a_bridge() -> None:
    found = links(rated([*APART, ("r3", "y", 2.0)]))
    assert found.linked
    assert found.bridges == ("r1", "r3")


def test_vignettes_that_all_rate_link_everyone_and_are_left_out_of_the_result() -> None:
    rows = [*APART, *((f"r{k}", "case", float(5 - k)) for k in (1, 2, 3, 4))]
    ratings = rated(rows, anchors=["case"])
    assert links(ratings) == links(rated(rows))
    assert links(ratings).linked
    found = severity(ratings)
    assert found.units == ("x", "y", "z")
    assert found.raters == ("r1", "r2", "r3", "r4")


def test_severity_and_level_of_a_complete_design_are_row_and_column_means() -> None:
    table = {"x": [4.0, 2, 3], "y": [5.0, 3, 5], "z": [3.0, 1, 1]}
    rows = [(f"r{k}", unit, value) for unit, of in table.items() for k, value in enumerate(of)]
    found = severity(rated(rows))
    assert found.level == pytest.approx([3, 13 / 3, 5 / 3])
    assert found.severity == pytest.approx([-1, 1, 0])
    # two-way layout: residual mean square over 4 degrees of freedom, σ²/3 for a mean of three
    assert found.level_error == pytest.approx(np.full(3, found.spread / np.sqrt(3)))


def test_a_severe_raters_units_are_raised_and_the_order_may_turn_round() -> None:
    # s is two points more severe; both rated the case, each a unit of its own
    rows = [
        ("m", "mild's", 4.0),
        ("m", "mild's", 4.2),
        ("s", "severe's", 3.0),
        ("s", "severe's", 3.2),
        ("m", "case", 5.0),
        ("s", "case", 3.0),
    ]
    found = severity(rated(rows, anchors=["case"]))
    assert found.raw == pytest.approx([4.1, 3.1])
    assert found.level == pytest.approx([3.1, 4.1])
    assert found.severity == pytest.approx([-1, 1])
    assert found.bridges == ("m", "s")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.integers(2, 6), st.integers(2, 6))
def test_true_severities_come_back_where_nothing_else_varies(
    seed: int, raters: int, units: int
) -> None:
    rng = np.random.default_rng(seed)
    harsh, level = rng.normal(size=raters), rng.normal(size=units)
    rows = [(f"r{i}", f"u{j}", level[j] - harsh[i]) for i in range(raters) for j in range(units)]
    kept = [row for k, row in enumerate(rows) if rng.random() < 0.8 or k < 2] + rows[:1]
    ratings = rated(kept)
    if not links(ratings).linked:
        with pytest.raises(NotLinkedError):
            severity(ratings)
        return
    found = severity(ratings)
    true = {f"r{i}": harsh[i] for i in range(raters)}
    expected = np.array([true[name] for name in found.raters])
    assert found.severity == pytest.approx(expected - expected.mean(), abs=1e-6)
    assert found.spread == pytest.approx(0, abs=1e-6)


def test_the_order_of_severities_is_that_of_the_many_facet_rasch_model() -> None:
    rng = np.random.default_rng(5)
    persons, items, raters = 200, 5, 6
    harsh = np.linspace(-1, 1, raters)
    ability = rng.normal(0, 1, persons)
    rows, index = [], []
    for r in range(raters):
        for p in range(persons):
            logit = ability[p] - harsh[r] - np.linspace(-0.5, 0.5, items)
            steps = rng.random((items, 4)) < 1 / (1 + np.exp(-logit[:, None] + [-1, -0.3, 0.3, 1]))
            rows.append(steps.sum(axis=1).astype(float))
            index.append((f"r{r}", f"p{p:03}"))
    frame = pd.DataFrame(rows, index=pd.MultiIndex.from_tuples(index, names=["Rater", "Person"]))
    frame.columns = [f"i{k}" for k in range(items)]
    model = raschpy.MFRM(frame, max_score=4)
    model.calibrate(model="global")
    theirs = pd.Series(model.raters_global).sort_index().to_numpy(dtype=float)
    ratings = rated([(r, p, float(row.mean())) for (r, p), row in zip(index, rows, strict=True)])
    assert np.corrcoef(severity(ratings).severity, theirs)[0, 1] > 0.99


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("r", "x", 1.0), ("s", "x", 2.0)], "2 ratings are too few for 2 raters and 1 units"),
        ([("r", "x", float("nan"))], "no finite number"),
    ],
)
def test_ratings_from_which_nothing_follows_are_refused(rows: Any, message: str) -> None:
    with pytest.raises(FeedbackError, match=message):
        severity(rated(rows))


def test_no_ratings_are_refused() -> None:
    with pytest.raises(FeedbackError, match="0 raters"):
        Ratings.of([], [], [])
