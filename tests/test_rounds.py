"""The worlds of the benchmark of rounds have the truths they promise, and where nothing goes wrong everybody finds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import arms, rounds
from benchmarks.arms import Arm, Figures, Records
from benchmarks.worlds import GROUPS, QUIET, Setting, World, world

EVERY_WAY = [one for one in (*arms.ARMS, *rounds.PARTS) if one.normalise == "goalposts"]


def many(setting: Setting, number: int = 40) -> list[World]:
    return [world(setting, [7, one]) for one in range(number)]


def test_what_is_so_of_the_claims_adds_up_to_the_quality_of_their_indicator() -> None:
    made = world(Setting(), [7, 1])
    records = Records(made, "1")
    np.testing.assert_allclose(
        records.totals(made.claims.true).value, 100 * made.quality[:, :6], rtol=1e-12
    )
    assert (made.claims.claimed >= made.claims.true).all()


def test_the_same_seed_gives_the_same_world_and_another_gives_another() -> None:
    first, again, other = (world(Setting(), [7, number]) for number in (1, 1, 2))
    np.testing.assert_array_equal(first.claims.claimed, again.claims.claimed)
    np.testing.assert_array_equal(first.answers.value, again.answers.value)
    assert not np.array_equal(first.quality, other.quality)


def test_settings_that_differ_in_one_trouble_share_quality_and_the_other_troubles() -> None:
    first, honest = world(Setting(), [7, 1]), world(Setting(overclaiming=0), [7, 1])
    np.testing.assert_array_equal(first.quality, honest.quality)
    np.testing.assert_array_equal(first.scores.value, honest.scores.value)
    np.testing.assert_array_equal(first.answers.value, honest.answers.value)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3])
def test_as_many_claims_are_overstated_as_the_setting_says(share: float) -> None:
    made = many(Setting(overclaiming=share))
    false = [(one.claims.claimed > one.claims.true * (1 + 1e-12)).mean() for one in made]
    assert np.mean(false) == pytest.approx(share, abs=0.03)


def test_the_weak_overclaim_most_where_the_setting_says_so() -> None:
    def excess(one: World) -> float:
        more = Records(one, "1").totals(one.claims.claimed - one.claims.true).value.sum(axis=1)
        share = more / (100 * one.quality[:, :6].sum(axis=1))
        order = np.argsort(one.quality.mean(axis=1))
        return float(share[order[:2]].mean() - share[order[-2:]].mean())

    assert np.mean([excess(one) for one in many(Setting(boasting=0.8))]) > 0.2
    assert abs(np.mean([excess(one) for one in many(Setting())])) < 0.1


def test_experts_are_as_severe_as_the_world_says() -> None:
    made = world(replace(QUIET, severity=0.6), [7, 1])
    scores = made.scores
    level = 1 + 4 * made.quality[scores.cluster, 6 + scores.criterion]
    np.testing.assert_allclose(level - scores.value, made.severities[scores.rater], atol=1e-12)
    assert made.severities.std() > 0.2


def test_two_teams_have_no_cluster_in_common() -> None:
    scores = world(Setting(teams=2), [7, 1]).scores
    seen = [set(scores.cluster[np.isin(scores.rater, team)]) for team in ([0, 1, 2], [3, 4, 5])]
    assert seen[0] | seen[1] == set(range(8))
    assert not seen[0] & seen[1]


def test_industry_answers_most_rarely_and_nobody_answers_uninvited() -> None:
    made = many(Setting())
    answered = sum(np.bincount(one.answers.rater, minlength=4) for one in made)
    rate = answered / sum(one.invited.sum(axis=0) for one in made)
    assert dict(zip(GROUPS, rate.round(1), strict=True)) == {
        "government": 0.2, "industry": 0.2, "scientists": 0.5, "universities": 0.4,
    }  # fmt: skip
    assert rate.argmin() == GROUPS.index("industry")


@pytest.mark.parametrize("arm", EVERY_WAY, ids=lambda arm: arm.title)
def test_where_nothing_goes_wrong_every_way_finds_the_true_order(arm: Arm) -> None:
    for made in many(QUIET, 5):
        true, given = rounds.truth(made), arm.figures(Records(made, "1"))
        scores = arms.index(QUIET, given)
        np.testing.assert_allclose(scores, true, atol=1e-9)
        assert rounds.found_order(true, scores) == pytest.approx({"tau": 1, "pairs": 1, "top3": 1})
        assert rounds.found_below(true, scores)["below"] == 1


def test_adjusted_scores_of_severe_but_steady_experts_are_in_the_true_order() -> None:
    setting = replace(QUIET, severity=0.6)
    for made in many(setting, 5):
        records = Records(made, "1")
        true = made.truth[:, 6:8]
        off = arms.fair_scores(records).value - true
        np.testing.assert_allclose(off, off.mean(), atol=1e-9)  # the same for all
        assert np.ptp(arms.plain_scores(records).value - true) > 0.1


def test_experts_who_cannot_be_compared_are_not_adjusted() -> None:
    records = Records(world(Setting(teams=2), [7, 1]), "1")
    np.testing.assert_array_equal(arms.fair_scores(records).value, arms.plain_scores(records).value)


@pytest.mark.parametrize("way", [arms.estimated, arms.pooled, arms.bounded])
def test_what_was_verified_is_taken_as_found(way: Callable[[Records], Figures]) -> None:
    made = world(Setting(), [7, 1])
    records = Records(made, "1")
    claimed, found = arms.claimed(records).value, way(records)
    assert found.value.sum() < claimed.sum()
    low, high = found.ends
    assert (low <= found.value).all()
    assert (found.value <= high).all()


def test_measures_of_a_round_are_those_of_their_definitions() -> None:
    true = np.array([60.0, 50.0, 40.0, 30.0])
    swapped = np.array([60.0, 40.0, 50.0, 30.0])
    order = rounds.found_order(true, swapped)
    assert order == {"tau": pytest.approx(4 / 6), "pairs": pytest.approx(5 / 6), "top3": 0}
    assert rounds.found_below(true, np.array([44.0, 50.0, 50.0, 30.0])) == {
        "below": 0, "decided": 0.5, "wrongly_below": 1, "missed": 1,
    }  # fmt: skip


def test_a_difference_is_told_with_the_interval_of_its_pairs() -> None:
    ours = [{"tau": 0.5 + number % 2} for number in range(100)]
    theirs = [{"tau": float(number % 2)} for number in range(100)]
    assert rounds.difference(ours, theirs, "tau", 1) == "+0.500 (+0.500 to +0.500)"
