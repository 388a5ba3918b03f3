"""What a technician says of observations: their flags, answers to proposals, and taking back what was said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.field.streams.models import Datastream, Proposal, Revision
from sankul.field.streams.queries.reviewing import later, versions_of
from sankul.field.streams.rules import RECORD_STREAMS, Flag, VersionKind
from sankul.field.streams.rules.numbers import micros, moment
from sankul.field.streams.rules.reviewing import GIVEN, Answer, standing, why_not_undo
from sankul.field.streams.rules.rows import Rows

from .revising import Change, held, write


@transaction.atomic
def flag(
    *,
    actor: Actor,
    stream: Datastream,
    since: datetime,
    until: datetime,
    times: Sequence[int] | None = None,
    flag: Flag | None,
    reason: str,
    at: datetime,
) -> Revision:
    """Say the flag of the observations from ``since`` to ``until``, both included, or of those at ``times`` alone.

    ``flag`` None confirms the flags that suspect or failed ones have. Missing values keep their flag. Times are in microseconds
    since 1970. Raises Refused without a reason, for a flag that nobody gives, and where there is nothing to say.
    """
    require(actor, RECORD_STREAMS, *stream.thing.scopes)
    if flag is not None and flag not in GIVEN:
        raise Refused(_t("Give good, suspect or fail."))
    rows = held(stream_id=stream.pk, since=since, until=until, times=times, at=at)
    wanted = (Flag.SUSPECT, Flag.FAIL) if flag is None else tuple(set(Flag) - {Flag.MISSING})
    rows = rows.at(np.isin(rows.flags, wanted))
    method = {"did": "confirmed" if flag is None else "set"}
    return _said(actor, stream, rows, flag, reason, method, at)


@transaction.atomic
def accept(
    *, actor: Actor, stream: Datastream, proposals: Sequence[Proposal], reason: str, at: datetime
) -> list[Revision]:
    """Give the observations of open proposals the flags that they propose: one revision for each flag."""
    require(actor, RECORD_STREAMS, *stream.thing.scopes)
    mine = _open(stream, proposals)
    made = []
    for given in sorted({one.flag for one in mine}):
        own = [one for one in mine if one.flag == given]
        method = {"did": "accepted", "proposals": [one.pk for one in own]}
        rows = _proposed(stream, own, at)
        revision = _said(actor, stream, rows, Flag(given), reason, method, at)
        _answer(own, Answer.ACCEPTED, actor, at, revision)
        made.append(revision)
    return made


@transaction.atomic
def dismiss(
    *, actor: Actor, stream: Datastream, proposals: Sequence[Proposal], at: datetime
) -> int:
    """Say that what these open proposals found is no fault. Flags stay as they are. Answers how many."""
    require(actor, RECORD_STREAMS, *stream.thing.scopes)
    mine = _open(stream, proposals)
    _answer(mine, Answer.DISMISSED, actor, at, None)
    data = {"proposals": [one.pk for one in mine]}
    scopes = stream.thing.scopes
    events.record(
        actor=actor, verb="proposals.dismissed", subject=stream, at=at, scopes=scopes, data=data
    )
    return len(mine)


@transaction.atomic
def undo(*, actor: Actor, revision: Revision, reason: str, at: datetime) -> Revision:
    """Give the observations of a revision the version back that they had before it, as a new one.

    Raises Refused where a later revision changed one of them: that has to be undone first.
    """
    stream = Datastream.objects.select_related("thing__cluster__programme").get(
        pk=revision.stream_id
    )
    require(actor, RECORD_STREAMS, *stream.thing.scopes)
    why_not_undo(revision, standing(stream.revisions.all())).enforce()
    before = versions_of(revision)
    if not before:
        raise Refused(_t("This revision changed nothing."))
    times = [one.time_us for one in before]
    rows = held(
        stream_id=stream.pk,
        since=moment(times[0]),
        until=moment(times[-1]),
        times=times,
        at=at,
    )
    if number := later(revision):
        told = _t("%d of these observations were changed again since. Undo that first.")
        raise Refused(told % number)
    if len(rows.ids) < len(times):
        raise Refused(_t("Some of these observations were withdrawn since."))
    method = {"undoes": revision.pk}
    made = begin(
        actor=actor,
        stream=stream,
        kind=VersionKind.UNDO,
        reason=reason,
        rows=rows,
        method=method,
        at=at,
    )
    columns = zip(*((one.value, one.flag, one.is_reviewed) for one in before), strict=True)
    values, flags, reviewed = (list(column) for column in columns)
    change = Change(rows.time_us, np.array(values), np.array(flags, np.int8), np.array(reviewed))
    write(revision=made, change=change)
    Proposal.objects.filter(revision=revision).update(
        answer=Answer.OPEN, answered_by=None, answered_at=None, revision=None
    )
    return recorded(actor, stream, made, "observations.undone", at)


def _said(
    actor: Actor,
    stream: Datastream,
    rows: Rows,
    flag: Flag | None,
    reason: str,
    method: dict[str, Any],
    at: datetime,
) -> Revision:
    if not len(rows.ids):
        raise Refused(_t("There is no observation here whose flag could be said."))
    if flag is not None:
        method |= {"flag": int(flag)}
    made = begin(
        actor=actor,
        stream=stream,
        kind=VersionKind.FLAG,
        reason=reason,
        rows=rows,
        method=method,
        at=at,
    )
    flags = rows.flags if flag is None else np.full(len(rows.ids), int(flag), np.int8)
    write(
        revision=made,
        change=Change(rows.time_us, rows.values, flags, np.ones(len(rows.ids), bool)),
    )
    return recorded(actor, stream, made, "observations.flagged", at)


def begin(
    *,
    actor: Actor | None,
    stream: Datastream,
    kind: VersionKind,
    reason: str,
    rows: Rows,
    method: dict[str, Any],
    at: datetime,
) -> Revision:
    """The revision that a change of these rows stands under. Raises Refused without a reason."""
    if not reason.strip():
        raise Refused(_t("Say why: the reason stays with the observations."))
    extent = {
        "n": len(rows.ids),
        "since": moment(int(rows.time_us[0])).isoformat(),
        "until": moment(int(rows.time_us[-1])).isoformat(),
    }
    return Revision.objects.create(
        stream=stream,
        kind=kind,
        reason=reason.strip(),
        method=method | extent,
        made_by=actor.user if actor else None,
        made_at=at,
    )


def recorded(
    actor: Actor | None, stream: Datastream, revision: Revision, verb: str, at: datetime
) -> Revision:
    """The revision, after the log has it."""
    data = {"revision": revision.pk, "observations": revision.method["n"]}
    scopes = stream.thing.scopes
    events.record(actor=actor, verb=verb, subject=stream, at=at, scopes=scopes, data=data)
    return revision


def _open(stream: Datastream, proposals: Sequence[Proposal]) -> list[Proposal]:
    asked = {one.pk for one in proposals}
    rows = stream.proposals.select_for_update().filter(pk__in=asked, answer=Answer.OPEN)
    found = list(rows.order_by("pk"))
    if not asked or len(found) < len(asked):
        raise Refused(_t("Choose proposals that are open; some were answered already."))
    return found


def _proposed(stream: Datastream, proposals: Sequence[Proposal], at: datetime) -> Rows:
    """The observations within any of these stretches that have a value."""
    since, until = min(one.first for one in proposals), max(one.last for one in proposals)
    rows = held(stream_id=stream.pk, since=since, until=until, times=None, at=at)
    within = np.zeros(len(rows.ids), bool)
    for one in proposals:
        within |= (rows.time_us >= micros(one.first)) & (rows.time_us <= micros(one.last))
    return rows.at(within & (rows.flags != int(Flag.MISSING)))


def _answer(
    proposals: Sequence[Proposal],
    answer: Answer,
    actor: Actor,
    at: datetime,
    revision: Revision | None,
) -> None:
    Proposal.objects.filter(pk__in=[one.pk for one in proposals]).update(
        answer=answer, answered_by=actor.user, answered_at=at, revision=revision
    )
