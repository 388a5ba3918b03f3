"""The demonstration's experts judge each year as the story has it, and their scores feed the framework."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db.models import Avg

from sankul.programme.indicators.models import Framework
from sankul.programme.panel.models import Change, Member, Panel, Result, Score
from sankul.programme.panel.rules import CRITERIA, PanelStatus
from sankul.programme.registry.models import Programme
from sankul.site.seeds import demonstration
from sankul.site.seeds.demonstration import panel
from sankul.site.seeds.demonstration.registry import DOMAIN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def programme(seeded: None) -> Programme:
    return Programme.objects.get(slug="demonstration")


def mean(cluster: str, year: str) -> Decimal:
    rows = Result.objects.filter(cluster__slug=cluster, panel__period__label=year)
    return Decimal(rows.aggregate(mean=Avg("score"))["mean"])


def test_all_three_years_are_released_once(programme: Programme) -> None:
    demonstration.judge(programme)
    assert list(Panel.objects.values_list("status", flat=True)) == [PanelStatus.RELEASED] * 3
    assert Result.objects.count() == 3 * 8 * len(CRITERIA)


def test_whoever_worked_for_a_cluster_left_it_to_the_others(programme: Programme) -> None:
    indu = Member.objects.filter(user__email=f"verifier.indu@{DOMAIN}")
    assert indu.count() == 3
    assert not Score.objects.filter(member__in=indu, cluster__slug="hemakuti").exists()
    assert Score.objects.filter(member__in=indu).count() == 3 * 7 * len(CRITERIA)


def test_the_panel_tells_the_story(programme: Programme) -> None:
    years = ("2023-24", "2024-25", "2025-26")
    assert mean("udayani", years[0]) + 1 < mean("udayani", years[2])
    assert mean("udayani", years[0]) < mean("udayani", years[1]) < mean("udayani", years[2])
    for year in years:
        learning = Result.objects.filter(criterion="learning", panel__period__label=year)
        assert learning.order_by("-score")[0].cluster.slug == "shailadri"
        assert min(panel.script()["quality"], key=lambda one: mean(one, year)) == "vajrapalli"


def test_the_severe_member_is_found_out(programme: Programme) -> None:
    for one in Panel.objects.all():
        told = one.agreement["final"]["severity"]["members"]
        severe = one.members.get(user__email=f"reviewer@{DOMAIN}").letter
        assert max(told, key=lambda letter: told[letter][0]) == severe


def test_scores_were_changed_in_the_discussion_with_a_reason(programme: Programme) -> None:
    assert 5 <= Change.objects.count() <= 60
    assert not Change.objects.filter(reason="").exists()


def test_the_framework_counts_them_as_one_outcome(programme: Programme) -> None:
    framework = Framework.objects.get(programme=programme)
    own = framework.indicators.filter(measure__startswith="panel_")
    assert set(own.values_list("measure", flat=True)) == {f"panel_{code}" for code in CRITERIA}
    assert set(own.values_list("kind", flat=True)) == {"subjective"}
