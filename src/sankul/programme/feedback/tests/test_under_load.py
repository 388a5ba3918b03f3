"""Many answer at once, and the server is killed: no answer is lost, none is half there."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connection

from sankul.programme.feedback.models import Ballot, Invitation, Question, Survey

from . import makers
from .test_counting import count

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 50
SLOW = """
CREATE FUNCTION feedback_dawdle() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN PERFORM pg_sleep(3); RETURN NULL; END $$;
CREATE TRIGGER dawdle AFTER UPDATE ON feedback_invitation
  FOR EACH ROW EXECUTE FUNCTION feedback_dawdle();
"""
"""Holds every answer for three seconds after it is written and before it is committed."""
QUICK = "DROP FUNCTION IF EXISTS feedback_dawdle CASCADE"


@contextmanager
def server(folder: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Gunicorn with two workers on the tests' database: its port, and its process, which leads a group of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "-c", "python:sankul.site.gunicorn",
        "--bind", f"127.0.0.1:{port}", "sankul.site.wsgi"]  # fmt: skip
    process = subprocess.Popen(command, env=_environment(folder), start_new_session=True)
    try:
        _until_answering(port)
        yield port, process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the server and its workers as a power cut would."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _environment(folder: Path) -> dict[str, str]:
    connection.ensure_connection()
    info = connection.connection.info
    given = {"host": info.host, "port": info.port, "user": info.user, "password": info.password}
    query = urlencode({key: value for key, value in given.items() if value})
    paths = [path for path in sys.path if (Path(path) / "sankul").is_dir()]
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return kept | {
        "DATABASE_URL": f"postgresql:///{info.dbname}?{query}",
        "DJANGO_SETTINGS_MODULE": "sankul.site.settings",
        "PYTHONPATH": os.pathsep.join(paths),
        "SANKUL_DATA": str(folder),
        "SANKUL_DEBUG": "1",
        "SANKUL_SECRET_KEY": "a key for tests alone",
        "WEB_CONCURRENCY": "2",
    }


def _until_answering(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if request(port, "GET", "/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def request(
    port: int, method: str, path: str, body: dict[str, str] | None = None
) -> tuple[int, str]:
    """One request by a connection of its own."""
    http = HTTPConnection("127.0.0.1", port, timeout=60)
    head = {"Content-Type": "application/x-www-form-urlencoded"}
    http.request(method, path, urlencode(body or {}), head)
    answer = http.getresponse()
    text = answer.read().decode()
    http.close()
    return answer.status, text


def open_today() -> tuple[Survey, bytes]:
    """A survey that is open on the day of the test."""
    survey, file = makers.opened()
    Survey.objects.update(closes_on="2999-12-31")
    return survey, file


def sheet(survey: Survey, token: str) -> dict[str, str]:
    """All scales answered with 4."""
    clusters = survey.programme.clusters.values_list("pk", flat=True)
    scored = Question.objects.filter(section__survey=survey, kind="likert").values_list(
        "pk", flat=True
    )
    answers = {f"a-{item}-{cluster}": "4" for item in scored for cluster in clusters}
    return answers | {"t": token, "to": "send"}


def waiting_inside() -> bool:
    """Whether an answer is written and not committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
        return bool(cursor.fetchone()[0])


def until(condition: object, seconds: float = 30) -> None:
    """Wait for something to come true."""
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_fifty_who_answer_at_once_are_all_counted(tmp_path: Path) -> None:
    survey, file = open_today()
    sheets = [sheet(survey, makers.ticket(makers.invitation(survey))) for _number in range(AT_ONCE)]
    with server(tmp_path) as (port, _process), ThreadPoolExecutor(AT_ONCE) as crowd:
        sent = crowd.map(lambda one: request(port, "POST", "/answer/", one), sheets)
        assert [status for status, _text in sent] == [200] * AT_ONCE
    assert Ballot.objects.count() == AT_ONCE
    assert Invitation.objects.filter(is_answered=True).count() == AT_ONCE
    makers.closed(survey)
    assert count(survey, file) == AT_ONCE


def test_one_link_sent_from_many_tabs_at_once_is_one_answer(tmp_path: Path) -> None:
    survey, _file = open_today()
    data = sheet(survey, makers.ticket(makers.invitation(survey)))
    with server(tmp_path) as (port, _process), ThreadPoolExecutor(8) as tabs:
        sent = tabs.map(lambda _tab: request(port, "POST", "/answer/", data), range(8))
        assert sorted(status for status, _text in sent) == [200] + [410] * 7
    assert Ballot.objects.count() == 1


def test_a_server_killed_while_it_takes_an_answer_leaves_nothing_and_the_link_works(
    tmp_path: Path,
) -> None:
    survey, _file = open_today()
    person = makers.invitation(survey)
    data = sheet(survey, makers.ticket(person))
    with connection.cursor() as cursor:
        cursor.execute(SLOW)
    try:
        with server(tmp_path) as (port, process), ThreadPoolExecutor(1) as tab:
            sent = tab.submit(request, port, "POST", "/answer/", data)
            until(waiting_inside)
            kill(process)
            assert sent.exception() is not None
        until(lambda: not waiting_inside())
        assert not Ballot.objects.exists()
        assert not Invitation.objects.get(pk=person.pk).is_answered
    finally:
        with connection.cursor() as cursor:
            cursor.execute(QUICK)
    with server(tmp_path) as (port, _process):
        assert request(port, "POST", "/answer/", data)[0] == 200
    assert Ballot.objects.count() == 1
    assert Invitation.objects.get(pk=person.pk).is_answered


def test_whoever_answers_while_the_survey_closes_is_in_the_count_or_told_no(tmp_path: Path) -> None:
    survey, file = open_today()
    sheets = [sheet(survey, makers.ticket(makers.invitation(survey))) for _number in range(20)]
    with server(tmp_path) as (port, _process), ThreadPoolExecutor(20) as crowd:
        sent = [crowd.submit(request, port, "POST", "/answer/", one) for one in sheets]
        makers.closed(survey)
        statuses = [one.result()[0] for one in sent]
    assert set(statuses) <= {200, 410}
    assert count(survey, file) == statuses.count(200)
