"""Sankul's side of the benchmark of shared facilities: its rows, its pages, and what is asked of its database.

Each task runs in a process of its own, which sets Django up for the data folder.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from functools import partial
from pathlib import Path
from typing import Any

from .ground import enter

HOSTS = 12
WARM = 3


def prepared(folder: str, sizes: dict[str, int], slots: list[list[str]]) -> dict[str, Any]:
    """Institutions, instruments, people and bookings of a year; sessions of a crowd from an institution that hosts nothing."""
    enter(Path(folder))
    from django.core.management import call_command
    from django.db import connection

    from sankul.programme.bookings.models import Booking
    from sankul.programme.facilities.models import Instrument
    from sankul.site import postgres

    call_command("collectstatic", verbosity=0, interactive=False)
    if not Booking.objects.exists():
        if not Instrument.objects.exists():
            _ground(sizes)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # or every foreign key is looked up in a table thought empty
        _copied(slots)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    guest, crowd = _crowd(sizes["crowd"])
    return {
        "instruments": list(Instrument.objects.order_by("slug").values_list("pk", flat=True)),
        "organisation": guest.pk,
        "cookies": crowd,
        "bookings": Booking.objects.count(),
        "url": postgres.status().url,
    }


def _ground(sizes: dict[str, int]) -> None:
    from django.utils import timezone

    from sankul.core.models import Grant, User
    from sankul.core.rules.roles import Role
    from sankul.programme.facilities.models import Facility, Instrument, Opening, Tariff, Unit
    from sankul.programme.facilities.rules import Relation, UserClass
    from sankul.programme.registry.models import Organisation

    at = timezone.now()
    bodies = Organisation.objects.bulk_create(
        Organisation(slug=f"body-{k:02}", name=f"Institution {k:02}", kind="academia", is_demonstration=True)
        for k in range(HOSTS + 1)
    )  # fmt: skip
    places = Facility.objects.bulk_create(
        Facility(organisation=body, slug="facility", name=f"Facility of {body.name}", place=f"City {k}")
        for k, body in enumerate(bodies[:HOSTS])
    )  # fmt: skip
    Opening.objects.bulk_create(
        Opening(facility=place, weekday=day, opens=clock(7), closes=clock(23))
        for place in places
        for day in range(7)
    )
    made = Instrument.objects.bulk_create(
        Instrument(facility=places[k % HOSTS], organisation=bodies[k % HOSTS], slug=f"instrument-{k:03}",
                   name=f"Instrument {k:03}", summary=f"Technique {k % 20}", confirmed_at=at)
        for k in range(sizes["instruments"])
    )  # fmt: skip
    Unit.objects.bulk_create(Unit(instrument=one, label="Unit 1") for one in made)
    Tariff.objects.bulk_create(
        Tariff(instrument=one, user_class=UserClass.ACADEMIA, relation=Relation.OUTSIDE, rate_inr=600,
               from_on=at.date() - timedelta(days=400))
        for one in made
    )  # fmt: skip
    users = User.objects.bulk_create(
        User(email=f"user{k}@example.org", name=f"User {k}", password="!")
        for k in range(sizes["users"])
    )
    Grant.objects.bulk_create(
        Grant(user=user, role=Role.MEMBER, scope_kind="organisation",
              scope_id=bodies[HOSTS if k < sizes["crowd"] else k % HOSTS].pk,
              from_on=at.date() - timedelta(days=400), granted_at=at)
        for k, user in enumerate(users)
    )  # fmt: skip


def _copied(slots: list[list[str]]) -> None:
    from django.db import connection, transaction

    columns = (
        "uid, instrument_id, unit_id, user_id, organisation_id, user_class, relation, state, starts_at, ends_at,"
        " occupied, is_assisted, purpose, made_at, changed_at, sequence, is_late, end_note, score_note,"
        " reason, decision_note"
    )  # fmt: skip
    rows = list(_rows(slots))  # no question can be asked while a COPY goes on
    with transaction.atomic(), connection.cursor() as cursor:
        # Deferred checks would be gone through again by each trigger that catches an error: quadratic time.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with cursor.copy(f"COPY bookings_booking ({columns}) FROM STDIN") as copying:
            for row in rows:
                copying.write_row(row)


def _rows(slots: list[list[str]]) -> Iterator[tuple[Any, ...]]:
    from uuid import UUID

    from sankul.core.models import User
    from sankul.programme.facilities.models import Unit

    ordered = Unit.objects.order_by("instrument__slug")
    units = ordered.values_list("pk", "instrument", "instrument__organisation")
    people = User.objects.filter(email__startswith="user").order_by("pk")
    users = list(people.values_list("pk", flat=True))
    now = datetime.now(UTC).isoformat()
    for k, (unit, instrument, body) in enumerate(units):
        for n, (start, end) in enumerate(slots):
            uid = UUID(int=(k << 32) + n + 1, version=4)
            user = users[(k * 31 + n * 7) % len(users)]
            state = "completed" if end < now else "confirmed"
            yield (uid, instrument, unit, user, body, "academia", "own", state, start, end, f"[{start},{end})",
                   "f", "", start, start, 0, "f", "", "", "", "")  # fmt: skip


def _crowd(count: int) -> tuple[Any, list[str]]:
    from django.conf import settings
    from django.test import Client
    from django.test.utils import setup_test_environment

    from sankul.core.models import User
    from sankul.programme.registry.models import Organisation

    setup_test_environment()
    cookies = []
    for user in User.objects.filter(email__startswith="user").order_by("pk")[:count]:
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(user, settings.AUTHENTICATION_BACKENDS[0])
        key = settings.SESSION_COOKIE_NAME
        cookies.append(f"{key}={client.cookies[key].value}; csrftoken={'c' * 32}")
    return Organisation.objects.get(slug=f"body-{HOSTS:02}"), cookies


def _noted(asked: list[str], execute: Any, sql: str, *rest: Any) -> Any:
    """Django's own record of statements ends at 9,000."""
    asked.append(sql)
    return execute(sql, *rest)


def counted(folder: str, cookie: str, paths: dict[str, str]) -> dict[str, int]:
    """How many statements each page asks the database; the first call, which fills caches, is left out."""
    enter(Path(folder))
    from django.db import connection
    from django.test import Client

    found = {}
    for name, path in paths.items():
        client = Client(headers={"host": "127.0.0.1", "cookie": cookie})
        client.get(path)
        asked: list[str] = []
        with connection.execute_wrapper(partial(_noted, asked)):
            answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status_code}")
        found[name] = len(asked)
    return found


def searched(folder: str) -> dict[str, Any]:
    """Milliseconds of the earliest free slot of two hours on every instrument: by the clock and of this process."""
    enter(Path(folder))
    from django.utils import timezone

    from sankul.programme.bookings.queries.availability import earliest_slots
    from sankul.programme.facilities.models import Instrument

    rows = list(Instrument.objects.select_related("facility__organisation"))
    wall, cpu = [], []
    found: dict[int, datetime] = {}
    for _repeat in range(WARM + 9):
        begun, spent = time.perf_counter(), time.process_time()
        found = earliest_slots(rows, 120, timezone.now())
        wall.append(1000 * (time.perf_counter() - begun))
        cpu.append(1000 * (time.process_time() - spent))
    return {
        "instruments": len(rows),
        "found": len(found),
        "wall_ms": statistics.median(wall[WARM:]),
        "cpu_ms": statistics.median(cpu[WARM:]),
    }


TASKS = {"prepared": prepared, "counted": counted, "searched": searched}
