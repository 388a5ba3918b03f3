"""The demonstration holds findings of plausibility rules in every state, and the same ones each time."""

from __future__ import annotations

import pytest
from django.db.models import Count

from sankul.core.queries.events import first_break
from sankul.programme.evidence.models import Answer, PlausibilityFinding
from sankul.programme.evidence.rules import Consequence, Doubt
from sankul.programme.outcomes.rules import ClaimStatus
from sankul.programme.registry.models import Programme
from sankul.site.seeds import demonstration

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def programme(seeded: None) -> Programme:
    return Programme.objects.get(slug="demonstration")


def test_there_are_several_in_every_state(programme: Programme) -> None:
    rows = PlausibilityFinding.objects.filter(programme=programme)
    states = dict(rows.values_list("state").annotate(number=Count("pk")).order_by())
    assert set(states) == set(Doubt.values)
    assert (states[Doubt.ANSWERED], states[Doubt.UPHELD], states[Doubt.DISMISSED]) == (2, 5, 4)
    assert states[Doubt.RESOLVED] >= 1
    assert states[Doubt.OPEN] > 100


def test_the_cluster_that_overclaims_records_the_same_twice_more_often_than_all_others(
    programme: Programme,
) -> None:
    rows = PlausibilityFinding.objects.filter(programme=programme, rule="same_event")
    own = rows.filter(cluster__slug="vajrapalli").count()
    assert own > rows.count() / 2


def test_what_is_upheld_has_its_consequence(programme: Programme) -> None:
    rows = PlausibilityFinding.objects.filter(programme=programme, state=Doubt.UPHELD)
    rejected = rows.filter(consequence=Consequence.REJECTED)
    assert set(rejected.values_list("claim__status", flat=True)) == {ClaimStatus.REJECTED}
    assert Answer.objects.filter(finding__in=rows).count() == 5


def test_what_is_resolved_was_found_by_a_mistyped_number(programme: Programme) -> None:
    rows = PlausibilityFinding.objects.filter(programme=programme, state=Doubt.RESOLVED)
    assert set(rows.values_list("rule", flat=True)) == {"beyond_city"}


def test_a_second_time_finds_it_done(programme: Programme) -> None:
    before = PlausibilityFinding.objects.count()
    demonstration.examine(programme)
    assert PlausibilityFinding.objects.count() == before
    assert first_break()[1] is None
