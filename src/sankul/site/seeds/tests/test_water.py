"""The water of the demonstration."""

from __future__ import annotations

import pytest
from django.utils import timezone

from sankul.field.water.models import Response, Sample, Source, Village
from sankul.field.water.queries.judging import at_risk
from sankul.field.water.queries.samples import judged_samples, next_due
from sankul.field.water.rules import Index, Purpose
from sankul.programme.registry.tests import makers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


def test_forty_sources_of_fourteen_villages_are_sampled_every_month_of_a_year() -> None:
    assert (Village.objects.count(), Source.objects.count()) == (14, 40)
    assert Sample.objects.count() == 40 * 12
    assert not Sample.objects.filter(taken_at__gt=timezone.now()).exists()


def test_four_troubles_stand_and_one_has_nobody() -> None:
    found = at_risk(makers.public(), timezone.now())
    told = {one.source.name: (one.risk.parameter, one.response is not None) for one in found}
    assert told == {
        "Amrapalli borewell 1": ("fluoride", True),
        "Ekashila borewell 1": ("fluoride", True),
        "Chandanapur tap 2": ("ecoli", False),
        "Malligehalli tap 1": ("chlorine", True),
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
