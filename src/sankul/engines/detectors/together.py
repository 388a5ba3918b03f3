"""Many sites at once: when a share of a group begins to stand out within a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .specs import Network
from .watching import BEGAN, ENDED, SECOND, Event, State

NEVER = -np.inf


def fresh_group(members: int) -> State:
    """The state of a group of so many sites: whether it is raised, since when, and when each last began to stand out."""
    return np.array([0.0, np.nan, *([NEVER] * members)])


def advance_group(
    spec: Network, state: State, begins: Sequence[tuple[int, int]], now_us: int
) -> tuple[State, list[Event]]:
    """A group after some of its sites began to stand out (``begins``: time, and place of the site), and at ``now_us``.

    ``worst`` is the largest share of the sites. It begins with the first of the sites that made it, and ends when too few of them
    began within the time; a begin that is told late counts at its own time.
    """
    state, events = state.copy(), []
    for at, site in sorted(begins):
        events += _ended(spec, state, at)
        state[2 + site] = max(state[2 + site], at)
        events += _began(spec, state, at)
    return state, events + _ended(spec, state, now_us)


def needed(spec: Network, members: int) -> int:
    """How many sites of a group must stand out."""
    return max(int(np.ceil(spec.share * members - 1e-9)), int(spec.least))


def _began(spec: Network, state: State, at: int) -> list[Event]:
    times = state[2:]
    recent = times[(times >= at - spec.within_s * SECOND) & (times <= at)]
    if state[0] or len(recent) < needed(spec, len(times)):
        return []
    state[0], state[1] = 1.0, recent.min()
    return [Event(BEGAN, at, int(state[1]), len(recent) / len(times), at)]


def _ended(spec: Network, state: State, at: int) -> list[Event]:
    times = state[2:]
    need = needed(spec, len(times))
    if not state[0] or need > len(times):
        return []
    over = _last_of(times, need) + spec.within_s * SECOND
    if over >= at:
        return []
    state[0] = 0.0
    recent = times[times >= state[1]]
    return [Event(ENDED, int(over), int(state[1]), len(recent) / len(times), int(recent.max()))]


def _last_of(times: NDArray[np.float64], need: int) -> float:
    """The time of the ``need``-th last begin: so many have begun since."""
    return float(np.sort(times)[-need])
