"""Outcome 6 from bookings: from the explanation of a value down to each use that was counted, without its person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
from django.test import Client
from django.urls import reverse

from sankul.programme.bookings.models import Use
from sankul.programme.bookings.rules import State, Via
from sankul.programme.bookings.tests.makers import booking, instrument
from sankul.programme.evaluation.tests.makers import published, round_of_three
from sankul.programme.indicators.tests import makers as indicators
from sankul.programme.registry.tests import makers

NOVEMBER = datetime(2025, 11, 10, 5, tzinfo=UTC)
ASKED = {
    "requested_at": NOVEMBER - timedelta(days=5),
    "answer_by_at": NOVEMBER - timedelta(days=3),
}


@pytest.mark.django_db
def test_a_value_of_outcome_6_opens_the_uses_that_it_counts() -> None:
    period, (strong, *_others) = round_of_three()
    source = files("sankul.programme.indicators").joinpath("frameworks/default-3.toml")
    indicators.approved(period.programme, source.read_text("utf-8"))
    place = instrument(name="Electron microscope")
    makers.membership(strong, place.facility.organisation)
    prompt = ASKED["requested_at"] + timedelta(hours=30)
    row = booking(
        place, NOVEMBER, user=makers.user(name="Asha Rao"), state=State.COMPLETED, decided_at=prompt, **ASKED
    )  # fmt: skip
    Use.objects.create(booking=row, started_at=NOVEMBER, started_by=row.user, started_via=Via.CODE,
                       stopped_at=NOVEMBER + timedelta(hours=3))  # fmt: skip
    booking(place, NOVEMBER + timedelta(days=1), state=State.EXPIRED, **ASKED)

    run = published(period)

    values = {it.indicator: it for it in run.values.filter(cluster=strong)}
    assert values["facility_institutions"].value == 1
    assert values["facility_hours"].value == 3
    assert (values["facility_answers"].value, values["facility_answers"].denominator) == (1, 2)
    place_of = [period.programme.slug, period.label, strong.slug, "facility_hours"]
    page = Client().get(reverse("value", args=place_of)).content.decode()
    assert "Electron microscope" in page
    assert f'href="/use-of-facilities/{row.pk}/"' in page
    assert "Asha Rao" not in page
    counted = Client().get(f"/use-of-facilities/{row.pk}/").content.decode()
    assert "Electron microscope" in counted
    assert "Asha Rao" not in counted
