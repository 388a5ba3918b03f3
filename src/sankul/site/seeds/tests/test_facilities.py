"""The shared facilities of the demonstration, and that they are written once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sankul.core.models import User
from sankul.core.queries.actors import actor
from sankul.core.tests.makers import AT, public
from sankul.programme.facilities.models import Facility, Instrument, Tariff
from sankul.programme.facilities.queries import catalogue
from sankul.programme.facilities.queries.hours import open_windows
from sankul.programme.facilities.rules import InstrumentStatus, Relation, UserClass
from sankul.programme.registry.models import Organisation
from sankul.site.seeds.demonstration import facilities, registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def equipped() -> None:
    registry.stage(AT)
    facilities.equip(AT)


def test_twelve_institutions_share_sixty_instruments(equipped: None) -> None:
    assert Organisation.objects.filter(facilities__isnull=False).distinct().count() == 12
    assert Instrument.objects.count() == 60
    assert set(Instrument.objects.values_list("status", flat=True)) == set(InstrumentStatus)
    facilities.equip(AT)
    assert Facility.objects.count() == 12


def test_every_class_has_a_price_in_every_year_and_today(equipped: None) -> None:
    for on in (timezone.localdate(AT), timezone.localdate(AT) - timedelta(days=1000)):
        rows = Tariff.objects.on(on).filter(instrument__isnull=False)
        assert rows.count() == 60 * len(UserClass) * len(Relation)
    assert not Tariff.objects.filter(rate_inr=0).exists()


def test_instruments_are_found_and_open_around_the_first_start(equipped: None) -> None:
    found = list(catalogue.catalogue(public(), "electron microscope"))
    assert {one.slug for one in found} >= {"fe-sem", "tem"}
    every = list(catalogue.catalogue(public()))
    windows = open_windows(every, AT, AT + timedelta(days=14))
    closed = [one for one in every if not windows[one.pk]]
    assert [one.status for one in closed] == ["down"]


def test_a_member_finds_the_price_of_the_own_organisation(equipped: None) -> None:
    member = User.objects.get(email="member@sankul.example")
    hers = actor(member, AT)
    scope = next(held.scope for held in hers.held)
    asker = catalogue.Asker(Organisation.objects.get(pk=scope.id))
    rows = catalogue.catalogue(hers, asker=asker, on=timezone.localdate(AT))
    assert not rows.filter(price_inr__isnull=True).exists()
