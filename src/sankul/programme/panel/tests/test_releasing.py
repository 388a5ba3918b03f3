"""What is released: scores of the panel with their files, members as letters, agreement and severity."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from sankul.core.measures import MEASURES
from sankul.core.models import Document
from sankul.core.queries import documents
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.indicators.queries.tallies import Wanted, values
from sankul.programme.indicators.rules import Statistic
from sankul.programme.panel.actions import panels, releasing, scoring
from sankul.programme.panel.models import Result, Score
from sankul.programme.panel.queries import scores
from sankul.programme.panel.rules import CRITERIA, PanelStatus
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import AT

pytestmark = pytest.mark.django_db


def test_only_the_third_party_releases_a_closed_panel_once() -> None:
    made = makers.at_phase(PanelStatus.DISCUSSION)
    third = made.by(made.evaluator)
    with pytest.raises(Refused, match="not closed"):
        releasing.release(actor=third, panel=made.panel, at=AT)
    panels.close(actor=third, panel=made.panel, at=AT)
    with pytest.raises(Forbidden):
        releasing.release(actor=made.by(made.officer), panel=made.panel, at=AT)
    releasing.release(actor=third, panel=made.panel, at=AT)
    with pytest.raises(Refused, match="released already"):
        releasing.release(actor=third, panel=made.panel, at=AT)


def test_a_cluster_without_member_organisations_stops_the_release() -> None:
    made = makers.at_phase(PanelStatus.CLOSED)
    made.clusters[0].memberships.all().delete()
    with pytest.raises(Refused, match="had no member"):
        releasing.release(actor=made.by(made.evaluator), panel=made.panel, at=AT)
    assert not Result.objects.exists()


def test_indicators_rest_on_the_mean_of_the_members() -> None:
    made = makers.at_phase(PanelStatus.RELEASED)
    found = values(made.panel.period, [Wanted("x", "panel_learning", Statistic.SUM)])
    # criterion 2: members give 5 - (cluster + 2) % 3, the third a level less
    assert found.values["x"] == {
        made.clusters[0].pk: Decimal("2.6667"),
        made.clusters[1].pk: Decimal("4.6667"),
    }


def test_every_criterion_is_a_measure_whose_rows_open_down_to_files() -> None:
    made = makers.at_phase(PanelStatus.RELEASED)
    assert {f"panel_{code}" for code in CRITERIA} <= set(MEASURES)
    measure = MEASURES["panel_learning"]
    row = (
        measure.rows().filter(cluster=made.clusters[0]).values("record", "unit", "evidenced").get()
    )
    assert (row["unit"], row["evidenced"]) == ("score", True)
    rubric, part = measure.documents([row["record"]])[row["record"]]
    assert rubric.pk == made.panel.rubric_id
    lines = list(csv.DictReader(io.StringIO(makers.read(part))))
    assert {line["cluster"] for line in lines} == {made.clusters[0].slug}
    assert {line["member"] for line in lines} == {"A", "B", "C"}


def test_files_and_scores_name_no_member() -> None:
    made = makers.at_phase(PanelStatus.RELEASED)
    told = makers.read(made.panel.release)
    assert len(told.splitlines()) == 1 + 3 * 2 * 5
    for user in made.experts:
        assert user.name not in told
        assert user.email not in told


def test_a_changed_score_counts_and_the_independent_one_is_told_beside_it() -> None:
    made = makers.at_phase(PanelStatus.DISCUSSION)
    score = made.score(0)
    scoring.alter(actor=made.by(made.experts[0]), score=score, level=5, reason="A report", at=AT)
    made = makers.Jury(
        made.now, made.officer, made.evaluator, made.experts, made.clusters, made.anchors
    )
    panels.close(actor=made.by(made.evaluator), panel=made.panel, at=AT)
    releasing.release(actor=made.by(made.evaluator), panel=made.panel, at=AT)
    result = Result.objects.get(cluster=made.clusters[0], criterion="learning")
    assert result.score == Decimal("3.3333")
    told = makers.read(made.now.release)
    assert f"learning,{made.member(0).letter},5,3" in told


def test_released_scores_are_fixed() -> None:
    made = makers.at_phase(PanelStatus.RELEASED)
    for row in (made.score(0), Result.objects.first()):
        assert row is not None
        with pytest.raises(DatabaseError), transaction.atomic():
            row.delete()


def test_before_the_period_opens_a_cluster_sees_its_own_and_then_everybody_all() -> None:
    made = makers.at_phase(PanelStatus.RELEASED)
    ceo = registry.actor_with(Role.CLUSTER_CEO, made.clusters[0].scopes[0])
    assert {one.cluster_id for one in scores.results(ceo, made.panel)} == {made.clusters[0].pk}
    assert {one.cluster_id for one in Score.objects.visible_to(ceo)} == {made.clusters[0].pk}
    part, beside = (Result.objects.filter(cluster=one).first().document for one in made.clusters)
    assert part in documents.readable(ceo)
    assert beside not in documents.readable(ceo)
    assert made.panel.release not in documents.readable(ceo)
    public = registry.public()
    assert not scores.results(public, made.panel).exists()
    assert not Document.objects.filter(pk__in=documents.readable(public)).exists()
    made.panel.period.opened_at = AT
    made.panel.period.save()
    assert scores.results(public, made.now).count() == 10
    assert made.panel.release in documents.readable(public)


def test_agreement_is_that_of_the_independent_scores_and_after_the_discussion() -> None:
    made = makers.at_phase(PanelStatus.CLOSED)
    told = made.panel.agreement
    assert told["independent"]["alpha"] == told["final"]["alpha"]
    assert 0 < told["independent"]["alpha"]["low"] < told["independent"]["alpha"]["value"] < 1
    assert told["final"]["icc"]["2,k"]["value"] > told["final"]["icc"]["2,1"]["value"]


def test_severity_is_told_where_members_are_connected() -> None:
    made = makers.at_phase(PanelStatus.RELEASED)
    severity = made.panel.agreement["final"]["severity"]
    letters = [made.member(place).letter for place in range(3)]
    assert [severity["members"][letter][0] for letter in letters] == [-0.33, -0.33, 0.67]
    logits = [severity["facets"][letter][0] for letter in letters]
    assert logits[0] == logits[1] < 0 < logits[2]
    result = Result.objects.get(cluster=made.clusters[0], criterion="learning")
    assert result.adjusted == Decimal("2.6667")  # everybody scored everything: nothing to adjust


def test_severity_is_refused_where_members_are_not_connected() -> None:
    made = makers.at_phase(PanelStatus.SCORING, makers.jury(clusters=2, experts=4))
    for place in range(4):
        mine, other = (0, 1) if place < 2 else (1, 0)
        scoring.recuse(
            actor=made.by(made.experts[place]), panel=made.panel, cluster=made.clusters[other],
            reason="A relative works there", at=AT,
        )  # fmt: skip
        makers.scored(made, place, mine)
        scoring.send(actor=made.by(made.experts[place]), panel=made.panel, at=AT)
    panels.discuss(actor=made.by(made.evaluator), panel=made.panel, at=AT)
    panels.close(actor=made.by(made.evaluator), panel=made.panel, at=AT)
    releasing.release(actor=made.by(made.evaluator), panel=made.panel, at=AT)
    severity = made.now.agreement["final"]["severity"]
    assert severity["is_linked"] is False
    assert severity["facets"] == {}
    assert "severe member cannot" in severity["said"]
    assert all(one.adjusted is None for one in Result.objects.all())
