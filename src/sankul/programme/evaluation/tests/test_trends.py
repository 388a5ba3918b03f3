"""What moved the scores between two published evaluations, stored with the run."""

from __future__ import annotations

import json

import pytest

from sankul.core.models import Event
from sankul.programme.evaluation import tasks
from sankul.programme.evaluation.actions import runs, trends
from sankul.programme.evaluation.models import Trend
from sankul.programme.indicators.tests import makers as indicators
from sankul.programme.registry.tests import makers

from .makers import computed, evidenced, published, round_of_three

pytestmark = pytest.mark.django_db


def _two_years() -> tuple[object, object]:
    """The strong cluster had 5 items a year before, now 8; its income stayed at 60 of 100."""
    period, clusters = round_of_three()
    earlier = makers.period(period.programme, 2024)
    for cluster in clusters[:2]:
        for kind, quantity in (("outreach_item", 5), ("own_income", 60), ("operating_cost", 100)):
            evidenced(cluster, kind, quantity, on=earlier.starts_on)
    before = published(earlier)
    return before, computed(period)


def test_the_parts_of_a_change_add_up_and_name_the_indicator() -> None:
    before, run = _two_years()
    made = trends.explain(run=run, at=makers.AT)  # type: ignore[arg-type]
    assert made is not None
    assert made.before == before
    strong = made.clusters["strong"]
    assert (strong["before"], strong["after"]) == (pytest.approx(55), pytest.approx(70))
    assert strong["indicators"] == {"items": pytest.approx(15), "own_share": pytest.approx(0)}
    assert (strong["weights"], strong["method"]) == (0.0, 0.0)
    again = trends.explain(run=run, at=makers.AT)  # type: ignore[arg-type]
    assert again == made
    assert Trend.objects.count() == 1


def test_the_first_evaluation_has_no_change_to_explain() -> None:
    period, _clusters = round_of_three()
    assert trends.explain(run=computed(period), at=makers.AT) is None
    assert not Trend.objects.exists()


def test_two_frameworks_that_cannot_be_compared_say_why() -> None:
    before, run = _two_years()
    other = indicators.SMALL.replace('id = "items"', 'id = "things"').replace('"1"', '"2"')
    framework = indicators.approved(run.programme, other)  # type: ignore[attr-defined]
    changed = runs.compute(
        actor=None,
        period=run.period,
        framework=framework,
        at=makers.AT,
        draws=8,  # type: ignore[attr-defined]
    )
    made = trends.explain(run=changed, at=makers.AT)
    assert made is not None
    assert made.clusters == {}
    assert "same place of both frameworks" in made.why_not
    assert before != run


def test_a_published_run_and_a_moderated_round_ask_for_the_explanation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(
        tasks.explain_change, "defer", lambda **given: asked.append(given["run_id"])
    )
    moved = {"data": {"to": "sealing", "run": 7}}
    other = {"data": {"to": "decision", "run": 7}}
    tasks.follow_runs(
        [
            Event(verb="run.published", subject="run/5", body=json.dumps({"data": {}})),
            Event(verb="round.moved", subject="round/1", body=json.dumps(moved)),
            Event(verb="round.moved", subject="round/1", body=json.dumps(other)),
        ]
    )
    assert asked == [5, 7]
