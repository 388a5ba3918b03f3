"""Kappa against published examples."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sankul.engines.agreement import AgreementError, cohen_kappa, fleiss_kappa


def pairs(table: list[list[int]]) -> list[tuple[int, int]]:
    return [(i, j) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]


def test_two_readers_of_fifty_grant_proposals() -> None:
    # the usual example: yes and yes 20, yes and no 5, no and yes 10, no and no 15: kappa 0.4
    found = cohen_kappa(pairs([[20, 5], [10, 15]]))
    assert (found.observed, found.expected) == (pytest.approx(0.7), pytest.approx(0.5))
    assert found.value == pytest.approx(0.4)


def test_two_psychiatrists_and_a_hundred_patients() -> None:
    # Fleiss, Statistical Methods for Rates and Proportions: kappa 0.676, standard error 0.088
    found = cohen_kappa(pairs([[75, 1, 4], [5, 4, 1], [0, 0, 10]]))
    assert found.value == pytest.approx(0.676, abs=5e-4)
    assert found.low is not None
    assert (found.value - found.low) / 1.959964 == pytest.approx(0.088, abs=5e-4)


def test_weights_spare_near_misses() -> None:
    near, far = [[10, 5, 0], [0, 10, 0], [0, 0, 10]], [[10, 0, 5], [0, 10, 0], [0, 0, 10]]
    plain = [cohen_kappa(pairs(t)).value for t in (near, far)]
    linear = [cohen_kappa(pairs(t), weights="linear").value for t in (near, far)]
    quadratic = [cohen_kappa(pairs(t), weights="quadratic").value for t in (near, far)]
    assert plain[0] == pytest.approx(plain[1], abs=0.01)
    assert quadratic[0] > linear[0] > plain[0] > linear[1] > quadratic[1]


FLEISS = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]


def test_fourteen_raters_of_ten_subjects() -> None:
    # the worked example of Fleiss' kappa that most texts give: 0.210
    ratings = [[c for c, n in enumerate(row) for _ in range(n)] for row in FLEISS]
    found = fleiss_kappa(ratings)
    assert found.value == pytest.approx(0.210, abs=5e-4)
    assert found.observed == pytest.approx(0.378, abs=5e-4)
    assert found.expected == pytest.approx(0.213, abs=5e-4)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.21 < found.high


@given(st.lists(st.lists(st.integers(1, 3), min_size=2, max_size=2), min_size=3, max_size=20))
def test_fleiss_is_scotts_pi_for_two_raters_and_never_above_cohen(ratings: Any) -> None:
    values = np.array(ratings)
    if len(np.unique(values)) < 2:
        with pytest.raises(AgreementError, match="the same"):
            fleiss_kappa(values)
        return
    shares = np.array([np.mean(values == c) for c in (1, 2, 3)])
    observed = np.mean(values[:, 0] == values[:, 1])
    pi = (observed - np.sum(shares**2)) / (1 - np.sum(shares**2))
    assert fleiss_kappa(values).value == pytest.approx(pi)
    assert fleiss_kappa(values).value <= cohen_kappa(values).value + 1e-9


@pytest.mark.parametrize(
    ("ratings", "message"),
    [
        ([[1, None], [1, 2]], "unit 1 has no rating by rater 2"),
        ([[1, 1], [1, 1]], "the same"),
        ([[1, 2, 3], [1, 2, 3]], "2 raters, not 3"),
    ],
)
def test_what_has_no_kappa_is_refused(ratings: Any, message: str) -> None:
    with pytest.raises(AgreementError, match=message):
        cohen_kappa(ratings)


def test_unknown_weights_are_refused() -> None:
    with pytest.raises(AgreementError, match='weights "cubic"'):
        cohen_kappa([[1, 2], [2, 1]], weights="cubic")  # type: ignore[arg-type]
