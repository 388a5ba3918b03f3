"""What the clock does."""

from datetime import timedelta

import pgtrigger
import pytest
import structlog
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from sankul.core import tasks
from sankul.core.actions import events
from sankul.core.models import Event, Work

from . import makers

pytestmark = pytest.mark.django_db


def test_the_chain_is_checked_every_night_and_a_break_is_an_error() -> None:
    with transaction.atomic():
        events.record(actor=None, verb="a.b", subject="x/1", at=makers.AT)
    with structlog.testing.capture_logs() as logs:
        tasks.verify_events(timestamp=0)
    assert [(line["event"], line["held"]) for line in logs] == [("events verified", 1)]
    with pgtrigger.ignore("core.Event:append_only"):
        Event.objects.update(verb="c.d")
    with structlog.testing.capture_logs() as logs:
        tasks.verify_events(timestamp=0)
    assert [(line["log_level"], line["seq"]) for line in logs] == [("error", 1)]


def test_sessions_and_old_work_are_cleared() -> None:
    now = timezone.now()
    for number, ended in enumerate((None, now, now - timedelta(days=91))):
        Work.objects.create(
            title=f"Work {number}", asked_by=makers.user(), asked_at=now, ended_at=ended
        )
    Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(1))
    tasks.clear_expired(timestamp=0)
    assert sorted(Work.objects.values_list("title", flat=True)) == ["Work 0", "Work 1"]
    assert Session.objects.get().session_key == "new"


def test_the_clock_knows_these_tasks() -> None:
    periodic = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
    known = {"core.verify_events", "core.retry_stalled", "core.clear_expired", "core.follow_events"}
    assert known <= periodic
