"""Sharing out work: nobody gets what he must not see, and nobody gets more than he must."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping

Eligible = Mapping[int, frozenset[int]]
"""Who may take each task: verifiers by task."""


def shared_out(eligible: Eligible, load: Mapping[int, int] | None = None) -> dict[int, int]:
    """A verifier for every task that somebody may take; tasks that nobody may take are left out.

    No other sharing is more even: the sum of squared loads (``load`` is what each has already) is the least possible. Tasks with
    the fewest eligible go first, each to the least loaded; then tasks move along chains from the loaded to the less loaded until
    none helps (optimal semi-matchings: Harvey, Ladner, Lovász, Tamir, J. Algorithms 59, 2006). The same input, the same answer.
    """
    loads = Counter(dict(load or {}))
    given: dict[int, int] = {}
    for task in sorted(eligible, key=lambda it: (len(eligible[it]), it)):
        if eligible[task]:
            given[task] = min(eligible[task], key=lambda who: (loads[who], who))
            loads[given[task]] += 1
    while chain := _chain(eligible, given, loads):
        for task, taker in chain:
            loads[given[task]] -= 1
            loads[taker] += 1
            given[task] = taker
    return given


Chain = list[tuple[int, int]]


def _chain(eligible: Eligible, given: Mapping[int, int], loads: Counter[int]) -> Chain:
    """Moves (task, its new verifier) that take one task from somebody to one who has two fewer or less; or none."""
    held: dict[int, list[int]] = {}
    for task, who in given.items():
        held.setdefault(who, []).append(task)
    for start in sorted(held, key=lambda who: (-loads[who], who)):
        if chain := _from(start, held, eligible, loads):
            return chain
    return []


def _from(start: int, held: dict[int, list[int]], eligible: Eligible, loads: Counter[int]) -> Chain:
    came: dict[int, tuple[int, int]] = {}  # to a verifier: from whom, with which task
    waiting = deque([start])
    while waiting:
        who = waiting.popleft()
        if loads[who] <= loads[start] - 2:
            return _back(start, who, came)
        for task in held.get(who, ()):
            for other in sorted(eligible[task]):
                if other != start and other not in came:
                    came[other] = (who, task)
                    waiting.append(other)
    return []


def _back(start: int, end: int, came: dict[int, tuple[int, int]]) -> Chain:
    chain: Chain = []
    who = end
    while who != start:
        before, task = came[who]
        chain.append((task, who))
        who = before
    return chain
