"""What shared facilities ask of people on their dashboard."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from sankul.core.rules.roles import Role
from sankul.programme.bookings.rules import State
from sankul.programme.bookings.tests import makers
from sankul.programme.registry.tests.makers import organisation, user_with

pytestmark = pytest.mark.django_db


def test_a_lab_is_told_what_waits_and_what_is_late(client: Client) -> None:
    instrument, now = makers.instrument(), timezone.now()
    start = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
    for step, due in enumerate((now - timedelta(hours=1), now + timedelta(hours=5))):
        makers.booking(
            instrument, start + timedelta(hours=step), state=State.REQUESTED,
            requested_at=now - timedelta(days=2), answer_by_at=due,
        )  # fmt: skip
    client.force_login(user_with(Role.LAB_MANAGER, instrument.scopes[0]))
    page = client.get("/dashboard/").content.decode()
    assert "2 waiting, 1 late" in page
    assert 'href="/requests/"' in page


def test_requests_that_are_due_at_the_same_moment_are_counted_each(client: Client) -> None:
    instrument, now = makers.instrument(), timezone.now()
    start = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
    for step in range(3):
        makers.booking(
            instrument, start + timedelta(hours=step), state=State.REQUESTED,
            requested_at=now, answer_by_at=now + timedelta(hours=5),
        )  # fmt: skip
    client.force_login(user_with(Role.LAB_MANAGER, instrument.scopes[0]))
    assert "3 waiting, 0 late" in client.get("/dashboard/").content.decode()


def test_a_member_is_told_of_bookings_of_the_next_two_days_only(client: Client) -> None:
    instrument, body = makers.instrument(name="Balance"), organisation()
    user = user_with(Role.MEMBER, body.scopes[0])
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    near = makers.booking(instrument, start, user=user, organisation=body)
    far = makers.booking(instrument, start + timedelta(days=5), user=user, organisation=body)
    client.force_login(user)
    page = client.get("/dashboard/").content.decode()
    assert f"/bookings/{near.pk}/" in page
    assert f"/bookings/{far.pk}/" not in page


def test_the_dashboard_leads_to_the_pages_where_one_works(client: Client) -> None:
    scope = makers.instrument().scopes[0]
    ways = {
        Role.LAB_MANAGER: ["/lab/", "/bookings/", "/billing/"],
        Role.MEMBER: ["/bookings/", "/billing/"],
        Role.NODAL_OFFICER: ["/lab/", "/alerts/", "/water/risks/"],
    }
    for role, expected in ways.items():
        client.force_login(user_with(role, scope))
        page = client.get("/dashboard/").content.decode()
        assert [way for way in expected if f'href="{way}"' not in page] == []
        assert ('href="/lab/"' in page) == (role != Role.MEMBER)
