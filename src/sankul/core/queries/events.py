"""Reading and proving the event log."""

import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sankul.core.models import Event
from sankul.core.rules import canonical
from sankul.core.rules.roles import PLATFORM, Actor, Permission, Role

SEE_EVENTS = Permission(
    "core.see_events",
    _("See what was done"),
    frozenset({Role.PROGRAMME_OFFICER, Role.APEX_MEMBER, Role.CLUSTER_CEO, Role.CLUSTER_STAFF}),
)
GENESIS = "0" * 64


class Break(NamedTuple):
    """The first link of the chain that does not hold: its number and why."""

    seq: int
    why: str


def visible(actor: Actor) -> QuerySet[Event]:
    """Events on the scopes where the actor may see what was done, newest first."""
    scopes = actor.scopes(SEE_EVENTS)
    events = Event.objects.order_by("-seq").select_related("actor")
    if PLATFORM in scopes:
        return events
    return events.filter(scopes__overlap=[f"{scope.kind}:{scope.id}" for scope in scopes])


def first_break(events: Iterator[Event] | None = None) -> tuple[int, Break | None]:
    """How many links hold from the beginning, and the first that does not (None if all hold).

    Reads in one pass with bounded memory.
    """
    held, before = 0, GENESIS
    for event in events or Event.objects.order_by("seq").iterator(chunk_size=1000):
        why = _why_not(event, held + 1, before)
        if why:
            return held, Break(event.seq, why)
        held, before = held + 1, event.hash
    return held, None


class Anchor(NamedTuple):
    """The log as it once ended, noted where nobody who can write to the database can change it."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


def head() -> Anchor:
    """The end of the log now. The chain alone cannot tell that its last events were cut off; a noted head can."""
    last = Event.objects.order_by("-seq").values_list("seq", "hash").first()
    return Anchor(*(last or (0, GENESIS)))


def why_not_anchored(anchor: Anchor) -> str:
    """Why the log does not go through ``anchor``, or an empty text if it does (given that its chain holds)."""
    if anchor == Anchor(0, GENESIS):
        return ""
    found = Event.objects.filter(seq=anchor.seq).values_list("hash", flat=True).first()
    if found is None:
        return (
            f"event {anchor.seq} was noted, and the log ends with {head().seq}: events were cut off"
        )
    if found != anchor.hash:
        return f"event {anchor.seq} has another hash than was noted: the log was written anew"
    return ""


def _why_not(event: Event, seq: int, before: str) -> str:
    if event.seq != seq:
        return f"event {seq} is missing: the log goes on with {event.seq}"
    if canonical.sha256(event.body) != event.hash:
        return "its hash is not the SHA-256 of its body: the body or the hash was changed"
    body = _read(event.body)
    if body is None:
        return "its body is not that of an event"
    if body["before"] != before:
        return "it does not name the hash of the event before it"
    repeated = columns(event) | {"data": body["data"], "before": before}
    if body != json.loads(canonical.text(repeated)):
        return "its columns do not agree with its body"
    return ""


def _read(text: str) -> dict[str, Any] | None:
    try:
        body = json.loads(text)
    except ValueError:
        return None
    return body if isinstance(body, dict) and {"before", "data"} <= body.keys() else None


def columns(event: Event) -> dict[str, Any]:
    """The columns that the body repeats."""
    return {
        "seq": event.seq,
        "at": event.at.astimezone(UTC),
        "actor": event.actor_id,
        "verb": event.verb,
        "subject": event.subject,
        "scopes": list(event.scopes),
    }
