"""How sure a run is: what is computed with it, what is stored, and that it can be had again."""

import io
import zipfile
from pathlib import Path

import pytest
from django.db.utils import ProgrammingError

from sankul.engines import composite
from sankul.programme.evaluation.actions import robustness, runs
from sankul.programme.evaluation.models import Robustness, Run
from sankul.programme.indicators.tests import makers as indicators
from sankul.programme.registry.models import Period
from sankul.programme.registry.tests import makers

from .makers import computed, evidenced, round_of_three

pytestmark = pytest.mark.django_db

THRESHOLD = indicators.SMALL.replace('version = "1"', 'version = "1"\nthreshold = 50', 1)
VARY = """
[[vary]]
what = "weights"
how = "simplex"

[[vary]]
what = "choice"
step = "aggregate"
options = ["arithmetic", "geometric"]
"""


def with_threshold(source: str = THRESHOLD) -> tuple[Period, Run]:
    period, _clusters = round_of_three()
    indicators.approved(period.programme, source)
    return period, computed(period)


def package_of(run: Run, folder: Path) -> composite.Package:
    with run.package.open() as file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
        archive.extractall(folder)
    return composite.read(folder / "package")


def test_a_threshold_gives_every_cluster_a_probability_of_falling_below_it() -> None:
    _period, run = with_threshold(THRESHOLD + VARY)
    below = {row.cluster.slug: row.below for row in run.standings.select_related("cluster")}
    # strong has 80 and 60, middling 40 and 30: no weights and no mean bring them across 50
    assert below == {"strong": 0, "middling": 1, "bare": None}
    assert run.robustness.threshold == 50


def test_without_a_threshold_there_is_no_probability_and_no_decision_on_it() -> None:
    period, _clusters = round_of_three()
    run = computed(period)
    assert set(run.standings.values_list("below", flat=True)) == {None}
    assert [(flip.cluster.slug, flip.over and flip.over.slug) for flip in run.flips.all()] == [
        ("middling", "strong")
    ]


def test_the_smallest_changes_that_turn_a_decision_are_kept_as_worked_by_hand() -> None:
    _period, run = with_threshold()
    flips = {(one.cluster.slug, one.over and one.over.slug): one for one in run.flips.all()}
    assert list(flips) == [("middling", "strong"), ("strong", None), ("middling", None)]
    # strong is ahead on both indicators, so no weights put middling above it
    assert flips["middling", "strong"].why_not == "unreachable"
    # no weights between 80 and 60, or 40 and 30, reach 50
    assert flips["strong", None].why_not == "unreachable"
    # strong: 70 points; 40 fewer on one of two equal indicators make 50: 4 items, or 40 of 100 in income
    assert flips["strong", None].indicators == pytest.approx({"items": -4, "own_share": -40})
    # middling: 35 points; 30 more: 3 items or 30 in income
    assert flips["middling", None].indicators == pytest.approx({"items": 3, "own_share": 30})
    assert (flips["middling", None].score, flips["middling", None].bar) == (pytest.approx(35), 50)


def test_the_nearest_weights_that_turn_an_order_are_kept() -> None:
    period, _clusters = round_of_three()
    fourth = makers.cluster(period.programme, slug="lopsided")
    evidenced(fourth, "outreach_item", 10)
    evidenced(fourth, "own_income", 30)
    evidenced(fourth, "operating_cost", 100)
    flip = computed(period).flips.get(cluster=fourth)
    # strong 80 and 60, lopsided 100 and 30: even where 20 w = 30 (1 − w), at w = 0.6
    assert flip.weights == pytest.approx({"items": 0.6, "own_share": 0.4})
    assert flip.distance == pytest.approx(0.2)
    assert flip.over is not None
    assert flip.over.slug == "strong"


def test_a_missing_value_is_the_reason_why_no_weights_are_told() -> None:
    period, _clusters = round_of_three()
    indicators.approved(period.programme, indicators.SMALL.replace("0.6", "0.5"))
    fourth = makers.cluster(period.programme, slug="half")
    evidenced(fourth, "outreach_item", 5)
    flip = computed(period).flips.get(cluster=fourth)
    assert flip.why_not == "missing"
    assert flip.distance is None


def test_what_rests_on_each_indicator_and_which_say_the_same_is_kept() -> None:
    _period, run = with_threshold()
    found = run.robustness
    assert found.weights == pytest.approx(
        {"index": 1, "outreach": 0.5, "money": 0.5, "items": 0.5, "own_share": 0.5}
    )
    assert {row["left_out"]: row["shift"] for row in found.removals} == {"items": 0, "own_share": 0}
    assert found.correlations == [
        {"one": "items", "other": "own_share", "r": None, "p": None, "n": 2}
    ]


def test_sensitivity_is_recomputed_from_the_package_by_the_same_seed(tmp_path: Path) -> None:
    period, _clusters = round_of_three()
    fourth = makers.cluster(period.programme, slug="lopsided")
    for kind, quantity in (("outreach_item", 10), ("own_income", 30), ("operating_cost", 100)):
        evidenced(fourth, kind, quantity)
    indicators.approved(period.programme, indicators.SMALL + VARY)
    run = computed(period, draws=1000)
    package = package_of(run, tmp_path)
    again = composite.sensitivity(
        package.spec, package.frame, draws=run.robustness.sensitivity_draws, seed=run.seed
    )
    stored = run.robustness.sensitivity
    assert run.robustness.sensitivity_draws == 128
    assert (
        [row["factor"] for row in stored] == list(again.factors) == ["weights", "choice aggregate"]
    )
    assert stored[0]["total"] == pytest.approx(again.shift.total[0, 0].tolist())
    assert stored[0]["total"][0] > 0.5


@pytest.mark.parametrize(
    ("draws", "factors", "size"), [(10_000, 3, 1024), (10_000, 1, 2048), (10, 1, 64)]
)
def test_the_samples_of_sensitivity_are_as_many_as_the_terminal_takes(
    draws: int, factors: int, size: int
) -> None:
    assert robustness.sample(draws, factors) == size


def test_nobody_ranked_leaves_the_weights_alone() -> None:
    period = makers.period()
    makers.cluster(period.programme)
    found = computed(period).robustness
    assert (found.sensitivity, found.removals, found.correlations) == ([], [], [])
    assert found.weights["index"] == 1
    assert not found.run.flips.exists()


def test_progress_is_told_for_every_evaluation() -> None:
    period, _clusters = round_of_three()
    framework = indicators.approved(period.programme, THRESHOLD + VARY)
    told: list[int] = []
    runs.compute(actor=None, period=period, framework=framework, at=makers.AT, progress=told.append)
    assert sum(told) == runs.evaluations(framework) == 10_000 + 4 * 2048


def test_the_database_itself_keeps_it_frozen() -> None:
    _period, run = with_threshold()
    with pytest.raises(ProgrammingError, match="Cannot update"):
        Robustness.objects.filter(run=run).update(threshold=1)
