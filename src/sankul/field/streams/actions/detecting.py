"""Looking for what stands out by itself: proposals for the reviewing page, which change nothing."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _t
from numpy.typing import NDArray

from sankul.core.actions import events
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.engines import quality
from sankul.field.streams.models import Datastream, Detection, Proposal
from sankul.field.streams.queries.reading import read
from sankul.field.streams.rules import RECORD_STREAMS, Flag
from sankul.field.streams.rules.numbers import moment
from sankul.field.streams.rules.reviewing import Answer
from sankul.field.streams.rules.rows import Rows

MOST_VALUES = 2_000_000
"""Values that one detection reads: 57 years of every quarter of an hour, four of every minute."""
MOST_PROPOSALS = 2_000


@transaction.atomic
def detect(
    *,
    actor: Actor | None,
    stream: Datastream,
    since: datetime,
    until: datetime,
    at: datetime,
) -> Detection:
    """Propose flags for what ``engines.quality.detect`` finds from ``since`` to before ``until``; None as actor is the terminal.

    Stretches whose values all have the flag that is proposed, or a worse one, are left out, and those that somebody called no
    fault before. Open proposals of earlier looks at this time give way to the new ones. Raises Refused for too few values to
    tell, too many to read, and where more than 2,000 stretches would be proposed.
    """
    if actor:
        require(actor, RECORD_STREAMS, *stream.thing.scopes)
    rows = read([stream.pk], since, until)
    if len(rows.ids) > MOST_VALUES:
        raise Refused(_t("That is too much to read at once. Choose a shorter time."))
    found = quality.detect(rows.values)
    if (found.flag == quality.Flag.NOT_EVALUATED).any() or not len(rows.ids):
        raise Refused(_t("There are fewer than 48 values: too few to tell what is usual."))
    made = Detection.objects.create(
        stream=stream,
        since=since,
        until=until,
        values=len(rows.ids),
        made_by=actor.user if actor else None,
        made_at=at,
    )
    proposals = _proposals(made, rows, found)
    open_ones = stream.proposals.filter(answer=Answer.OPEN, first__gte=since, last__lt=until)
    open_ones.delete()
    Proposal.objects.bulk_create(proposals)
    data = {"detection": made.pk, "values": made.values, "proposals": len(proposals)}
    scopes = stream.thing.scopes
    events.record(
        actor=actor, verb="stream.looked_through", subject=stream, at=at, scopes=scopes, data=data
    )
    return made


def _proposals(made: Detection, rows: Rows, found: quality.Found) -> list[Proposal]:
    dismissed = set(
        made.stream.proposals.filter(answer=Answer.DISMISSED).values_list("first", "last", "reason")
    )
    proposals = []
    for first, last in _runs(found.test.astype(np.int64)):
        own = slice(first, last)
        if not _is_new(rows.flags[own], int(found.flag[first])):
            continue
        ends = moment(int(rows.time_us[first])), moment(int(rows.time_us[last - 1]))
        reason = int(found.test[first])
        if (*ends, reason) not in dismissed:
            proposals.append(_proposal(made, ends, last - first, reason, int(found.flag[first])))
    if len(proposals) > MOST_PROPOSALS:
        told = _t("%d stretches stand out: that is the series, not faults in it. Look at less.")
        raise Refused(told % len(proposals))
    return proposals


def _proposal(
    made: Detection, ends: tuple[datetime, datetime], count: int, reason: int, flag: int
) -> Proposal:
    return Proposal(
        detection=made,
        stream=made.stream,
        first=ends[0],
        last=ends[1],
        count=count,
        reason=reason,
        flag=flag,
    )


def _runs(test: NDArray[np.int64]) -> list[tuple[int, int]]:
    """First place and place after the last of every run of one reason."""
    edges = np.flatnonzero(np.diff(test, prepend=0, append=0))
    return [(int(a), int(b)) for a, b in pairwise(edges) if test[a]]


def _is_new(flags: NDArray[np.int8], proposed: int) -> bool:
    has_flag = np.isin(flags, (Flag.SUSPECT, Flag.FAIL)) & (flags >= proposed)
    return not bool((has_flag | (flags == int(Flag.MISSING))).all())
