"""New versions of many observations of a stream at once: what they were stays, and why they changed stands in one revision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from django.db import connection
from django.utils.translation import gettext as _t
from numpy.typing import NDArray

from sankul.core.rules.verdicts import Refused
from sankul.field.streams.models import Revision, SpanFile
from sankul.field.streams.queries.existing import AT
from sankul.field.streams.queries.reading import read
from sankul.field.streams.queries.sending import locked
from sankul.field.streams.queries.table import rows_between
from sankul.field.streams.rules import SpanState
from sankul.field.streams.rules.numbers import DAY_US, moment
from sankul.field.streams.rules.reviewing import MOST_AT_ONCE
from sankul.field.streams.rules.rows import Rows

from . import archive
from .sta.tallying import recount

EPOCH = date(1970, 1, 1)
INSTANT = timedelta(microseconds=1)


class Change(NamedTuple):
    """What observations become: columns of equal length, times in microseconds since 1970, each once.

    ``reviewed`` says of each whether its flag is somebody's word from now on; None leaves that as it is.
    """

    time_us: NDArray[np.int64]
    values: NDArray[np.float64]
    flags: NDArray[np.int8]
    reviewed: NDArray[np.bool_] | None = None


def held(
    *, stream_id: int, since: datetime, until: datetime, times: Sequence[int] | None, at: datetime
) -> Rows:
    """The observations from ``since`` to ``until``, both included, or those of them at ``times``, to be changed.

    Their days are opened if they were closed, and the stream is locked. Raises Refused for more than 200,000, for none, and for
    days that cannot be opened.
    """
    found = _chosen(read([stream_id], since, until + INSTANT), times)
    if not len(found.ids):
        raise Refused(_t("There are no observations in this time."))
    if len(found.ids) > MOST_AT_ONCE:
        told = _t("These are %(n)d observations. Take a shorter time: %(most)d at most at once.")
        raise Refused(told % {"n": len(found.ids), "most": MOST_AT_ONCE})
    open_days(found.time_us, at)
    locked([stream_id])
    return _chosen(rows_between([stream_id], since, until + INSTANT), times)


def open_days(time_us: NDArray[np.int64], at: datetime) -> None:
    """Open the days of these times again where they are closed; Refused where the file of one is damaged or deleted."""
    days = days_of(time_us)
    spans = SpanFile.objects.filter(start__lte=days[-1], end__gt=days[0]).exclude(
        state=SpanState.OPEN
    )
    for span in spans:
        if not any(span.start <= day < span.end for day in days):
            continue
        if span.state == SpanState.DROPPED:
            raise Refused(_t("The observations of %s are deleted.") % span)
        archive.reopen(span=span, at=at)


def days_of(time_us: NDArray[np.int64]) -> list[date]:
    """The days (UTC) of these times, each once."""
    return [EPOCH + timedelta(days=day) for day in np.unique(time_us // DAY_US).tolist()]


def write(*, revision: Revision, change: Change) -> None:
    """Give observations that are held their new versions, and count anew what is told of the stream.

    Raises Refused if some are not there any more: then nothing may be kept.
    """
    us = change.time_us.tolist()
    if not us:
        return
    bounds = moment(min(us)), moment(max(us))
    stream_id = revision.stream_id
    reviewed: Any = change.reviewed.tolist() if change.reviewed is not None else [None] * len(us)
    told = us, change.values.tolist(), change.flags.tolist(), reviewed
    with connection.cursor() as cursor:
        cursor.execute(AS_RECEIVED, [us, stream_id, *bounds])
        cursor.execute(VERSIONS, [revision.pk, *told, stream_id, *bounds])
        cursor.execute(CHANGED, [*told[:3], stream_id, *bounds])
        if cursor.rowcount != len(us):
            raise Refused(_t("Observations were changed meanwhile. Load the page again."))
    recount(stream_id=stream_id, days=days_of(change.time_us))


def _chosen(rows: Rows, times: Sequence[int] | None) -> Rows:
    return rows if times is None else rows.at(np.isin(rows.time_us, list(times)))


OF_STREAM = f"""
JOIN streams_observation o ON o.stream_id = %s AND o.time = {AT.format("k.us")} AND o.time BETWEEN %s AND %s"""
AS_RECEIVED = f"""
INSERT INTO streams_version (stream_id, time, number, observation_id, value, flag, result)
SELECT o.stream_id, o.time, 0, o.id, o.value, o.flag, d.result
FROM unnest(%s::bigint[]) AS k(us) {OF_STREAM}
LEFT JOIN streams_detail d ON o.is_detailed AND d.observation_id = o.id
WHERE NOT EXISTS (SELECT 1 FROM streams_version v WHERE v.stream_id = o.stream_id AND v.time = o.time)
"""
VERSIONS = f"""
INSERT INTO streams_version
    (stream_id, time, number, observation_id, value, flag, result, revision_id, is_reviewed)
SELECT o.stream_id, o.time, last.number + 1, o.id, k.value, k.flag, last.result, %s,
    coalesce(k.reviewed, last.is_reviewed)
FROM unnest(%s::bigint[], %s::float8[], %s::smallint[], %s::boolean[]) AS k(us, value, flag, reviewed) {OF_STREAM}
CROSS JOIN LATERAL (
    SELECT v.number, v.result, v.is_reviewed FROM streams_version v
    WHERE v.stream_id = o.stream_id AND v.time = o.time ORDER BY v.number DESC LIMIT 1
) last
"""
CHANGED = f"""
UPDATE streams_observation o SET value = k.value, flag = k.flag
FROM unnest(%s::bigint[], %s::float8[], %s::smallint[]) AS k(us, value, flag)
WHERE o.stream_id = %s AND o.time = {AT.format("k.us")} AND o.time BETWEEN %s AND %s
"""
