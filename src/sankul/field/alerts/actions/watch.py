"""Watching: what came in since the last look is put before its detectors; what they find is raised, told and ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from django.db import connection, transaction
from django.utils.translation import gettext as _t
from numpy.typing import NDArray

from sankul.core.rules.verdicts import Refused
from sankul.engines.detectors import (
    Above,
    Absence,
    Network,
    Rate,
    Spec,
    advance_group,
    fresh_group,
    needed,
)
from sankul.field.alerts.models import Alert, Detector
from sankul.field.alerts.queries import watching
from sankul.field.alerts.rules.watching import Occurrence, occurrences, standing
from sankul.field.streams.rules.numbers import micros, moment

from . import states, telling
from .looking import Looked, ids_of, look, spec_of
from .raising import Raised, end, raise_

WATCH_LOCK = 0x57415443  # any fixed number: who holds it watches


class Watched(NamedTuple):
    """What a watch did: detectors looked at, alerts raised (or begun again), ended, and letters that are due."""

    looked_at: int
    raised: int
    ended: int
    told: int


@transaction.atomic
def watch(*, at: datetime) -> Watched | None:
    """Look at what came in since the last time, and at the clock; None where somebody else is watching just now.

    One transaction: what is half done is not there, and the next watch does it. Doing it again at once does nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [WATCH_LOCK])
        [(is_mine,)] = cursor.fetchall()
    if not is_mine:
        return None
    done: Counter[str] = Counter()
    news: list[tuple[Raised, int]] = []
    looked = [one for part in look(watching.due(at), at) for one in part]
    states.keep([one.kept for one in looked])
    done["looked_at"] = len(looked)
    news += _settled(looked, at, done)  # writes events: from here on other writers of the log wait
    news += _networks(news, at, done)
    raised = [one.alert for one, _ in news if one.is_news]
    told = telling.tell(alerts=raised, at=at)
    return Watched(done["looked_at"], len(raised), done["ended"], told)


def _settled(
    looked: Sequence[Looked], at: datetime, done: Counter[str]
) -> list[tuple[Raised, int]]:
    """Write what was found; the alerts of which there is news, with the moment at which it was found."""
    changed = [one for one in looked if one.events or _is_worse(one) or _was_reset(one)]
    rows = Detector.objects.select_related("stream__thing", "cluster__programme")
    known = rows.in_bulk([one.due.detector_id for one in changed])
    news: list[tuple[Raised, int]] = []
    for one in changed:
        detector = known[one.due.detector_id]
        found = _found(one)
        for occurrence in found:
            raised = _raised(detector, one, occurrence, at)
            done["ended"] += raised.alert.ended_at is not None
            news.append((raised, occurrence.found_us))
        _left_open(detector, one, at, done)
    return news


def _found(one: Looked) -> list[Occurrence]:
    """What a look found: of a new detector, what stands; what stands with the worst value until now."""
    found = occurrences(one.events)
    if one.due.is_new:
        found = standing(found)
    if found and found[-1].ended_us is None and not isinstance(one.spec, Absence):
        _, _, worst, worst_us, *_ = one.kept.state.tolist()
        found[-1] = found[-1]._replace(worst=worst, worst_us=int(worst_us))
    return found


def _raised(detector: Detector, one: Looked, found: Occurrence, at: datetime) -> Raised:
    return raise_(
        detector=detector,
        began_at=moment(found.began_us),
        ended_at=moment(found.ended_us) if found.ended_us is not None else None,
        at=at,
        worst=found.worst,
        worst_at=moment(found.worst_us),
        level=level(one.spec),
        observation_ids=ids_of(one, found),
    )


def _is_worse(one: Looked) -> bool:
    """Whether what stands got worse, of a detector that keeps that in its state."""
    after = one.kept.state
    if isinstance(one.spec, Absence) or after[0] != RAISED or one.before[0] != RAISED:
        return False
    return not np.array_equal(one.before[2:4], after[2:4])


def _was_reset(one: Looked) -> bool:
    """Whether it began anew or again, so that what stood may not stand any more."""
    return one.is_again or (one.due.is_new and one.due.seen_version is not None)


def _left_open(detector: Detector, one: Looked, at: datetime, done: Counter[str]) -> None:
    """End what is not found any more, and note how bad what stands has become."""
    rows = Alert.objects.filter(detector=detector, ended_at=None)
    state = one.kept.state
    if state[0] != RAISED:
        for alert in rows if _was_reset(one) else ():
            end(alert=alert, ended_at=one.kept.upto or at, at=at)
            done["ended"] += 1
    elif _is_worse(one):
        rows.update(worst=float(state[2]), worst_at=moment(int(state[3])))


def _networks(
    news: Iterable[tuple[Raised, int]], at: datetime, done: Counter[str]
) -> list[tuple[Raised, int]]:
    """Put what began at single sites before the detectors that look at many."""
    began = [(found_us, one.alert) for one, found_us in news if one.is_news and one.alert.stream_id]
    found: list[tuple[Raised, int]] = []
    for group in watching.groups([alert.stream_id for _, alert in began if alert.stream_id]):
        spec = spec_of("network", group.parameters)
        places = {stream: place for place, stream in enumerate(group.streams)}
        begins = [
            (found_us, places[alert.stream_id])
            for found_us, alert in began
            if alert.stream_id in places
        ]
        found += _group_on(group, spec, begins, at, done)
    return found


def _group_on(
    group: watching.Group,
    spec: Spec,
    begins: list[tuple[int, int]],
    at: datetime,
    done: Counter[str],
) -> list[tuple[Raised, int]]:
    if not isinstance(spec, Network):
        raise Refused(_t("Detector %d does not look at many sites.") % group.detector_id)
    state, is_fresh = _state_of(group)
    after, events = advance_group(spec, state, begins, micros(at))
    states.keep([_of_group(group, after)])
    detector = Detector.objects.select_related("cluster__programme").get(pk=group.detector_id)
    found = []
    for one in occurrences(events):
        raised = raise_(
            detector=detector,
            began_at=moment(one.began_us),
            ended_at=moment(one.ended_us) if one.ended_us is not None else None,
            at=at,
            worst=one.worst,
            worst_at=moment(one.worst_us),
            level=needed(spec, len(group.streams)) / len(group.streams),
        )
        done["ended"] += one.ended_us is not None
        _join(raised.alert, group.streams)
        found.append((raised, one.found_us))
    if is_fresh and not after[0]:
        for alert in detector.alerts.filter(ended_at=None):
            end(alert=alert, ended_at=at, at=at)
            done["ended"] += 1
    return found


def _state_of(group: watching.Group) -> tuple[NDArray[np.float64], bool]:
    """How far a group had come; a new one, a changed one, and one that lost a stream begin anew (True)."""
    is_known = group.state is not None and group.seen_version == group.version
    if is_known and group.state is not None and len(group.state) == 2 + len(group.streams):
        return np.array(group.state), False
    return fresh_group(len(group.streams)), True


def _of_group(group: watching.Group, state: NDArray[np.float64]) -> states.Kept:
    nothing = np.zeros(0)
    return states.Kept(
        group.detector_id, group.version, state, None, 0, None, nothing, None, nothing
    )


def _join(network: Alert, streams: Sequence[int]) -> None:
    """Say of the alerts of single sites that they are part of that of many."""
    rows = Alert.objects.filter(
        stream__in=streams, part_of=None, began_at__gte=network.began_at
    ).exclude(state="closed")
    rows.update(part_of=network)


def level(spec: Spec) -> float | None:
    """What a detector's values go beyond, in their unit; None where only the forecast tells."""
    if isinstance(spec, Above | Rate):
        return spec.raise_at
    return spec.after_s if isinstance(spec, Absence) else None


RAISED = 2
"""Where the state of a detector that reads values says that it is raised."""
