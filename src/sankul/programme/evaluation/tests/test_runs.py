"""Computing and publishing: what is stored, who may, and what is refused."""

import io
import zipfile
from decimal import Decimal
from pathlib import Path

import polars as pl
import psycopg
import pytest
from django.db import connection
from django.db.utils import ProgrammingError

from sankul.core.models import Event
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.engines import composite
from sankul.programme.evaluation.actions import lock, runs
from sankul.programme.evaluation.models import Run
from sankul.programme.indicators.tests import makers as indicators
from sankul.programme.outcomes.tests import makers as outcomes
from sankul.programme.registry.tests import makers

from .makers import computed, evidenced, published, round_of_three

pytestmark = pytest.mark.django_db


def test_scores_follow_from_records_by_the_framework() -> None:
    period, (strong, middling, bare) = round_of_three()
    run = computed(period)
    rows = {row.cluster: row for row in run.standings.select_related("cluster")}
    assert rows[strong].score == pytest.approx((80 + 60) / 2)
    assert rows[middling].score == pytest.approx((40 + 30) / 2)
    assert (rows[strong].rank, rows[middling].rank) == (1, 2)
    assert (rows[strong].rank_low, rows[strong].rank_high) == (1, 1)
    assert rows[bare].rank is None
    assert "evidence" in rows[bare].not_ranked
    assert rows[bare].coverage == 0


def test_a_value_keeps_its_tally_and_its_way_into_the_score() -> None:
    period, (strong, _middling, bare) = round_of_three()
    run = computed(period)
    value = run.values.get(cluster=strong, indicator="items")
    assert (value.quantity, value.records, value.submitted) == (Decimal(8), 1, 1)
    assert (value.value, value.normalised, value.weight) == (
        8,
        pytest.approx(80),
        pytest.approx(0.5),
    )
    assert value.contribution == pytest.approx(40)
    missing = run.values.get(cluster=bare, indicator="items")
    assert (missing.value, missing.submitted, missing.records) == (None, 1, 0)


def test_contributions_add_up_to_the_score() -> None:
    period, _clusters = round_of_three()
    run = computed(period)
    for row in run.standings.filter(rank__isnull=False):
        parts = run.values.filter(cluster=row.cluster).values_list("contribution", flat=True)
        assert sum(parts) == pytest.approx(row.score)


def test_the_package_of_a_run_recomputes_to_the_same_ranking(tmp_path: Path) -> None:
    period, _clusters = round_of_three()
    run = computed(period)
    with run.package.open() as file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
        archive.extractall(tmp_path)
    package = composite.read(tmp_path / "package")
    assert package.digest == run.input_sha256
    assert composite.run(package.spec, package.frame).ranking() == ("strong", "middling")


def test_the_records_of_a_run_are_every_row_behind_it() -> None:
    period, _clusters = round_of_three()
    run = computed(period)
    assert run.records is not None
    with run.records.open() as file:
        frame = pl.read_parquet(file.read())
    assert frame.height == 7
    assert frame.filter(pl.col("evidenced"))["quantity"].sum() == Decimal(302)
    assert set(frame["cluster"]) == {"strong", "middling", "bare"}


def test_the_same_records_give_the_same_digest_whenever_they_are_evaluated() -> None:
    period, _clusters = round_of_three()
    first, second = computed(period), computed(period)
    assert first.input_sha256 == second.input_sha256
    assert first.package == second.package


def test_a_run_of_a_programme_without_evidence_ranks_nobody() -> None:
    period = makers.period()
    makers.cluster(period.programme)
    run = computed(period)
    row = run.standings.get()
    assert (row.rank, row.score, row.coverage) == (None, None, 0)
    assert run.draws == 0


def test_an_unapproved_framework_is_refused() -> None:
    period, _clusters = round_of_three()
    framework = indicators.draft(period.programme)
    with pytest.raises(Refused, match="not approved"):
        runs.compute(actor=None, period=period, framework=framework, at=makers.AT)
    assert not Run.objects.exists()


def test_a_framework_of_another_programme_is_refused() -> None:
    period, _clusters = round_of_three()
    framework = indicators.approved(makers.programme())
    with pytest.raises(Refused, match="another programme"):
        runs.compute(actor=None, period=period, framework=framework, at=makers.AT)


def test_only_officers_and_evaluators_of_the_programme_compute() -> None:
    period, clusters = round_of_three()
    framework = indicators.approved(period.programme)
    ceo = makers.actor_with(Role.CLUSTER_CEO, clusters[0].scopes[0])
    foreign = makers.actor_with(Role.EVALUATOR, makers.programme().scopes[0])
    for actor in (ceo, foreign, makers.public()):
        with pytest.raises(Forbidden):
            runs.compute(actor=actor, period=period, framework=framework, at=makers.AT)
    evaluator = makers.actor_with(Role.EVALUATOR, period.programme.scopes[0])
    run = runs.compute(actor=evaluator, period=period, framework=framework, at=makers.AT, draws=8)
    assert run.computed_by == evaluator.user


def test_a_second_evaluation_of_the_same_period_is_told_to_wait() -> None:
    period, _clusters = round_of_three()
    settings = connection.get_connection_params()
    settings.pop("cursor_factory", None)
    settings.pop("context", None)
    with psycopg.connect(**settings) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [lock.SPACE, period.pk])
        with pytest.raises(Refused, match="running now"):
            computed(period)
    assert not Run.objects.exists()
    assert computed(period).pk


def test_a_failure_on_the_way_leaves_nothing_half_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    period, _clusters = round_of_three()
    framework = indicators.approved(period.programme)

    def fail(*_given: object, **_named: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(runs, "_values", fail)
    with pytest.raises(OSError, match="disk full"):
        runs.compute(actor=None, period=period, framework=framework, at=makers.AT, draws=8)
    assert not Run.objects.exists()
    assert not Event.objects.filter(verb="run.computed").exists()


def test_publishing_opens_the_period_and_retires_the_run_before() -> None:
    period, _clusters = round_of_three()
    first = published(period)
    second = published(period, seed=2)
    first.refresh_from_db()
    period.refresh_from_db()
    assert (first.status, second.status) == ("retired", "published")
    assert period.opened_at is not None


def test_records_that_changed_since_block_publishing() -> None:
    period, (strong, *_others) = round_of_three()
    run = computed(period)
    evidenced(strong, "outreach_item", 1)
    with pytest.raises(Refused, match="Records have changed"):
        runs.publish(actor=None, run=run, at=makers.AT)


def test_a_run_is_published_once() -> None:
    period, _clusters = round_of_three()
    run = published(period)
    with pytest.raises(Refused, match="not yet published"):
        runs.publish(actor=None, run=run, at=makers.AT)


def test_only_the_apex_committee_publishes() -> None:
    period, _clusters = round_of_three()
    run = computed(period)
    for role in (Role.PROGRAMME_OFFICER, Role.EVALUATOR):
        actor = makers.actor_with(role, period.programme.scopes[0])
        with pytest.raises(Forbidden):
            runs.publish(actor=actor, run=run, at=makers.AT)
    member = makers.actor_with(Role.APEX_MEMBER, period.programme.scopes[0])
    assert runs.publish(actor=member, run=run, at=makers.AT).status == "published"


def test_the_database_itself_keeps_a_result_frozen() -> None:
    period, _clusters = round_of_three()
    run = computed(period)
    with pytest.raises(ProgrammingError, match="Cannot update"):
        Run.objects.filter(pk=run.pk).update(input_sha256="0" * 64)


def test_nobody_early_sees_a_run_that_is_not_published() -> None:
    period, clusters = round_of_three()
    run = computed(period)
    ceo = makers.actor_with(Role.CLUSTER_CEO, clusters[0].scopes[0])
    apex = makers.actor_with(Role.APEX_MEMBER, period.programme.scopes[0])
    assert not Run.objects.visible_to(makers.public()).exists()
    assert not Run.objects.visible_to(ceo).exists()
    assert Run.objects.visible_to(apex).get() == run


def test_declared_nothing_is_a_zero_in_the_run() -> None:
    period, _clusters = round_of_three()
    fourth = makers.cluster(period.programme, slug="quiet")
    outcomes.nil_return(fourth, period)
    evidenced(fourth, "own_income", 10)
    evidenced(fourth, "operating_cost", 100)
    run = computed(period)
    value = run.values.get(cluster=fourth, indicator="items")
    assert (value.value, value.normalised, value.is_nil) == (0, 0, True)
    assert run.standings.get(cluster=fourth).rank == 3
