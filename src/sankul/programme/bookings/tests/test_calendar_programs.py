"""Calendars read by programs that people use: vdirsyncer fetches them from a server that runs, khal shows them."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from sankul.programme.bookings.actions import calendars as actions
from sankul.programme.bookings.rules import State

from .makers import HOUR, booking, instrument, member

pytestmark = pytest.mark.django_db(transaction=True)
PROGRAMS = ("khal", "vdirsyncer")
SYNC = """
[general]
status_path = "{folder}/status"
[pair bookings]
a = "site"
b = "here"
collections = null
[storage site]
type = "http"
url = "{url}"
[storage here]
type = "filesystem"
path = "{folder}/events"
fileext = ".ics"
"""
SHOW = """
[calendars]
[[bookings]]
path = {folder}/events
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Asia/Kolkata
default_timezone = Asia/Kolkata
[sqlite]
path = {folder}/khal.db
"""


@pytest.fixture(autouse=True)
def _programs() -> None:
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"not installed: {', '.join(missing)} (apt install khal vdirsyncer)")
    assert not missing


def ran(*command: str, folder: Path) -> str:
    """What a program says; it has a home of its own, and must end well."""
    home = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, env=home, capture_output=True, text=True, timeout=120, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def synced(folder: Path, url: str) -> list[str]:
    """What khal shows of the calendar at an address, after vdirsyncer has fetched it."""
    (folder / "events").mkdir(exist_ok=True)
    (folder / "vdirsyncer").write_text(SYNC.format(folder=folder, url=url))
    (folder / "khal").write_text(SHOW.format(folder=folder))
    configured = ("vdirsyncer", "--config", f"{folder}/vdirsyncer")
    ran(*configured, "discover", folder=folder)
    ran(*configured, "sync", "--force-delete", folder=folder)
    form = "{start} {end} {title} {status}"
    day = f"{timezone.localtime() + timedelta(days=1):%Y-%m-%d}"
    listed = ran(
        "khal", "--config", f"{folder}/khal", "list", "--notstarted", "--format", form,
        "--day-format", "", day, "2d", folder=folder,
    )  # fmt: skip
    return [line.strip() for line in listed.splitlines() if line.strip()]


def test_a_calendar_is_fetched_and_shown_and_what_is_cancelled_is_told(
    live_server: Any, tmp_path: Path
):
    at = timezone.now()
    day = (timezone.localtime(at) + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)  # fmt: skip
    who, body = member(at=at)
    place = instrument(name="Electron microscope; big, and सूक्ष्म")
    row = booking(place, day, day + 2 * HOUR, user=who.user, organisation=body)
    made = actions.open_(actor=who, instrument=None, at=at)
    url = f"{live_server.url}/calendars/{made.secret}.ics"

    first = synced(tmp_path, url)
    row.state, row.sequence, row.changed_at = State.CANCELLED, 1, at + HOUR
    row.save()
    second = synced(tmp_path, url)
    actions.revoke(actor=who, token=made.token, at=at)

    title = "Electron microscope; big, and सूक्ष्म"
    span = f"{day:%Y-%m-%d} 10:00 {day:%Y-%m-%d} 12:00"
    assert first == [f"{span} {title} CONFIRMED"]
    assert second == [f"{span} {title} CANCELLED"]
    assert synced(tmp_path, url) == []
