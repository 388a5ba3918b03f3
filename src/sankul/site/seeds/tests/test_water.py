"""The water of the demonstration."""

from __future__ import annotations

import pytest
from django.utils import timezone

from sankul.field.alerts.models import Alert
from sankul.field.alerts.rules import AlertState
from sankul.field.streams.models import Latest, Observation, Thing
from sankul.field.water.models import Response, Sample, SensorAt, Source, Village
from sankul.field.water.queries.risks import at_risk
from sankul.field.water.queries.samples import judged_samples, next_due
from sankul.field.water.rules import Index, Purpose
from sankul.programme.registry.tests import makers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


def test_forty_sources_of_fourteen_villages_are_sampled_every_month_of_a_year() -> None:
    assert (Village.objects.count(), Source.objects.count()) == (14, 40)
    assert Sample.objects.count() == 40 * 12
    assert not Sample.objects.filter(taken_at__gt=timezone.now()).exists()


def test_five_troubles_stand_and_two_have_nobody() -> None:
    found = at_risk(makers.public(), timezone.now())
    told = {one.source.name: (one.risk.parameter, one.owner != "") for one in found}
    assert told == {
        "Amrapalli borewell 1": ("fluoride", True),
        "Ekashila borewell 1": ("fluoride", True),
        "Chandanapur tap 2": ("ecoli", False),
        "Malligehalli tap 1": ("chlorine", True),
        "Bilvagrama tap 1": ("turbidity", False),
    }


def test_two_troubles_are_over_with_their_cause() -> None:
    closed = Response.objects.exclude(closed_at=None).values_list("parameter", "cause")
    assert set(closed) == {
        ("nitrate", "Seepage from a cattle yard beside the well"),
        ("iron", "A corroded pipe"),
    }


def test_rivers_have_an_index_and_every_source_a_day_that_is_due() -> None:
    for river in Source.objects.filter(purpose=Purpose.SURFACE):
        samples = judged_samples(river)
        assert all(isinstance(one.index, Index) for one in samples)
        assert next_due(river, samples) is not None


def test_every_source_has_a_probe_that_sent_thirty_days_of_half_hours() -> None:
    assert Thing.objects.filter(deployment__title__startswith="Forty sources").count() == 40
    assert SensorAt.objects.count() == 122
    counts = Latest.objects.filter(stream__water_sensor__isnull=False).values_list(
        "count", flat=True
    )
    assert min(counts) >= 24 * 48  # the silent one said nothing for five days
    assert sum(counts) > 170_000
    assert not Latest.objects.filter(time__gt=timezone.now()).exists()


def test_alerts_are_found_in_observations_and_go_their_way_to_a_proof() -> None:
    closed = Alert.objects.filter(state=AlertState.CLOSED)
    assert (Alert.objects.count(), closed.count()) == (23, 19)
    assert closed.filter(acted_at__isnull=False, actions__documents__isnull=False).count() == 18
    worst = Alert.objects.get(thing__name="Hamsapura spring 1", began_at__year=2025)
    found = Observation.objects.filter(pk__in=worst.observation_ids)
    assert found.count() == len(worst.observation_ids) > 20
    assert max(row.value for row in found) == worst.worst == 31.0
    assert min(row.time for row in found) == worst.began_at


def test_one_alert_waits_for_somebody() -> None:
    waiting = Alert.objects.filter(state=AlertState.OPEN)
    assert [(row.thing and row.thing.name, row.ended_at) for row in waiting] == [
        ("Bilvagrama tap 1", None)
    ]
