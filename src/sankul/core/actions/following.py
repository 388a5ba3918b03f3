"""Following the event log: news that travels upward, from the area that records it to one that it does not know.

An area declares in its ``tasks`` what it follows. Each event is handled once and in the order of the log, in the very
transaction that moves the follower on: after a crash or a fault the same events come again, and what was half done is gone. The
log is written in one line (``actions.events``), so that nothing appears later below a number that was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from django.db import transaction

from sankul.core.models import Event, Follower
from sankul.core.queries.events import head

Handle = Callable[[Sequence[Event]], None]
MOST = 500


class Following(NamedTuple):
    """What somebody follows: events of these verbs, handed to ``handle`` so many at once."""

    verbs: frozenset[str]
    handle: Handle
    most: int


FOLLOWED: dict[str, Following] = {}


def declare(name: str, verbs: Iterable[str], handle: Handle, most: int = MOST) -> None:
    """Have ``handle`` called with events of these verbs, oldest first, at most so many at once, from the log's first on.

    It runs inside a transaction and changes nothing but the database; what it raises leaves everything as it was, and the same
    events come again. Raises ValueError if another follower has the name.
    """
    given = Following(frozenset(verbs), handle, most)
    if FOLLOWED.setdefault(name, given) != given:
        raise ValueError(f"{name} follows the log already, otherwise")


@transaction.atomic
def step(name: str) -> int:
    """Handle the next events; how many they were. 0 too where another worker is at it."""
    following = FOLLOWED[name]
    Follower.objects.get_or_create(name=name)
    follower = Follower.objects.select_for_update(skip_locked=True).filter(name=name).first()
    if follower is None:
        return 0
    last = head().seq
    rows = Event.objects.filter(
        seq__gt=follower.seq, seq__lte=last, verb__in=sorted(following.verbs)
    )
    found = list(rows.order_by("seq")[: following.most])
    if found:
        following.handle(found)
    reached = found[-1].seq if len(found) == following.most else last
    if reached != follower.seq:
        follower.seq = reached
        follower.save(update_fields=["seq"])
    return len(found)


def catch_up(name: str) -> int:
    """Handle everything that the log holds for a follower now, step by step; how many events it was."""
    handled = 0
    while found := step(name):
        handled += found
        if found < FOLLOWED[name].most:
            break
    return handled
