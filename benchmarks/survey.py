"""A survey that everybody answers in the same second.

    python -m benchmarks.survey [--quick] [--json FILE] [--data FOLDER]

200 respondents (40 with --quick) open their link, look their answers over and send them, all at once, on gunicorn with two
workers. Told are the times of each of the three pages and how many answers were lost; then all ballots are counted, with the
time that takes. The peer is the same crowd at a Django view that returns as many bytes and does nothing else.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from . import figures
from .figures import Table, apart, percentile
from .ground import enter, ground
from .start import BARE, free_port, started

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


TASKS: dict[str, Callable[..., dict[str, Any]]] = {"prepare": prepare, "count": count}


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
        made = apart("benchmarks.survey", "prepare", str(folder), people)
        port = free_port()
        with started(SITE, folder, port, "/healthz"):
            pages = played(port, made["tokens"], made["form"])
        for name, found in pages.items():
            table.add(**row(name, found))
        size, port = pages["open the link"][0].size, free_port()
        with started(BARE, folder, port, "/1"):
            bare = at_once(people, lambda _k: ask(port, "GET", f"/{size}"))
        table.add(**row("a view that does nothing", bare))
        counted = apart("benchmarks.survey", "count", str(folder), made["number"], made["file"])
    lost = people - counted["ballots"]
    table.note = (
        f"{counted['ballots']} ballots opened and tabulated in {counted['seconds']:.1f} s; "
        f"answers lost: {lost}."
    )
    return figures.finish([table], asked.json) or int(lost > 0)


if __name__ == "__main__":
    raise SystemExit(main())
