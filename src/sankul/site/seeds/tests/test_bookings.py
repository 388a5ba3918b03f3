"""A year of bookings in the demonstration."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from sankul.programme.bookings.models import Booking, Order
from sankul.programme.bookings.rules import State
from sankul.programme.facilities.rules import Relation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


def test_twelve_institutions_were_booked_in_every_month_of_the_year() -> None:
    rows = Booking.objects.filter(starts_at__range=("2025-04-01T00:00Z", "2026-03-31T00:00Z"))
    assert rows.values("instrument__organisation").distinct().count() == 12
    assert rows.dates("starts_at", "month").count() == 12


def test_institutions_served_others_and_some_requests_were_left_unanswered() -> None:
    served = Booking.objects.filter(state=State.COMPLETED).exclude(relation=Relation.OWN)
    assert served.values("instrument__organisation").distinct().count() >= 10
    silent = Booking.objects.filter(state=State.EXPIRED, decided_at=None)
    assert silent.filter(instrument__organisation__memberships__cluster__slug="vajrapalli").exists()


def test_what_is_past_has_ended_and_what_is_ahead_waits() -> None:
    now = timezone.now()
    late = Booking.objects.filter(state__in=[State.REQUESTED, State.CONFIRMED, State.IN_USE])
    assert not late.filter(ends_at__lt=now - timedelta(days=1)).exists()
    assert late.filter(starts_at__gt=now, state=State.REQUESTED).exists()
    assert late.filter(starts_at__gt=now, state=State.CONFIRMED).exists()


def test_answers_come_after_requests_and_uses_after_starts() -> None:
    assert not Booking.objects.filter(decided_at__lt=F("requested_at")).exists()
    assert not Booking.objects.filter(made_at__gt=F("starts_at")).exists()
    assert not Booking.objects.filter(use__stopped_at__lt=F("use__started_at")).exists()


def test_services_were_ordered() -> None:
    assert Order.objects.filter(state="done").exists()
