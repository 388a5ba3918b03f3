"""Rules of a stream: a new version, and history flagged again under it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.engines import quality
from sankul.field.streams.models import Datastream, QualityRule, Revision
from sankul.field.streams.queries.reading import read
from sankul.field.streams.queries.reviewing import reviewed
from sankul.field.streams.queries.sending import locked
from sankul.field.streams.queries.table import rows_between
from sankul.field.streams.rules import RECORD_STREAMS, VersionKind
from sankul.field.streams.rules.numbers import DAY_US, moment
from sankul.field.streams.rules.rows import Rows

from .reviewing import begin, recorded
from .revising import INSTANT, Change, open_days, write

MOST_VALUES = 5_000_000
DAYS_AT_ONCE = 31
WORSE = dict(zip((9, 1, 2, 3, 4), (0, 1, 1, 2, 3), strict=True))
"""Flags by how bad they are: missing, good and not evaluated, suspect, fail."""


@transaction.atomic
def change(
    *, actor: Actor, stream: Datastream, tests: Mapping[str, Any], reason: str, at: datetime
) -> QualityRule:
    """Give a stream new rules: the next version, which flags what comes in from now on.

    ``tests`` is a mapping of ``engines.quality.Rules``. Raises Refused with the key that is wrong and what was expected, without
    a reason, and for rules that are the same as those in force.
    """
    require(actor, RECORD_STREAMS, *stream.thing.scopes)
    try:
        rules = quality.Rules.from_mapping(tests)
    except quality.QualityError as error:
        raise Refused(str(error)) from None
    if not reason.strip():
        raise Refused(_t("Say why: the reason stays with the rules."))
    locked([stream.pk])
    last = stream.quality_rules.order_by("-version").first()
    if last and quality.Rules.from_mapping(last.tests).digest == rules.digest:
        raise Refused(_t("These are the rules that are in force."))
    made = QualityRule.objects.create(
        stream=stream,
        version=last.version + 1 if last else 1,
        tests=rules.mapping,
        reason=reason.strip(),
        made_by=actor.user,
        made_at=at,
    )
    data = {"version": made.version, "digest": rules.digest}
    scopes = stream.thing.scopes
    events.record(
        actor=actor, verb="stream.rules_changed", subject=stream, at=at, scopes=scopes, data=data
    )
    return made


class Again(NamedTuple):
    """What flagging again did: how many values were read, and how many flags became worse, better, or another as good."""

    values: int
    worse: int
    better: int
    other: int
    revision: Revision | None

    @property
    def changed(self) -> int:
        """How many flags changed."""
        return self.worse + self.better + self.other


def flag_again(
    *,
    actor: Actor,
    stream: Datastream,
    at: datetime,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Again:
    """Flag all observations of a stream by the rules in force, as if they had come in under them; reviewed flags stay.

    The whole series is flagged at once, then written in transactions of 31 days each, all under one revision: a fault on the way
    leaves whole days, and doing it again does the rest. ``progress`` hears how many days of how many are done. Only days on
    which flags change are opened.
    """
    require(actor, RECORD_STREAMS, *stream.thing.scopes)
    rule = stream.quality_rules.order_by("-version").first()
    if rule is None:
        raise Refused(_t("This stream has no rules."))
    found = _all(stream)
    rules = quality.Rules.from_mapping(rule.tests)
    made = quality.check(rules, found.time_us, found.values).flag
    made = np.where(np.isnan(found.values), found.flags, made)  # other results, and none
    said = reviewed(stream.pk, moment(int(found.time_us[0])), moment(int(found.time_us[-1])))
    differs = (made != found.flags) & ~np.isin(found.time_us, list(said))
    rows, flags = found.at(differs), made[differs].astype(np.int8)
    if not len(rows.ids):
        return Again(len(found.ids), 0, 0, 0, None)
    told = _told(rows.flags, flags)
    revision = _begun(actor, stream, rule, rows, told, at)
    _write_in_parts(revision, rows, flags, at, progress)
    return Again(len(found.ids), *told, revision)


def _all(stream: Datastream) -> Rows:
    latest = stream.latest
    if not latest.first_time or not latest.time:
        raise Refused(_t("This stream has no observations yet."))
    if latest.count > MOST_VALUES:
        raise Refused(_t("This stream has more than five million observations."))
    found = read([stream.pk], latest.first_time, latest.time + INSTANT)
    if not len(found.ids):
        raise Refused(_t("The observations of this stream are deleted."))
    return found


def _told(before: Any, after: Any) -> tuple[int, int, int]:
    pairs = Counter(zip(before.tolist(), after.tolist(), strict=True))
    steps = [(WORSE[new] - WORSE[old], count) for (old, new), count in pairs.items()]
    worse = sum(count for step, count in steps if step > 0)
    better = sum(count for step, count in steps if step < 0)
    return worse, better, sum(count for step, count in steps if step == 0)


@transaction.atomic
def _begun(
    actor: Actor,
    stream: Datastream,
    rule: QualityRule,
    rows: Rows,
    told: tuple[int, int, int],
    at: datetime,
) -> Revision:
    method = {"version": rule.version} | dict(zip(("worse", "better", "other"), told, strict=True))
    reason = _t("Rules version %d") % rule.version
    made = begin(
        actor=actor,
        stream=stream,
        kind=VersionKind.RULES,
        reason=reason,
        rows=rows,
        method=method,
        at=at,
    )
    return recorded(actor, stream, made, "observations.flagged_again", at)


def _write_in_parts(
    revision: Revision,
    rows: Rows,
    flags: Any,
    at: datetime,
    progress: Callable[[int, int], None],
) -> None:
    days = np.unique(rows.time_us // DAY_US).tolist()
    for done in range(0, len(days), DAYS_AT_ONCE):
        part = days[done : done + DAYS_AT_ONCE]
        chosen = np.isin(rows.time_us // DAY_US, part)
        with transaction.atomic():
            _write_part(revision, rows.at(chosen), flags[chosen], at)
        progress(min(done + DAYS_AT_ONCE, len(days)), len(days))


def _write_part(revision: Revision, rows: Rows, flags: Any, at: datetime) -> None:
    """Write flags of observations that are as they were when they were flagged; others changed meanwhile and are left."""
    open_days(rows.time_us, at)
    locked([revision.stream_id])
    first, last = moment(int(rows.time_us[0])), moment(int(rows.time_us[-1]))
    now = rows_between([revision.stream_id], first, last + INSTANT)
    keys = (rows.time_us, rows.values, rows.flags)
    there = set(zip(now.time_us.tolist(), now.values.tolist(), now.flags.tolist(), strict=True))
    same = np.array(
        [key in there for key in zip(*(column.tolist() for column in keys), strict=True)], bool
    )
    kept = rows.at(same)
    write(revision=revision, change=Change(kept.time_us, kept.values, flags[same]))
