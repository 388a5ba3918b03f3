"""What the field asks of people on their dashboard."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from sankul.core.rules.roles import Role
from sankul.field.alerts.rules import AlertSeverity
from sankul.field.alerts.tests import makers
from sankul.field.streams.models import DayCount
from sankul.field.streams.tests import makers as streams
from sankul.programme.registry.tests.makers import user_with

pytestmark = pytest.mark.django_db


def test_an_operator_is_told_how_many_alerts_wait_and_what_is_late(client: Client) -> None:
    alert = makers.alert(makers.detector(severity=AlertSeverity.URGENT))
    makers.alert(makers.detector(alert.stream))
    makers.alert()  # of another cluster
    late = makers.action(makers.acknowledged(makers.detector(alert.stream)), what="Flush the main")
    late.due_at = timezone.now() - timedelta(hours=1)
    late.save()
    assert alert.cluster is not None
    client.force_login(user_with(Role.OPERATOR, alert.cluster.scopes[0]))
    page = client.get("/dashboard/").content.decode()
    assert "2 alerts wait for you" in page
    assert "1 urgent" in page
    assert "Flush the main" in page


def test_who_answers_none_is_told_of_none(client: Client) -> None:
    alert = makers.alert()
    assert alert.cluster is not None
    client.force_login(user_with(Role.PROGRAMME_OFFICER, alert.cluster.programme.scopes[0]))
    assert "wait for you" not in client.get("/dashboard/").content.decode()


def test_an_operator_is_told_how_many_values_wait_for_review(client: Client) -> None:
    stream = streams.stream()
    assert stream.thing.cluster is not None
    for day, flagged, reviewed in ((1, 5, 2), (2, 4, 0), (3, 6, 6)):
        DayCount.objects.create(
            stream=stream, day=date(2026, 11, day), count=48, flagged=flagged, reviewed=reviewed
        )
    client.force_login(user_with(Role.OPERATOR, stream.thing.cluster.scopes[0]))
    page = client.get("/dashboard/").content.decode()
    assert "7 values wait for review" in page
    assert "On 2 days of streams." in page
    client.force_login(user_with(Role.EVALUATOR, stream.thing.cluster.programme.scopes[0]))
    assert "for review" not in client.get("/dashboard/").content.decode()
