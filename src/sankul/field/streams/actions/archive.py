"""Closing spans into files, opening them again, deleting old ones."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import structlog
from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.rules.verdicts import Refused
from sankul.field.streams.models import SpanFile
from sankul.field.streams.queries.archive import folder, path_of, read, why_damaged
from sankul.field.streams.queries.table import rows_in
from sankul.field.streams.rules import SpanState
from sankul.field.streams.rules.numbers import moment
from sankul.field.streams.rules.rows import Rows

from . import files, partitions

KEPT_OPEN_DAYS = 92
"""Days that stay in the database after they ended: a quarter, in which late rows come and technicians review."""
SWEPT_AFTER = timedelta(days=1)
"""How long a file that no span names any more is left to those who are reading it."""
log = structlog.get_logger("sankul.streams")


class Damaged(Refused):
    """The file of a span is not as it was written."""


def close_ended(*, at: datetime, kept_open_days: int = KEPT_OPEN_DAYS) -> list[SpanFile]:
    """Close every open span that ended ``kept_open_days`` ago; one that others hold is left for the next time."""
    before = at.date() - timedelta(days=kept_open_days)
    closed = []
    for span in SpanFile.objects.filter(state=SpanState.OPEN, end__lte=before):
        try:
            closed.append(close(span=span, at=at))
        except OperationalError as error:
            log.warning("a span was not closed", span=str(span.start), error=str(error))
    return closed


@transaction.atomic
def close(*, span: SpanFile, at: datetime) -> SpanFile:
    """Move the observations of an open span into a file: all of them are in one place before and after.

    Who writes to the span meanwhile waits, and then opens it again; who reads does not wait. A failure on the way, such as a full
    disk, leaves the span as it was.
    """
    span = SpanFile.objects.select_for_update().get(pk=span.pk)
    if span.state != SpanState.OPEN:
        raise Refused(_t("The span %s is not open.") % span)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        cursor.execute(f"LOCK TABLE {span.table} IN SHARE ROW EXCLUSIVE MODE")
    rows = rows_in(span.table)
    span.generation += 1
    span.path = path_of(span.start, span.generation)
    span.sha256 = files.write(rows, folder() / span.path)
    _describe(span, rows)
    span.state, span.changed_at = SpanState.CLOSED, at
    span.save()
    partitions.drop(span)
    return span


def _describe(span: SpanFile, rows: Rows) -> None:
    span.size_bytes, span.rows = (folder() / span.path).stat().st_size, len(rows.ids)
    some = len(rows.ids) > 0
    span.first_stream = int(rows.stream_ids[0]) if some else None
    span.last_stream = int(rows.stream_ids[-1]) if some else None
    span.first_time = moment(rows.time_us.min()) if some else None
    span.last_time = moment(rows.time_us.max()) if some else None


@transaction.atomic
def reopen(*, span: SpanFile, at: datetime) -> SpanFile:
    """Bring the observations of a closed span back into the database. Raises Damaged with what is wrong with its file."""
    span = SpanFile.objects.select_for_update().get(pk=span.pk)
    if span.state != SpanState.CLOSED:
        return span
    if reason := why_damaged(span):
        raise Damaged(reason)
    partitions.make(span)
    partitions.copy(span.table, read(folder() / span.path))
    span.state, span.changed_at = SpanState.OPEN, at
    span.save(update_fields=["state", "changed_at"])
    return span


@transaction.atomic
def delete_before(*, day: date, at: datetime) -> int:
    """Delete the files of closed spans that ended by ``day``: the retention policy. Answers how many observations went.

    Counts of days, last observations, versions and what was published from them stay.
    """
    spans = SpanFile.objects.select_for_update().filter(state=SpanState.CLOSED, end__lte=day)
    gone, paths = 0, []
    for span in spans:
        gone += span.rows or 0
        paths.append(folder() / span.path)
        span.state, span.changed_at = SpanState.DROPPED, at
        span.save(update_fields=["state", "changed_at"])
    if paths:
        data = {"before": day, "spans": len(paths), "observations": gone}
        events.record(actor=None, verb="observations.deleted", subject="archive", at=at, data=data)
        transaction.on_commit(partial(_remove, paths))
    return gone


def _remove(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def sweep(*, at: datetime) -> list[str]:
    """Remove files that no span names, once nobody can be reading them any more. Answers which."""
    named = set(SpanFile.objects.filter(state=SpanState.CLOSED).values_list("path", flat=True))
    swept = []
    for path in sorted(folder().glob("observations/*/*")):
        name = str(path.relative_to(folder()))
        if name not in named and path.stat().st_mtime < (at - SWEPT_AFTER).timestamp():
            path.unlink()
            swept.append(name)
    return swept
