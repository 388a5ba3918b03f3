"""A survey that everybody answers in the same second.

    python -m benchmarks.survey [--quick] [--json FILE] [--data FOLDER]

200 respondents (40 with --quick) open their link, look their answers over and send them, all at once, on gunicorn with two
workers. Told are the times of each of the three pages. The peer is the same crowd at a Django view that returns as many bytes
and does nothing else. As many others send at once, and the server is killed when a third of them have their receipt: told is
whether any answer is half there, and whether everybody who was cut off can answer by the same link, and nobody twice. At the
end all ballots are counted.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from . import figures
from .figures import Table, apart, percentile
from .ground import enter, environment, ground
from .start import BARE, await_answer, free_port, started

SITE = ("-m", "gunicorn", "-c", "python:sankul.site.gunicorn", "sankul.site.wsgi")
CROWD, QUICK = 200, 40
PASSPHRASE = "nine green parrots asleep"


class Answered(NamedTuple):
    """Status, seconds and size of one answer of the server."""

    status: int
    seconds: float
    size: int


def prepare(folder: str, people: int) -> dict[str, Any]:
    """An open survey of two clusters with five scales: its number, its key file, and who answers (a process of its own)."""
    enter(Path(folder))
    from datetime import date

    from django.core.management import call_command
    from django.utils import timezone

    from sankul.programme.feedback.actions import running
    from sankul.programme.feedback.models import Question
    from sankul.programme.feedback.tests import makers

    call_command("collectstatic", verbosity=0, interactive=False)
    at = timezone.now()
    survey = makers.draft(closes_on=date(2999, 12, 31))
    about = survey.sections.get(per_cluster=True)
    for number in range(3):
        makers.question(about, f"more-{number}", text_hi="?")
    file = running.make_key(actor=None, survey=survey, passphrase=PASSPHRASE, at=at)
    clusters = list(survey.programme.clusters.values_list("pk", flat=True))
    scales = Question.objects.filter(section=about, kind="likert").values_list("pk", flat=True)
    form = {f"a-{scale}-{cluster}": "4" for scale in scales for cluster in clusters}
    tokens = [makers.ticket(makers.invitation(survey)) for _number in range(people)]
    survey.refresh_from_db()
    running.open_(actor=None, survey=survey, key_file=file.encode(), passphrase=PASSPHRASE, at=at)
    return {"number": survey.pk, "file": file, "tokens": tokens, "form": form}


def count(folder: str, number: int, file: str) -> dict[str, Any]:
    """Close and count: how many ballots there were, and the seconds (a process of its own)."""
    enter(Path(folder))
    from django.utils import timezone

    from sankul.programme.feedback.actions import counting, running
    from sankul.programme.feedback.models import Survey

    at = timezone.now()
    survey = running.close(actor=None, survey=Survey.objects.get(pk=number), at=at)
    begun = time.perf_counter()
    ballots = counting.count(
        actor=None, survey=survey, key_file=file.encode(), passphrase=PASSPHRASE, at=at
    )
    return {"ballots": ballots, "seconds": time.perf_counter() - begun}


def taken(folder: str, number: int) -> dict[str, Any]:
    """How many ballots and how many marks of having answered there are, once nobody else is at the database."""
    enter(Path(folder))
    from django.db import connection

    from sankul.programme.feedback.models import Ballot, Invitation

    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    until, here = time.monotonic() + 60, 1
    with connection.cursor() as cursor:
        while here and time.monotonic() < until:
            cursor.execute(others)
            (here,) = cursor.fetchone()
            time.sleep(0.05)
    marked = Invitation.objects.filter(survey=number, is_answered=True)
    return {"ballots": Ballot.objects.filter(survey=number).count(), "marked": marked.count()}


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "prepare": prepare,
    "count": count,
    "taken": taken,
}


def ask(port: int, method: str, path: str, form: dict[str, str] | None = None) -> Answered:
    """One request on a connection of its own, as from another telephone."""
    begun = time.perf_counter()
    http = HTTPConnection("127.0.0.1", port, timeout=120)
    head = {"Content-Type": "application/x-www-form-urlencoded"}
    http.request(method, path, urlencode(form or {}), head)
    answer = http.getresponse()
    size = len(answer.read())
    http.close()
    return Answered(answer.status, time.perf_counter() - begun, size)


def at_once(people: int, act: Callable[[int], Answered]) -> list[Answered]:
    """Everybody at the same time."""
    with ThreadPoolExecutor(people) as crowd:
        return list(crowd.map(act, range(people)))


def played(port: int, tokens: list[str], form: dict[str, str]) -> dict[str, list[Answered]]:
    """The three pages of every respondent."""

    def sent(to: str) -> Callable[[int], Answered]:
        return lambda k: ask(port, "POST", "/answer/", form | {"t": tokens[k], "to": to})

    people = len(tokens)
    opened = at_once(people, lambda k: ask(port, "GET", f"/answer/?t={tokens[k]}"))
    return {
        "open the link": opened,
        "look over": at_once(people, sent("review")),
        "send": at_once(people, sent("send")),
    }


def cut_off(folder: Path, tokens: list[str], form: dict[str, str]) -> list[bool]:
    """Everybody sends at once, and the server and its workers are killed when a third are answered: who has an answer."""
    port = free_port()
    settings = {"GUNICORN_CMD_ARGS": f"-b 127.0.0.1:{port}"}
    server = subprocess.Popen(
        [sys.executable, *SITE],
        env=environment(folder) | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    await_answer(port, "/healthz", server)
    with ThreadPoolExecutor(len(tokens)) as crowd:
        sent = [crowd.submit(ask, port, "POST", "/answer/", form | {"t": one, "to": "send"}) for one in tokens]  # fmt: skip
        while sum(one.done() for one in sent) < len(tokens) // 3:
            time.sleep(0.005)
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        wait(sent)
    return [_has_receipt(one) for one in sent]


def _has_receipt(sent: Future[Answered]) -> bool:
    return sent.exception() is None and sent.result().status == 200


def killed(
    folder: Path, number: int, tokens: list[str], form: dict[str, str], before: int
) -> Table:
    """What is there after the kill, and after everybody who was cut off has sent again; ``before`` ballots were there already."""
    people = len(tokens)
    table = Table(f"The server is killed while {people} others send")
    told = cut_off(folder, tokens, form)
    there = apart("benchmarks.survey", "taken", str(folder), number)
    again = [token for token, has in zip(tokens, told, strict=True) if not has]
    port = free_port()
    with started(SITE, folder, port, "/healthz"):
        answers = at_once(
            len(again),
            lambda k: ask(port, "POST", "/answer/", form | {"t": again[k], "to": "send"}),
        )
    after = apart("benchmarks.survey", "taken", str(folder), number)
    statuses = [one.status for one in answers]
    unheard = there["ballots"] - before - sum(told)
    table.add(what="had their receipt before the kill", people=sum(told))
    table.add(what="answer taken, receipt lost with the server", people=unheard)
    table.add(what="answers half there (marks that are no ballots)", people=abs(there["marked"] - there["ballots"]))  # fmt: skip
    table.add(what="cut off, and answered by the same link", people=statuses.count(200))
    table.add(what="told that they have answered already", people=statuses.count(410))
    table.add(what="lost or counted twice", people=abs(after["ballots"] - before - people))
    is_right = statuses.count(410) == unheard and after["ballots"] == after["marked"]
    table.note = "Each is there once, whole." if is_right else "NOT each is there once and whole."
    return table


def row(name: str, found: list[Answered]) -> dict[str, Any]:
    """Times of one page, in milliseconds."""
    times = sorted(one.seconds * 1000 for one in found)
    return {
        "page": name,
        "asked": len(found),
        "answered": sum(one.status == 200 for one in found),
        "p50_ms": round(percentile(times, 0.5)),
        "p95_ms": round(percentile(times, 0.95)),
        "slowest_ms": round(times[-1]),
        "kB": round(found[0].size / 1000),
    }


def main(given: list[str] | None = None) -> int:
    """Run it and print the figures; exit code 1 where an answer is lost."""
    asked = figures.arguments(__doc__ or "").parse_args(given)
    if asked.task:
        name, *rest = json.loads(asked.task)
        print(json.dumps(TASKS[name](*rest)))
        return 0
    people = QUICK if asked.quick else CROWD
    table = Table(f"{people} respondents at once, two workers")
    with ground(asked.data, "survey") as folder:
        made = apart("benchmarks.survey", "prepare", str(folder), 2 * people)
        first, others = made["tokens"][:people], made["tokens"][people:]
        port = free_port()
        with started(SITE, folder, port, "/healthz"):
            pages = played(port, first, made["form"])
        for name, found in pages.items():
            table.add(**row(name, found))
        size, port = pages["open the link"][0].size, free_port()
        with started(BARE, folder, port, "/1"):
            bare = at_once(people, lambda _k: ask(port, "GET", f"/{size}"))
        table.add(**row("a view that does nothing", bare))
        after = killed(folder, made["number"], others, made["form"], people)
        counted = apart("benchmarks.survey", "count", str(folder), made["number"], made["file"])
    lost = 2 * people - counted["ballots"]
    table.note = (
        f"{counted['ballots']} ballots, those sent around the kill too, opened and tabulated in "
        f"{counted['seconds']:.1f} s; answers lost: {lost}."
    )
    return figures.finish([table, after], asked.json) or int(lost != 0 or "NOT" in after.note)


if __name__ == "__main__":
    raise SystemExit(main())
