"""The demonstration's portfolio tells the story of its clusters and obeys the area's law."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db.models import Count, F, Sum
from django.utils import timezone

from sankul.core.models import Event
from sankul.core.queries.events import first_break
from sankul.programme.evidence.models import PlausibilityFinding
from sankul.programme.outcomes.models import Claim
from sankul.programme.portfolio.models import (
    Baseline,
    BudgetLine,
    Deployment,
    Lesson,
    Measurement,
    Milestone,
    Partner,
    Problem,
    Project,
    Readiness,
    StageChange,
    UserCount,
)
from sankul.programme.portfolio.queries.projects import known
from sankul.programme.portfolio.rules import DeploymentStatus, PartnerRole, ProblemStatus, Stage
from sankul.programme.portfolio.rules.life import OWNERS, why_not_code
from sankul.programme.portfolio.rules.stages import why_not_enter, why_not_move, why_not_on
from sankul.programme.registry.models import Membership, Programme

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def programme(seeded: None) -> Programme:
    return Programme.objects.get(slug="demonstration")


def by_stage(cluster: str) -> Counter[str]:
    return Counter(Project.objects.filter(cluster__slug=cluster).values_list("stage", flat=True))


def test_every_cluster_has_problems_with_a_public_owner_and_a_size(programme: Programme) -> None:
    found = Problem.objects.filter(programme=programme)
    counts = Counter(found.values_list("cluster__slug", flat=True))
    assert len(counts) == 8
    assert all(3 <= count <= 5 for count in counts.values()), counts
    assert set(found.values_list("owner__kind", flat=True)) == OWNERS
    assert not found.filter(size_value=None).exists()
    assert not found.filter(shared_at=None).exists()
    assert not found.filter(focus_areas=None).exists()
    assert set(found.values_list("status", flat=True)) == set(ProblemStatus.values)


def test_every_cluster_leads_four_to_seven_projects_and_every_stage_is_there(
    programme: Programme,
) -> None:
    found = Project.objects.filter(programme=programme)
    counts = Counter(found.values_list("cluster__slug", flat=True))
    assert len(counts) == 8
    assert all(4 <= count <= 7 for count in counts.values()), counts
    assert set(found.values_list("stage", flat=True)) == set(Stage.values)
    assert not found.filter(problems=None).exists()
    assert not found.filter(sdgs=[]).exists()
    assert all(why_not_code(code) for code in found.values_list("code", flat=True))


def test_every_stage_was_entered_by_the_law(programme: Programme) -> None:
    today = timezone.localdate()
    for project in Project.objects.filter(programme=programme):
        changes = list(StageChange.objects.filter(project=project))
        assert changes[0].stage == Stage.IDEA
        for before, change in pairwise(changes):
            now, to = Stage(before.stage), Stage(change.stage)
            assert why_not_move(now=now, to=to, note=change.note), (project.code, to)
            dated = why_not_on(
                on=change.on,
                since=before.on,
                programme_starts_on=programme.starts_on,
                today=today,
            )
            assert dated, (project.code, to, dated.reason)
            entered = why_not_enter(to, known(project, change.on))
            assert entered, (project.code, to, entered.reason)
        assert (project.stage, project.stage_on) == (changes[-1].stage, changes[-1].on)


def test_no_project_is_older_than_its_cluster_or_its_problem(programme: Programme) -> None:
    found = Project.objects.filter(programme=programme)
    assert not found.filter(changes__on__lt=F("cluster__launched_on")).exists()
    assert not found.filter(problems__recorded_at__date__gt=F("starts_on")).exists()


def test_baselines_were_measured_and_recorded_before_the_work_began(programme: Programme) -> None:
    found = Baseline.objects.filter(project__programme=programme)
    assert found.count() == Project.objects.exclude(starts_on=None).count()
    assert not found.filter(measured_on__gte=F("project__starts_on")).exists()
    assert not found.filter(recorded_at__date__gte=F("project__starts_on")).exists()
    assert Measurement.objects.filter(baseline__in=found).count() > 30
    assert not Measurement.objects.filter(measured_on__lte=F("baseline__measured_on")).exists()


def test_leaders_were_members_then_and_all_three_roles_are_taken(programme: Programme) -> None:
    partners = Partner.objects.filter(project__programme=programme).select_related("project")
    assert set(partners.values_list("role", flat=True)) == set(PartnerRole.values)
    for partner in partners.filter(role=PartnerRole.LED):
        since = Membership.objects.get(
            cluster=partner.cluster_id, organisation=partner.organisation_id
        ).from_on
        first = partner.project.changes.first()
        assert first is not None
        assert since <= first.on, partner.project.code


def test_many_projects_are_of_several_clusters(programme: Programme) -> None:
    joint = Project.objects.filter(programme=programme).annotate(
        clusters=Count("partners__cluster", distinct=True)
    )
    assert joint.filter(clusters__gt=1).count() >= 12
    assert joint.filter(clusters__gt=2).count() >= 2


def test_readiness_rises_and_the_upper_levels_are_assessed_by_somebody_else(
    programme: Programme,
) -> None:
    for project in Project.objects.filter(programme=programme):
        levels = list(project.readiness.order_by("on").values_list("level", flat=True))
        assert levels == sorted(levels)
    upper = Readiness.objects.filter(project__programme=programme, level__gte=7)
    assert set(upper.values_list("assessed_by__slug", flat=True)) == {
        "union-institute-of-open-measurement"
    }


def test_money_is_exact_and_comes_from_several_sources(programme: Programme) -> None:
    lines = BudgetLine.objects.filter(project__programme=programme)
    assert lines.aggregate(total=Sum("amount_inr"))["total"] == Decimal("101480000.00")
    assert len(set(lines.values_list("source", flat=True))) >= 5


def test_milestones_are_reached_with_proof_and_some_slipped_with_a_reason(
    programme: Programme,
) -> None:
    found = Milestone.objects.filter(project__programme=programme)
    assert not found.exclude(done_on=None).filter(proof_url="").exists()
    slipped = found.filter(expected_on__gt=F("due_on"))
    assert slipped.count() == 2
    assert not slipped.filter(slip_reason="").exists()


def test_deployments_say_who_pays_and_count_users_while_in_use(programme: Programme) -> None:
    found = Deployment.objects.filter(project__programme=programme)
    assert set(found.values_list("status", flat=True)) == set(DeploymentStatus.values)
    assert not found.filter(payment="").exists()
    assert found.filter(paid_by=None).exists()
    counts = UserCount.objects.filter(deployment__in=found)
    assert counts.filter(deployment__status=DeploymentStatus.IN_USE).count() == counts.count() >= 17
    assert not counts.filter(as_of_on__lt=F("deployment__since_on")).exists()


def test_udayani_has_more_in_use_than_vajrapalli_which_announces_more(programme: Programme) -> None:
    used = (Stage.DEPLOYMENT, Stage.PLATFORM)
    improving, boasting = by_stage("udayani"), by_stage("vajrapalli")
    assert sum(improving[stage] for stage in used) == 3
    assert sum(boasting[stage] for stage in used) == 1
    assert boasting[Stage.IDEA] == 2
    assert improving[Stage.IDEA] == 0


def test_neelgarha_measured_least_after_the_start(programme: Programme) -> None:
    going = Project.objects.filter(programme=programme, stage__in=[Stage.PILOT, Stage.DEPLOYMENT])
    silent = going.filter(baselines__measurements=None, cluster__slug="neelgarha")
    assert list(silent.values_list("code", flat=True)) == ["ventilator-valve"]


def test_shailadri_closed_its_pilot_told_why_and_deployed_another_design(
    programme: Programme,
) -> None:
    failed = Project.objects.get(code="nitrate-sensors")
    assert failed.stage == Stage.FAILED
    lesson = failed.lessons.get()
    assert "Iron in the water fouled the membranes" in lesson.why
    assert lesson.shared_at is not None
    assert lesson.is_evidenced
    follower = Project.objects.get(code="nitrate-strips")
    assert follower.stage == Stage.DEPLOYMENT
    assert follower.recorded_at > lesson.recorded_at
    assert list(follower.problems.all()) == list(failed.problems.all())
    report = Claim.objects.get(title__startswith="Report on a closed pilot", project=failed)
    assert report.cluster_id == failed.cluster_id


def test_failed_experiments_have_shared_lessons_with_shares_that_add_up(
    programme: Programme,
) -> None:
    failed = Project.objects.filter(programme=programme, stage=Stage.FAILED)
    assert failed.count() == 4
    shared = Lesson.objects.filter(project__in=failed, shared_at__isnull=False)
    assert shared.count() == 4
    assert set(shared.annotate(all=Sum("credits__share")).values_list("all", flat=True)) == {
        Decimal(1)
    }
    drafts = Lesson.objects.filter(programme=programme, shared_at=None)
    assert drafts.get().project == Project.objects.get(code="voice-shops")


def test_claims_come_from_projects_of_their_cluster_that_had_begun(programme: Programme) -> None:
    linked = Claim.objects.filter(project__isnull=False)
    assert 1_000 <= linked.count() <= 2_500
    assert not linked.exclude(cluster=F("project__cluster")).exists()
    assert not linked.filter(on__lt=F("project__starts_on")).exists()
    kinds = set(linked.values_list("kind", flat=True).order_by().distinct())
    assert {"deployment", "deployment_users", "patent", "training_event"} <= kinds


def test_a_deployment_is_claimed_once_and_while_it_is_in_use(programme: Programme) -> None:
    linked = Claim.objects.filter(deployment__isnull=False)
    assert not linked.exclude(deployment__project=F("project")).exists()
    assert not linked.filter(on__lt=F("deployment__since_on")).exists()
    once = linked.filter(kind="deployment").values_list("deployment", flat=True)
    assert len(once) == len(set(once)) >= 5
    rules = ["same_deployment", "baseline_after_start", "project_before_programme"]
    assert not PlausibilityFinding.objects.filter(rule__in=rules).exists()


def test_the_log_tells_every_stage_and_holds(programme: Programme) -> None:
    told = Event.objects.filter(verb="project.stage_entered")
    assert told.count() == StageChange.objects.filter(project__programme=programme).count()
    assert not told.filter(actor=None).exists()
    assert first_break()[1] is None


def test_nothing_is_recorded_after_the_last_year_was_opened(programme: Programme) -> None:
    last = programme.periods.order_by("-starts_on")[0].opened_at
    assert last is not None
    for model in (Problem, Project, Lesson):
        assert not model.objects.filter(programme=programme, recorded_at__gt=last).exists()
    recent = last.date() - timedelta(days=1)
    assert not StageChange.objects.filter(project__programme=programme, on__gt=recent).exists()
