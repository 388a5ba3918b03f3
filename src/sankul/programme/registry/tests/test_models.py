from datetime import date

import pytest
from django.db import IntegrityError, transaction

from sankul.programme.registry.models import Membership
from sankul.programme.registry.tests import makers

pytestmark = pytest.mark.django_db


def test_the_database_keeps_a_real_organisation_out_of_a_demonstration() -> None:
    fictional = makers.cluster(makers.programme(is_demonstration=True))
    with pytest.raises(IntegrityError, match="fictional"), transaction.atomic():
        makers.membership(fictional, makers.organisation())
    made = makers.membership(fictional, makers.organisation(is_demonstration=True))
    with pytest.raises(IntegrityError, match="fictional"), transaction.atomic():
        Membership.objects.filter(pk=made.pk).update(cluster=makers.cluster())


def test_both_ends_of_what_is_dated_belong_to_it() -> None:
    cluster, organisation = makers.cluster(), makers.organisation()
    membership = makers.membership(
        cluster, organisation, from_on=date(2021, 4, 1), until_on=date(2022, 3, 31)
    )
    days = [date(2021, 3, 31), date(2021, 4, 1), date(2022, 3, 31), date(2022, 4, 1)]
    assert [Membership.objects.on(day).exists() for day in days] == [False, True, True, False]
    assert [membership.holds_on(day) for day in days] == [False, True, True, False]


def test_open_ends_hold_on_every_day() -> None:
    membership = makers.membership(makers.cluster(), makers.organisation(), from_on=None)
    assert Membership.objects.on(date(1900, 1, 1)).get() == membership
    assert membership.holds_on(date(2100, 1, 1))


def test_the_same_seat_is_not_taken_twice_at_a_time() -> None:
    body, person = makers.body(), makers.person()
    makers.seat(body, person, until_on=date(2024, 3, 31))
    makers.seat(body, person, from_on=date(2024, 4, 1))
    with pytest.raises(IntegrityError, match="seat_once_at_a_time"), transaction.atomic():
        makers.seat(body, person, from_on=date(2023, 1, 1), until_on=date(2023, 2, 1))
