"""Tables of claims: received, checked line by line, and taken over as a whole or not at all."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice
from typing import IO, Any

import pghistory
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import storages
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from sankul.core.actions import documents, events
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.tables import Problem, Table, Unreadable, matched, opened
from sankul.programme.outcomes.models import Import, ImportProblem
from sankul.programme.outcomes.queries.imports import around
from sankul.programme.outcomes.rules import permission_to_record, why_not_kind
from sankul.programme.outcomes.rules.imports import (
    MOST_PROBLEMS,
    ImportState,
    Reader,
    known,
    why_not_apply,
)
from sankul.programme.registry.models import Cluster

from . import staging

CHUNK_ROWS = 2000
SHEET = "Claims"
Advance = Callable[[int], None]
Sent = tuple[str, IO[bytes]]

MANY_LINES = 5000
"""From so many new claims on, the planner is told what came, before others ask."""

CLAIMS = """
WITH made AS (
    INSERT INTO outcomes_claim (programme_id, cluster_id, kind, reference, title, detail, "on", quantity, facts, rests_on_id,
        project_id, status, is_evidenced, recorded_at, recorded_by_id, submitted_at, judgement)
    SELECT %(programme)s, %(cluster)s, %(kind)s, reference, title, detail, "on", quantity, facts, rests_on_id, project_id,
        %(status)s, EXISTS (SELECT 1 FROM import_evidence e WHERE e.line = l.line AND (e.url = '' OR %(link_suffices)s)),
        %(at)s, %(by)s, %(submitted_at)s, ''
    FROM import_line l WHERE NOT is_same ORDER BY line
    RETURNING id, reference)
UPDATE import_line l SET claim_id = made.id FROM made WHERE made.reference = l.reference
"""
CREDITS = """
INSERT INTO outcomes_credit (claim_id, cluster_id, organisation_id, role, share, kind, quantity, stands, counts)
SELECT l.claim_id, k.cluster_id, k.organisation_id, k.role, k.share, '', 0, FALSE, FALSE
FROM import_line l JOIN import_credit k USING (line) WHERE l.claim_id IS NOT NULL ORDER BY l.line
"""
EVIDENCE = """
INSERT INTO outcomes_attachment (claim_id, document_id, url, suffices, proves)
SELECT l.claim_id, e.document_id, e.url, e.url = '' OR %(link_suffices)s, l.proves
FROM import_line l JOIN import_evidence e USING (line) WHERE l.claim_id IS NOT NULL ORDER BY l.line
"""


def receive(
    *,
    actor: Actor,
    cluster: Cluster,
    kind: str,
    file: IO[bytes],
    name: str,
    submits: bool = False,
    along: Sequence[Sent] = (),
    at: datetime,
) -> Import:
    """Keep a table of claims of one kind, with the documents sent ``along`` as (name, file), to be checked.

    Raises Refused where the table is larger than a document may be, or a document is not kept.
    """
    require(actor, permission_to_record(kind), *cluster.scopes)
    why_not_kind(kind).enforce()
    if actor.user is None:
        raise Forbidden(_("Sign in first."))
    digest, size_bytes = _measured(file, name)
    if not storages["documents"].exists(f"imports/{digest}"):
        file.seek(0)
        storages["documents"].save(f"imports/{digest}", File(file))
    with transaction.atomic():
        batch = Import.objects.create(
            cluster=cluster,
            kind=kind,
            name=name[-255:],
            sha256=digest,
            size_bytes=size_bytes,
            submits=submits,
            documents=_kept(actor, along, at),
            asked_at=at,
            asked_by=actor.user,
        )
        _record(actor, "import.received", batch, at)
    return batch


def check(*, actor: Actor, batch: Import, at: datetime, advance: Advance | None = None) -> Import:
    """Read the whole table and note everything that is wrong with it; nothing else is written.

    ``advance`` is told the lines read, chunk by chunk. Memory: a chunk of lines, the names of organisations and days of
    membership, and, of a spreadsheet, its cells (``core.tables``).
    """
    require(actor, permission_to_record(batch.kind), *batch.scopes)
    if batch.state == ImportState.APPLIED:
        why_not_apply(batch.state).enforce()
    with staging.stage():
        found = _staged(actor, batch, at, advance or _quiet)
        found += staging.problems(actor, batch)
        _note(batch, found, *staging.counts(), at)
    return batch


def apply(*, actor: Actor, batch: Import, at: datetime, advance: Advance | None = None) -> Import:
    """Check the table again, and take it over in one transaction: all new lines become claims, or none.

    A process that dies on the way leaves nothing, and it can be asked for again; lines that are claims already with the same
    content stay as they are. Raises Refused unless a check found the table sound, and where that is so no longer.
    """
    require(actor, permission_to_record(batch.kind), *batch.scopes)
    batch = _current(batch)
    why_not_apply(batch.state).enforce()
    with staging.stage():
        found = _staged(actor, batch, at, advance or _quiet)
        if not found:
            found = _taken_over(actor, batch, at)
        if found:
            _note(batch, found, *staging.counts(), at)
            raise Refused(_("Something has changed since the check. See the problems."))
    if batch.fresh >= MANY_LINES:
        staging.tell_planner()
    return batch


def _staged(actor: Actor, batch: Import, at: datetime, advance: Advance) -> list[Problem]:
    """Read, check and stage every line; what is wrong with any of them."""
    try:
        with (
            storages["documents"].open(batch.path, "rb") as file,
            _local(file) as local,
            opened(local, sheet=SHEET) as table,
        ):
            return _read(batch, table, at, advance)
    except FileNotFoundError:
        raise Refused(_("The table is no longer kept. Send it again.")) from None
    except Unreadable as refusal:
        return [Problem(0, "", "", refusal.reason, "")]


def _read(batch: Import, table: Table, at: datetime, advance: Advance) -> list[Problem]:
    places = matched(table.head, known(batch.kind_of))
    reader = Reader(batch.kind_of, places, around(batch, at))
    batch.notes = list(table.notes)
    rows = iter(table.rows)
    while chunk := list(islice(rows, CHUNK_ROWS)):
        staging.put([line for row in chunk if (line := reader.read(row.line, row.cells))])
        advance(len(chunk))
        if len(reader.problems) > MOST_PROBLEMS:
            batch.notes.append(_("Reading stopped after %d problems.") % MOST_PROBLEMS)
            break
    staging.settled()
    batch.rows = reader.lines
    if not batch.rows:
        nothing = _("The table has a heading and no line.")
        return [Problem(0, "", "", nothing, _("one line a claim"))]
    return [*reader.problems, *reader.doubts()]


@transaction.atomic
def _taken_over(actor: Actor, batch: Import, at: datetime) -> list[Problem]:
    """Write everything, unless the database finds something wrong; the last line is the log's."""
    batch_now = Import.objects.select_for_update().get(pk=batch.pk)
    why_not_apply(batch_now.state).enforce()
    _hold_clusters(batch)
    found = staging.problems(actor, batch)
    if found:
        return found
    asked = _asked(actor, batch, at)
    try:
        with (
            transaction.atomic(),
            pghistory.context(imported=batch.pk),
            connection.cursor() as cursor,
        ):
            # Left to the commit, checks of foreign keys wait in a queue that PostgreSQL goes through time and again.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for statement in (CLAIMS, CREDITS, EVIDENCE):
                cursor.execute(statement, asked)
    except IntegrityError:
        raise Refused(
            _("Somebody recorded one of these claims at this moment. Check again.")
        ) from None
    batch.fresh, batch.same = staging.counts()
    batch.state, batch.applied_at, batch.applied_by = ImportState.APPLIED, at, actor.user
    batch.save()
    data = {"rows": batch.rows, "new": batch.fresh, "same": batch.same}
    _record(actor, "claims.imported", batch, at, **data, submitted=batch.submits)
    return []


def _asked(actor: Actor, batch: Import, at: datetime) -> dict[str, Any]:
    return {
        "programme": batch.cluster.programme_id,
        "cluster": batch.cluster_id,
        "kind": batch.kind,
        "status": "submitted" if batch.submits else "draft",
        "at": at,
        "submitted_at": at if batch.submits else None,
        "by": actor.user_id,
        "link_suffices": batch.kind_of.link_suffices,
    }


def _hold_clusters(batch: Import) -> None:
    """A declaration of nothing that is made at this moment waits, or is found."""
    if batch.submits:
        named = "SELECT cluster_id FROM import_credit"
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id FROM registry_cluster WHERE id IN ({named}) ORDER BY id FOR NO KEY UPDATE"
            )


def _note(batch: Import, found: list[Problem], fresh: int, same: int, at: datetime) -> None:
    """Keep what a check found, in place of what one before it had."""
    with transaction.atomic():
        batch.found.all().delete()
        ImportProblem.objects.bulk_create(
            (
                ImportProblem(
                    batch=batch,
                    line=one.line,
                    column=one.column[:250],
                    value=one.value[:250],
                    wrong=one.wrong,
                    expected=one.expected,
                )
                for one in sorted(found, key=lambda one: one.line)[:MOST_PROBLEMS]
            ),
            batch_size=1000,
        )
        batch.problems, batch.checked_at = len(found), at
        batch.fresh, batch.same = (0, 0) if found else (fresh, same)
        batch.state = ImportState.WRONG if found else ImportState.SOUND
        batch.save()


def _current(batch: Import) -> Import:
    return Import.objects.select_related("cluster__programme").get(pk=batch.pk)


def _measured(file: IO[bytes], name: str) -> tuple[str, int]:
    file.seek(0)
    digest, size_bytes = hashlib.sha256(), 0
    while chunk := file.read(1 << 20):
        digest.update(chunk)
        size_bytes += len(chunk)
        if size_bytes > settings.DOCUMENT_MAX_BYTES:
            limit = settings.DOCUMENT_MAX_BYTES // 2**20
            told = _("“%(name)s” is larger than %(limit)d MB. Send it in parts.")
            raise Refused(told % {"name": name, "limit": limit})
    if not size_bytes:
        raise Refused(_("“%s” is empty.") % name)
    return digest.hexdigest(), size_bytes


def _kept(actor: Actor, along: Sequence[Sent], at: datetime) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, file in along:
        if name in kept:
            raise Refused(_("Two documents are named “%s”. Rename one.") % name)
        document = documents.keep(actor=actor, file=file, name=name, at=at)
        kept[name] = kept[document.sha256] = document.sha256
    return kept


def _local(file: IO[bytes]) -> IO[bytes]:
    """A copy that can be sought in quickly, wherever documents are kept."""
    local: IO[bytes] = tempfile.TemporaryFile(prefix="sankul-")  # noqa: SIM115  the caller closes it
    while chunk := file.read(1 << 20):
        local.write(chunk)
    local.seek(0)
    return local


def _record(actor: Actor, verb: str, batch: Import, at: datetime, **data: Any) -> None:
    more = {"sha256": batch.sha256, "kind": batch.kind, **data}
    events.record(actor=actor, verb=verb, subject=batch, at=at, scopes=batch.scopes, data=more)


def _quiet(_lines: int) -> None:
    """Nobody asks how far it is."""
