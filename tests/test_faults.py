"""What happens when a process dies, two work at once, or the database is gone: real processes on a real database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from django.db import connection

from sankul.core.models import Event
from sankul.core.queries.events import first_break
from sankul.programme.evaluation.actions.lock import SPACE
from sankul.programme.evaluation.models import NodeScore, Run, Standing, Value

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]

EVALUATE = ("evaluate", "--programme", "demonstration", "--period", "2025-26")
READY = "import os, signal, sys\nfrom sankul.site.cli import ready, data\n"
DIES_STORING = f"""{READY}
from sankul.programme.evaluation.actions import runs
copy = runs._copy
def dying(model, rows):
    copy(model, rows)
    if model is runs.NodeScore:
        os.kill(os.getpid(), signal.SIGKILL)
runs._copy = dying
data.evaluate("demonstration", "2025-26", 10, 1, publish=True)
"""
WAITS_INSIDE = f"""{READY}
from sankul.programme.evaluation.actions import runs
evaluate = runs.evaluate
def waiting(*args, **options):
    print("inside", flush=True)
    sys.stdin.readline()
    return evaluate(*args, **options)
runs.evaluate = waiting
data.evaluate("demonstration", "2025-26", 10, 1, publish=False)
"""
LOSES_ITS_CONNECTION = f"""{READY}
import psycopg
from django.core.wsgi import get_wsgi_application
from django.db import connection
from werkzeug.test import Client
ready()
client = Client(get_wsgi_application())
print(client.get("/healthz").status_code)
with connection.cursor() as cursor:
    cursor.execute("SELECT pg_backend_pid()")
    (pid,) = cursor.fetchone()
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
    other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
print(client.get("/healthz").status_code)
"""
FINDS_NO_DATABASE = """
from django import setup
from django.core.wsgi import get_wsgi_application
from werkzeug.test import Client
setup()
client = Client(get_wsgi_application())
for address in ("/healthz", "/", "/api/programmes"):
    answer = client.get(address)
    print(answer.status_code, answer.mimetype, "Traceback" in answer.text, "postgres" in answer.text)
print(client.get("/healthz").json["status"])
"""


class Places(NamedTuple):
    """Where processes of a test find the database, and what they may write in."""

    url: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of such a process."""
        kept = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        paths = [path for path in sys.path if (Path(path) / "sankul").is_dir()]
        return kept | {
            "DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "sankul.site.settings",
            "PYTHONPATH": os.pathsep.join(paths),
            "SANKUL_DATA": str(self.folder),
            "SANKUL_SECRET_KEY": "a key for tests alone",
        }


@pytest.fixture
def places(tmp_path: Path) -> Places:
    connection.ensure_connection()
    info = connection.connection.info
    given = {"host": info.host, "port": info.port, "user": info.user, "password": info.password}
    query = urlencode({key: value for key, value in given.items() if value})
    (tmp_path / "static").mkdir()
    return Places(f"postgresql:///{info.dbname}?{query}", tmp_path)


def _run(places: Places, *command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *command], env=places.environment, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip


def _sankul(places: Places, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return _run(places, "-c", "from sankul.site.cli import main; main()", *arguments)


@contextmanager
def _going(places: Places, *command: str) -> Iterator["subprocess.Popen[str]"]:
    """A process of its own group, which is gone at the end whatever happens."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(
        [sys.executable, *command], env=places.environment, text=True, **pipes
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _is_held() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [SPACE],
        )
        return bool(cursor.fetchone()[0])


def _counts() -> list[int]:
    return [model.objects.count() for model in (Run, Standing, NodeScore, Value, Event)]


def _evaluates(places: Places) -> None:
    """The next evaluation works, and adds exactly one whole run."""
    before = _counts()
    done = _sankul(places, *EVALUATE, "--draws", "10")
    assert (done.returncode, done.stderr.strip()) == (0, "")
    run = Run.objects.latest("pk")
    indicators = run.framework.indicators.count()
    nodes = run.framework.nodes.count()
    added = [after - old for after, old in zip(_counts(), before, strict=True)]
    assert added == [1, 8, 8 * nodes, 8 * indicators, 1]
    assert first_break()[1] is None


def test_an_evaluation_killed_while_it_draws_leaves_nothing_and_the_next_one_works(
    places: Places,
) -> None:
    before = _counts()
    command = ("-c", "from sankul.site.cli import main; main()", *EVALUATE)
    with _going(places, *command, "--draws", "2000000000") as process:
        _until(_is_held)
        time.sleep(0.5)
        assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL
    _until(lambda: not _is_held())
    assert _counts() == before
    _evaluates(places)


def test_an_evaluation_killed_while_it_stores_leaves_nothing_and_the_next_one_works(
    places: Places,
) -> None:
    before = _counts()
    assert _run(places, "-c", DIES_STORING).returncode == -signal.SIGKILL
    _until(lambda: not _is_held())
    assert _counts() == before
    _evaluates(places)


def test_of_two_evaluations_at_once_one_wins_and_the_other_says_so(places: Places) -> None:
    before = Run.objects.count()
    with _going(places, "-c", WAITS_INSIDE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "inside\n"
        second = _sankul(places, *EVALUATE, "--draws", "10")
        assert second.returncode == 1
        assert "Another evaluation of" in second.stderr
        assert "is running now" in second.stderr
        assert "Traceback" not in second.stderr
        other = _sankul(places, "evaluate", "--period", "2024-25", "--draws", "10")
        assert other.returncode == 0
        assert Run.objects.count() == before + 1
        _said, complained = first.communicate("go on\n", timeout=60)
        assert (first.returncode, complained.strip()) == (0, "")
    assert Run.objects.count() == before + 2


def test_the_site_recovers_when_the_database_drops_its_connection(places: Places) -> None:
    done = _run(places, "-c", LOSES_ITS_CONNECTION)
    assert [line for line in done.stdout.splitlines() if line.isdigit()] == ["200", "200"]


def test_without_a_database_health_says_so_and_pages_fail_politely(places: Places) -> None:
    gone = places._replace(url="postgresql://nobody@127.0.0.1:9/none?connect_timeout=2")
    done = _run(gone, "-c", FINDS_NO_DATABASE)
    assert done.stdout.splitlines() == [
        "503 application/json False False",
        "500 text/html False False",
        "500 text/html False False",
        "database does not answer",
    ]
