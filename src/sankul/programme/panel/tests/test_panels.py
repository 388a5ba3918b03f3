"""Convening a panel and moving it from phase to phase."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, transaction

from sankul.core.models import Event
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.panel.actions import panels, scoring
from sankul.programme.panel.models import Member, Panel, Rubric
from sankul.programme.panel.rules import CRITERIA, PanelStatus, panel_score, why_not_rubric
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import AT

pytestmark = pytest.mark.django_db


def test_a_period_has_one_panel() -> None:
    period = registry.period()
    panels.make(actor=None, period=period, at=AT)
    with pytest.raises(Refused, match="has a panel already"):
        panels.make(actor=None, period=period, at=AT)


def test_only_the_office_convenes() -> None:
    made = makers.jury()
    third = made.by(made.evaluator)
    with pytest.raises(Forbidden):
        panels.make(actor=third, period=registry.period(made.panel.programme, 2019), at=AT)
    with pytest.raises(Forbidden):
        panels.appoint(actor=third, panel=made.panel, user=made.evaluator, at=AT)
    with pytest.raises(Forbidden):
        panels.describe(
            actor=third, panel=made.panel, criterion="learning", levels=makers.LEVELS, at=AT
        )


def test_a_rubric_describes_every_level_differently() -> None:
    assert why_not_rubric(makers.LEVELS, 1)
    assert "Describe each of the 6 levels" in why_not_rubric(makers.LEVELS, 0).reason
    assert "same description" in why_not_rubric(["a", "b", "c", "d", "A "], 1).reason
    made = makers.jury()
    with pytest.raises(Refused, match="There is no criterion “speed”"):
        panels.describe(
            actor=None, panel=made.panel, criterion="speed", levels=makers.LEVELS, at=AT
        )


def test_only_evaluators_and_reviewers_of_the_programme_are_appointed_once() -> None:
    made = makers.jury()
    officer = made.by(made.officer)
    for user in (made.officer, made.experts[0], registry.user()):
        with pytest.raises(Refused, match="neither evaluator nor reviewer"):
            panels.appoint(actor=officer, panel=made.panel, user=user, at=AT)


def test_scoring_does_not_begin_without_rubrics_and_three_members() -> None:
    made = makers.jury(experts=2)
    Rubric.objects.get(panel=made.panel, criterion="learning").delete()
    with pytest.raises(Refused, match=r"Courage and learning.*has 2 members; it needs 3"):
        makers.opened(made)


def test_rubrics_are_approved_by_the_apex_committee() -> None:
    made = makers.jury()
    other = registry.decision(registry.meeting(registry.body(registry.programme())))
    with pytest.raises(Refused, match="apex committee"):
        panels.open_(actor=made.by(made.officer), panel=made.panel, decision=other, at=AT)


def test_the_start_of_scoring_freezes_rubrics_and_members_and_draws_letters() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    assert sorted(Member.objects.values_list("letter", flat=True)) == ["A", "B", "C"]
    told = json.loads(makers.read(made.panel.rubric))
    assert told["rubrics"]["learning"]["levels"]["5"] == "Others learn it here."
    officer = made.by(made.officer)
    with pytest.raises(Refused, match="frozen"):
        panels.appoint(actor=officer, panel=made.panel, user=made.evaluator, at=AT)
    with pytest.raises(Refused, match="frozen"):
        panels.dismiss(actor=officer, member=made.member(0), at=AT)
    with pytest.raises(Refused, match="begun already"):
        makers.opened(made)
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Rubric.objects.filter(panel=made.panel).update(levels=["x"] * 5)


def test_the_discussion_waits_for_everybody() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    makers.scored(made, 0)
    with pytest.raises(Refused, match="not sent their scores: 3"):
        panels.discuss(actor=made.by(made.evaluator), panel=made.panel, at=AT)
    with pytest.raises(Forbidden):
        panels.discuss(actor=made.by(made.officer), panel=made.panel, at=AT)


def test_a_cluster_that_one_member_alone_may_score_stops_the_panel() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    for place in (0, 1):
        scoring.recuse(
            actor=made.by(made.experts[place]), panel=made.panel, cluster=made.clusters[0],
            reason="My sister leads it", at=AT,
        )  # fmt: skip
    for place in range(3):
        for cluster in range(2):
            if place == 2 or cluster == 1:
                makers.scored(made, place, cluster)
        scoring.send(actor=made.by(made.experts[place]), panel=made.panel, at=AT)
    with pytest.raises(Refused, match=f"Fewer than two members may score: {made.clusters[0]}"):
        panels.discuss(actor=made.by(made.evaluator), panel=made.panel, at=AT)


def test_phases_come_in_their_order() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    with pytest.raises(Refused, match="Only a panel in its discussion"):
        panels.close(actor=made.by(made.evaluator), panel=made.panel, at=AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        Panel.objects.filter(pk=made.panel.pk).update(status=PanelStatus.CLOSED)


def test_the_log_says_who_scored_when_and_never_what() -> None:
    made = makers.at_phase(PanelStatus.DISCUSSION)
    bodies = Event.objects.filter(subject=f"panel/{made.panel.pk}").values_list("verb", "body")
    told = [body for verb, body in bodies if verb in ("panel.scored", "panel.sent")]
    assert len(told) == 3 * (2 + 1)
    assert not any("level" in body or "Seen by" in body for body in told)


def test_the_score_of_the_panel_is_a_mean_or_a_median() -> None:
    assert str(panel_score([1, 2, 2, 5], "mean")) == "2.5000"
    assert str(panel_score([1, 2, 3, 5], "median")) == "2.5000"
    assert str(panel_score([1, 2, 5], "mean")) == "2.6667"
    with pytest.raises(ValueError, match="no score"):
        panel_score([], "mean")
    assert len(CRITERIA) == 5
