"""Scores of units from the answers of groups."""

from typing import Any

import numpy as np
import pytest

from sankul.engines.feedback import FeedbackError, Responses, score


def answers(cells: dict[tuple[str, str], list[float]]) -> Responses:
    rows = [(unit, group, value) for (unit, group), of in cells.items() for value in of]
    return Responses.of(*map(list, zip(*rows, strict=True)))  # type: ignore[arg-type]


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


TWO = answers(
    {
        ("x", "industry"): [4, 5, 3],
        ("x", "science"): [2, 2],
        ("y", "industry"): [1, 2, 3],
        ("z", "industry"): [3, 3, 3, 3],
        ("z", "science"): [5, 4],
    }
)


def test_few_units_keep_their_means_and_groups_weigh_as_declared() -> None:
    found = score(TWO, {"industry": 3, "science": 1}, rng=rng(), draws=200)
    assert (found.units, found.groups) == (("x", "y", "z"), ("industry", "science"))
    assert found.count.tolist() == [[3, 2], [3, 0], [4, 2]]
    assert found.score == pytest.approx([(3 * 4 + 2) / 4, 2, (3 * 3 + 4.5) / 4])
    assert found.covered == pytest.approx([1, 0.75, 1])
    assert np.isnan(found.mean[1, 1])
    assert (found.low <= found.score).all()
    assert (found.score <= found.high).all()


def test_a_declared_group_that_nowhere_answered_counts_as_not_covered() -> None:
    found = score(TWO, {"industry": 2, "science": 1, "state": 1}, rng=rng(), draws=50)
    assert found.covered == pytest.approx([0.75, 0.5, 0.75])


def test_a_unit_with_few_answers_is_drawn_towards_the_others() -> None:
    noise = np.random.default_rng(3).normal(0, 1, (6, 30))
    cells = {(f"u{k}", "g"): list(2 + 0.5 * k + noise[k]) for k in range(6)}
    cells["u5", "g"] = [5.0, 5.5]
    found = score(answers(cells), {"g": 1}, rng=rng(), draws=200)
    assert found.factor[5, 0] > 3 * found.factor[0, 0]
    assert found.shrunk[5, 0] < found.mean[5, 0]
    assert found.high[5] - found.low[5] < 1.5


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    draw = np.random.default_rng(4)
    hits = []
    for _ in range(60):
        truth = draw.normal(3, 0.5, 8)
        cells = {(f"u{k}", "g"): list(truth[k] + draw.normal(0, 1, 25)) for k in range(8)}
        found = score(answers(cells), {"g": 1}, rng=draw, draws=300)
        hits.append((found.low <= truth) & (truth <= found.high))
    assert 0.9 <= np.mean(hits) <= 0.99


def test_response_rates_are_answers_over_invitations() -> None:
    invited = {("x", "industry"): 6, ("x", "science"): 2, ("y", "industry"): 3}
    invited |= {("y", "science"): 9, ("z", "industry"): 4, ("z", "science"): 2}
    found = score(TWO, {"industry": 1, "science": 1}, rng=rng(), draws=50, invited=invited)
    assert found.response.tolist() == [[0.5, 1], [1, 0], [1, 1]]


def test_do_not_know_is_no_answer() -> None:
    found = Responses.of(["x", "x", "y"], ["g", "g", "g"], [4, None, float("nan")])
    assert found.count.tolist() == [[1], [0]]
    assert found.mean[0, 0] == 4


def test_equal_seeds_give_equal_intervals() -> None:
    one, two = (score(TWO, {"industry": 1, "science": 1}, rng=rng(), draws=99) for _ in range(2))
    assert one.low.tolist() == two.low.tolist()


@pytest.mark.parametrize(
    ("weights", "invited", "message"),
    [
        ({"industry": 1}, None, 'group "science" has no declared weight'),
        ({"industry": -1, "science": 2}, None, "zero or more"),
        ({"industry": 0, "science": 0}, None, "above zero"),
        ({"industry": 1, "science": 1}, {("x", "industry"): 2}, "more answers than invitations"),
    ],
)
def test_weights_and_invitations_that_do_not_fit_are_refused(
    weights: Any, invited: Any, message: str
) -> None:
    with pytest.raises(FeedbackError, match=message):
        score(TWO, weights, rng=rng(), invited=invited)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((["x"], ["g"], [None]), "no answer"),
        ((["x"], ["g", "h"], [1]), "1 units, 2 groups and 1 values"),
        ((["x"], ["g"], [float("inf")]), "answer 1 is infinite"),
    ],
)
def test_what_is_no_answer_is_refused(given: Any, message: str) -> None:
    with pytest.raises(FeedbackError, match=message):
        Responses.of(*given)
