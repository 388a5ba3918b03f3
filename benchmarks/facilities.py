"""Shared facilities beside NEMO, the reservation system of NIST, in one run.

    python -m benchmarks.facilities [--quick] [--json FILE] [--data FOLDER] [--only nemo|sankul]

200 instruments, 2,000 users and 100,000 bookings over a year (20, 200 and 10,000 with --quick), the same for both, in two
databases of one PostgreSQL server; each served by gunicorn with 2 workers as its own documentation says. Pages and feeds are
read by somebody signed in: statements asked, processor time of the serving processes for one answer, and times with 20 users at
once. Then fifty users post the same slot in the same moment, several slots, by page and by API, and the database is asked how
many bookings hold each slot; then one user posts a slot that is taken already. NEMO is installed from the package index into an
environment of its own.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time as timer
import venv
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import psutil
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from . import figures
from .facilities_sankul import TASKS
from .figures import Table, apart, percentile, script
from .ground import enter, environment, ground, superuser
from .rush import Answer, Ask, at_once, one
from .start import await_answer, free_port

ZONE = ZoneInfo("Asia/Kolkata")
PEER = ("NEMO==8.1.5", "gunicorn==27.0.1", "psycopg[binary]==3.3.9", "django-auditlog==3.4.1")
TASKS_OF_NEMO = Path(__file__).parent / "facilities_nemo" / "nemo_tasks.py"
SIZES = {"instruments": 200, "users": 2000, "bookings": 100_000, "crowd": 50}
QUICK = {"instruments": 20, "users": 200, "bookings": 10_000, "crowd": 50}
READERS = 20
TOO_LONG_S = 30
"""What takes a lone reader longer is not asked by twenty at once."""
RUSHES = 6
FLOW, EACH = 8, 25
HOURS = (9, 11, 13, 15)
TWO_HOURS = timedelta(hours=2)
HELD_BY_NEMO = """SELECT count(*) FROM "NEMO_reservation"
    WHERE tool_id = %(it)s AND NOT cancelled AND start < %(end)s AND "end" > %(start)s"""
HELD_BY_SANKUL = """SELECT count(*) FROM bookings_booking
    WHERE instrument_id = %(it)s AND state IN ('held', 'requested', 'confirmed', 'in_use')
    AND starts_at < %(end)s AND ends_at > %(start)s"""
LIST, WEEK = "list of instruments", "one instrument, 7 days"
DAY, ALL = "all instruments, 1 day", "all instruments, 7 days"


@dataclass(frozen=True)
class Side:
    """One of the two under test, served on a port: its pages, and how a booking is posted."""

    name: str
    port: int
    process: psutil.Process
    pages: dict[str, str]
    cookies: list[str]
    posts: dict[str, Callable[[int, int, datetime], Ask]]
    taken: Callable[[list[tuple[int, datetime]]], list[int]]
    counted: dict[str, int]


# --- the same year for both ---------------------------------------------------------------------


def slots(per_instrument: int, today: date) -> list[list[str]]:
    """Start and end of an instrument's bookings: two hours each, spread over the working hours of a year around today."""
    places = 365 * len(HOURS)
    first = today - timedelta(days=182)
    found = []
    for n in range(per_instrument):
        day, turn = divmod(n * places // per_instrument, len(HOURS))
        start = at(first + timedelta(days=day), HOURS[turn])
        found.append([start.isoformat(), (start + TWO_HOURS).isoformat()])
    return found


def at(day: date, hour: int) -> datetime:
    """An hour of a day on the clock of the instruments, in UTC."""
    return datetime.combine(day, time(hour), ZONE).astimezone(UTC)


def monday() -> date:
    """The first day of the week that is read: this week's."""
    today = datetime.now(ZONE).date()
    return today - timedelta(days=today.weekday())


# --- NEMO ---------------------------------------------------------------------------------------


def peers_python() -> str:
    """The Python of NEMO's environment, made on the first run."""
    folder = Path(tempfile.gettempdir()) / "sankul-benchmark-nemo"
    python, ready = folder / "bin" / "python", folder / "ready"
    if not ready.is_file() or ready.read_text("utf-8") != "\n".join(PEER):
        print(f"Installing {', '.join(PEER)} into {folder} …", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", *PEER],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        ready.write_text("\n".join(PEER), "utf-8")
    return str(python)


def database(folder: str) -> dict[str, Any]:
    """An empty database for NEMO on the same server (a process of its own); where it is."""
    enter(Path(folder))
    from sankul.site import postgres

    place = conninfo_to_dict(postgres.status().url)
    with superuser() as connection:
        connection.execute("DROP DATABASE IF EXISTS nemo")
        connection.execute(f'CREATE DATABASE nemo OWNER "{place["user"]}"'.encode())
    keys = ("user", "password", "host", "port")
    told = {f"NEMO_{key.upper()}": str(place.get(key, "")) for key in keys}
    return told | {"NEMO_NAME": "nemo", "NEMO_URL": postgres.status().url}


@contextmanager
def nemo(folder: Path, sizes: dict[str, int]) -> Iterator[Side]:
    """NEMO with its rows, served as its documentation says, but for the number of workers and their patience."""
    python = peers_python()
    place = apart("benchmarks.facilities", "database", str(folder))
    url = make_conninfo(place["NEMO_URL"], dbname="nemo")
    os.environ |= place
    os.environ |= {
        "NEMO_HOME": str(folder / "nemo"),
        "DJANGO_SETTINGS_MODULE": "nemo_settings",
        "PYTHONPATH": str(TASKS_OF_NEMO.parent),
    }

    def asked(task: str, *given: Any) -> Any:
        return script(python, TASKS_OF_NEMO, json.dumps([task, *given]))

    year = slots(sizes["bookings"] // sizes["instruments"], datetime.now(ZONE).date())
    file = folder / "slots.json"
    file.write_text(json.dumps(year), "utf-8")
    made = asked("prepared", sizes, str(file))
    pages = _pages_of_nemo(made["tools"][0])
    port = free_port()
    command = [python, "-m", "gunicorn", "--workers", "2", "--keep-alive", "60", "--timeout", "1800",
               "--log-level", "error", "-b", f"127.0.0.1:{port}", "NEMO.wsgi:application"]  # fmt: skip
    with _served(command, dict(os.environ), port, "/login/") as process:

        def page(user: int, instrument: int, start: datetime) -> Ask:
            stamp = _wall_clock(start)
            form = {"item_type": "tool", "item_id": made["tools"][instrument], "start": stamp,
                    "end": stamp + 7200, "project_id": made["project"]}  # fmt: skip
            return _form("/create_reservation/", made["cookies"][user], form)

        def api(user: int, instrument: int, start: datetime) -> Ask:
            number = made["users"][user]
            row = {"user": number, "creator": number, "tool": made["tools"][instrument],
                   "project": made["project"], "start": start.isoformat(), "short_notice": False,
                   "end": (start + TWO_HOURS).isoformat()}  # fmt: skip
            return _json("/api/reservations/", made["cookies"][user], row)

        def taken(wanted: list[tuple[int, datetime]]) -> list[int]:
            return _held(url, HELD_BY_NEMO, [(made["tools"][k], start) for k, start in wanted])

        counted = asked("counted", made["cookies"][0], pages)
        yield Side("NEMO", port, process, pages, made["cookies"], {"page": page, "API": api}, taken, counted)  # fmt: skip


def _wall_clock(start: datetime) -> float:
    """NEMO reads a number of seconds as if the server's own clock were UTC."""
    return start.astimezone(ZONE).replace(tzinfo=UTC).timestamp()


def _pages_of_nemo(tool: int) -> dict[str, str]:
    first = monday()

    def feed(days: int, **more: Any) -> str:
        span = {"start": first, "end": first + timedelta(days=days)}
        return "/event_feed/?" + urlencode({"event_type": "reservations", **span, **more})

    return {
        LIST: "/calendar/",
        WEEK: feed(7, item_type="tool", item_id=tool),
        DAY: feed(1, all_tools="true"),
        ALL: feed(7, all_tools="true"),
    }


# --- Sankul -------------------------------------------------------------------------------------


@contextmanager
def sankul(folder: Path, sizes: dict[str, int]) -> Iterator[Side]:
    """Sankul with as many rows, served as `sankul up` serves it."""

    def asked(task: str, *given: Any) -> Any:
        return apart("benchmarks.facilities", task, str(folder), *given)

    year = slots(sizes["bookings"] // sizes["instruments"], datetime.now(ZONE).date())
    made = asked("prepared", sizes, year)
    pages = _pages_of_sankul(made["instruments"][0])
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "python:sankul.site.gunicorn", "-b",
               f"127.0.0.1:{port}", "sankul.site.wsgi"]  # fmt: skip
    settings = environment(folder) | {"WEB_CONCURRENCY": "2"}
    with _served(command, settings, port, "/healthz") as process:

        def page(user: int, instrument: int, start: datetime) -> Ask:
            form = {"starts_at": f"{start.astimezone(ZONE):%Y-%m-%dT%H:%M}", "minutes": 120,
                    "organisation": made["organisation"], "to": "book"}  # fmt: skip
            path = f"/book/{made['instruments'][instrument]}/"
            return _form(path, made["cookies"][user], form)

        def api(user: int, instrument: int, start: datetime) -> Ask:
            row = {"instrument": made["instruments"][instrument], "starts_at": start.isoformat(),
                   "ends_at": (start + TWO_HOURS).isoformat()}  # fmt: skip
            return _json("/api/bookings", made["cookies"][user], row)

        def taken(wanted: list[tuple[int, datetime]]) -> list[int]:
            return _held(made["url"], HELD_BY_SANKUL, [(made["instruments"][k], start) for k, start in wanted])  # fmt: skip

        counted = asked("counted", made["cookies"][0], pages)
        yield Side("Sankul", port, process, pages, made["cookies"], {"page": page, "API": api}, taken, counted)  # fmt: skip


def _pages_of_sankul(instrument: int) -> dict[str, str]:
    first = monday()

    def feed(days: int, **more: Any) -> str:
        span = {"from": first, "until": first + timedelta(days=days)}
        return "/calendars/bookings.ics?" + urlencode({**span, **more})

    return {
        LIST: "/facilities/",
        WEEK: feed(7, instrument=instrument),
        DAY: feed(1),
        ALL: feed(7),
        "one instrument's week as a page": f"/calendar/{instrument}/?on={first}",
        "list, by the earliest free two hours": "/facilities/?sort=soonest&minutes=120",
    }


# --- what is asked of both ----------------------------------------------------------------------


@contextmanager
def _served(
    command: list[str], settings: dict[str, str], port: int, path: str
) -> Iterator[psutil.Process]:
    quiet = subprocess.DEVNULL  # both say on it whom they refuse
    server = subprocess.Popen(command, env=settings, stdout=quiet, stderr=quiet)
    try:
        await_answer(port, path, server)
        yield psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(60)


def _head(cookie: str, kind: str) -> dict[str, str]:
    token = cookie.rpartition("csrftoken=")[2]
    return {"Cookie": cookie, "Content-Type": kind, "X-CSRFToken": token}


def _form(path: str, cookie: str, form: dict[str, Any]) -> Ask:
    return Ask("POST", path, _head(cookie, "application/x-www-form-urlencoded"), urlencode(form))


def _json(path: str, cookie: str, row: dict[str, Any]) -> Ask:
    return Ask("POST", path, _head(cookie, "application/json"), json.dumps(row))


def _held(url: str, question: str, slots: list[tuple[int, datetime]]) -> list[int]:
    """How many bookings stand in each two-hour slot of an instrument."""
    with psycopg.connect(url) as connection:
        rows = [connection.execute(question.encode(), {"it": one, "start": start, "end": start + TWO_HOURS})
                for one, start in slots]  # fmt: skip
        return [int(row.fetchone()[0]) for row in rows]  # type: ignore[index]


def _processor(process: psutil.Process) -> float:
    """Processor seconds of the server and its workers so far."""
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def read(side: Side, name: str) -> dict[str, Any]:
    """One page: statements, processor time and size by itself, and times with 20 users at once."""
    path, cookies = side.pages[name], side.cookies
    ask = [Ask("GET", path, {"Cookie": cookies[k % len(cookies)]}) for k in range(READERS)]
    warm = _good(one(side.port, ask[0]))
    if warm.seconds < 1:  # each worker has answered once
        warm = [_good(one(side.port, ask[0])) for _time in range(4)][-1]
    repeats = 1 if warm.seconds > 1 else min(200, int(2 / warm.seconds) + 1)
    before = _processor(side.process)
    alone = [_good(one(side.port, ask[0])) for _time in range(repeats)]
    spent = (_processor(side.process) - before) / repeats
    rounds = 0 if warm.seconds > TOO_LONG_S else 1 if warm.seconds > 0.5 else 5
    crowd = sorted(_good(a).seconds for _r in range(rounds) for a in at_once(side.port, ask))
    return {
        "page": name, "whose": side.name, "statements": side.counted[name],
        "CPU ms": 1000 * spent, "alone ms": 1000 * statistics.median(a.seconds for a in alone),
        "20 users: p50 ms": 1000 * percentile(crowd, 0.5) if crowd else None,
        "p95 ms": 1000 * percentile(crowd, 0.95) if crowd else None,
        "kB": warm.size / 1000,
    }  # fmt: skip


def _good(answer: Answer) -> Answer:
    if answer.status != 200:
        raise SystemExit(f"{answer.status}: {answer.body[:500]}")
    return answer


def rush(side: Side, door: str) -> Iterator[dict[str, Any]]:
    """Fifty users post one slot at once, slot after slot; then one more posts what is taken, with nobody else about."""
    post, first = side.posts[door], datetime.now(ZONE).date() + timedelta(days=2)
    hour = {"page": 18, "API": 20}[door]
    wanted = [(k, at(first + timedelta(days=k), hour)) for k in range(RUSHES)]
    statuses: list[int] = []
    for instrument, start in wanted:
        asks = [post(user, instrument, start) for user in range(len(side.cookies))]
        statuses += [answer.status for answer in at_once(side.port, asks)]
    held = side.taken(wanted)
    yield {
        "whose": side.name, "door": door, "slots": len(held), "posts a slot": len(side.cookies),
        "bookings a slot": ", ".join(map(str, held)), "double-booked": sum(n > 1 for n in held),
        "never booked": held.count(0), "answers": _tally(statuses),
    }  # fmt: skip
    alone = one(side.port, post(0, *wanted[0]))
    (after,) = side.taken(wanted[:1])
    yield {
        "whose": side.name, "door": f"{door}, one post on a slot that is taken", "slots": 1,
        "posts a slot": 1, "bookings a slot": str(after), "double-booked": int(after > held[0]),
        "never booked": 0, "answers": _tally([alone.status]),
    }  # fmt: skip


def _tally(statuses: list[int]) -> str:
    return ", ".join(f"{statuses.count(one)} × {one}" for one in sorted(set(statuses)))


def flow(side: Side, door: str) -> dict[str, Any]:
    """Bookings a second where nobody is in another's way: eight users, each on instruments of their own, one after the other."""
    day = datetime.now(ZONE).date() + timedelta(days=20)
    hour = {"page": 18, "API": 20}[door]

    def booked(user: int) -> list[int]:
        asks = [
            side.posts[door](user, user, at(day + timedelta(days=n), hour)) for n in range(EACH)
        ]
        return [one(side.port, ask).status for ask in asks]

    before, begun = _processor(side.process), timer.perf_counter()
    with ThreadPoolExecutor(FLOW) as crowd:
        statuses = [status for each in crowd.map(booked, range(FLOW)) for status in each]
    seconds = timer.perf_counter() - begun
    return {
        "whose": side.name, "door": door, "bookings": len(statuses), "a second": len(statuses) / seconds,
        "CPU ms each": 1000 * (_processor(side.process) - before) / len(statuses),
        "answers": _tally(statuses),
    }  # fmt: skip


SIDES: dict[str, Callable[[Path, dict[str, int]], Any]] = {"nemo": nemo, "sankul": sankul}


def main(given: list[str] | None = None) -> int:
    """Run it and print the figures; exit code 1 where Sankul books a slot twice, or not at all."""
    parser = figures.arguments(__doc__ or "")
    parser.add_argument("--only", choices=SIDES, help="one of the two")
    asked = parser.parse_args(given)
    if asked.task:
        task, *rest = json.loads(asked.task)
        print(json.dumps((TASKS | {"database": database})[task](*rest)))
        return 0
    sizes = QUICK if asked.quick else SIZES
    counts = "{instruments:,} instruments, {users:,} users, {bookings:,} bookings".format(**sizes)
    pages = Table(f"Pages and feeds: {counts}")
    rushes = Table("Fifty users post the same slot in the same moment")
    flows = Table(f"Bookings without contention: {FLOW} users, {EACH} each")
    with ground(asked.data, "facilities") as folder:
        for name in [asked.only] if asked.only else SIDES:
            with SIDES[name](folder, sizes) as side:
                for page in side.pages:
                    pages.add(**read(side, page))
                    print(pages.rows[-1], file=sys.stderr, flush=True)
                for door in side.posts:
                    for row in rush(side, door):
                        rushes.add(**row)
                        print(row, file=sys.stderr, flush=True)
                    flows.add(**flow(side, door))
        if asked.only != "nemo":
            found = apart("benchmarks.facilities", "searched", str(folder))
            flows.note = (
                "The earliest free two hours on each of {instruments} instruments: {wall_ms:.0f} ms, "
                "{cpu_ms:.0f} ms of Python's processor time; {found} found."
            ).format(**found)
    ours = [row for row in rushes.rows if row["whose"] == "Sankul"]
    failed = any(row["double-booked"] or row["never booked"] for row in ours)
    return figures.finish([pages, rushes, flows], asked.json) or int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
