"""Writing the event log."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models, transaction

from sankul.core.models import Event
from sankul.core.queries import prepared
from sankul.core.queries.events import GENESIS, columns
from sankul.core.rules import canonical
from sankul.core.rules.roles import Actor, Scope
from sankul.core.rules.tokens import why_not_change
from sankul.core.rules.verdicts import Forbidden

_INSERT = (
    f"INSERT INTO {Event._meta.db_table} ({prepared.columns(Event)})"
    " VALUES (%s, %s, %s, %s, %s, %s::varchar[], %s, %s)"
)
CHAIN_LOCK = 0x53414E4B  # any fixed number: the advisory lock that keeps the chain in one line


def record(
    *,
    actor: Actor | None,
    verb: str,
    subject: models.Model | str,
    at: datetime,
    scopes: Iterable[Scope] = (),
    data: dict[str, Any] | None = None,
) -> Event:
    """Append one event in the caller's transaction; None as actor is the system itself.

    Call it last: from here to the commit, other writers of the log wait. Names and addresses of persons do not belong in
    ``data`` (the log is never purged): give ids. What a program did with a token names the token. Raises
    TransactionManagementError outside a transaction, and Forbidden where the token only reads: every change ends here.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("events are recorded inside a transaction")
    why_not_change(reads_only=bool(actor and actor.reads_only)).enforce(Forbidden)
    seq, before = _last()
    event = Event(
        seq=seq + 1,
        at=at.astimezone(UTC),
        actor_id=actor.user_id if actor else None,
        verb=verb,
        subject=subject if isinstance(subject, str) else name(subject),
        scopes=sorted({f"{scope.kind}:{scope.id}" for scope in scopes}),
    )
    by = {"token": actor.token_id} if actor and actor.token_id else {}
    event.body = canonical.text(columns(event) | {"before": before, "data": (data or {}) | by})
    event.hash = canonical.sha256(event.body)
    prepared.rows(_INSERT, *(getattr(event, one.attname) for one in Event._meta.concrete_fields))
    event._state.adding = False
    return event


def _last() -> tuple[int, str]:
    """The number and the hash of the last event, once this transaction alone may write the next.

    Two statements in one message: the second sees what was committed while the first waited.
    """
    table = Event._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pg_advisory_xact_lock({CHAIN_LOCK});"
            f" SELECT seq, hash FROM {table} ORDER BY seq DESC LIMIT 1"
        )
        cursor.nextset()
        return cursor.fetchone() or (0, GENESIS)


def name(subject: models.Model) -> str:
    """How the log names a record: ``claim/12``."""
    return f"{subject._meta.model_name}/{subject.pk}"
