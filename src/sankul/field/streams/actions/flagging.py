"""Flags of what comes in, by the rules of its streams; and of the last value before, which a spike test knows only now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sankul.engines import quality
from sankul.field.streams.queries.existing import Before, before
from sankul.field.streams.queries.sending import Known
from sankul.field.streams.rules import Flag
from sankul.field.streams.rules.batches import Batch, Ints, starts_of

Flags = NDArray[np.int8]
NONE = Before(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.int8))


class _Ruled(NamedTuple):
    """Rows of a batch, sorted by (stream, time), of streams that have rules: runs of one stream each."""

    rows: Ints
    starts: Ints
    stream_ids: Ints
    rules: list[quality.Rules]


class Flagged(NamedTuple):
    """The flags of new rows, and the observations before them that the first new one of their stream shows to be spikes."""

    flags: Flags
    spikes: Before


def flagged(batch: Batch, rows: Ints, streams: Mapping[int, Known]) -> Flagged:
    """The flag of each of these rows, which are sorted by (stream, time); what came before is looked at where rules need it.

    A result that is no number is not evaluated, one that is null is missing. ``spikes`` have the flags they should have.
    """
    flags, spikes = np.full(len(batch), Flag.NOT_EVALUATED, np.int8), NONE
    ruled = _ruled(batch, rows, streams)
    if len(ruled.rows):
        flags[ruled.rows], spikes = _checked(batch, ruled)
    for row, details in batch.details.items():
        if "result" in details:
            flags[row] = Flag.MISSING if details["result"] is None else Flag.NOT_EVALUATED
    return Flagged(flags[rows], spikes)


def _ruled(batch: Batch, rows: Ints, streams: Mapping[int, Known]) -> _Ruled:
    ids = batch.stream_ids[rows]
    has_rules = [known.id for known in streams.values() if known.rules]
    chosen = rows[np.isin(ids, has_rules)] if has_rules else rows[:0]
    starts = starts_of(batch.stream_ids[chosen])
    own = batch.stream_ids[chosen][starts[:-1]]
    rules = [rule for each in own.tolist() if (rule := streams[each].rules)]
    return _Ruled(chosen, starts, own, rules)


def _checked(batch: Batch, ruled: _Ruled) -> Flagged:
    known = _looked_back(batch, ruled)
    ids = np.concatenate((known.stream_ids, batch.stream_ids[ruled.rows]))
    times = np.concatenate((known.time_us, batch.time_us[ruled.rows]))
    values = np.concatenate((known.values, batch.values[ruled.rows]))
    order = np.argsort(ids, kind="stable")  # what is known stands before what is new
    distinct = {id(rule): rule for rule in ruled.rules}
    number = {key: place for place, key in enumerate(distinct)}
    made = quality.check_many(
        list(distinct.values()),
        [number[id(rule)] for rule in ruled.rules],
        starts_of(ids[order]),
        times[order],
        values[order],
    )
    flags, tests = np.empty(len(ids), np.int8), np.empty(len(ids), np.int8)
    flags[order], tests[order] = made.flag, made.test
    old = len(known.time_us)
    return Flagged(flags[old:], _spikes(known, flags[:old], tests[:old]))


def _spikes(known: Before, flags: Flags, tests: Flags) -> Before:
    """Those that stand last before what is new, that the spike test now finds worse than it could know."""
    last = starts_of(known.stream_ids)[1:] - 1
    worse = (tests[last] == quality.Test.SPIKE) & (flags[last] > known.flags[last])
    chosen = last[worse & (known.flags[last] != Flag.MISSING)]
    columns = (column[chosen] for column in (known.stream_ids, known.time_us, known.values, flags))
    return Before(*columns)


def _looked_back(batch: Batch, ruled: _Ruled) -> Before:
    """What the streams have before their first new row, of those whose rules look back."""
    first = batch.time_us[ruled.rows][ruled.starts[:-1]]
    looking = [
        place
        for place, rules in enumerate(ruled.rules)
        if rules.spike or rules.rate_of_change or rules.flat_line or rules.attenuated or rules.gap
    ]
    return before(
        ruled.stream_ids[looking].tolist(),
        first[looking].tolist(),
        [ruled.rules[place].memory_s for place in looking],
    )
