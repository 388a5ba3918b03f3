"""Readers of a site: some at once, each on a connection that stays open, from a process of their own.

    python crowd.py HOST PORT USERS SECONDS THINK_S < requests.json > answers.json

``requests`` is a list of [name, path, cookie]; every reader takes them in turn from a place of its own and reads each answer
whole. With THINK_S above 0 a reader pauses about so long between pages; with 0 there are always USERS requests under way. The
first second is left out. Needs nothing but the standard library.
"""

from __future__ import annotations

import http.client
import json
import random
import sys
import threading
import time

WARM_S = 1.0


def read(
    place: tuple[str, int], pages: list[list[str]], number: int, until: float, think_s: float,
    answers: list[tuple[str, float, float, int]],
) -> None:  # fmt: skip
    """One reader: appends name, start, seconds and size of every answer. Raises RuntimeError at one that is not 200."""
    chance = random.Random(number)
    connection = http.client.HTTPConnection(*place, timeout=60)
    turn = number
    while (before := time.perf_counter()) < until:
        name, path, cookie = pages[turn % len(pages)]
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        answers.append((name, before, time.perf_counter() - before, len(body)))
        turn += 1
        if think_s:
            time.sleep(think_s * chance.uniform(0.5, 1.5))


def main(host: str, port: str, users: str, seconds: str, think_s: str) -> None:
    """All readers at once; prints the answers that began after the first second."""
    pages = json.load(sys.stdin)
    answers: list[tuple[str, float, float, int]] = []
    begun = time.perf_counter()
    until = begun + WARM_S + float(seconds)
    readers = [
        threading.Thread(
            target=read, args=((host, int(port)), pages, number, until, float(think_s), answers)
        )
        for number in range(int(users))
    ]
    failed: list[str] = []
    threading.excepthook = lambda given: failed.append(repr(given.exc_value))
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    if failed:
        raise SystemExit(f"{len(failed)} readers gave up; the first: {failed[0]}")
    json.dump([row for row in answers if row[1] >= begun + WARM_S], sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
