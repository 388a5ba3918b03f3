"""NEMO's side of the benchmark of shared facilities, run by the Python that NEMO is installed in.

    python nemo_tasks.py '["prepared", SIZES, FILE]' | '["counted", COOKIE, PATHS]'

Prints one line of JSON. Needs NEMO, and what nemo_settings needs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import django

django.setup()

from django.contrib.auth.models import Permission  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from NEMO.models import Account, Project, Qualification, Reservation, Tool, User  # noqa: E402

BACKEND = "NEMO.views.authentication.LDAPAuthenticationBackend"


def prepared(sizes: dict[str, int], file: str) -> dict[str, Any]:
    """Tables, rows and signed-in users; the file lists start and end of the bookings of every tool."""
    slots = json.loads(Path(file).read_text("utf-8"))
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    with transaction.atomic():
        tools, users, project = _ground(sizes)
        _copied(tools, users, project.pk, slots)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    crowd = users[: sizes["crowd"]]
    return {"tools": [tool.pk for tool in tools], "cookies": [_cookie(user) for user in crowd],
            "users": [user.pk for user in crowd], "project": project.pk,
            "bookings": Reservation.objects.count()}  # fmt: skip


def _ground(sizes: dict[str, int]) -> tuple[list[Tool], list[User], Project]:
    users = User.objects.bulk_create(
        User(username=f"user{k}", first_name="User", last_name=str(k), email=f"user{k}@example.org",
             training_required=False)
        for k in range(sizes["users"])
    )  # fmt: skip
    tools = Tool.objects.bulk_create(
        Tool(name=f"Instrument {k:03}", _category=f"Technique {k % 20}", visible=True, _operational=True,
             _primary_owner=users[k % len(users)], _location="Here", _phone_number="0",
             _reservation_horizon=90, _operation_mode=Tool.OperationMode.REGULAR)
        for k in range(sizes["instruments"])
    )  # fmt: skip
    project = Project.objects.create(
        name="Project", application_identifier="P", account=Account.objects.create(name="Account")
    )
    User.projects.through.objects.bulk_create(
        User.projects.through(user_id=user.pk, project_id=project.pk) for user in users
    )
    crowd = users[: sizes["crowd"]]
    Qualification.objects.bulk_create(
        Qualification(user=user, tool=tool) for user in crowd for tool in tools
    )
    rights = Permission.objects.filter(codename__in=["add_reservation", "view_reservation"])
    User.user_permissions.through.objects.bulk_create(
        User.user_permissions.through(user_id=user.pk, permission_id=right.pk)
        for user in crowd
        for right in rights
    )
    return tools, users, project


def _copied(tools: list[Tool], users: list[User], project: int, slots: list[list[str]]) -> None:
    columns = (
        "user_id, creator_id, tool_id, project_id, creation_time, start, \"end\", short_notice, cancelled,"
        " missed, shortened, self_configuration, title, validated, waived"
    )  # fmt: skip
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "NEMO_reservation" ({columns}) FROM STDIN') as copying,
    ):
        for row in _rows(tools, users, project, slots):
            copying.write_row(row)


def _rows(
    tools: list[Tool], users: list[User], project: int, slots: list[list[str]]
) -> Iterator[tuple[Any, ...]]:
    for k, tool in enumerate(tools):
        for n, (start, end) in enumerate(slots):
            user = users[(k * 31 + n * 7) % len(users)].pk
            yield (user, user, tool.pk, project, start, start, end,
                   *["f"] * 5, "", "f", "f")  # fmt: skip


def _cookie(user: User) -> str:
    """The session of somebody signed in, with the token against forged forms."""
    client = Client()
    client.force_login(user, BACKEND)
    return f"sessionid={client.cookies['sessionid'].value}; csrftoken={'c' * 32}"


def _noted(asked: list[str], execute: Any, sql: str, *rest: Any) -> Any:
    """Django's own record of statements ends at 9,000."""
    asked.append(sql)
    return execute(sql, *rest)


def counted(cookie: str, paths: dict[str, str]) -> dict[str, int]:
    """How many statements each page asks the database; the first call, which fills caches, is left out."""
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


TASKS = {"prepared": prepared, "counted": counted}

if __name__ == "__main__":
    task, *given = json.loads(sys.argv[1])
    print(json.dumps(TASKS[task](*given)))
